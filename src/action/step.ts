import { explainFailure } from '../cli/failure.ts'
import type { Flags } from '../cli/flags.ts'
import type { Terminal } from '../cli/terminal.ts'
import { UsageError } from '../engine/stop.ts'
import { GithubRefusal } from '../github/refusal.ts'
import type { Ending } from '../model/ending.ts'
import { printed } from '../model/printable.ts'
import type { Context } from './event.ts'
import type { Inputs } from './inputs.ts'
import type { RunnerTerminal } from './runnerTerminal.ts'

/** One step of a workflow: what was asked for, where, and what it can say things on. */
export interface Step {
  readonly inputs: Inputs
  readonly context: Context
  readonly terminal: RunnerTerminal
  /** Where files for later steps are put. */
  readonly folder: string
}

export const outputNames = [
  'exit-code',
  'failure-reason',
  'changes',
  'drift',
  'to-add',
  'to-change',
  'to-destroy',
  'to-approve',
  'locks-to-lift',
  'plan-file',
  'drift-file',
  'text-plan-path',
  'markdown-path',
  'html-path',
  'sarif-path',
  'events-path',
  'artifact-name',
  'artifact-path',
  'plan-digest',
  'plan-run-id',
  'comment-id',
  'comment-url',
  'issue-number',
  'summary',
  'unlocked-seconds',
  'run-url'
] as const
type OutputName = (typeof outputNames)[number]
export type Outputs = Readonly<Partial<Record<OutputName, string | number | boolean>>>

/** How the work of a step ended. */
export interface Ended {
  readonly code: Ending
  readonly outputs: Outputs
  /** Why it is no success, in one sentence; what the command itself said last where this is left out. */
  readonly why?: string
  /** For the summary of the job, in at most so many bytes. */
  readonly summary?: (bytesMax: number) => string
}

export type Work = (step: Step) => Promise<Ended>

/** A command of the command line. */
type Command = (given: readonly string[], flags: Flags, terminal: Terminal) => Promise<Ending>

export interface Tried {
  readonly code: Ending
  /** The last thing that was said beside the report; '' where there was nothing. */
  readonly why: string
}

/** Carries out a command as the command line does; what it throws becomes its sentence and its exit code. */
export async function tried(command: Command, given: readonly string[], flags: Flags, terminal: Terminal): Promise<Tried> {
  const errors: string[] = []
  const heard: Terminal = {
    ...terminal,
    err: text => {
      errors.push(...text.split('\n').filter(line => line.startsWith('Error: ')))
      terminal.err(text)
    }
  }
  const why = (): string => errors.at(-1)?.replace(/^Error: /, '') ?? ''
  try {
    const code = await command(given, flags, heard)
    return { code, why: why() }
  } catch (error) {
    return { code: await told(error, heard), why: why() }
  }
}

/** Says what ended a command or the reading of the inputs. */
export async function told(error: unknown, terminal: Terminal): Promise<Ending> {
  if (error instanceof UsageError || error instanceof GithubRefusal) {
    terminal.err(printed`Error: ${error.message}\n`)
    return error instanceof UsageError ? 'usage' : 'error'
  }
  return explainFailure(error, terminal)
}
