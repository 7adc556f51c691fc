import type { Step } from '../model/change.ts'
import { resourceId, within } from '../model/id.ts'
import type { Lock } from '../model/resource.ts'
import { ended, operationWaitMs } from './goingOn.ts'
import { runningOperations } from './journal.ts'
import { tookEffect } from './lookAfter.ts'
import type { Executor } from './perform.ts'

/**
 * Waits, before a ReadOnly lock goes back, for what still goes on under it although its step was given up: the lock would make
 * that fail half-way. For {@link operationWaitMs} at most; then the lock goes back all the same.
 *
 * @param unknown steps of which no answer says that they are over
 */
export async function nothingInFlight(
  { scope, level }: Lock,
  unknown: readonly Step[],
  { azure, journal }: Pick<Executor, 'azure' | 'journal'>,
  say: (what: string) => void
): Promise<void> {
  if (level !== 'ReadOnly') return
  const written = unknown.flatMap(({ action }) =>
    action.do === 'create' || action.do === 'update' || action.do === 'delete' ? [action] : []
  )
  const known = runningOperations(await journal.read()).filter(({ path }) => within(resourceId(path), scope))
  const paths = new Set(known.map(({ path }) => resourceId(path)))
  const waits = [
    ...known.map(one => ended(one, { azure, say }, 'that was given up')),
    ...written
      .filter(action => within(subject(action), scope) && !paths.has(subject(action)))
      .map(action => tookEffect(action, azure, say, operationWaitMs))
  ]
  // What cannot be asked any more does not keep the lock off.
  await Promise.allSettled(waits)
}

const subject = (action: Parameters<typeof tookEffect>[0]) => (action.do === 'delete' ? action.old.id : action.resource.id)
