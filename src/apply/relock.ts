import type { Azure } from '../azure/azure.ts'
import { isNotFound } from '../azure/error.ts'
import { deleteLock, getLock, putLock } from '../azure/locks.ts'
import type { Remembered } from '../model/memory.ts'
import type { Lock } from '../model/resource.ts'
import type { Journal, Owed } from './journal.ts'
import { isLoweredFrom, isSame, LockMoved, lockNow, lockText } from './lockBody.ts'

export interface LockPorts {
  readonly azure: Azure
  readonly journal: Journal
  readonly run: string
  /** For how long others leave alone what this run has off. */
  readonly leaseMs: number
  readonly say?: (what: string) => void
  readonly signal?: AbortSignal | undefined
  /** Whether a lock stands as the file wants it: then the run that took the old one off had come as far as that. */
  readonly isDeclared?: (now: Lock) => boolean
}

export const stamp = ({ azure }: Pick<LockPorts, 'azure'>): string => new Date(azure.clock.now()).toISOString()

/** What is owed for a lock, from whichever memory. */
export type Debt = Pick<Owed, 'lock' | 'how' | 'markers'>

export const debtFrom = ({ lock, how, markers }: Remembered): Debt => ({ lock, how, markers: markers.map(({ path }) => path) })

/**
 * Puts a lock back and proves by a read that it is there, whole; only then what remembers it goes.
 *
 * @param lock what the scope is to end with: the debt's own body, or the one the file declares
 * @throws LockMoved when somebody changed it while it was off: theirs is not overwritten
 */
export async function relock(lock: Lock, debt: Debt, ports: LockPorts): Promise<void> {
  const now = await lockNow(ports.azure, lock.path)
  const stands = now !== undefined && standsAs(now, lock, ports)
  // An unlock whose answer was lost may not have happened: then it is as it was.
  const expected = now === undefined || stands || isSame(now.properties, debt.lock.properties) || isLoweredFrom(now, debt.lock)
  if (!expected)
    throw new LockMoved(
      `The lock ${lock.path} was changed by somebody while it was lifted: it was ${lockText(debt.lock.properties)} and is ${lockText(now.properties)}. It is not overwritten. Delete it to have the old one put back by \`pglink locks restore\`, or keep it as it is with \`pglink locks restore --keep ${lock.path}\`.`
    )
  if (!stands) {
    await putLock(ports.azure, lock)
    const there = await getLock(ports.azure, lock.path)
    if (!isSame(there.properties, lock.properties))
      throw new LockMoved(
        `The lock ${lock.path} reads ${lockText(there.properties)} after it was put back as ${lockText(lock.properties)}.`
      )
  }
  await strikeOff(debt, ports)
}

/** Whether a lock is what it is to be, or already what the file wants in its place. */
export const standsAs = (now: Lock, lock: Lock, { isDeclared }: Pick<LockPorts, 'isDeclared'>): boolean =>
  isSame(now.properties, lock.properties) || isDeclared?.(now) === true

export const putBack = (one: Remembered, ports: LockPorts): Promise<void> => relock(one.lock, debtFrom(one), ports)

/** What remembers a lock goes: it is back, or what it was on is gone for good. */
export async function strikeOff({ lock, markers }: Debt, ports: LockPorts): Promise<void> {
  for (const path of markers) await goneOr(() => deleteLock(ports.azure, { path }))
  await ports.journal.append({ type: 'relocked', lock: { path: lock.path }, at: stamp(ports) })
}

async function goneOr(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** Somebody else goes first: what was said is taken back, and the lock is as it was found. */
export async function withdraw(lock: Lock, markers: readonly string[], ports: LockPorts): Promise<void> {
  const now = await lockNow(ports.azure, lock.path)
  const isOurs = now !== undefined && isLoweredFrom(now, lock) && String(now.properties['notes']).includes(ports.run)
  if (isOurs) await putLock(ports.azure, lock)
  await strikeOff({ lock, how: 'remove', markers }, ports)
}
