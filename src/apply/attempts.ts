import type { Azure } from '../azure/azure.ts'
import type { Limit } from '../azure/deadline.ts'
import { StrayRequest } from '../azure/error.ts'
import { limitMs } from '../azure/operation.ts'
import { again, delay } from '../azure/poll.ts'
import { againAfter, type Passes } from '../azure/retryRules.ts'
import { operationEnded } from '../locks/index.ts'
import { isWrite, type Plan, type Step } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'

/** For how long we follow an operation of others that stands in the way. */
const followMs = 15 * 60_000

export interface Attempts {
  readonly azure: Azure
  /** The path that is written to. */
  readonly path: string
  /** Scopes whose lock this run has off. */
  readonly lifted: ReadonlySet<ResourceId>
  /** When the locks that are off for this have been off for as long as they may: nothing is sent anew after that. */
  readonly closesAt: () => number
  /** Whether another lock than those that were lifted is on these scopes. */
  readonly isOtherLockOn: (scopes: readonly ResourceId[]) => Promise<boolean>
  readonly signal: AbortSignal | undefined
  readonly say: (what: string) => void
  readonly retried: (error: Error, inMs: number) => void
}

/** Does it, and again for as long as what Azure says means "not now". @throws what stands */
export async function attempted<T>(work: () => Promise<T>, attempts: Attempts): Promise<T> {
  const { azure, path, lifted, retried, closesAt, isOtherLockOn, signal } = attempts
  const { deadline } = azure
  const isOver = (): boolean => signal?.aborted === true || deadline.isOver()
  let passes: Passes | undefined
  const after = async (error: unknown, tries: number): Promise<number | undefined> => {
    passes = againAfter(error, path, lifted)
    // A refused request is not sent anew after an interrupt: that would be something new.
    if (passes === undefined || tries >= passes.triesMax || isOver()) return undefined
    if (azure.clock.now() + passes.ms > closesAt() || (passes.enforced && (await isOtherLockOn(passes.enforced)))) return undefined
    retried(error as Error, passes.ms)
    return passes.ms
  }
  const sleep = async (): Promise<void> => passes && waited(passes, attempts)
  // The refusal is what there is to say: not that a wait was broken off.
  return again({ clock: azure.clock, after, sleep, interrupted: 'try', isOver }, work)
}

async function waited({ ms, asked, follow }: Passes, { azure, path, signal, say }: Attempts): Promise<void> {
  if (follow !== undefined) {
    try {
      await operationEnded({ path, url: follow }, { azure, say, signal }, 'that somebody else began', followMs)
      return
    } catch (error) {
      // An address that is not Azure's is not asked.
      if (!(error instanceof StrayRequest)) throw error
    }
  }
  await (asked ? azure.deadline.pause(ms, signal) : delay(azure.clock, azure.deadline.atMost(ms), signal))
}

/** For how long a step may go on; `undefined` for one that keeps time by itself. */
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
    // A resource that has left the file has no entry there that could say more.
    key: resource && `timeouts.${action.do} of ${resource.address}`
  }
}
