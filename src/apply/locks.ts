import type { Azure } from '../azure/azure.ts'
import { isNotFound } from '../azure/error.ts'
import { deleteLock, getLock, putLock } from '../azure/locks.ts'
import type { Action } from '../model/change.ts'
import { type Body, isBody } from '../model/json.ts'
import type { Lock } from '../model/resource.ts'
import { type Journal, type Owed, owedLocks } from './journal.ts'

export interface LockPorts {
  readonly azure: Azure
  readonly journal: Journal
}

const stamp = ({ azure }: LockPorts): string => new Date(azure.clock.now()).toISOString()

/** Someone else changed a lock between the plan and now: it is not ours to lift as planned. */
export class LockMoved extends Error {
  override readonly name = 'LockMoved'
}

/** By level, notes and owners: a list read through the SDK shows no more of a lock. */
const same = (a: Body, b: Body): boolean => textOf(a) === textOf(b)

const textOf = ({ level, notes, owners }: Body): string => {
  const ids = Array.isArray(owners) ? owners.map(one => (isBody(one) ? String(one['applicationId']).toLowerCase() : '')).sort() : []
  return [String(level), ...(notes ? [JSON.stringify(notes)] : []), ...(ids.length > 0 ? [`owners ${ids.join(', ')}`] : [])].join(', ')
}

const lowered = ({ properties }: Lock): Body => ({ ...properties, level: 'CanNotDelete' })

const lockNow = (azure: Azure, path: string): Promise<Lock | undefined> =>
  getLock(azure, path).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })

/**
 * Takes a lock off, or lowers it, after the journal has it on the disk. Read again just before: what goes into the
 * journal is what is there now. @throws LockMoved when it is not what the plan showed.
 */
export async function unlock({ lock, how }: Extract<Action, { do: 'unlock' }>, ports: LockPorts): Promise<void> {
  const { azure, journal } = ports
  const now = await lockNow(azure, lock.path)
  if (now === undefined) throw new LockMoved(`The lock ${lock.path} is gone since the plan was made. Plan again.`)
  if (!same(now.properties, lock.properties)) throw new LockMoved(`The lock ${lock.path} was changed since the plan was made. Plan again.`)
  await journal.append({ type: 'unlocking', lock, how, at: stamp(ports) })
  if (how === 'remove') await deleteLock(azure, lock)
  else await putLock(azure, { path: lock.path, properties: lowered(lock) })
}

/**
 * Puts a lock back and proves by a read that it is there, whole, before the journal forgets it.
 * @throws LockMoved when somebody changed it while it was off: theirs is not overwritten.
 */
export async function relock(lock: Lock, debt: Owed, ports: LockPorts): Promise<void> {
  const now = await lockNow(ports.azure, lock.path)
  // An unlock whose answer was lost may not have happened: then it is as it was.
  const expected = [lock.properties, debt.lock.properties, ...(debt.how === 'lower' ? [lowered(debt.lock)] : [])]
  if (now !== undefined && !expected.some(one => same(now.properties, one)))
    throw new LockMoved(
      `The lock ${lock.path} was changed by somebody while it was lifted: it was ${textOf(debt.lock.properties)} and is ${textOf(now.properties)}. It is not overwritten. Delete it to have the old one put back by \`pglink locks restore\`; to keep it as it is, move ${ports.journal.place} away.`
    )
  await putLock(ports.azure, lock)
  const there = await getLock(ports.azure, lock.path)
  if (!same(there.properties, lock.properties))
    throw new LockMoved(`The lock ${lock.path} reads ${textOf(there.properties)} after it was put back as ${textOf(lock.properties)}.`)
  await ports.journal.append({ type: 'relocked', lock: { path: lock.path }, at: stamp(ports) })
}

/** What it was on is gone for good: the debt goes with it. */
export async function forget(lock: Lock, ports: LockPorts): Promise<void> {
  await ports.journal.append({ type: 'relocked', lock: { path: lock.path }, at: stamp(ports) })
}

export const owed = async (journal: Journal): Promise<readonly Owed[]> => owedLocks(await journal.read())

export interface Restored {
  readonly lock: Lock
  readonly outcome: 'restored' | 'already there' | 'scope is gone' | 'failed'
  readonly error?: Error
}

/**
 * Puts back every lock the journal says was lifted. One that is there again, as it was, is only struck off; one whose
 * scope is gone has nothing to protect. Goes on after a failure, so that one lock does not keep the others off.
 */
export async function restoreLocks(ports: LockPorts): Promise<readonly Restored[]> {
  const results: Restored[] = []
  for (const debt of await owed(ports.journal)) {
    const { lock } = debt
    try {
      const now = await lockNow(ports.azure, lock.path)
      if (now !== undefined && same(now.properties, lock.properties)) {
        await forget(lock, ports)
        results.push({ lock, outcome: 'already there' })
        continue
      }
      await relock(lock, debt, ports)
      results.push({ lock, outcome: 'restored' })
    } catch (error) {
      results.push(await failedOrGone(lock, error as Error, ports))
    }
  }
  return results
}

/** A 404 on a PUT of a lock means that what it lay on is not there. */
async function failedOrGone(lock: Lock, error: Error, ports: LockPorts): Promise<Restored> {
  if (!isNotFound(error)) return { lock, outcome: 'failed', error }
  // Not forgotten: a run that died between a delete and the create that follows it leaves just this behind.
  await ports.journal.append({ type: 'scope-gone', lock: { path: lock.path }, at: stamp(ports) })
  return { lock, outcome: 'scope is gone' }
}

const needed = ['Microsoft.Authorization/locks/delete', 'Microsoft.Authorization/locks/write']

interface Permissions {
  readonly value?: readonly { readonly actions?: readonly string[]; readonly notActions?: readonly string[] }[]
}

/** The rights on locks that the caller lacks on these scopes, as sentences: asked before the first lock is lifted. */
export async function missingLockRights(azure: Azure, locks: readonly Lock[]): Promise<string[]> {
  const missing: string[] = []
  for (const { path, scope } of locks) {
    const at = path.slice(0, path.toLowerCase().lastIndexOf('/providers/microsoft.authorization/locks/'))
    const { value = [] } = (await azure.send({
      method: 'GET',
      path: `${at}/providers/Microsoft.Authorization/permissions`,
      apiVersion: '2022-04-01'
    })) as Permissions
    const may = (action: string): boolean =>
      value.some(({ actions = [], notActions = [] }) => matches(actions, action) && !matches(notActions, action))
    missing.push(...needed.filter(action => !may(action)).map(action => `${action} on ${scope}`))
  }
  return [...new Set(missing)]
}

const matches = (patterns: readonly string[], action: string): boolean =>
  patterns.some(pattern => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 'i').test(action))

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
