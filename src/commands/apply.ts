import type { Plan } from '../model/change.ts'
import type { ApplyResult } from '../model/events.ts'
import { invariant } from '../model/invariant.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import { movedSince } from '../plan/digest.ts'
import { type Joinable, sharingWindows } from '../plan/joined.ts'
import { unsetSecrets } from '../plan/secrets.ts'
import { applySummary, isComplete, outcomesJson } from '../report/applySummary.ts'
import { errorLine } from '../report/errorText.ts'
import { applyEvents, endedEvents, failureEvent, fileEvents, planEvents, stepsById } from '../report/events.ts'
import type { PlanDocument } from '../report/plan.generated.ts'
import { pathJson } from '../report/planJson.ts'
import { planText } from '../report/planText.ts'
import { asIs, jsonText, printable, printed } from '../report/printable.ts'
import { type Closing, endpointLines, proofOf } from '../report/proven.ts'
import { rightLines } from '../report/rightsText.ts'
import { namingFrom } from '../report/step.ts'
import { changesNothing } from '../report/verdict.ts'
import { applyCode, proofCode, refusalCode } from './applyCode.ts'
import { wayOf } from './azure.ts'
import { carryOut, type Member } from './carryOut.ts'
import { caughtUp } from './catchUp.ts'
import { consent } from './consent.ts'
import { afterEarlierRuns } from './earlierRuns.ts'
import { alone } from './exclusive.ts'
import { type ExitCode, exitCodes, type Signal, worst } from './exitCodes.ts'
import { filesRead, topologyFiles } from './files.ts'
import type { Flags } from './flags.ts'
import { outputsFor, type Tell, tellNobody, withEvents } from './outputs.ts'
import { restoreCommand } from './restoreCommand.ts'
import { withRights } from './rights.ts'
import { documentOf, type SavedPlan, savedPlanIn } from './savedPlan.ts'
import { inSession, type Planned, planIn, type Session } from './session.ts'
import { styleFor, type Terminal } from './terminal.ts'
import { type Prepared, prepare } from './topology.ts'
import { Stop, UsageError } from './usage.ts'

interface Ended {
  readonly code: ExitCode
  readonly document: Readonly<Record<string, unknown>>
}

/** Plans each topology and carries the plan out, one topology after the other. */
export async function apply(given: readonly string[], flags: Flags, terminal: Terminal): Promise<ExitCode> {
  if (flags.parallelism === 0) throw new UsageError('--parallelism takes a whole number from 1.')
  const saved = savedPlanIn(given, flags, terminal)
  const files = saved ? [saved.file] : topologyFiles(given, terminal.cwd)
  // Only asked whether everything can go where it is to go: what an apply prints it prints as it goes.
  outputsFor(flags, filesRead([...files, ...given], saved?.flags ?? flags), terminal)
  return withEvents(flags, terminal, (tell, shown) => applyAll(files, { saved, flags: saved?.flags ?? flags, terminal: shown, tell }))
}

/** An apply plans each when those before it are applied: what they make is there by then, or will not be. */
const onceTheyAreApplied = (one: Prepared): Prepared => ({
  ...one,
  elsewhere: new Map([...(one.elsewhere ?? [])].filter(([, { comes }]) => comes === 'after'))
})

interface Run {
  readonly saved: SavedPlan | undefined
  readonly flags: Flags
  readonly terminal: Terminal
  readonly tell: Tell
}

async function applyAll(files: readonly string[], { saved, flags: settings, terminal, tell }: Run): Promise<ExitCode> {
  const checked = await prepare(files, settings, terminal, found => tell(fileEvents(found)))
  if (checked === undefined) return exitCodes.invalid
  const prepared = checked.map(onceTheyAreApplied)
  if (settings.planDigest !== undefined && prepared.length > 1)
    throw new UsageError('--plan-digest is of the plan of one topology; there are several.')
  const codes: ExitCode[] = []
  const documents: unknown[] = []
  const run = { saved, flags: settings, terminal, tell }
  for (const together of prepared.length === 1 ? prepared.map(one => [one] as const) : await sharingLocks(prepared, run)) {
    const ended = await applyTogether(together, run)
    codes.push(...ended.map(({ code }) => code))
    documents.push(...ended.map(({ code, document }) => ({ ...document, exit_code: code })))
    // An interrupted run begins nothing more, and a lock that is off is seen to first.
    if (codes.some(code => code === exitCodes.interrupted || code === exitCodes.terminated || code === exitCodes.lockNotRestored)) break
  }
  if (settings.json) terminal.out(jsonText(documents.length === 1 ? documents[0] : { format_version: '1.0', applies: documents }))
  return worst(codes)
}

type Several<T> = readonly [T, ...T[]]

/**
 * Topologies one after the other, as one may make what another refers to; but those that lift the same lock of one estate
 * together, so that it is off once.
 */
async function sharingLocks(prepared: readonly Prepared[], { flags, terminal }: Run): Promise<readonly Several<Prepared>[]> {
  const plans: Joinable[] = []
  for (const one of prepared) {
    const { plan } = await inSession(one, flags, terminal, planIn)
    const { cloud, safety } = one.resolved
    plans.push({ plan, ...safety, estate: wayOf({ flags, terminal, cloud, dataDir: one.dataDir }) })
  }
  return sharingWindows(plans).flatMap((group, index) => {
    const [first, ...others] = group.flatMap(member => prepared[member] ?? [])
    return first === prepared[index] && first !== undefined ? [[first, ...others] as const] : []
  })
}

/** The first opens the way to Azure, and the others share it. */
async function applyTogether([prepared, ...others]: Several<Prepared>, run: Run): Promise<readonly Ended[]> {
  const { flags, terminal, saved, tell } = run
  const open = (left: readonly Prepared[], sessions: Several<Session>): Promise<readonly Ended[]> => {
    const [next, ...more] = left
    if (next === undefined) return applyIn(sessions, saved, terminal, tell)
    const [first] = sessions
    return inSession(next, flags, terminal, one => alone(one, () => open(more, [...sessions, one])), { first })
  }
  return inSession(prepared, flags, terminal, session => alone(session, () => open(others, [session])))
}

/** The work that is ready to be carried out for one topology. */
interface Ready extends Member {
  readonly made: PlanDocument
  /** With which it ends at least, by what came before its plan. */
  readonly atLeast: ExitCode
}

/** Ends what earlier runs left behind, plans, asks where it has to, and carries out. */
export async function applyIn(
  sessions: Several<Session>,
  saved: SavedPlan | undefined,
  terminal: Terminal,
  tell: Tell = tellNobody
): Promise<readonly Ended[]> {
  const begun: (Ended | Ready)[] = []
  for (const session of sessions) begun.push(await begin(session, saved, { terminal, tell }))
  const [first, ...others] = begun.filter(one => 'session' in one)
  if (first === undefined) return begun.filter(one => 'code' in one)
  const ready: Several<Ready> = [first, ...others]
  const [{ flags }] = sessions
  const names = ready.map(({ session }) => session.prepared.resolved.name)
  if (others.length > 0)
    (flags.json ? terminal.err : terminal.out)(printed`\n${names.join(' and ')} lift the same locks, and are carried out together.\n`)
  // A look changes nothing.
  if (saved === undefined && !flags.autoApprove && ready.some(({ planned }) => !changesNothing(planned.plan)))
    await consent(
      ready.map(({ planned }) => planned.view),
      terminal,
      styleFor(terminal, flags.noColor)
    )
  const ended = await applied(ready, { terminal, tell })
  return begun.flatMap(one => ('code' in one ? [one] : (ended.get(one) ?? [])))
}

async function begin(
  session: Session,
  saved: SavedPlan | undefined,
  { terminal, tell }: Pick<Run, 'terminal' | 'tell'>
): Promise<Ended | Ready> {
  const { flags } = session
  const say = flags.json ? terminal.err : terminal.out
  const { planned: first, code } = await afterEarlierRuns(session, terminal, say)
  // With steps the wait comes after them.
  const planned = first.plan.steps.length === 0 && first.plan.refusals.length === 0 ? await caughtUp(session, first, terminal.err) : first
  say(planText(planned.view, styleFor(terminal, flags.noColor)))
  const made = documentOf(planned, session)
  tell(planEvents(made))
  const document = { format_version: '1.0', plan: made }
  const { plan } = planned
  const stale = movedFrom(planned, saved, flags)
  if (stale !== undefined) {
    terminal.err(stale)
    tell([failureEvent(new Error(stale.replace(/^Error: /, '').trim()))])
    return { code: exitCodes.stale, document }
  }
  if (plan.refusals.length > 0) return { code: refusalCode(plan), document }
  if (plan.steps.length === 0) {
    const closing = closingOf(planned)
    const { as, text } = proofOf(closing)
    // The plan has said what is left; the exit code has its own reason said.
    say([...(as === 'proven' ? [] : [text]), ...endpointLines(closing.paths)].map(line => `${line}\n`).join(''))
    const waits = plan.waiting.length > 0 ? [exitCodes.waiting] : []
    return { code: worst([code, ...waits, proofCode(closing, false)]), document: { ...document, ...proofJson(closing) } }
  }
  nothingUnset(planned)
  const rightful = await withRights(planned, session)
  const lacking = rightful.plan.rights && rightLines(rightful.plan.rights, namingFrom(session.prepared.resolved.desired))
  if (lacking === undefined || lacking.length === 0) return { session, planned, made, atLeast: code }
  terminal.err(
    printed`Error: This login lacks rights that the plan takes. Nothing was changed.\n${asIs(lacking.map(one => printed`  ${one}\n`).join(''))}${asIs(askForRights)}`
  )
  tell([failureEvent(new Error(`This login lacks rights that the plan takes: ${lacking.join('; ')}`))])
  return { code: exitCodes.waiting, document: { ...document, plan: documentOf(rightful, session) } }
}

const askForRights = 'Ask for them, or for roles that have them; a new assignment takes some minutes. Then run the same command again.\n'

/** @throws Stop when a step would have to send what is not there */
function nothingUnset({ plan }: Planned): void {
  const unset = unsetSecrets(plan)
  if (unset.length === 0) return
  const names = [...new Set(unset.map(({ variable }) => variable))]
  throw new Stop(
    4,
    `Not set, and a step must send it: ${names.join(', ')}. Nothing was changed. Set it in the environment or in a file given with --env-file.`
  )
}

/** The reason why a plan is another than the one that is to be applied, or nothing where it is the same. */
function movedFrom({ view, foundation }: Planned, saved: SavedPlan | undefined, { planDigest }: Flags): string | undefined {
  if (saved && saved.digest !== view.digest) {
    const moved = movedSince(saved.foundation, foundation).map(one => `  ${printable(one)}\n`)
    return `Error: Something moved since the plan was saved. Nothing was changed. Plan again and look at it.\n${moved.join('')}`
  }
  if (planDigest !== undefined && planDigest.replace(/^sha256:/, '') !== view.digest.replace(/^sha256:/, ''))
    return `Error: The plan made now has the digest ${view.digest}, not ${printable(planDigest)}. Nothing was changed.\n`
  return undefined
}

/** Carries out what is ready, and says of each topology what became of it. */
async function applied(ready: Several<Ready>, { terminal, tell }: Pick<Run, 'terminal' | 'tell'>): Promise<ReadonlyMap<Ready, Ended>> {
  const telling = ready.map(({ made, session: { prepared } }) => ({
    steps: stepsById(made),
    naming: namingFrom(prepared.resolved.desired),
    topology: prepared.file
  }))
  const { results, signal, unwritten } = await carryOut(ready, terminal, event => {
    for (const one of telling) if (one.steps.has(event.step.id)) tell(applyEvents(event, one))
  })
  const ended = new Map<Ready, Ended>()
  for (const [index, one] of ready.entries()) {
    const result = results[index]
    invariant(result !== undefined, 'a topology has no result')
    const { code, document } = await concluded(one, { result, signal }, { terminal, tell })
    const all = worst([one.atLeast, code])
    // Every step is done, but the next run cannot know that this one came to its end.
    ended.set(one, { code: unwritten && all === exitCodes.ok ? exitCodes.partial : all, document })
  }
  return ended
}

const closingOf = ({ plan, view: { verdict, paths, desired } }: Planned): Closing => ({
  plan,
  verdict,
  paths,
  declared: new Set([...desired.values()].map(({ address }) => address))
})

/** Whether it is proven, and where each endpoint leads, for programs. */
function proofJson(closing: Closing): Readonly<Record<string, unknown>> {
  const { as, text } = proofOf(closing)
  return { proof: { as, text }, endpoints: closing.paths.map(pathJson) }
}

/** Resources that this run wrote and the read after it may not see: they may wait for somebody, or differ. */
const writtenUnseen = ({ steps }: Plan, { live }: Planned): readonly string[] =>
  steps.flatMap(({ action }) => {
    if (action.do !== 'create' && action.do !== 'update') return []
    const observed = live.resources.get(action.resource.id)?.observed
    return observed?.state === 'unreadable' && observed.busy === undefined ? [printable(action.resource.address)] : []
  })

const closingRead = async (session: Session, { err }: Pick<Terminal, 'err'>): Promise<Planned> =>
  caughtUp(session, await planIn(session), err)

/** Reads again where that proves something, and says how it went. */
async function concluded(
  { planned: { plan }, made, session }: Ready,
  { result, signal }: { readonly result: ApplyResult; readonly signal: Signal | undefined },
  { terminal, tell }: Pick<Run, 'terminal' | 'tell'>
): Promise<Ended> {
  const { flags, prepared } = session
  const naming = namingFrom(prepared.resolved.desired)
  const done = { plan, result, naming, restoreLine: restoreCommand(prepared.file, flags) }
  // Where steps failed the difference is known, and an interrupted run is wanted to end.
  const failed = [...result.outcomes.values()].some(({ as }) => as === 'failed' || as === 'unknown' || as === 'unproven')
  const reads = !failed && !result.interrupted && result.missingRights.length === 0
  const closing = reads
    ? await closingRead(session, terminal).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    : undefined
  const unread = closing instanceof Error ? closing : undefined
  const unseen = closing === undefined || closing instanceof Error ? [] : writtenUnseen(plan, closing)
  const seen = closing === undefined || closing instanceof Error || unseen.length > 0 ? undefined : closingOf(closing)
  const left = seen?.plan
  const say = flags.json ? terminal.err : terminal.out
  const planAgain = shellLine(['pglink', 'plan', pathWord(prepared.file)])
  say(printed`\n${asIs(applySummary({ ...done, closing: seen }, styleFor(terminal, flags.noColor)))}`)
  if (unread)
    terminal.err(printed`Error: Not proven, since the read after it failed: ${errorLine(unread)}\nSee what is left to do: ${planAgain}\n`)
  if (unseen.length > 0)
    terminal.err(
      printed`Error: Not proven, since what was written could not be read again: ${unseen.join(', ')}\nSee what is left to do: ${planAgain}\n`
    )
  const unproven = [...(unread ? [exitCodes.partial] : []), ...(unseen.length > 0 ? [exitCodes.waiting] : [])]
  const code = worst([applyCode(plan, result, seen, signal), ...unproven])
  tell(endedEvents({ ...done, closing: seen }, prepared.file))
  return {
    code,
    document: {
      format_version: '1.0',
      plan: made,
      complete: isComplete(done),
      steps: outcomesJson({ ...done, closing: seen }),
      locks_not_restored: result.owed.map(({ path }) => path),
      markers_left: result.markersLeft,
      unlocked_ms: result.unlockedMs,
      missing_rights: result.missingRights,
      still_differs:
        left === undefined ? null : left.changes.map(change => (change.op === 'delete' ? change.old.address : change.resource.address)),
      waiting: left?.waiting ?? [],
      ...(seen && proofJson(seen))
    }
  }
}
