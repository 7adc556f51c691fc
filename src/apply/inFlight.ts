import type { Step } from '../model/change.ts'
import { type ResourceId, resourceId, within } from '../model/id.ts'
import type { Lock } from '../model/resource.ts'
import { ended, operationWaitMs } from './goingOn.ts'
import { runningOperations } from './journal.ts'
import { tookEffect } from './lookAfter.ts'
import type { Executor } from './perform.ts'

/**
 * Waits, before a lock goes back, for what still goes on under it, or reaches it, although its step was given up: the lock would
 * make that fail half-way. A Delete lock stands in nobody's way who makes something. For {@link operationWaitMs} at most; then the
 * lock goes back all the same.
 *
 * @param unknown steps of which no answer says that they are over
 */
export async function nothingInFlight(
  lock: Lock,
  unknown: readonly Step[],
  { azure, journal }: Pick<Executor, 'azure' | 'journal'>,
  say: (what: string) => void
): Promise<void> {
  const written = unknown.flatMap(({ action }) =>
    action.do === 'update' || action.do === 'delete' || (action.do === 'create' && lock.level === 'ReadOnly') ? [action] : []
  )
  const under = written.filter(action => scopesOf(action).some(scope => within(scope, lock.scope)))
  const ids = new Set(under.map(subject))
  const known = runningOperations(await journal.read()).filter(({ path }) => {
    const id = resourceId(path)
    return ids.has(id) || (lock.level === 'ReadOnly' && within(id, lock.scope))
  })
  // What cannot be asked any more does not keep the lock off. Of an operation that is not known any more only a look tells.
  await Promise.allSettled(known.map(one => ended(one, { azure, say }, 'that was given up')))
  await Promise.allSettled(under.map(action => tookEffect(action, azure, say, operationWaitMs)))
}

type Written = Parameters<typeof tookEffect>[0]

const subject = (action: Written) => (action.do === 'delete' ? action.old.id : action.resource.id)

/** Where a write goes to, and where Azure goes for it. */
const scopesOf = (action: Written): readonly ResourceId[] => [
  subject(action),
  ...(action.do === 'delete' ? action.old.reach : action.resource.reach).map(({ scope }) => scope)
]
