import { AsyncLocalStorage } from 'node:async_hooks'
import { ArmError } from './error.ts'
import type { Clock } from './operation.ts'

/** For how long one step may go on. */
export interface Limit {
  readonly ms: number
  /** The file says so: then it also holds in place of the limits that waits have of themselves. */
  readonly declared: boolean
  /** The setting of the file for a longer one, such as "timeouts.create of servers/orders"; `undefined` where it has none. */
  readonly key: string | undefined
}

interface Deadline extends Limit {
  readonly clock: Clock
  readonly from: number
  /** The time for which Azure asked to be left alone, which is not the step's. */
  pausedMs: number
  pauses: number
  pausedFrom: number
}

/** The deadline of the step that the code runs in: the SDKs and the kinds between a step and its requests need not know of it. */
const current = new AsyncLocalStorage<Deadline>()

/** Does the work of one step. Once its time is over no request of it goes out any more, polls of its operation included. */
export const timed = <T>(clock: Clock, limit: Limit, work: () => Promise<T>): Promise<T> =>
  current.run({ ...limit, clock, from: clock.now(), pausedMs: 0, pauses: 0, pausedFrom: 0 }, work)

/** The rest of the step's time; `undefined` outside of one. */
export function leftMs(): number | undefined {
  const deadline = current.getStore()
  if (deadline === undefined) return undefined
  const { clock, ms, from, pausedMs, pauses, pausedFrom } = deadline
  const paused = pausedMs + (pauses > 0 ? clock.now() - pausedFrom : 0)
  // Throttled for ever, a step would otherwise never end: it gets its time twice at most.
  return ms + Math.min(paused, ms) - (clock.now() - from)
}

/** The rest of the step's time, where the file says how long. */
export const declaredLeftMs = (): number | undefined => (current.getStore()?.declared ? leftMs() : undefined)

/** Leaves Azure alone for as long as it asked; the step's time stands still meanwhile. */
export async function pause(clock: Clock, ms: number, signal?: unknown): Promise<void> {
  const deadline = current.getStore()
  if (deadline === undefined) return clock.sleep(ms, signal)
  // Requests of one step may be put off side by side; that time counts once.
  if (deadline.pauses === 0) deadline.pausedFrom = clock.now()
  deadline.pauses += 1
  try {
    await clock.sleep(ms, signal)
  } finally {
    deadline.pauses -= 1
    if (deadline.pauses === 0) deadline.pausedMs += clock.now() - deadline.pausedFrom
  }
}

/** The way to give a step longer: a sentence, or nothing. */
export function longer(): string {
  const key = current.getStore()?.key
  return key === undefined ? '' : ` Where it needs longer, raise ${key}.`
}

/** Without a status: it is our own limit, and Azure may still finish what was begun. */
export const timedOut = (what: string, ofMs: number): ArmError =>
  new ArmError(0, { code: 'OperationTimedOut', message: `Not done after ${spoken(ofMs)}: ${what}. Azure may still finish it.${longer()}` })

/** How long the step was given. */
export const limitOfStepMs = (): number | undefined => current.getStore()?.ms

const spoken = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1_000)} s`)
