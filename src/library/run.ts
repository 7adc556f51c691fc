import { type ExitCode, exitCodes } from '../cli/exitCodes.ts'
import { explainFailure } from '../cli/failure.ts'
import type { Flags } from '../cli/flags.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { DriftDocument } from '../document/drift.generated.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import { UsageError } from '../engine/stop.ts'
import { counted } from '../model/counted.ts'
import type { Ending } from '../model/ending.ts'
import { isBody } from '../model/json.ts'
import { printable } from '../model/printable.ts'
import { hidingSecrets } from '../model/redact.ts'
import { askedIn, checkOptions, type FunctionName, mustHaveEstate } from './asked.ts'
import { PglinkError } from './error.ts'
import type { ApplyOptions, DriftOptions, FileOptions, PlanOptions } from './options.ts'
import type { AppliedDocument, ApplyOutcome, DriftResult, FileDiagnostic, PlanResult, ValidateResult } from './results.ts'
import { type Silent, silent } from './silent.ts'

/** Checks topology files, and touches nothing else. @throws PglinkError where they cannot be looked for */
export const validate = (options: FileOptions = {}): Promise<ValidateResult> =>
  running('validate', options, async ({ code, document }) => ({ code, valid: code === exitCodes.ok, diagnostics: diagnosticsIn(document) }))

/**
 * Tells what an apply would do. Makes no request but reads.
 *
 * @throws PglinkError where there is no plan; one that is refused is a plan, which says so
 */
export const plan = (options: PlanOptions): Promise<PlanResult> =>
  running('plan', options, async ended => ({ code: ended.code, plans: documentsIn<PlanDocument>(sound(ended), 'plans') }))

/**
 * Plans and carries the plan out; the call is the yes that a person would type. It is fulfilled when all of it is done, or waits for
 * somebody (code 7).
 *
 * @throws PglinkError however else it ends, with the outcome where something was begun
 */
export const apply = (options: ApplyOptions): Promise<ApplyOutcome> =>
  running('apply', options, async ended => {
    const { code, said } = ended
    const outcome = { code, applies: documentsIn<AppliedDocument>(sound(ended), 'applies') }
    if (code === exitCodes.ok || code === exitCodes.waiting) return outcome
    throw new PglinkError(whyIncomplete(outcome, said), { code, outcome, said })
  })

/** Looks where the estate and the topology do not agree. Makes no request but reads. @throws PglinkError where nothing was found out */
export const drift = (options: DriftOptions): Promise<DriftResult> =>
  running('drift', options, async ended => ({ code: ended.code, drifts: documentsIn<DriftDocument>(sound(ended), 'drifts') }))

type Command = (given: readonly string[], flags: Flags, terminal: Terminal) => Promise<Ending>

/** The commands of the command line, each loaded when it is asked for. */
const commands: { readonly [Name in FunctionName]: () => Promise<Command> } = {
  validate: async () => (await import('../cli/validate.ts')).validate,
  plan: async () => (await import('../cli/plan.ts')).plan,
  apply: async () => (await import('../cli/apply.ts')).apply,
  drift: async () => (await import('../cli/drift.ts')).drift
}

/** How a command ended, and what it printed. */
interface Ended {
  readonly code: ExitCode
  readonly document: unknown
  readonly said: readonly string[]
}

/** @throws PglinkError for everything that a command throws, and for what a function of the caller's threw meanwhile */
function running<T>(name: FunctionName, options: unknown, resultOf: (ended: Ended) => Promise<T>): Promise<T> {
  return hidingSecrets(async () => {
    const { given, flags, on } = begun(name, options)
    try {
      on.terminal.stopping?.throwIfAborted()
      const command = await commands[name]()
      const code = exitCodes[await command(given, { ...flags, json: true, autoApprove: name === 'apply' }, on.terminal)]
      const document: unknown = JSON.parse(on.document())
      on.end()
      const ended = { code, document, said: on.said() }
      const result = await resultOf(ended)
      mustNotHaveThrown(on, ended, name === 'apply' ? { code, applies: documentsIn(document, 'applies') } : undefined)
      return result
    } catch (error) {
      throw error instanceof PglinkError ? error : await asPglinkError(error, on)
    } finally {
      on.end()
    }
  })
}

/** @throws PglinkError for options that are not right */
function begun(name: FunctionName, options: unknown) {
  try {
    checkOptions(name, options)
    if (name !== 'validate') mustHaveEstate(name, options)
    return { ...askedIn(options), on: silent(options) }
  } catch (error) {
    throw error instanceof UsageError ? new PglinkError(error.message, { code: exitCodes.usage }) : error
  }
}

function mustNotHaveThrown({ thrown }: Silent, { code, said }: Ended, outcome: ApplyOutcome | undefined): void {
  const first = thrown()
  if (first === undefined) return
  const why = first.error instanceof Error ? first.error.message : String(first.error)
  throw new PglinkError(`The run came to its end (${code}), but the function ${first.by} threw: ${printable(why)}`, {
    code: code === exitCodes.ok || code === exitCodes.drift ? exitCodes.error : code,
    outcome,
    said
  })
}

/** In the words that the command line has for it. */
async function asPglinkError(error: unknown, on: Silent): Promise<PglinkError> {
  if (error instanceof UsageError) return new PglinkError(printable(error.message), { code: exitCodes.usage, said: on.said() })
  const words: string[] = []
  const code = exitCodes[await explainFailure(error, { ...on.terminal, err: text => void words.push(text) })]
  const message = words
    .join('')
    .trim()
    .replace(/^Error: /, '')
  return new PglinkError(message, { code, said: on.said() })
}

/** Reads the document that we printed a moment ago: one as it is, several in a frame. */
function documentsIn<T>(document: unknown, frame: 'plans' | 'applies' | 'drifts'): readonly T[] {
  const all: unknown = isBody(document) ? document[frame] : undefined
  return (Array.isArray(all) ? all : [document]) as readonly T[]
}

const diagnosticsIn = (document: unknown): readonly FileDiagnostic[] =>
  (document as { readonly diagnostics: readonly FileDiagnostic[] }).diagnostics

/** The document of files that are sound. @throws PglinkError with what is wrong with them */
function sound({ code, document, said }: Ended): unknown {
  if (!isBody(document) || document['valid'] !== false) return document
  const diagnostics = diagnosticsIn(document)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const [first] = errors
  const place = first?.range ? `${first.range.filename}:${first.range.start.line}:${first.range.start.column} ` : ''
  const about = first === undefined ? '' : ` ${place}${first.rule}: ${first.summary}`
  throw new PglinkError(printable(`The topology is not sound (${counted(errors.length, 'error')}).${about}`), { code, diagnostics, said })
}

function whyIncomplete({ code, applies }: ApplyOutcome, said: readonly string[]): string {
  const owed = applies.flatMap(one => one.locks_not_restored ?? [])
  if (owed.length > 0) return `The apply did not restore ${counted(owed.length, 'lock')}: ${owed.map(printable).join(', ')}`
  if (code === exitCodes.interrupted) return 'Interrupted. The steps in flight have finished, and the locks are back.'
  const refusals = applies.flatMap(({ plan: { refusals: all } }) => all)
  const told = said.findLast(line => line.startsWith('Error: '))?.replace(/^Error: /, '')
  // Another plan than the one that was asked for: what refuses it is the second thing to look at.
  if (told !== undefined && code === exitCodes.stale) return told
  const [first] = refusals
  if (first !== undefined) return `Refused: ${printable(first.message)}`
  if (told !== undefined) return told
  const failed = applies.flatMap(({ steps = [] }) => steps).find(({ error }) => error !== undefined)
  const why = failed === undefined ? '' : ` ${printable(`${failed.subject}: ${failed.error}`)}`
  return `The apply is not complete.${why}`
}
