import type { Owed } from '../locks/index.ts'
import type { Plan } from '../model/change.ts'
import type { Elsewhere } from '../model/elsewhere.ts'
import { type Signal, worst } from '../model/ending.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import { movedBeside, type Wrote, wroteBy } from '../plan/several.ts'
import { type CarriedOut, carryOut } from './carryOut.ts'
import { caughtUp } from './catchUp.ts'
import { matters } from './claims.ts'
import { recovered } from './earlierRuns.ts'
import { applyEnding } from './endings.ts'
import { leftBehind } from './journals.ts'
import { type Planned, planIn } from './look.ts'
import type { AppliedTopology } from './outcomes.ts'
import { lookedAt, movedStop, type Ready, shown } from './ready.ts'
import { endingOf, Stop, Unproven } from './stop.ts'
import type { Prepared } from './topology.ts'

interface Carried {
  readonly one: Ready
  readonly ended: AppliedTopology
  readonly wrote: Wrote
}

/** After an interrupt none begins. A failure of one leaves the next its turn. */
export async function inTurn(begun: readonly (AppliedTopology | Ready)[]): Promise<readonly AppliedTopology[]> {
  const all: AppliedTopology[] = []
  const carried: Carried[] = []
  let interrupted = false
  for (const one of begun) {
    if (!('atLeast' in one)) all.push(one)
    else if (!interrupted) {
      const { ended, done, signal } = await turnOf(one, carried)
      all.push(ended)
      if (done) carried.push(done)
      interrupted = signal !== undefined || ended.ending === 'interrupted' || ended.ending === 'terminated'
    }
  }
  const restored = new Set(carried.flatMap(({ one, ended }) => (leftBehind(one.session.journals).owed.length === 0 ? [ended] : [])))
  return all.map(one => (restored.has(one) ? withoutOwed(one) : one))
}

/** A lock that a member left off and a later turn restored is off no more. */
const withoutOwed = (one: AppliedTopology): AppliedTopology =>
  one.ending === 'lockNotRestored' ? { ...one, ending: 'partial', restoredLater: true } : one

interface Turn {
  readonly ended: AppliedTopology
  readonly done?: Carried
  readonly signal?: Signal | undefined
}

/** The first is carried out as it was shown; one after it is read and planned anew. */
async function turnOf(one: Ready, carried: readonly Carried[]): Promise<Turn> {
  if (carried.length === 0) return applied(one)
  const { session, planned } = one
  try {
    const ready = await anew(one, carried)
    return 'atLeast' in ready ? await applied(ready) : { ended: ready }
  } catch (error) {
    // The outcome of those before it is to be told all the same.
    session.host.notify({ type: 'failed', error })
    return { ended: { ending: endingOf(error), session, planned, problem: error } }
  }
}

/** An apply plans each when those before it are applied: what they make is there by then, or will not be. */
function onceTheyAreApplied({ beside, ...one }: Prepared): Prepared {
  const after: Elsewhere = id => {
    const maker = beside?.elsewhere(id)
    return maker?.comes === 'after' ? maker : undefined
  }
  return { ...one, ...(beside && { beside: { ...beside, elsewhere: after } }) }
}

/** Only what the members before it wrote may be another than it was when the user agreed. */
async function anew(one: Ready, carried: readonly Carried[]): Promise<AppliedTopology | Ready> {
  const { session, planned } = one
  const { host, prepared } = session
  const before = carried.filter(other => other.one.session.connection === session.connection)
  const { resolved, file } = prepared
  host.notify({ type: 'topology', prepared, again: true })
  const owed = (await stillOwed(before)).filter(({ lock }) => matters(lock.scope, resolved.desired))
  if (owed.length > 0) {
    const titles = owed.map(({ lock }) => lockTitle(lock, namingFrom(resolved.desired))).join(', ')
    const problem = new Stop(
      'lockNotRestored',
      `${file} is skipped: a topology before it left off ${titles}, and that could not be restored.`
    )
    host.notify({ type: 'failed', error: problem })
    return { ending: problem.ending, session, planned, problem }
  }
  const after = { ...session, prepared: onceTheyAreApplied(prepared) }
  const looked = await lookedAt(after, await planIn(after))
  const moved = movedBeside(
    planned,
    looked.planned,
    before.map(({ wrote }) => wrote)
  )
  const stale = moved.length === 0 ? undefined : movedStop('the plan was shown, beyond what this command wrote', moved)
  const next = await shown(looked, stale)
  // The first look may have met work in flight over a restored lock, which a clean second one does not undo.
  return 'atLeast' in next
    ? { ...next, atLeast: worst([one.atLeast, next.atLeast]) }
    : { ...next, ending: worst([one.atLeast, next.ending]) }
}

/** Tries to restore the locks that members of this run still owe. */
async function stillOwed(before: readonly Carried[]): Promise<readonly Owed[]> {
  const owed: Owed[] = []
  for (const { one } of before) {
    const { session } = one
    if (leftBehind(session.journals).owed.length === 0) continue
    await recovered(await planIn(session), session).catch((error: unknown) => {
      if (!(error instanceof Stop)) throw error
    })
    owed.push(...leftBehind(session.journals).owed)
  }
  return owed
}

/** Carries out what is ready, and says what became of it. */
async function applied(one: Ready): Promise<Turn> {
  const { session, planned, atLeast } = one
  const carried = await carryOut(one)
  const concluded = await conclude(one, carried)
  const all = worst([atLeast, concluded.ending])
  // Every step is done, but the next run cannot know that this one came to its end.
  const ended: AppliedTopology = { ...concluded, ending: carried.unwritten && all === 'ok' ? 'partial' : all }
  session.host.notify({ type: 'concluded', applied: ended })
  return { ended, done: { one, ended, wrote: wroteBy(planned.plan, carried.result.outcomes) }, signal: carried.signal }
}

/** Resources that this run wrote and the read after it may not see: they may wait for the user, or differ. */
const writtenUnseen = ({ steps }: Plan, { live }: Planned): readonly string[] =>
  steps.flatMap(({ action }) => {
    if (action.do !== 'create' && action.do !== 'update') return []
    const observed = live.resources.get(action.resource.id)?.observed
    return observed?.state === 'unreadable' && observed.busy === undefined ? [action.resource.address] : []
  })

/** Reads again where that proves something. */
async function conclude({ planned, session }: Ready, { result, signal }: CarriedOut): Promise<AppliedTopology> {
  const { plan } = planned
  const { file } = session.prepared
  // Where steps failed the difference is known, and an interrupted run is wanted to end.
  const failed = [...result.outcomes.values()].some(({ as }) => as === 'failed' || as === 'unknown' || as === 'unproven')
  const base = { session, planned, result }
  if (failed || result.interrupted || result.missingRights.length > 0)
    return { ...base, ending: applyEnding(plan, result, undefined, signal) }
  try {
    const read = await caughtUp(session, await planIn(session, 'proof'), 'proof')
    const unseen = writtenUnseen(plan, read)
    if (unseen.length === 0) return { ...base, ending: applyEnding(plan, result, read, signal), closing: read }
    const problem = new Unproven(file, `Not proven, since what was written could not be read again: ${unseen.join(', ')}`)
    return { ...base, ending: worst([applyEnding(plan, result, undefined, signal), 'waiting']), problem }
  } catch (error) {
    const problem = new Unproven(file, 'Not proven, since the read after it failed', error)
    return { ...base, ending: worst([applyEnding(plan, result, undefined, signal), 'partial']), problem }
  }
}
