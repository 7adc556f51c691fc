import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { explainFailure } from '../cli/failure.ts'
import type { Flags } from '../cli/flags.ts'
import type { Shown } from '../cli/host.ts'
import type { Surroundings } from '../cli/terminal.ts'
import { written } from '../document/documents.ts'
import { Interrupted, UsageError } from '../engine/stop.ts'
import { GithubRefusal } from '../github/refusal.ts'
import { problemLine } from '../host/problem.ts'
import type { Ending } from '../model/ending.ts'
import { printable, printed } from '../model/printable.ts'
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
  'verify-file',
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

/** Writes a file into the folder of the step, for an artifact. @returns its path */
export function saved({ folder }: Pick<Step, 'folder'>, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** The files of the step, to be uploaded as an artifact. */
export const artifactOf = ({ folder }: Step): Outputs => ({ 'artifact-path': folder, 'artifact-name': basename(folder) })

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
type Command<Document> = (given: readonly string[], flags: Flags, terminal: Surroundings) => Promise<Shown<Document>>

export interface Tried<Document> {
  readonly code: Ending
  /** The last thing that was said to be wrong; '' where nothing was. */
  readonly why: string
  /** One for each topology that was come to; none where the command threw. */
  readonly documents: readonly Document[]
}

/** Carries out a command as the command line does; an error that it throws becomes its sentence and its ending. */
export async function tried<Document>(
  command: Command<Document>,
  given: readonly string[],
  flags: Flags,
  terminal: Surroundings
): Promise<Tried<Document>> {
  try {
    const { ending, documents, problem } = await command(given, flags, terminal)
    return { code: ending, why: problem, documents: documents.map(written) }
  } catch (error) {
    const why = error instanceof Interrupted ? '' : sentenceOf(error)
    return { code: await told(error, terminal), why, documents: [] }
  }
}

/** An error that is ours to word whole. */
export const isOwn = (error: unknown): error is UsageError | GithubRefusal => error instanceof UsageError || error instanceof GithubRefusal

/** The error that ended a command or the reading of the inputs, in one sentence. */
export const sentenceOf = (error: unknown): string => (isOwn(error) ? printable(error.message) : problemLine(error))

/** Says what ended a command or the reading of the inputs. */
export async function told(error: unknown, terminal: Surroundings): Promise<Ending> {
  if (isOwn(error)) {
    terminal.err(printed`Error: ${error.message}\n`)
    return error instanceof UsageError ? 'usage' : 'error'
  }
  return explainFailure(error, terminal)
}
