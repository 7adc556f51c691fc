import { SharedAnswers } from '../azure/shared.ts'
import type { Judged } from '../drift/index.ts'
import { judged, reverting, type UndeclaredWanted, undeclaredSeen } from '../drift/index.ts'
import type { GroupsRead } from '../live/groupsByRecord.ts'
import { touchedByRecord } from '../live/groupsByRecord.ts'
import type { Owners } from '../live/owners.ts'
import { readLive } from '../live/read.ts'
import type { Note, Plan } from '../model/change.ts'
import type { Drift } from '../model/drift.ts'
import { resourceId } from '../model/id.ts'
import { type Asked, addAsked } from '../model/reads.ts'
import type { Desired, Live, Lock } from '../model/resource.ts'
import { digestOf } from '../plan/digest.ts'
import { makePlan, partsByDuty } from '../plan/plan.ts'
import { tagPlan } from '../plan/tagPlan.ts'
import { pathsOf } from '../proof/path.ts'
import { type LeftBehind, leftBehind } from './journals.ts'
import { backNotes, type LocksNow, locksNow, offNotes } from './locksOff.ts'
import { type Ahead, lookAhead, withAhead } from './lookAhead.ts'
import { overrideNotes } from './overrides.ts'
import { askingNotes, damagedNotes, markerNotes, othersNotes, runningNotes, withUnset } from './planNotes.ts'
import { standsAsDeclared } from './recovery.ts'
import type { Session } from './session.ts'
import { optionsFor } from './topology.ts'
import type { PlanView } from './verdict.ts'
import { verdictOf } from './verdict.ts'

export interface Planned extends PlanView {
  /** By the journals on this machine. */
  readonly left: LeftBehind
  /** Where a baseline is given: what moved since then. */
  readonly moved?: readonly Judged[]
}

/** One read, and the leftovers of earlier runs: all that a plan is made of beside the files. */
export interface Seen {
  readonly live: Live
  readonly left: LeftBehind
  /** Locks that are restored with the step that makes their scope again. */
  readonly awaiting: readonly Lock[]
  /** The reads, by what was asked for. */
  readonly asked: Asked
  /** Locks that some run has off, or had. */
  readonly locks: LocksNow
  /** Undeclared resources, as far as the reads of a plan show them. */
  readonly undeclared: readonly Drift[]
  /** The owners of the endpoints that were asked for. */
  readonly owners: Owners
}

interface HowToRead {
  readonly groups: GroupsRead
  readonly answers: SharedAnswers
}

/** Reads through a way to Azure that can only read. */
async function readIn(session: Session, { groups, answers }: HowToRead): Promise<Seen> {
  const azure = session.connection.open('reading', answers)
  const left = leftBehind(session.journals)
  const watch = (done: number | undefined, of: number): void =>
    session.host.notify({ type: 'reading', prepared: session.prepared, done, of })
  watch(0, session.prepared.resolved.desired.size)
  const read = await readLive(azure, {
    heard: watch,
    ...readOptions(session),
    groups,
    ...(answers === session.connection.answers && { beside: session.prepared.beside }),
    owed: [...left.owed, ...left.held.map(({ owed }) => owed)].map(({ lock }) => lock)
  }).finally(() => watch(undefined, 0))
  const owners: Owners = new Map()
  const undeclared = await undeclaredSeen(azure, undeclaredWanted(session, read, owners), false)
  const { desired } = session.prepared.resolved
  const { journals, run } = session
  const { workflowEnded } = session.host
  const seen = { left: { ...left, awaitingScope: [] }, marked: read.marked, listed: read.listedLocks, now: azure.clock.now() }
  const locks = await locksNow({ ...seen, journals, desired, run, workflowEnded })
  return { ...withoutGone(read, left, desired), left, undeclared, owners, asked: azure.calls.asked, locks }
}

/** The questions about undeclared resources. */
export const undeclaredWanted = ({ prepared, baseline, settings: { words } }: Session, live: Live, owners: Owners): UndeclaredWanted => ({
  desired: prepared.resolved.desired,
  baseline: baseline?.desired,
  live,
  topology: prepared.resolved.name,
  subscriptions: prepared.resolved.subscriptions,
  beside: prepared.beside,
  trust: prepared.resolved.trust,
  owners,
  words
})

/**
 * How a plan is read: as it is now, with answers that its command has already, or as proof of what a run has done, which no record of a
 * zone group gives.
 */
export type ReadFor = 'now' | 'beside' | 'proof'

/** One read, and the plan of it before anything outside the file is looked at. */
export interface Drafted {
  readonly seen: Seen
  readonly draft: Planned
  /** The plan of the whole difference, where the draft may be of the way back alone. */
  readonly whole: Planned
}

/** Reads, and reads the zone groups by themselves that the plan would touch and only a record stood for. */
export async function draftIn(session: Session, how: ReadFor = 'now'): Promise<Drafted> {
  const { settings } = session
  const { answers: shared } = session.connection
  if (how !== 'beside') shared.clear()
  const answers = how === 'beside' ? shared : new SharedAnswers()
  const { endpoints } = session.prepared.resolved
  let groups: GroupsRead = how === 'proof' ? 'each' : new Set()
  let asked: Asked = new Map()
  for (;;) {
    const own = await readIn(session, { groups, answers })
    asked = addAsked(asked, own.asked)
    const seen: Seen = { ...own, asked }
    const draft = planFrom(session, seen)
    const whole = settings.revert ? planFrom({ ...session, settings: { ...settings, revert: false } }, seen) : draft
    const touched = touchedByRecord(seen.live, [...draft.plan.changes, ...whole.plan.changes], endpoints)
    if (groups === 'each' || touched.size === 0) return { seen, draft, whole }
    groups = new Set([...groups, ...touched])
  }
}

/** Reads and plans. */
export const planIn = async (session: Session, how?: ReadFor): Promise<Planned> =>
  preparedFrom(session, await draftIn(session, how), how === 'beside' ? session.connection.answers : undefined)

/** The plan with what lies outside the file, which is looked at before any of it is written. */
export async function preparedFrom(
  session: Session,
  { seen, draft }: Pick<Drafted, 'seen' | 'draft'>,
  answers?: SharedAnswers
): Promise<Planned> {
  const { prepared, connection } = session
  const looked = await lookAhead(connection.open('reading', answers), prepared.resolved, {
    plan: draft.plan,
    live: seen.live,
    elsewhere: prepared.beside?.elsewhere,
    words: session.settings.words
  })
  if (looked === undefined) return draft
  return planFrom(session, { ...seen, live: looked.live, asked: addAsked(seen.asked, looked.asked) }, looked)
}

/** Plans from what was read: the whole difference, or with `revert` what drifted alone. */
function planFrom(
  { prepared, settings, baseline, estate, run, journals, restoreLine }: Session,
  seen: Seen,
  looked: Ahead = { refusals: [], notes: [], unknown: [], dangers: [] }
): Planned {
  const { live, left, awaiting } = seen
  const { resolved, file } = prepared
  const compared = { resolved, baseline, live, words: settings.words }
  const whole = { desired: resolved.desired, options: optionsFor(prepared, settings, baseline, awaiting) }
  const { desired, options } = settings.revert ? reverting(compared, whole.options) : whole
  const { tagging } = settings
  const ahead = tagging ? tagPlan(desired, live, options, tagging) : withAhead(makePlan(desired, live, options), looked)
  const noting = { desired: resolved.desired, restoreLine: restoreLine(), run }
  const off = offNotes(seen.locks, noting)
  const locks = [...off.notes, ...damagedNotes(seen, resolved.desired)]
  const markers = [...markerNotes(seen, noting), ...backNotes(seen.locks, noting)]
  const others = othersNotes(prepared, journals, restoreLine)
  const drift = judged(compared, ahead, withoutGoing(seen.undeclared, ahead, live)).entries
  const notes = [
    ...overrideNotes(ahead, drift),
    ...askingNotes(drift),
    ...locks,
    ...markers,
    ...runningNotes(seen, resolved.desired, settings),
    ...others
  ]
  const plan = withUnset(noted({ ...ahead, locksOff: off.dangers }, notes), settings)
  const { digest, foundation } = digestOf(plan, desired, live)
  const topology = { name: resolved.name, file, ...(settings.env !== undefined && { env: settings.env }) }
  const paths = pathsOf({ desired: resolved.desired, live, endpoints: resolved.endpoints })
  const verdict = verdictOf({ plan, paths, drift, locks, markers, revert: settings.revert, ...(tagging && { tagging }) })
  const moved = baseline && judged(compared).entries
  const isWhole = plan.part === undefined && !tagging
  const parts = isWhole ? { parts: () => partsByDuty(desired, live, options) } : {}
  return {
    plan,
    live,
    desired,
    topology,
    asked: seen.asked,
    digest,
    foundation,
    estate,
    verdict,
    paths,
    left,
    ...parts,
    ...(moved && { moved })
  }
}

/** An undeclared resource that goes with the plan is no finding of it: itself, or a connection whose endpoint is deleted. */
function withoutGoing(undeclared: readonly Drift[], { changes }: Plan, live: Live): readonly Drift[] {
  const going = new Set(
    changes.flatMap(change => {
      if (change.op !== 'delete') return []
      const { endpointId } = change.old.facts
      return [resourceId(change.old.path), ...(endpointId === undefined ? [] : [endpointId])]
    })
  )
  if (going.size === 0) return undeclared
  const fromOf = new Map(
    [...live.lists.values()]
      .flat()
      .map(({ path, observed }) => [resourceId(path), observed.state === 'present' ? observed.facts.from : undefined])
  )
  return undeclared.filter(({ id }) => ![id, fromOf.get(id)].some(one => one !== undefined && going.has(one)))
}

/** A lock that is owed and whose scope is not there is in no step's way: it is restored with the step that makes the scope again. */
function withoutGone(live: Live, { awaitingScope }: LeftBehind, desired: Desired) {
  const isGone = ({ scope }: Lock): boolean => desired.has(scope) && live.resources.get(scope)?.observed.state === 'absent'
  const gone = live.locks.filter(isGone)
  const awaiting = new Map([...awaitingScope.map(({ lock }) => lock), ...gone].map(lock => [lock.path.toLowerCase(), lock]))
  return { live: { ...live, locks: live.locks.filter(lock => !isGone(lock)) }, awaiting: [...awaiting.values()] }
}

const noted = (plan: Plan, notes: readonly Note[]): Plan => (notes.length === 0 ? plan : { ...plan, notes: [...plan.notes, ...notes] })

/** Notes are in no digest. */
export const withNotes = (planned: Planned, notes: readonly Note[]): Planned => ({ ...planned, plan: noted(planned.plan, notes) })

const readOptions = ({ prepared: { resolved }, settings, baseline }: Session): Parameters<typeof readLive>[1] => ({
  desired: resolved.desired,
  baseline: baseline?.desired,
  prune: settings.prune || resolved.removed.length > 0,
  sought: resolved.removed,
  topology: resolved.name,
  endpoints: resolved.endpoints,
  isDeclared: lock => standsAsDeclared(lock, resolved.desired),
  subscriptions: [...new Set([...resolved.subscriptions, ...(baseline?.subscriptions ?? [])])].sort()
})
