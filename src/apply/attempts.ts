import type { Azure } from '../azure/azure.ts'
import type { Limit } from '../azure/deadline.ts'
import { StrayRequest } from '../azure/error.ts'
import { limitMs } from '../azure/operation.ts'
import { again, delay, growingMs } from '../azure/poll.ts'
import { againAfter, type Passes } from '../azure/retryRules.ts'
import { isOtherLockOn, operationEnded } from '../locks/index.ts'
import { isWrite, type Plan, type Step } from '../model/change.ts'
import type { Around } from './perform.ts'
import { closesAt } from './ready.ts'
import type { Run } from './run.ts'
import { writtenBy } from './writtenBy.ts'

/** For how long we follow an operation of others that stands in the way. */
const followMs = 15 * 60_000

interface Attempts extends Pick<Around, 'say' | 'retried' | 'signal'> {
  readonly azure: Azure
  readonly step: Step
  readonly run: Run
}

interface Wait extends Passes {
  readonly ms: number
}

/** Does a step, and again for as long as what Azure says means "not now". @throws what stands */
export async function attempted<T>(work: () => Promise<T>, attempts: Attempts): Promise<T> {
  const { azure, step, run, retried, signal } = attempts
  const { lifts, lifted, liftedAt } = run
  const { deadline } = azure
  const path = writtenBy(step.action) ?? ''
  const isOver = (): boolean => signal?.aborted === true || deadline.isOver()
  let wait: Wait | undefined
  const after = async (error: unknown, tries: number): Promise<number | undefined> => {
    const passes = againAfter(error, path, lifted)
    // After an interrupt we do not send a refused request anew: that would begin a new write.
    if (passes === undefined || tries >= passes.triesMax || isOver()) return undefined
    // Nothing is sent anew once the locks that are off for it have been off for as long as they may.
    const ms = passes.askedMs ?? growingMs(tries)
    if (azure.clock.now() + ms > closesAt(step, run)) return undefined
    if (passes.enforced && (await isOtherLockOn(passes.enforced, step.action, { azure, lifts, liftedAt }))) return undefined
    retried(error as Error, ms)
    wait = { ...passes, ms }
    return ms
  }
  const sleep = async (): Promise<void> => wait && waited(wait, path, attempts)
  // We report the refusal, and not that the wait was interrupted.
  return again({ clock: azure.clock, after, sleep, interrupted: 'try', isOver }, work)
}

async function waited({ ms, askedMs, follow }: Wait, path: string, { azure, signal, say }: Attempts): Promise<void> {
  if (follow !== undefined) {
    try {
      await operationEnded({ path, url: follow }, { azure, say, signal }, 'that another program or person began', followMs)
      return
    } catch (error) {
      // We ask no address outside of Azure.
      if (!(error instanceof StrayRequest)) throw error
    }
  }
  await (askedMs !== undefined ? azure.deadline.pause(ms, signal) : delay(azure.clock, azure.deadline.atMost(ms), signal))
}

/** For how long a step may go on; `undefined` for a step that limits its own time. */
export function limitOf({ action }: Step, { changes }: Plan): Limit | undefined {
  if (!isWrite(action)) return undefined
  const resource =
    action.do === 'delete'
      ? changes.flatMap(change => (change.op === 'replace' && change.old.id === action.old.id ? [change.resource] : []))[0]
      : action.resource
  const ms = resource?.limitsMs?.[action.do]
  return {
    ms: ms ?? limitMs,
    declared: ms !== undefined,
    // A resource that left the file has no entry in which the user could give it longer.
    key: resource && `timeouts.${action.do} of ${resource.address}`
  }
}
