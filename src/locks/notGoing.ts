import { poll } from '../azure/poll.ts'
import { kinds } from '../kinds/index.ts'
import { scopePathOf, typeOf } from '../model/id.ts'
import type { Lock } from '../model/resource.ts'
import type { LockPorts } from './restore.ts'

const lookEveryMs = 10_000
/** Longer than any deletion that was recorded [CORPUS]. */
const limitMs = 30 * 60_000

/** The state of a resource that is being deleted: PostgreSQL has a word of its own [CORPUS]. */
const isGoing = /^(deleting|dropping)$/i

/**
 * Waits while what a lock is on is being deleted, as a run that died may have left it: a lock put on it would go with it, and
 * nobody would know any more that it is owed.
 */
export async function notGoing({ path }: Pick<Lock, 'path'>, { azure, say, signal }: LockPorts): Promise<void> {
  const scope = scopePathOf(path)
  const kind = kinds.find(({ type }) => type.toLowerCase() === typeOf(scope))
  const told = (): void => say?.(`the end of ${scope}, which an earlier run began to delete`)
  await poll({ clock: azure.clock, everyMs: lookEveryMs, limitMs, signal, say: told }, async () => {
    // Where it cannot be read, the lock is tried all the same.
    const observed = await kind?.observe(azure, scope).then(
      read => read.observed,
      () => undefined
    )
    return observed?.state === 'present' && isGoing.test(observed.facts.state ?? '') ? undefined : true
  })
}
