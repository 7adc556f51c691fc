import { type AppliedBody, appliedJson, proofJson } from '../document/appliedJson.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import { type Agreed, carryOut } from '../engine/carryOut.ts'
import { caughtUp } from '../engine/catchUp.ts'
import { matters } from '../engine/claims.ts'
import type { Closing } from '../engine/closing.ts'
import { afterEarlierRuns, recovered } from '../engine/earlierRuns.ts'
import { applyEnding, proofEnding, refusalEnding } from '../engine/endings.ts'
import { errorLine } from '../engine/errorText.ts'
import { alone } from '../engine/exclusive.ts'
import { leftBehind } from '../engine/journals.ts'
import { withRights } from '../engine/rights.ts'
import { inSession, type Planned, planIn, type ReadFor, type Session, wayTo, withNotes } from '../engine/session.ts'
import { Stop, UsageError } from '../engine/stop.ts'
import { type Prepared, prepare, topologyHeading } from '../engine/topology.ts'
import { changesNothing } from '../engine/verdict.ts'
import type { Owed } from '../locks/index.ts'
import type { Plan } from '../model/change.ts'
import type { Signal } from '../model/ending.ts'
import { type Ending, worst } from '../model/ending.ts'
import type { ApplyResult } from '../model/events.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import { asIs, jsonText, printable, printed } from '../model/printable.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import { movedSince } from '../plan/digest.ts'
import { unsetSecrets } from '../plan/secrets.ts'
import { liftedForEach, movedBeside, type Wrote, wroteBy } from '../plan/several.ts'
import { applySummary, endpointLines } from '../report/applySummary.ts'
import { applyEvents, endedEvents, failureEvent, fileEvents, planEvents } from '../report/events.ts'
import { planText } from '../report/planText.ts'
import { rightSentences } from '../report/rightsText.ts'
import { consent } from './consent.ts'
import { exitCodes } from './exitCodes.ts'
import { explainFailure } from './failure.ts'
import { filesRead, topologyFiles } from './files.ts'
import type { Flags } from './flags.ts'
import { outputsFor, type Tell, withEvents } from './outputs.ts'
import { restoreCommand } from './restoreCommand.ts'
import { documentOf, type SavedPlan, savedPlanIn } from './savedPlan.ts'
import { styleFor, type Terminal } from './terminal.ts'

interface Ended {
  readonly code: Ending
  readonly document: Partial<AppliedBody>
}

/** Plans every topology, asks once, and carries the plans out, one after the other. */
export async function apply(given: readonly string[], flags: Flags, terminal: Terminal): Promise<Ending> {
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

async function applyAll(files: readonly string[], run: Run): Promise<Ending> {
  const { flags, terminal, tell } = run
  const prepared = await prepare(files, flags, terminal, found => tell(fileEvents(found)))
  if (prepared === undefined) return 'invalid'
  if (flags.planDigest !== undefined && prepared.length > 1)
    throw new UsageError('--plan-digest is of the plan of one topology; there are several.')
  const ended = await open(prepared, [], run)
  const documents = ended.map(({ code, document }) => ({ ...document, exit_code: exitCodes[code] }))
  if (flags.json) terminal.out(jsonText(documents.length === 1 ? documents[0] : { format_version: '1.0', applies: documents }))
  return worst(ended.map(({ code }) => code))
}

/** All are open, and kept for this command, from the first read to the end of the last: they are shown and confirmed together. */
async function open(left: readonly Prepared[], sessions: readonly Session[], run: Run): Promise<readonly Ended[]> {
  const [next, ...more] = left
  if (next === undefined) return applyIn(sessions, run)
  const work = (one: Session): Promise<readonly Ended[]> => alone(one, () => open(more, [...sessions, one], run), sessions)
  return inSession(next, run.flags, run.terminal, work, { beside: sessions })
}

/** Ends what earlier runs left behind, plans all, asks where it has to, and carries out in the order given. */
export async function applyIn(sessions: readonly Session[], run: Run): Promise<readonly Ended[]> {
  const { saved, flags, terminal } = run
  const looked: Looked[] = []
  for (const session of sessions) looked.push(await lookedAt(session, run, sessions.length > 1 ? 'beside' : 'now'))
  const notes = liftedForEach(
    looked.map(({ session: { prepared }, planned: { plan } }) => ({
      topology: prepared.resolved.name,
      estate: wayTo(prepared, flags, terminal),
      plan
    }))
  )
  const begun: (Ended | Ready)[] = []
  for (const [index, one] of looked.entries()) {
    if (sessions.length > 1) sayOf(run)(topologyHeading(one.session.prepared))
    const noted = { ...one, planned: withNotes(one.planned, notes[index] ?? []) }
    begun.push(await shown(noted, movedFrom(noted.planned, saved, flags), run))
  }
  const ready = begun.flatMap(one => ('session' in one ? [one] : []))
  // A look changes nothing.
  if (saved === undefined && !flags.autoApprove && ready.some(({ planned: { plan } }) => !changesNothing(plan)))
    await consent(
      ready.map(({ made }) => made),
      terminal,
      styleFor(terminal, flags.noColor)
    )
  return inTurn(begun, run)
}

interface Carried {
  readonly one: Ready
  readonly ended: Ended
  readonly wrote: Wrote
}

/** After an interrupt none begins. A failure of one leaves the next its turn. */
async function inTurn(begun: readonly (Ended | Ready)[], run: Run): Promise<readonly Ended[]> {
  const all: Ended[] = []
  const carried: Carried[] = []
  let interrupted = false
  for (const one of begun) {
    if ('code' in one) all.push(one)
    else if (!interrupted) {
      const { ended, done, signal } = await turnOf(one, carried, run)
      all.push(ended)
      if (done) carried.push(done)
      interrupted = signal !== undefined || ended.code === 'interrupted' || ended.code === 'terminated'
    }
  }
  const restored = new Set(carried.flatMap(({ one, ended }) => (leftBehind(one.session.journals).owed.length === 0 ? [ended] : [])))
  return all.map(one => (restored.has(one) ? withoutOwed(one) : one))
}

/** A lock that a member left off and a later turn restored is off no more. */
const withoutOwed = (one: Ended): Ended =>
  one.code === 'lockNotRestored' ? { code: 'partial', document: { ...one.document, locks_not_restored: [] } } : one

interface Turn {
  readonly ended: Ended
  readonly done?: Carried
  readonly signal?: Signal | undefined
}

/** The first is carried out as it was shown; one after it is read and planned anew. */
async function turnOf(one: Ready, carried: readonly Carried[], run: Run): Promise<Turn> {
  if (carried.length === 0) return applied(one, run)
  try {
    const ready = await anew(one, carried, run)
    return 'code' in ready ? { ended: ready } : await applied(ready, run)
  } catch (error) {
    // The outcome of those before it is to be told all the same.
    run.tell([failureEvent(errorLine(error))])
    return { ended: { code: await explainFailure(error, run.terminal), document: { format_version: '1.0', plan: one.made } } }
  }
}

/** Only what the members before it wrote may be another than it was when the user agreed. */
async function anew(one: Ready, carried: readonly Carried[], run: Run): Promise<Ended | Ready> {
  const { terminal } = run
  const before = carried.filter(({ one: { session } }) => session.connection === one.session.connection)
  const { resolved, file } = one.session.prepared
  sayOf(run)(printed`\n${asIs(topologyHeading(one.session.prepared))}`)
  const owed = (await stillOwed(before, run)).filter(({ lock }) => matters(lock.scope, resolved.desired))
  if (owed.length > 0) {
    const naming = namingFrom(resolved.desired)
    const text = `${printable(file)} is skipped: a topology before it left off ${owed.map(({ lock }) => lockTitle(lock, naming)).join(', ')}, and that could not be restored.`
    terminal.err(printed`Error: ${text}\n`)
    run.tell([failureEvent(printable(text))])
    return { code: 'lockNotRestored', document: { format_version: '1.0', plan: one.made } }
  }
  const looked = await lookedAt({ ...one.session, prepared: onceTheyAreApplied(one.session.prepared) }, run)
  const moved = movedBeside(
    one.planned,
    looked.planned,
    before.map(({ wrote }) => wrote)
  )
  const stale = movedText('the plan was shown, beyond what this command wrote', moved)
  const next = await shown(looked, moved.length === 0 ? undefined : stale, run)
  // The first look may have met work that goes on over a restored lock, which a clean second one does not undo.
  return 'code' in next ? { ...next, code: worst([one.atLeast, next.code]) } : { ...next, atLeast: worst([one.atLeast, next.atLeast]) }
}

/** Tries to restore the locks that members of this command still owe. */
async function stillOwed(before: readonly Carried[], run: Run): Promise<readonly Owed[]> {
  const owed: Owed[] = []
  for (const { one } of before) {
    const { session } = one
    if (leftBehind(session.journals).owed.length === 0) continue
    await recovered(await planIn(session), session, run.terminal, sayOf(run)).catch((error: unknown) => {
      if (!(error instanceof Stop)) throw error
    })
    owed.push(...leftBehind(session.journals).owed)
  }
  return owed
}

/** The work that is ready to be carried out for one topology. */
interface Ready extends Agreed {
  readonly made: PlanDocument
  /** With which it ends at least, by what came before its plan. */
  readonly atLeast: Ending
}

interface Looked extends Agreed {
  readonly code: Ending
}

const sayOf = ({ flags, terminal }: Pick<Run, 'flags' | 'terminal'>) => (flags.json ? terminal.err : terminal.out)

async function lookedAt(session: Session, run: Run, how?: ReadFor): Promise<Looked> {
  const { planned: first, code } = await afterEarlierRuns(session, run.terminal, sayOf(run), how)
  // With steps the wait comes after them.
  const isIdle = first.plan.steps.length === 0 && first.plan.refusals.length === 0
  return { session, planned: isIdle ? await caughtUp(session, first, run.terminal.err) : first, code }
}

/** Shows a plan, and what keeps it from being carried out. */
async function shown({ session, planned, code }: Looked, stale: string | undefined, run: Run): Promise<Ended | Ready> {
  const { flags, terminal, tell } = run
  const say = sayOf(run)
  const made = documentOf(planned, session)
  say(planText(made, styleFor(terminal, flags.noColor)))
  tell(planEvents(made))
  const document = { format_version: '1.0', plan: made }
  const { plan } = planned
  if (stale !== undefined) {
    terminal.err(stale)
    tell([failureEvent(printable(stale.replace(/^Error: /, '').trim()))])
    return { code: 'stale', document }
  }
  if (plan.refusals.length > 0) return { code: refusalEnding(plan), document }
  if (plan.steps.length === 0) {
    const closing = closingOf(planned)
    const proven = proofJson(closing)
    // The plan has said what is left; the exit code has its own reason said.
    say(
      [...(proven.proof.as === 'proven' ? [] : [proven.proof.text]), ...endpointLines(proven.endpoints)].map(line => `${line}\n`).join('')
    )
    const waits: Ending[] = plan.waiting.length > 0 ? ['waiting'] : []
    return { code: worst([code, ...waits, proofEnding(closing, false)]), document: { ...document, ...proven } }
  }
  nothingUnset(planned)
  const rightful = await withRights(planned, session)
  const wanting = documentOf(rightful, session)
  const lacking = rightSentences(wanting.rights)
  if (lacking.length === 0) return { session, planned, made, atLeast: code }
  terminal.err(
    printed`Error: This login lacks rights that the plan takes. Nothing was changed.\n${asIs(lacking.map(one => printed`  ${one}\n`).join(''))}${asIs(askForRights)}`
  )
  tell([failureEvent(printable(`This login lacks rights that the plan takes: ${lacking.join('; ')}`))])
  return { code: 'waiting', document: { ...document, plan: wanting } }
}

const askForRights = 'Ask for them, or for roles that have them; a new assignment takes some minutes. Then run the same command again.\n'

/** @throws Stop when a step would have to send what is not there */
function nothingUnset({ plan }: Planned): void {
  const unset = unsetSecrets(plan)
  if (unset.length === 0) return
  const names = [...new Set(unset.map(({ variable }) => variable))]
  throw new Stop(
    'invalid',
    `Not set, and a step must send it: ${names.join(', ')}. Nothing was changed. Set it in the environment or in a file given with --env-file.`
  )
}

const movedText = (since: string, moved: readonly string[]): string =>
  `Error: Something moved since ${since}. Nothing was changed. Plan again and look at it.\n${moved.map(one => `  ${printable(one)}\n`).join('')}`

/** The reason why a plan is another than the one that is to be applied, or nothing where it is the same. */
function movedFrom({ view, foundation }: Planned, saved: SavedPlan | undefined, { planDigest }: Flags): string | undefined {
  if (saved && saved.digest !== view.digest) {
    return movedText('the plan was saved', movedSince(saved.foundation, foundation))
  }
  if (planDigest !== undefined && planDigest.replace(/^sha256:/, '') !== view.digest.replace(/^sha256:/, ''))
    return `Error: The plan made now has the digest ${view.digest}, not ${printable(planDigest)}. Nothing was changed.\n`
  return undefined
}

/** Carries out what is ready, and says what became of it. */
async function applied(one: Ready, { terminal, tell }: Run): Promise<Turn> {
  const { session, planned } = one
  const { result, signal, unwritten } = await carryOut(one, terminal, happened => tell(applyEvents(happened, session.prepared.file)))
  const { code, document } = await concluded(one, { result, signal }, { terminal, tell })
  const all = worst([one.atLeast, code])
  // Every step is done, but the next run cannot know that this one came to its end.
  const ended = { code: unwritten && all === 'ok' ? 'partial' : all, document }
  return { ended, done: { one, ended, wrote: wroteBy(planned.plan, result.outcomes) }, signal }
}

const closingOf = ({ plan, view: { verdict, paths, desired } }: Planned): Closing => ({
  plan,
  verdict,
  paths,
  declared: new Set([...desired.values()].map(({ address }) => address))
})

/** Resources that this run wrote and the read after it may not see: they may wait for somebody, or differ. */
const writtenUnseen = ({ steps }: Plan, { live }: Planned): readonly string[] =>
  steps.flatMap(({ action }) => {
    if (action.do !== 'create' && action.do !== 'update') return []
    const observed = live.resources.get(action.resource.id)?.observed
    return observed?.state === 'unreadable' && observed.busy === undefined ? [printable(action.resource.address)] : []
  })

const closingRead = async (session: Session, { err }: Pick<Terminal, 'err'>): Promise<Planned> =>
  caughtUp(session, await planIn(session, 'proof'), err, 'proof')

/** Reads again where that proves something, and says how it went. */
async function concluded(
  { planned: { plan }, made, session }: Ready,
  { result, signal }: { readonly result: ApplyResult; readonly signal: Signal | undefined },
  { terminal, tell }: Pick<Run, 'terminal' | 'tell'>
): Promise<Ended> {
  const { flags, prepared } = session
  const naming = namingFrom(prepared.resolved.desired)
  // Where steps failed the difference is known, and an interrupted run is wanted to end.
  const failed = [...result.outcomes.values()].some(({ as }) => as === 'failed' || as === 'unknown' || as === 'unproven')
  const reads = !failed && !result.interrupted && result.missingRights.length === 0
  const closing = reads
    ? await closingRead(session, terminal).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    : undefined
  const unread = closing instanceof Error ? closing : undefined
  const unseen = closing === undefined || closing instanceof Error ? [] : writtenUnseen(plan, closing)
  const seen = closing === undefined || closing instanceof Error || unseen.length > 0 ? undefined : closingOf(closing)
  const document = appliedJson({ made, plan, result, closing: seen, naming, restoreLine: restoreCommand(prepared.file, flags) })
  const say = flags.json ? terminal.err : terminal.out
  const planAgain = shellLine(['pglink', 'plan', pathWord(prepared.file)])
  say(printed`\n${asIs(applySummary(document, styleFor(terminal, flags.noColor)))}`)
  if (unread)
    terminal.err(printed`Error: Not proven, since the read after it failed: ${errorLine(unread)}\nSee what is left to do: ${planAgain}\n`)
  if (unseen.length > 0)
    terminal.err(
      printed`Error: Not proven, since what was written could not be read again: ${unseen.join(', ')}\nSee what is left to do: ${planAgain}\n`
    )
  const unproven: Ending[] = [...(unread ? (['partial'] as const) : []), ...(unseen.length > 0 ? (['waiting'] as const) : [])]
  const code = worst([applyEnding(plan, result, seen, signal), ...unproven])
  tell(endedEvents(document, prepared.file))
  return { code, document }
}
