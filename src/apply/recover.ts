import { ArmError, isNotFound } from '../azure/error.ts'
import { type ResourceId, resourceId, within } from '../model/id.ts'
import type { Remembered } from '../model/memory.ts'
import type { Lock } from '../model/resource.ts'
import type { Journal, Owed, Running } from './journal.ts'
import { lockNow } from './lockBody.ts'
import { notGoing } from './notGoing.ts'
import { type Debt, debtFrom, type LockPorts, relock, stamp, standsAs, strikeOff } from './relock.ts'
import { isOver, turn } from './unlock.ts'

export interface Restored {
  readonly lock: Lock
  readonly outcome: 'restored' | 'already there' | 'kept' | 'scope is gone' | 'failed'
  readonly error?: Error
}

/** What is owed, from both memories, and what is still going on. */
export interface Debts {
  readonly owed: readonly Owed[]
  readonly remembered: readonly Remembered[]
  readonly running: readonly Running[]
  /** Paths of locks that a person changed meanwhile and wants as they are now. */
  readonly keep: readonly string[]
  /** Also those whose run may still be at it on another machine. */
  readonly atOnce: boolean
}

/** How long a lock waits for an operation that was left running under it: a ReadOnly lock would make that fail half-way. */
export const operationWaitMs = 15 * 60_000

/**
 * Puts back every lock that is owed. One that is there again, as it was, is only struck off; one whose scope is gone has
 * nothing to protect. A lock that a run elsewhere still has off is waited for. Goes on after a failure, so that one lock
 * does not keep the others off.
 */
export async function restoreLocks(debts: Debts, ports: LockPorts): Promise<readonly Restored[]> {
  const results: Restored[] = []
  const kept = new Set(debts.keep.map(path => resourceId(path)))
  for (const debt of joined(debts)) {
    const { lock } = debt
    try {
      if (kept.has(resourceId(lock.path))) {
        await strikeOff(debt, ports)
        results.push({ lock, outcome: 'kept' })
      } else if (debt.elsewhere !== undefined && !debts.atOnce && !isOver(debt.elsewhere, ports)) {
        await turn(debt.elsewhere, ports)
        results.push({ lock, outcome: 'restored' })
      } else results.push({ lock, outcome: await restored(debt, debts.running, ports) })
    } catch (error) {
      results.push(await failedOrGone(debt, error as Error, ports))
    }
  }
  return results
}

interface Joined extends Debt {
  /** Known from Azure alone: another machine's, or one whose journal is lost. */
  readonly elsewhere?: Remembered
}

/** The journal knows best; what Azure remembers beside it adds its markers. */
function joined({ owed, remembered }: Debts): readonly Joined[] {
  const all = new Map<ResourceId, Joined>(owed.map(({ lock, how, markers }) => [resourceId(lock.path), { lock, how, markers }]))
  for (const one of remembered) {
    const id = resourceId(one.lock.path)
    const known = all.get(id)
    const debt = debtFrom(one)
    all.set(id, known ? { ...known, markers: [...new Set([...known.markers, ...debt.markers])] } : { ...debt, elsewhere: one })
  }
  return [...all.values()]
}

async function restored(debt: Debt, running: readonly Running[], ports: LockPorts): Promise<'restored' | 'already there'> {
  const { lock } = debt
  if (lock.level === 'ReadOnly')
    for (const one of running.filter(({ path }) => within(resourceId(path), lock.scope))) await ended(one, ports)
  await notGoing(lock, ports)
  const now = await lockNow(ports.azure, lock.path)
  if (now !== undefined && standsAs(now, lock, ports)) {
    await strikeOff(debt, ports)
    return 'already there'
  }
  await relock(lock, debt, ports)
  return 'restored'
}

/** Waits for an operation that a run left behind; how it ended is for the next read to tell. Gives up after {@link operationWaitMs}. */
export async function ended(
  { path, url }: Running,
  { azure, say, signal }: Pick<LockPorts, 'azure' | 'say' | 'signal'>,
  whose = 'that an earlier run began'
): Promise<void> {
  for (const from = azure.clock.now(); azure.clock.now() - from < operationWaitMs; ) {
    try {
      if (!(await azure.goesOn(url, signal))) return
    } catch (error) {
      // It failed, or is not known any more: over, either way.
      if (error instanceof ArmError && error.status !== 0) return
      throw error
    }
    say?.(`the operation on ${path} ${whose}`)
    await azure.clock.sleep(1_000, signal)
  }
}

/** A 404 on a PUT of a lock means that what it lay on is not there. */
async function failedOrGone(debt: Joined, error: Error, ports: LockPorts): Promise<Restored> {
  const { lock, how, markers, elsewhere } = debt
  if (!isNotFound(error)) return { lock, outcome: 'failed', error }
  // Not forgotten: a run that died between a delete and the create that follows it leaves just this behind.
  // The step that makes it again asks this machine's journal what is owed, where a lost disk left nothing of it.
  if (elsewhere !== undefined)
    await ports.journal.append({ type: 'unlocking', lock, how, lease: elsewhere.lease, markers, at: stamp(ports) })
  await ports.journal.append({ type: 'scope-gone', lock: { path: lock.path }, at: stamp(ports) })
  return { lock, outcome: 'scope is gone' }
}

/** Several journals as one: what is said of a lock goes where it is owed. */
export function journalsAsOne(journals: readonly Journal[], fallback: Journal): Journal {
  const owing = async (path: string): Promise<Journal> => {
    for (const journal of journals)
      if ((await journal.read()).some(entry => entry.type === 'unlocking' && entry.lock.path === path)) return journal
    return fallback
  }
  return {
    place: fallback.place,
    append: async entry => ('lock' in entry ? await owing(entry.lock.path) : fallback).append(entry),
    read: async () => (await Promise.all(journals.map(journal => journal.read()))).flat()
  }
}
