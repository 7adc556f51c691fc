import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Flags } from '../cli/flags.ts'
import { plan } from '../cli/plan.ts'
import type { Surroundings } from '../cli/terminal.ts'
import type { PlanDocument, PlanStep } from '../document/plan.generated.ts'
import { type Ending, worst } from '../model/ending.ts'
import { type Outputs, tried } from './step.ts'

export interface Plans {
  readonly code: Ending
  readonly why: string
  readonly documents: readonly PlanDocument[]
  /** As it was printed. */
  readonly text: string
}

interface Wanted {
  readonly files: readonly string[]
  readonly flags: Flags
  readonly terminal: Surroundings
  readonly folder: string
}

/** Plans each topology as `pglink plan --out` does: also one that is refused. */
export async function plansFor({ files, flags, terminal, folder }: Wanted): Promise<Plans> {
  const said: string[] = []
  const heard: Surroundings = {
    ...terminal,
    out: text => {
      said.push(text)
      terminal.out(text)
    }
  }
  const all: PlanDocument[] = []
  const codes: Ending[] = []
  let why = ''
  for (const [index, file] of files.entries()) {
    const out = join(folder, files.length === 1 ? 'plan.json' : `plan-${index + 1}.json`)
    // An earlier step with the same label may have left one: it must not pass for this one's.
    rmSync(out, { force: true })
    const { code, why: problem, documents } = await tried(plan, [file], { ...flags, out, detailedExitcode: true }, heard)
    const [document] = documents
    // That a person has to do something is said in the plan, and is no fault of what is planned.
    const asked = flags.checkRights && (document?.rights?.lacking.length ?? 0) > 0
    codes.push(code === 'waiting' && document?.errored === false && !asked ? 'ok' : code)
    why ||= problem
    all.push(...documents)
  }
  return { code: worst(codes), why, documents: all, text: said.join('') }
}

/** The counts of a plan's summary, as outputs. */
export function planOutputs(documents: readonly PlanDocument[]): Outputs {
  const sum = (name: 'add' | 'change' | 'destroy' | 'approve' | 'locks_lift'): number =>
    documents.reduce((total, { summary }) => total + summary[name], 0)
  const [first] = documents
  return {
    changes: documents.some(({ steps }) => steps.length > 0),
    'to-add': sum('add'),
    'to-change': sum('change'),
    'to-destroy': sum('destroy'),
    'to-approve': sum('approve'),
    'locks-to-lift': sum('locks_lift'),
    ...(first !== undefined && documents.length === 1 && { 'plan-digest': first.digest }),
    summary: `Plan: ${sum('add')} to add, ${sum('change')} to change, ${sum('destroy')} to destroy.`
  }
}

/** For about how long the steps go on, each begun as soon as what it waits for is done. */
export function secondsFor(steps: readonly PlanStep[]): number {
  const ends = new Map<number, number>()
  for (const { n, depends_on, settles, seconds } of steps)
    ends.set(n, seconds + Math.max(0, ...[...depends_on, ...settles].map(before => ends.get(before) ?? 0)))
  return Math.max(0, ...ends.values())
}

/** A login that does not renew itself, and an apply that would outlive it. */
export function tokenWarning(documents: readonly PlanDocument[], goodUntil: number | undefined, now: number): string | undefined {
  if (goodUntil === undefined) return undefined
  const needed = documents.reduce((total, { steps }) => total + secondsFor(steps), 0)
  const left = Math.floor((goodUntil - now) / 1_000)
  if (needed <= left) return undefined
  return `An apply of this takes about ${minutes(needed)}, and the login is good for ${minutes(left)} more. After azure/login nothing renews it: give this action client-id and tenant-id, so that it signs in as the job and renews its login by itself.`
}

const minutes = (seconds: number): string => `${Math.max(0, Math.round(seconds / 60))} min`
