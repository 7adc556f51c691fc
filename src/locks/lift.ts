import { readAllLocks } from '../azure/allLocks.ts'
import { ArmError } from '../azure/error.ts'
import { deleteLock, putLock } from '../azure/locks.ts'
import { delay, growingMs, poll } from '../azure/poll.ts'
import type { Action } from '../model/change.ts'
import { resourceId, scopePathOf, subscriptionOf } from '../model/id.ts'
import { isSame } from '../model/lockBody.ts'
import {
  canBeMarked,
  type How,
  isReadBack,
  type Lease,
  lowered,
  type MarkedLock,
  markedIn,
  markersFor,
  needsMarkers
} from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'
import { type InFlight, type RestoredFor, restoreFor } from './inFlight.ts'
import { isLoweredFrom, LockMoved, lockNow } from './lockBody.ts'
import { isLost } from './lostAnswer.ts'
import { type LockPorts, owedFrom, staleMs, stamp, withdraw } from './restore.ts'
import { outlives } from './tokenLife.ts'

type Lift = Extract<Action, { do: 'lift' }>

/**
 * Another run has the lock off, or goes first; or no read shows the lock as this run left it. We do not wait here, since this run may hold
 * other locks.
 */
export class LeaseMet extends Error {
  override readonly name = 'LeaseMet'
  readonly other: MarkedLock | undefined

  constructor(other: MarkedLock | undefined) {
    super(
      other === undefined ? 'no read shows the lock as it is' : `the run ${other.lease.run} has the lock off until ${other.lease.until}`
    )
    this.other = other
  }
}

/** Where a lift may put its markers, and what came before it. */
export interface Lifting {
  /** The best first; without any the lock's own notes, or else the journal alone, remember it. */
  readonly markersOn: readonly string[]
  /** The lock was off before, for this run or for another that we waited for: a read may still show it so. */
  readonly again: boolean
  /** Whether the run has other locks off by now. */
  readonly holds: () => boolean
}

/**
 * Takes a lock off, or lowers it, once the journal and a marker in Azure remember it. We read it again just before.
 *
 * @returns since when it is off or lowered, on the clock the run waits on
 * @throws LockMoved when the lock is not what the plan showed, LeaseMet where another run has it off, or has left it off
 */
export async function lift(action: Lift, ports: LockPorts, lifting: Lifting): Promise<number> {
  for (let places = lifting.markersOn; ; ) {
    const [place, ...others] = places
    try {
      const taken = await takenBy(action, ports, place, lifting)
      if ('since' in taken) return taken.since
      throw new LeaseMet(taken)
    } catch (error) {
      if (!(error instanceof MarkerRefused)) throw error
      if (others.length === 0) throw error.cause
      places = others
    }
  }
}

/** Azure takes no marker there: the lock is as it was. */
class MarkerRefused extends Error {
  override readonly name = 'MarkerRefused'
}

/** One try. @returns the lease of the run that goes first; where there is none, since when this run has the lock off */
async function takenBy(
  action: Lift,
  ports: LockPorts,
  markerOn: string | undefined,
  { again, holds }: Lifting
): Promise<MarkedLock | { readonly since: number }> {
  const { lock, how } = action
  const { azure, journal, run } = ports
  const before = await unlikePlanned(lock, ports, again ? staleMs : 0, holds)
  if (before !== undefined) return before
  await outlives(azure.forLocks, ports.leaseMs)
  const until = new Date(azure.clock.now() + ports.leaseMs).toISOString()
  const lease: Lease = { run, until, ...(ports.workflow !== undefined && { workflow: ports.workflow }) }
  const markers = markerOn === undefined ? [] : markersFor(lock, lease, markerOn, how)
  const inNotes = how === 'lower' && markers.length === 0
  asRead(lock, how, lease, inNotes && !needsMarkers(lock) ? [{ path: lock.path, properties: lowered(lock, lease) }] : markers)
  const paths = markers.map(({ path }) => path)
  await journal.append({ type: 'unlocking', lock, how, lease, markers: paths, ...ports.lifter, at: stamp(ports) })
  // Where this made a new lock, the lock had gone since the look just above.
  const isNew = inNotes && (await lowerNow(lock, lease, ports))
  const loweredAt = azure.clock.now()
  await putMarkers(lock, markers, ports)
  if (inNotes || markers.length > 0) {
    const other = await otherAfterLift(lock, { markers: paths, isNew, inNotes, holds }, ports)
    if (other !== undefined) return other
  }
  if (inNotes) return { since: loweredAt }
  if (how === 'lower') return { since: await lowerMarked(lock, lease, markers, ports) }
  await deleteLock(azure, lock).catch(async error => {
    // Where the answer was lost, a read tells whether the lock is gone.
    if (!isLost(error) || (await lockNow(azure, lock.path)) !== undefined) throw error
  })
  return { since: azure.clock.now() }
}

/** @throws Error where no reader of the markers would know the lock again */
function asRead(lock: Lock, how: How, lease: Lease, written: Parameters<typeof isReadBack>[3]): void {
  if (written.length > 0 ? !isReadBack(lock, lease, how, written) : !canBeMarked(lock))
    throw new Error(`The lock ${lock.path} was not lifted: we could not read its marker again, which is to remember it while it is off.`)
}

/**
 * @param forMs for how long a read may still show what was before
 * @returns the lease that explains it where the lock is not as planned
 * @throws LockMoved where no later read shows one either; LeaseMet where a later read may, and the run has other locks off meanwhile
 */
async function unlikePlanned(lock: Lock, ports: LockPorts, forMs: number, holds: Lifting['holds']): Promise<MarkedLock | undefined> {
  const { clock } = ports.azure
  const found = await poll({ clock, signal: ports.signal }, async (elapsedMs, looks) => {
    const now = await lockNow(ports.azure, lock.path)
    if (now !== undefined && isSame(now.properties, lock.properties)) return { other: undefined }
    const other = await leaseOn(lock, ports)
    if (other !== undefined) return { other }
    // Between the two reads another run may have restored it.
    if (looks >= unlikeLooks && elapsedMs >= forMs)
      throw new LockMoved(`The lock ${lock.path} ${now === undefined ? 'is gone' : 'was changed'} since the plan was made. Plan again.`)
    if (looks >= unlikeLooks && holds()) throw new LeaseMet(undefined)
    return undefined
  })
  return found?.other
}

const unlikeLooks = 3

/** Puts all markers or none. @throws MarkerRefused where Azure refuses one */
async function putMarkers(lock: Lock, markers: readonly Pick<Lock, 'path' | 'properties'>[], ports: LockPorts): Promise<void> {
  for (const marker of markers)
    try {
      await putLock(ports.azure, marker)
    } catch (error) {
      if (!isRefused(error)) throw error
      await withdraw(lock, { markers: markers.map(({ path: at }) => at), inNotes: false }, ports, 'as it was')
      throw new MarkerRefused(marker.path, { cause: error })
    }
}

/** A refusal that another try would meet again: throttling and a lost answer say nothing about the place. */
const isRefused = (error: unknown): boolean =>
  error instanceof ArmError && error.status >= 400 && error.status < 500 && error.status !== 429

/** Lowers a lock that markers remember. @throws LockMoved where the lock was gone: then we delete the one that this made */
async function lowerMarked(lock: Lock, lease: Lease, markers: readonly Pick<Lock, 'path'>[], ports: LockPorts): Promise<number> {
  const isNew = await lowerNow(lock, lease, ports)
  if (!isNew) return ports.azure.clock.now()
  await deleteLock(ports.azure, lock)
  await withdraw(lock, { markers: markers.map(({ path }) => path), inNotes: false }, ports, 'as it is')
  throw new LockMoved(`The lock ${lock.path} is gone since the plan was made. Plan again.`)
}

/** @returns whether there was none before. Where the answer is lost a read tells that it is lowered, and not whether it is new */
async function lowerNow(lock: Lock, lease: Lease, { azure }: LockPorts): Promise<boolean> {
  const { path } = lock
  try {
    return (await putLock(azure, { path, properties: lowered(lock, lease) })).isNew
  } catch (error) {
    const now = isLost(error) ? await lockNow(azure, path) : undefined
    if (now === undefined || !isSame(now.properties, lowered(lock, lease))) throw error
    return false
  }
}

/**
 * Each run that wants the lock has said so in Azure, and the run with the lower id goes first. The other run gives way once it sees that;
 * a run that looked before there was anything to see goes ahead and lifts the lock. We look until one of the two has happened. A list that
 * does not show the lease of this run may not show those of other runs either.
 *
 * @returns the lease of the run that goes first, when it is not this one
 */
async function otherAfterLift(lock: Lock, said: Said, ports: LockPorts): Promise<MarkedLock | undefined> {
  const clock = {
    now: () => ports.azure.clock.now(),
    sleep: (ms: number, signal?: unknown): Promise<void> =>
      delay(ports.azure.clock, ms, signal).catch(async error => {
        await withdraw(lock, said, ports, said.isNew ? 'gone' : 'as it was')
        throw error
      })
  }
  const from = clock.now()
  if (said.inNotes) await delay(clock, overwrittenMs, ports.signal)
  const seen = await poll({ clock, signal: ports.signal }, async (_, look) => {
    const { first, others, isMine } = await sightOf(lock, said, ports)
    if (isMine === true && others.length === 0 && !said.isNew) return { other: undefined }
    if (look >= looksMax && isMine === undefined && others.length === 0 && said.holds()) {
      await withdraw(lock, said, ports, 'as it was')
      throw new LeaseMet(undefined)
    }
    // A list that shows neither this run nor another is behind.
    const last = look >= looksMax && (others.length > 0 || clock.now() - from > staleMs)
    if (first !== undefined || isMine === false || said.isNew || last) {
      const other = first ?? others[0]
      // Where the lock was gone, another run has it off and restores it: we must not restore it meanwhile.
      await withdraw(lock, said, ports, !said.isNew ? 'as it was' : other === undefined ? 'gone' : 'as it is')
      if (other !== undefined) return { other }
      throw new LockMoved(`The lock ${lock.path} was changed while it was to be lifted. Plan again.`)
    }
    return undefined
  })
  return seen?.other
}

/** A run's notice in Azure that it is about to lift a lock. */
interface Said {
  readonly markers: readonly string[]
  /** It lowered a lock that was not there any more. */
  readonly isNew: boolean
  /** It has said so in the notes of the lock, which it has lowered; else in markers, and the lock stands. */
  readonly inNotes: boolean
  readonly holds: Lifting['holds']
}

/** How often we look at least which of several runs gives way, before we wait for the lease of one. */
const looksMax = 5
/**
 * Two runs that lower a lock write to the same notes, and locks have no etag: the last write stays. A run that read the lock before the other
 * one's notes were there has written its own by now, unless Azure throttled it; the other run then sees notes that are not its own.
 */
const overwrittenMs = 1000

/** The other run that wants the lock, the first of them where that is before this one, and whether the lock is as this run has left it. */
async function sightOf(lock: Lock, { markers, inNotes }: Said, ports: LockPorts) {
  const { run } = ports
  const locks = await around(lock, markers, ports)
  const all = markedIn(locks).marked.filter(one => resourceId(one.lock.path) === resourceId(lock.path) && !isOver(one, ports))
  const others = all.filter(({ lease }) => lease.run !== run).sort((a, b) => (a.lease.run < b.lease.run ? -1 : 1))
  const now = locks.find(({ path }) => resourceId(path) === resourceId(lock.path))
  const stands = now !== undefined && isSame(now.properties, lock.properties)
  const isLowered = now !== undefined && isLoweredFrom(now, lock)
  const shown = inNotes
    ? isLowered && others.every(one => one.how === 'remove' || one.markers.length > 0)
    : stands && markers.every(path => locks.some(one => resourceId(one.path) === resourceId(path)))
  // We cannot tell yet: a list may be behind for a moment, and a run that lowers the lock may raise it again when it sees this run.
  const isOpen = stands || (!inNotes && isLowered)
  return { first: others.find(one => one.lease.run < run), others, isMine: shown || (isOpen ? undefined : false) }
}

/** Every lock near this one and near its markers, as one list each subscription. */
async function around(lock: Lock, markers: readonly string[], { azure }: LockPorts): Promise<readonly Lock[]> {
  const paths = [lock.path, ...markers]
  const subscriptions = [...new Set(paths.map(path => subscriptionOf(path).toLowerCase()))]
  const scopes = paths.map(path => resourceId(scopePathOf(path)))
  return (await readAllLocks(azure, { subscriptions, scopes })).raw
}

/** Some other run's lease on this lock, over or not. */
async function leaseOn(lock: Lock, ports: LockPorts): Promise<MarkedLock | undefined> {
  const { marked } = markedIn(await around(lock, [], ports))
  return marked.find(one => resourceId(one.lock.path) === resourceId(lock.path) && one.lease.run !== ports.run)
}

/** Waits until the run of that lease has the lock off anew, and no longer than that. */
export const liftedAnew = ({ lock, lease }: MarkedLock, limitMs: number, ports: LockPorts): Promise<true | undefined> =>
  poll({ clock: ports.azure.clock, limitMs, signal: ports.signal }, async () =>
    (await leaseOn(lock, ports))?.lease.run === lease.run ? true : undefined
  )

export const isOver = ({ lease }: Pick<MarkedLock, 'lease'>, { azure }: Pick<LockPorts, 'azure'>): boolean =>
  Date.parse(lease.until) <= azure.clock.now()

/**
 * Waits until another run has restored its lock, or its lease is over: then it is restored for it. We do not wait for a later one.
 *
 * @param going the writes that may be in flight, as far as they are known here
 * @returns `undefined` where the other run has restored it
 */
export async function turn(other: MarkedLock, going: InFlight, ports: LockPorts): Promise<RestoredFor | undefined> {
  const { azure, say, signal } = ports
  const { clock } = azure
  let lease = other
  const everyMs = (looks: number): number => Math.min(growingMs(looks), Math.max(1, Date.parse(lease.lease.until) - clock.now()))
  const turned = await poll({ clock, everyMs, signal }, async (_, looks) => {
    const next = looks === 1 ? other : await leaseOn(other.lock, ports)
    if (next?.lease.run !== other.lease.run) return { restored: undefined }
    lease = next
    if (isOver(lease, ports)) return { restored: await restoreFor(owedFrom(lease), going, true, ports) }
    say?.(`the run ${lease.lease.run}, which has the lock ${lease.lock.path} off until ${lease.lease.until}`)
    return undefined
  })
  return turned?.restored
}
