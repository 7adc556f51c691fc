import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import * as core from '@actions/core'
import { apply } from '../commands/apply.ts'
import { exitCodes, worst } from '../commands/exitCodes.ts'
import type { Flags } from '../commands/flags.ts'
import { readSavedPlan, type SavedPlan } from '../commands/savedPlan.ts'
import { Stop, UsageError } from '../commands/usage.ts'
import { summaryBody } from '../github/body.ts'
import { isBody } from '../model/json.ts'
import { movedSince } from '../plan/digest.ts'
import type { PlanDocument } from '../report/plan.generated.ts'
import { isPlanDocument } from '../report/planDocument.ts'
import { printable } from '../report/printable.ts'
import { artifactsOf, digestsFor } from './hub.ts'
import type { Inputs } from './inputs.ts'
import { inspect } from './inspect.ts'
import { planOutputs, plansFor, tokenWarning } from './plans.ts'
import { saveBegun } from './state.ts'
import { type Ended, type Outputs, type Step, type Tried, tried } from './step.ts'

/** The plan of `plan-file`, as a saved one. @throws Stop where it is not there, or is none */
export function planFileOf({ inputs, terminal }: Pick<Step, 'inputs' | 'terminal'>): SavedPlan | undefined {
  if (inputs.planFile === '') return undefined
  if (!/\.json$/i.test(inputs.planFile))
    throw new UsageError('The input plan-file is a plan.json that this action, or pglink plan --out, wrote.')
  if (!existsSync(resolve(terminal.cwd, inputs.planFile)))
    throw new Stop(4, `There is no plan ${inputs.planFile}: was its artifact downloaded?`)
  return readSavedPlan(inputs.planFile, inputs.flags, terminal)
}

const bare = (digest: string): string => digest.replace(/^sha256:/, '')

export const sameDigest = (one: string, other: string): boolean => bare(one) === bare(other)

/** Carries out exactly what was approved, or nothing. */
export async function applyStep(step: Step): Promise<Ended> {
  const { inputs, terminal } = step
  const saved = planFileOf(step)
  if (saved) return applySaved(step, saved)
  const { files } = await inspect(step, 'plan')
  const { planDigest, autoApprove } = inputs.flags
  const digests = autoApprove && planDigest === undefined ? undefined : await digestsFor(step, files, inputs.flags)
  if (digests !== undefined && files.length > 1) {
    const stale = await staleAmong(step, files, digests)
    if (stale) return stale
  }
  saveBegun(inputs, files, terminal.cwd)
  // Without digests all of them are one apply, as on the command line.
  const parts = digests === undefined ? [{ files, digest: undefined }] : files.map(file => ({ files: [file], digest: digests.get(file) }))
  const done: Done[] = []
  for (const part of parts) {
    done.push(await carriedOut(part.files, { ...inputs.flags, planDigest: part.digest }, step))
    if (done.at(-1)?.code !== exitCodes.ok) break
  }
  return ended(done, step)
}

/** Of several topologies none is begun before all are as they were approved. */
async function staleAmong(step: Step, files: readonly string[], digests: ReadonlyMap<string, string>): Promise<Ended | undefined> {
  const { inputs, terminal, folder } = step
  const quiet = { ...terminal.quietly().terminal, err: () => undefined }
  const { code, why, documents } = await plansFor({ files, flags: { ...inputs.flags, planDigest: undefined }, terminal: quiet, folder })
  if (documents.length < files.length) return { code, why, outputs: {} }
  const moved = documents.filter(({ topology: { path }, digest }) => !sameDigest(digest, digests.get(path) ?? ''))
  if (moved.length === 0) return undefined
  const which = moved.map(({ topology, digest }) => `the plan of ${printable(topology.path)} is ${digest} now`).join(', ')
  return { code: exitCodes.stale, outputs: {}, why: `Something moved since it was approved: ${which}. Nothing was changed.` }
}

async function applySaved(step: Step, saved: SavedPlan): Promise<Ended> {
  const { inputs, terminal, context } = step
  const { planDigest, autoApprove } = inputs.flags
  const approved =
    autoApprove && planDigest === undefined ? undefined : (await digestsFor(step, [saved.file], inputs.flags)).get(saved.file)
  if (approved !== undefined && !sameDigest(saved.digest, approved))
    return {
      code: exitCodes.stale,
      outputs: {},
      why: `The plan in ${inputs.planFile} has the digest ${printable(saved.digest)}, and ${printable(approved)} was approved. Nothing was changed.`
    }
  const settings: Inputs = { ...inputs, flags: saved.flags, files: [saved.file] }
  const { files } = await inspect({ inputs: settings, terminal, context }, 'plan')
  saveBegun(settings, files, terminal.cwd)
  warnOfLogin(step)
  const done = await carriedOut([inputs.planFile], inputs.flags, step)
  if (done.code !== exitCodes.stale) return ended([done], step)
  const [first] = done.applies
  const moved = first === undefined ? [] : movedSince(saved.foundation, first.plan.foundation)
  return ended([{ ...done, why: [done.why, ...moved.slice(0, 10)].map(printable).join(' | ') }], step)
}

/** The file says for about how long this goes on; a login that ends before is told of while nothing has been begun. */
function warnOfLogin({ inputs, terminal }: Step): void {
  const document: unknown = JSON.parse(readFileSync(resolve(terminal.cwd, inputs.planFile), 'utf8'))
  if (!isPlanDocument(document)) return
  terminal.onLogin(until => {
    const warning = tokenWarning([document], until, Date.now())
    if (warning !== undefined) core.warning(warning)
  })
}

/** Of several topologies, the events of the last that was begun. */
const eventsIn = (folder: string): string => join(folder, 'events.ndjson')

interface Done extends Tried {
  readonly applies: readonly Applied[]
}

async function carriedOut(given: readonly string[], flags: Flags, { terminal, folder }: Step): Promise<Done> {
  const quiet = terminal.quietly()
  // An approved digest is the yes that a person would type.
  const settings = { ...flags, jsonInto: eventsIn(folder), json: true, autoApprove: flags.autoApprove || flags.planDigest !== undefined }
  const tries = await tried(apply, given, settings, quiet.terminal)
  return { ...tries, applies: appliesIn(quiet.said()) }
}

function ended(done: readonly Done[], { context: { sha, runUrl }, folder }: Step): Ended {
  const applies = done.flatMap(one => one.applies)
  const documents = applies.map(({ plan }) => plan)
  return {
    code: worst(done.map(({ code }) => code)),
    why: done.map(({ why }) => why).find(why => why !== '') ?? '',
    outputs: { ...applyOutputs(applies), 'events-path': eventsIn(folder), 'artifact-path': folder, 'artifact-name': basename(folder) },
    ...(documents.length > 0 && { summary: room => summaryBody(documents, { head: sha, artifactUrl: artifactsOf(runUrl) }, room).text })
  }
}

/** What `pglink apply --json` says of one topology. */
interface Applied {
  readonly plan: PlanDocument
  /** Only where something was carried out. */
  readonly unlocked_ms?: number
}

function appliesIn(text: string): readonly Applied[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return []
  }
  const all: unknown[] = isBody(document) && Array.isArray(document['applies']) ? document['applies'] : [document]
  // It is our own document; only what went wrong before there was a plan has none.
  return all.filter((one): one is Applied => typeof one === 'object' && one !== null && 'plan' in one)
}

function applyOutputs(applies: readonly Applied[]): Outputs {
  if (applies.length === 0) return {}
  const unlocked = applies.reduce((total, { unlocked_ms: ms = 0 }) => total + ms, 0)
  return { ...planOutputs(applies.map(({ plan }) => plan)), 'unlocked-seconds': Math.ceil(unlocked / 1_000) }
}
