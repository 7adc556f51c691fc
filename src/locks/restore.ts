import type { Azure } from '../azure/azure.ts'
import { isForbidden, isNotFound } from '../azure/error.ts'
import { deleteLock, getLock, putLock } from '../azure/locks.ts'
import { again, delay, growingMs } from '../azure/poll.ts'
import { againAfter, restoreAfter } from '../azure/retryRules.ts'
import { nameOf } from '../model/id.ts'
import { isSame, lockText } from '../model/lockBody.ts'
import { isMarker, isMarkerOf, type Lease, type MarkedLock, markedIn } from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'
import type { Journal, Owed } from './journal.ts'
import { isLoweredFrom, LockMoved, lockNow } from './lockBody.ts'
import { isLost } from './lostAnswer.ts'

export interface LockPorts {
  readonly azure: Azure
  readonly journal: Journal
  readonly run: string
  /** The workflow run that it is part of. */
  readonly workflow?: string | undefined
  /** The login for locks, where the run has a second one. */
  readonly lifter?: Pick<Owed, 'by'>
  /** For how long other runs leave alone the locks that this run has off. */
  readonly leaseMs: number
  readonly say?: ((what: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Is told of each failure after which we send a lock again; without it, `say` is told. */
  readonly retried?: ((error: Error, inMs: number) => void) | undefined
  /** The command line that restores the locks owed here, or keeps one as it is; without the flags of the run where absent. */
  readonly restoreLine?: ((more?: { readonly keep?: string }) => string) | undefined
  /** Whether a lock stands as the file wants it: then the run that lifted the old one has written the new one. */
  readonly isDeclared?: (now: Lock) => boolean
}

export const stamp = ({ azure }: Pick<LockPorts, 'azure'>): string => new Date(azure.clock.now()).toISOString()

/** A lock that is owed, by a journal or by its markers. */
export type OwedLock = Pick<Owed, 'lock' | 'how' | 'markers'> & Partial<Pick<Owed, 'lease'>>

export const owedFrom = ({ lock, how, lease, markers }: MarkedLock): OwedLock => ({
  lock,
  how,
  lease,
  markers: markers.map(({ path }) => path)
})

export interface Restoration {
  /** It stood already. */
  readonly stood: boolean
  /** The markers that could not be deleted, see {@link strikeOff}. */
  readonly left: readonly MarkerLeft[]
}

/** A read may show a state that is a minute old: a read so long after a write shows that write, or a later one. */
export const staleMs = 70_000

/**
 * Restores a lock, proves by a read that it is there, whole, and only then deletes its markers. Looks and writes again for as long as that
 * helps. A write may have happened although its answer was lost: in the end a read tells that is made late enough to show it.
 *
 * @param lock what the scope is to end with: the body that is owed, or the one the file declares
 * @throws LockMoved when a person changed it while it was off: we do not overwrite that
 */
export async function restore(lock: Lock, owedLock: OwedLock, ports: LockPorts): Promise<Restoration> {
  const { azure, say, signal, retried } = ports
  const passesAfter = (error: unknown) => againAfter(error, lock.path, new Set()) ?? restoreAfter(error)
  const after = (error: unknown, tries: number): number | undefined => {
    const passes = passesAfter(error)
    if (passes === undefined || tries >= passes.triesMax || signal?.aborted === true) return undefined
    const ms = passes.askedMs ?? growingMs(tries)
    if (retried) retried(error as Error, ms)
    else say?.(`the lock ${lock.path} to be restored`)
    return ms
  }
  try {
    return await again({ clock: azure.clock, signal, interrupted: 'try', after }, () => restoredOnce(lock, owedLock, ports))
  } catch (error) {
    const mayStand = passesAfter(error) !== undefined && isLost(error) && (await standsLater(lock, ports).catch(() => false))
    if (!mayStand) throw error
    return { stood: false, left: await strikeOff(owedLock, ports) }
  }
}

async function restoredOnce(lock: Lock, owedLock: OwedLock, ports: LockPorts): Promise<Restoration> {
  const { restoreLine = plainLine } = ports
  const first = await lockNow(ports.azure, lock.path)
  const isShared = first !== undefined && isLeasedBeside(first, owedLock, ports)
  const now = isShared ? await later(lock, ports) : first
  // Two runs that lower a lock at the same moment hold it together: the one whose lease is in its notes restores it.
  if (isShared && (now === undefined || isLeasedBeside(now, owedLock, ports)))
    return { stood: false, left: await strikeOff(owedLock, ports) }
  const seen = now !== undefined && isSame(now.properties, lock.properties)
  const stands = seen || (now !== undefined && ports.isDeclared?.(now) === true)
  // A lift with a lost answer may not have happened: then the lock is as it was.
  const expected = now === undefined || stands || isSame(now.properties, owedLock.lock.properties) || isLoweredFrom(now, owedLock.lock)
  if (!expected)
    throw new LockMoved(
      `The lock ${lock.path} was changed by another program or person while it was lifted: it was ${lockText(owedLock.lock.properties)} and is ${lockText(now.properties)}. It is not overwritten. Delete it to have the old one restored by \`${restoreLine()}\`, or keep it as it is with \`${restoreLine({ keep: lock.path })}\`.`
    )
  // Where another run restored it, a third run may have lifted it again by now: then we do not write it.
  const stood = stands && (isShared || !(seen && (await putAgain(lock, ports))))
  if (!stands) await putLock(ports.azure, lock)
  if (!stood) await isBack(lock, ports)
  return { stood, left: await strikeOff(owedLock, ports) }
}

/** The lock as a read shows it that cannot be older than what was read before. */
async function later({ path }: Pick<Lock, 'path'>, { azure, say }: LockPorts): Promise<Lock | undefined> {
  say?.(`the read that shows what became of the lock ${path}`)
  await delay(azure.clock, staleMs)
  return lockNow(azure, path)
}

/**
 * This run's read did not find its own lowering in the notes, since another run has lowered the lock as well: it is that
 * one's to restore. Only a later read tells whether that is so.
 *
 * @throws LockMoved where the lock is neither as it was nor lowered
 */
export async function yielded(owedLock: OwedLock, ports: LockPorts): Promise<void> {
  const { lock } = owedLock
  const now = await later(lock, ports)
  const own = now !== undefined && isLoweredFrom(now, lock) && leaseIn(now)?.run === ports.run
  if (now !== undefined && !own && (isLoweredFrom(now, lock) || isSame(now.properties, lock.properties))) await strikeOff(owedLock, ports)
  else await restore(lock, owedLock, ports)
}

/**
 * For some minutes a read may show a lock that has been deleted [TF-LOCK], or as it was before it was lowered: what it shows is put
 * there once more, which does no harm to one that stands.
 *
 * @returns whether it was not there
 * @throws ArmError where this login may not write it, and a later read shows another one
 */
async function putAgain(lock: Lock, ports: LockPorts): Promise<boolean> {
  try {
    return (await putLock(ports.azure, lock)).isNew
  } catch (error) {
    if (isForbidden(error) && (await standsLater(lock, ports))) return false
    throw error
  }
}

async function standsLater(lock: Lock, ports: LockPorts): Promise<boolean> {
  const now = await later(lock, ports)
  return now !== undefined && isSame(now.properties, lock.properties)
}

/** @throws what the last read says that does not show the lock: another one, none, or why it could not be read */
async function isBack(lock: Lock, ports: LockPorts): Promise<void> {
  const after = (error: unknown, tries: number, elapsedMs: number): number | undefined => {
    const isOld = error instanceof LockMoved || isNotFound(error)
    const passes = restoreAfter(error)
    if (isOld ? elapsedMs >= staleMs : tries >= (passes?.triesMax ?? refusedTriesMax)) return undefined
    ports.say?.(`the read that shows that ${lock.path} is back`)
    return growingMs(tries)
  }
  await again({ clock: ports.azure.clock, signal: ports.signal, after }, () => readsAs(lock, ports))
}

/** @throws LockMoved where a read shows another one than was put there */
async function readsAs({ path, properties }: Lock, { azure }: LockPorts): Promise<void> {
  const there = await getLock(azure, path)
  if (!isSame(there.properties, properties))
    throw new LockMoved(`The lock ${path} reads ${lockText(there.properties)} after it was restored as ${lockText(properties)}.`)
}

/** Whether another run than the one that owes a lock has lowered it, too, and is at it. */
function isLeasedBeside(now: Lock, { lock, how, lease: own }: OwedLock, { azure }: LockPorts): boolean {
  const lease = how === 'lower' && isLoweredFrom(now, lock) ? leaseIn(now) : undefined
  return lease !== undefined && own !== undefined && lease.run !== own.run && Date.parse(lease.until) > azure.clock.now()
}

const plainLine = (): string => 'pglink locks restore'

/** A refused read may pass on a later try, as a broken connection does. Another read does no harm. */
const refusedTriesMax = 3

const patiently = <T>(work: () => Promise<T>, what: string, { azure, say, signal }: LockPorts): Promise<T> =>
  again(
    {
      clock: azure.clock,
      signal,
      after: (error, tries) => {
        const passes = restoreAfter(error)
        if (tries >= (passes?.triesMax ?? refusedTriesMax)) return undefined
        say?.(what)
        return growingMs(tries)
      }
    },
    work
  )

/** A marker lock that could not be deleted, and why. */
export interface MarkerLeft {
  readonly path: string
  readonly error: Error
}

/**
 * Forgets a lock: it is restored, or its scope is gone for good.
 *
 * @returns the markers that could not be deleted. No lock is missing for their sake: the journal keeps them for the next run.
 */
export async function strikeOff({ lock, markers }: OwedLock, ports: LockPorts): Promise<readonly MarkerLeft[]> {
  const left: MarkerLeft[] = []
  // The first part of one that takes several says which lock they are of: it goes last.
  for (const path of [...markers].reverse()) {
    try {
      if (await isNotOurs(path, lock, ports)) {
        left.push({ path, error: new NoMarker(path, lock.path) })
        continue
      }
      await patiently(() => gone(path, ports), `the marker ${path} to be deleted`, ports)
    } catch (error) {
      left.push({ path, error: error as Error })
    }
  }
  const said = { lock: { path: lock.path }, at: stamp(ports) }
  const ours = left.filter(({ error }) => !(error instanceof NoMarker))
  if (ours.length === 0) await ports.journal.append({ type: 'relocked', ...said })
  else await ports.journal.append({ type: 'standing', markers: ours.map(({ path }) => path), ...said })
  return left
}

/** A delete may not know a new marker yet [TF-LOCK]. */
async function gone(path: string, { azure }: LockPorts): Promise<void> {
  try {
    await deleteLock(azure, { path })
  } catch (error) {
    if (!isNotFound(error) || (await lockNow(azure, path)) !== undefined) throw error
  }
}

/** A journal named it as a marker, and it is none of ours by its name or its text: we do not delete it. */
export class NoMarker extends Error {
  override readonly name = 'NoMarker'
  constructor(path: string, of: string) {
    super(`${path} is no marker of pglink for the lock ${of}, and is not deleted`)
  }
}

/** Where a read does not show it, its name alone tells. */
async function isNotOurs(path: string, of: Pick<Lock, 'path'>, ports: LockPorts): Promise<boolean> {
  const there = await patiently(() => lockNow(ports.azure, path), `the marker ${path} to be read`, ports)
  return there === undefined ? !isMarker({ name: nameOf(path) }) : !isMarkerOf(of.path, there)
}

/**
 * This run gives way to another run: it undoes its lift. A lock that it lowered, and that no read shows so, stays owed.
 *
 * @param leaves how a lock that this run has lowered is left
 */
export async function withdraw(
  lock: Lock,
  { markers, inNotes }: { readonly markers: readonly string[]; readonly inNotes: boolean },
  ports: LockPorts,
  leaves: 'as it was' | 'as it is' | 'gone'
): Promise<void> {
  const now = await lockNow(ports.azure, lock.path)
  const isOurs = now !== undefined && isLoweredFrom(now, lock) && leaseIn(now)?.run === ports.run
  if (inNotes && leaves === 'as it was') {
    if (!isOurs) return
    await putLock(ports.azure, lock)
    await isBack(lock, ports)
  }
  if (isOurs && leaves === 'gone') await deleteLock(ports.azure, lock)
  await strikeOff({ lock, how: 'remove', markers }, ports)
}

/** The lease of a lowered lock. */
const leaseIn = (now: Lock): Lease | undefined => markedIn([now]).marked[0]?.lease
