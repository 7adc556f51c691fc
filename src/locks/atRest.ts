import type { Azure } from '../azure/azure.ts'
import { ArmError } from '../azure/error.ts'
import { poll } from '../azure/poll.ts'
import { kindOf, kindOfType } from '../kinds/index.ts'
import { scopePathOf, typeOf } from '../model/id.ts'
import type { Found, Lock, Observed } from '../model/resource.ts'
import type { Running } from './journal.ts'
import type { LockPorts } from './restore.ts'

type Waiting = Pick<LockPorts, 'azure' | 'say' | 'signal'>

/**
 * Waits for the end of an operation that a run left behind, or that stands in the way. The next read tells how it ended. Gives a sign of
 * life at once, and every half minute.
 *
 * @param begunBy such as "that an earlier run began", to follow the operation in a message
 * @param forMs after which we give up
 * @returns whether it is over; `false` also where Azure does not say
 */
export async function operationEnded(
  { path, url }: Running,
  { azure, say, signal }: Waiting,
  begunBy: string,
  forMs: number
): Promise<boolean> {
  const told = (): void => say?.(`the operation on ${path} ${begunBy}`)
  const over = await poll({ clock: azure.clock, limitMs: forMs, signal, say: told }, () => endSeen(url, azure, signal))
  return over ?? false
}

/** Asks once, and waits for nothing. `false` also where Azure does not tell. */
export const isEnded = ({ url }: Running, azure: Azure): Promise<boolean> =>
  endSeen(url, azure).then(
    ended => ended ?? false,
    () => false
  )

/** `undefined` while it is in flight; `false` where Azure only keeps us from asking, which is no end of it. */
async function endSeen(url: string, azure: Azure, signal?: AbortSignal): Promise<boolean | undefined> {
  try {
    return (await azure.isInFlight(url, signal)) ? undefined : true
  } catch (error) {
    if (!(error instanceof ArmError) || error.status === 0) throw error
    // It failed, or is not known any more.
    return error.status < 400 || error.status === 404 || error.status === 410
  }
}

export interface Busy {
  readonly found: Pick<Found, 'kind' | 'path'>
  readonly limitMs: number
}

/**
 * Waits until Azure has done what an earlier run or a person began: before that we cannot tell what is there.
 *
 * @param say a sign of life: at once, and every half minute
 * @param stands whether the work of Azure on a resource stands in the way
 * @returns the resources that Azure still works on when their time is over
 */
export async function atRest<One extends Busy>(
  busy: readonly One[],
  { azure, signal }: Pick<Waiting, 'azure' | 'signal'>,
  say: (one: One, state: string, elapsedMs: number) => void,
  stands: (observed: Observed, one: One) => boolean = (observed, { found }) => kindOf(found).motion(observed) !== 'at rest'
): Promise<readonly One[]> {
  const { clock } = azure
  const from = clock.now()
  const still: One[] = []
  for (const one of busy) {
    const { kind, path } = one.found
    let state = ''
    const over = await poll(
      {
        clock,
        // All have one limit, since Azure works on them side by side.
        limitMs: Math.max(0, one.limitMs - (clock.now() - from)),
        signal,
        say: () => say(one, state, clock.now() - from)
      },
      async () => {
        // A resource that cannot be read is left to the plan, which says so.
        const { observed } = await kindOf({ kind })
          .observe(azure, path)
          .catch(() => ({ observed: undefined }))
        if (observed === undefined || !stands(observed, one)) return true
        state = observed.state === 'present' ? (observed.facts.state ?? '') : ''
        return undefined
      }
    )
    if (over === undefined) still.push(one)
  }
  return still
}

/** Longer than any deletion that was recorded [CORPUS]. */
const deletedMs = 30 * 60_000

/**
 * Waits while Azure deletes the scope of a lock, for a run that died: a lock that we restored meanwhile would go with its scope, and no run
 * would know any more that it is owed.
 */
export async function notBeingDeleted({ path }: Pick<Lock, 'path'>, { azure, say, signal }: LockPorts): Promise<void> {
  const scope = scopePathOf(path)
  const kind = kindOfType.get(typeOf(scope))
  const told = (): void => say?.(`the end of ${scope}, which an earlier run began to delete`)
  await poll({ clock: azure.clock, limitMs: deletedMs, signal, say: told }, async () => {
    // Where it cannot be read, the lock is tried all the same.
    const observed = await kind?.observe(azure, scope).then(
      read => read.observed,
      () => undefined
    )
    return kind?.motion(observed) === 'being deleted' ? undefined : true
  })
}
