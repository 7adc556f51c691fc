import pkg from '../../package.json' with { type: 'json' }
import { applyDocumentOf, driftDocumentOf, planDocumentOf, verifyDocumentOf, written } from '../document/documents.ts'
import { errorLine } from '../engine/errorText.ts'
import type { Outcome } from '../engine/outcomes.ts'
import { endingOf, Interrupted, UsageError } from '../engine/stop.ts'
import { exitCodes } from '../host/exitCodes.ts'
import { problemBody } from '../host/problem.ts'
import { counted } from '../model/counted.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { type Ending, worst } from '../model/ending.ts'
import { messageOf } from '../model/message.ts'
import { printable } from '../model/printable.ts'
import { validateJson } from '../report/diagnostics.ts'
import { failureEvent, versionEvent } from '../report/events.ts'
import { checkOptions, type FunctionName, mustHaveEstate } from './asked.ts'
import { PglinkError } from './error.ts'
import { hostFor, type QuietHost } from './host.ts'
import type { ApplyOptions, DriftOptions, FileOptions, PlanOptions, VerifyOptions } from './options.ts'
import type { ApplyOutcome, DriftResult, FileDiagnostic, PlanResult, ValidateResult, VerifyResult } from './results.ts'

/** Checks topology files, and touches nothing else. @throws PglinkError where they cannot be looked for */
export const validate = (options: FileOptions = {}): Promise<ValidateResult> =>
  running('validate', options, async () => {
    const engine = await import('../engine/validate.ts')
    const { valid, diagnostics } = await engine.validate(options)
    return { code: valid ? exitCodes.ok : exitCodes.invalid, valid, diagnostics: fileDiagnostics(diagnostics) }
  })

/**
 * Tells what an apply would do. Makes no request but reads.
 *
 * @throws PglinkError where there is no plan; one that is refused is a plan, which says so
 */
export const plan = (options: PlanOptions): Promise<PlanResult> =>
  running('plan', options, async host => {
    const [engine, { planEnding }] = await Promise.all([import('../engine/plan.ts'), import('../engine/endings.ts')])
    const topologies = sound(await engine.plan(options, host), host)
    for (const { planned, session } of topologies) host.notify({ type: 'planned', planned, session })
    return {
      code: exitCodes[worst(topologies.map(one => planEnding(one)))],
      plans: topologies.map(({ planned, session }) => written(planDocumentOf(planned, session)))
    }
  })

/**
 * Plans and carries the plan out; the call is the yes that a person would type. It is fulfilled when all of it is done, or waits for
 * a person, a policy or Azure (code 7).
 *
 * @throws PglinkError however else it ends, with the outcome where something was begun
 */
export const apply = (options: ApplyOptions): Promise<ApplyOutcome> =>
  running('apply', options, async host => {
    const engine = await import('../engine/apply.ts')
    const topologies = sound(await engine.apply(options, host), host)
    const ending = worst(topologies.map(one => one.ending))
    const applies = topologies.map(one => written({ ...applyDocumentOf(one), exit_code: exitCodes[one.ending] }))
    const outcome = { code: exitCodes[ending], applies }
    host.end()
    if (ending !== 'ok' && ending !== 'waiting')
      throw new PglinkError(whyIncomplete(ending, outcome, host.problem()), { code: outcome.code, outcome, said: host.said() })
    mustNotHaveThrown(host, outcome.code, outcome)
    return outcome
  })

/** Looks where the estate and the topology do not agree. Makes no request but reads. @throws PglinkError where nothing was found out */
export const drift = (options: DriftOptions): Promise<DriftResult> =>
  running('drift', options, async host => {
    const [engine, { driftEnding }] = await Promise.all([import('../engine/drift.ts'), import('../host/driftEnding.ts')])
    const topologies = sound(await engine.drift(options, host), host)
    return { code: exitCodes[driftEnding(topologies)], drifts: topologies.map(one => written(driftDocumentOf(one))) }
  })

/** Looks at each private path to a server hop by hop. Makes no request but reads. @throws PglinkError where nothing was found out */
export const verify = (options: VerifyOptions): Promise<VerifyResult> =>
  running('verify', options, async host => {
    const [engine, { verifyEnding }] = await Promise.all([import('../engine/verify.ts'), import('../host/verifyEnding.ts')])
    const topologies = sound(await engine.verify(options, host), host)
    return { code: exitCodes[verifyEnding(topologies)], verified: topologies.map(one => written(verifyDocumentOf(one))) }
  })

/** @throws PglinkError for everything that the engine throws, and for what a function of the caller's threw meanwhile */
async function running<T extends { readonly code: ApplyOutcome['code'] }>(
  name: FunctionName,
  options: Partial<ApplyOptions>,
  work: (host: QuietHost) => Promise<T>
): Promise<T> {
  const host = begun(name, options)
  try {
    host.stopping?.throwIfAborted()
    if (name !== 'validate') host.tell([versionEvent(pkg.version)])
    const result = await work(host)
    host.end()
    mustNotHaveThrown(host, result.code, undefined)
    return result
  } catch (error) {
    if (error instanceof PglinkError) throw error
    host.tell([failureEvent(errorLine(error))])
    throw await asPglinkError(error, host)
  } finally {
    host.end()
  }
}

/** @throws PglinkError for options that are not right */
function begun(name: FunctionName, options: unknown): QuietHost {
  try {
    checkOptions(name, options)
    if (name !== 'validate') mustHaveEstate(name, options)
    return hostFor(options, name === 'apply')
  } catch (error) {
    throw error instanceof UsageError ? new PglinkError(error.message, { code: exitCodes.usage }) : error
  }
}

function mustNotHaveThrown({ thrown, said }: QuietHost, code: ApplyOutcome['code'], outcome: ApplyOutcome | undefined): void {
  const first = thrown()
  if (first === undefined) return
  throw new PglinkError(`The run came to its end (${code}), but the function ${first.by} threw: ${printable(messageOf(first.error))}`, {
    code: code === exitCodes.ok || code === exitCodes.drift ? exitCodes.error : code,
    outcome,
    said: said()
  })
}

/** In the words that the command line has for it. */
async function asPglinkError(error: unknown, host: QuietHost): Promise<PglinkError> {
  const said = host.said()
  if (error instanceof UsageError) return new PglinkError(printable(error.message), { code: exitCodes.usage, said })
  const code = exitCodes[endingOf(error)]
  if (error instanceof Interrupted) return new PglinkError(printable(error.message), { code, said })
  return new PglinkError([problemBody(error).trim(), ...(await host.hints())].join('\n'), { code, said })
}

const fileDiagnostics = (diagnostics: readonly Diagnostic[]): readonly FileDiagnostic[] =>
  written(validateJson(diagnostics)['diagnostics'] as readonly FileDiagnostic[])

/** The outcomes of files that are sound. @throws PglinkError with what is wrong with them */
function sound<Topology>(outcome: Outcome<Topology>, host: QuietHost): readonly Topology[] {
  if (outcome.sound) return outcome.topologies
  const diagnostics = fileDiagnostics(outcome.diagnostics)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const [first] = errors
  const place = first?.range ? `${first.range.filename}:${first.range.start.line}:${first.range.start.column} ` : ''
  const about = first === undefined ? '' : ` ${place}${first.rule}: ${first.summary}`
  throw new PglinkError(printable(`The topology is not sound (${counted(errors.length, 'error')}).${about}`), {
    code: exitCodes.invalid,
    diagnostics,
    said: host.said()
  })
}

function whyIncomplete(ending: Ending, { applies }: ApplyOutcome, problem: string): string {
  const owed = applies.flatMap(one => one.locks_not_restored ?? [])
  if (owed.length > 0) return `The apply did not restore ${counted(owed.length, 'lock')}: ${owed.map(printable).join(', ')}`
  if (ending === 'interrupted') return 'Interrupted. The steps in flight have finished, and the locks are back.'
  const [first] = applies.flatMap(({ plan: { refusals } }) => refusals)
  // Another plan than the one that was asked for: what refuses it is the second thing to look at.
  if (first !== undefined && (problem === '' || ending !== 'stale')) return `Refused: ${printable(first.message)}`
  if (problem !== '') return problem
  const failed = applies.flatMap(({ steps = [] }) => steps).find(({ error }) => error !== undefined)
  const why = failed === undefined ? '' : ` ${printable(`${failed.subject}: ${failed.error}`)}`
  return `The apply is not complete.${why}`
}
