import { AsyncLocalStorage } from 'node:async_hooks'
import { ArmError, WaitTimedOut } from './error.ts'
import type { Clock } from './operation.ts'
import { delay, type Poll, poll } from './poll.ts'

/** For how long one step may go on. */
export interface Limit {
  readonly ms: number
  /** The file says so: then it also holds in place of the limits that waits have of themselves. */
  readonly declared: boolean
  /** The setting of the file for a longer one, such as "timeouts.create of servers/orders"; `undefined` where it has none. */
  readonly key: string | undefined
}

interface Deadline extends Partial<Limit> {
  readonly clock: Clock
  readonly from: number
  /** From its abort on what is in flight has {@link interruptedMs} at most. */
  readonly interrupt: AbortSignal | undefined
  interruptedAt?: number
  /** The time for which Azure asked to be left alone, which is not the step's. */
  pausedMs: number
  pauses: number
  pausedFrom: number
}

/** The deadline of the step that the code runs in: the SDKs and the kinds between a step and its requests need not know of it. */
const current = new AsyncLocalStorage<Deadline>()

/** After the first interrupt: for how long what is in flight may go on, and how long an answer is waited for. */
export const interruptedMs = 10 * 60_000
const interruptedAnswerMs = 30_000

/** The time that one step has. */
export interface Given {
  /** Absent for one that keeps time by itself. */
  readonly limit?: Limit | undefined
  readonly interrupt?: AbortSignal | undefined
}

/** Does the work of one step. Once its time is over no request of it goes out any more, polls of its operation included. */
export async function timed<T>(clock: Clock, { limit, interrupt }: Given, work: () => Promise<T>): Promise<T> {
  const deadline: Deadline = { ...limit, interrupt, clock, from: clock.now(), pausedMs: 0, pauses: 0, pausedFrom: 0 }
  const stop = (): void => {
    deadline.interruptedAt ??= clock.now()
  }
  if (interrupt?.aborted) stop()
  interrupt?.addEventListener('abort', stop, { once: true })
  try {
    return await current.run(deadline, work)
  } finally {
    interrupt?.removeEventListener('abort', stop)
  }
}

/** The rest of the step's time; `undefined` where it has no end. */
export function leftMs(): number | undefined {
  const deadline = current.getStore()
  if (deadline?.ms === undefined) return undefined
  const { clock, ms, from, interruptedAt } = deadline
  // Throttled for ever, a step would otherwise never end: it gets its time twice at most.
  const left = ms + Math.min(pausedIn(deadline), ms) - (clock.now() - from)
  return interruptedAt === undefined ? left : Math.min(left, interruptedMs - (clock.now() - interruptedAt))
}

const pausedIn = ({ clock, pausedMs, pauses, pausedFrom }: Deadline): number => pausedMs + (pauses > 0 ? clock.now() - pausedFrom : 0)

/** Below this a deadline would meet answers that are on their way. */
const leastAnswerMs = 1_000

/** How long one answer may take, and when that becomes less. @param ms the time of an answer at most */
export function answerLimit(ms: number): { readonly ms: number; readonly cut: (ended: AbortSignal) => Promise<number> } {
  const deadline = current.getStore()
  const { interrupt } = deadline ?? {}
  const usual = Math.max(leastAnswerMs, Math.min(ms, leftMs() ?? ms))
  return {
    ms: interrupt?.aborted ? Math.min(usual, interruptedAnswerMs) : usual,
    cut: ended =>
      new Promise(resolve => {
        if (interrupt === undefined || interrupt.aborted) return
        const cut = (): void => resolve(Math.min(usual, interruptedAnswerMs))
        interrupt.addEventListener('abort', cut, { once: true })
        ended.addEventListener('abort', () => interrupt.removeEventListener('abort', cut), { once: true })
      })
  }
}

/** The rest of the step's time, where the file says how long. */
const declaredLeftMs = (): number | undefined => (current.getStore()?.declared ? leftMs() : undefined)

/** Waits; after an interrupt no longer than the step may go on then. */
export async function patience(clock: Clock, ms: number, signal?: unknown): Promise<void> {
  const interrupt = current.getStore()?.interrupt
  if (interrupt === undefined || interrupt.aborted) return delay(clock, ms, signal)
  const from = clock.now()
  const own = signal as AbortSignal | undefined
  try {
    await delay(clock, ms, own ? AbortSignal.any([own, interrupt]) : interrupt)
  } catch (error) {
    if (own?.aborted || !interrupt.aborted) throw error
    const rest = ms - (clock.now() - from)
    await delay(clock, Math.max(0, Math.min(rest, leftMs() ?? rest)), signal)
  }
}

/** Leaves Azure alone for as long as it asked; the step's time stands still meanwhile. */
export async function pause(clock: Clock, askedMs: number, signal?: unknown): Promise<void> {
  const deadline = current.getStore()
  if (deadline?.ms === undefined) return patience(clock, askedMs, signal)
  // So long, time that stands still included, the step goes on at most.
  const ms = Math.max(0, Math.min(askedMs, (leftMs() ?? 0) + deadline.ms - Math.min(deadline.ms, pausedIn(deadline))))
  // Requests of one step may be put off side by side; that time counts once.
  if (deadline.pauses === 0) deadline.pausedFrom = clock.now()
  deadline.pauses += 1
  try {
    await patience(clock, ms, signal)
  } finally {
    deadline.pauses -= 1
    if (deadline.pauses === 0) deadline.pausedMs += clock.now() - deadline.pausedFrom
  }
}

/** The way to give a step longer: a sentence, or nothing. */
function longer(): string {
  const { key, interruptedAt } = current.getStore() ?? {}
  return key === undefined || interruptedAt !== undefined ? '' : ` Where it needs longer, raise ${key}.`
}

/** Without a status: it is our own limit, and Azure may still finish what was begun. */
export function timedOut(what: string, ofMs: number): ArmError {
  const { interruptedAt, ms = ofMs } = current.getStore() ?? {}
  const after = interruptedAt === undefined ? `after ${spoken(ms)}` : `${spoken(interruptedMs)} after the interrupt`
  return new ArmError(0, { code: 'OperationTimedOut', message: `Not done ${after}: ${what}. Azure may still finish it.${longer()}` })
}

export const spoken = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1_000)} s`)

/** Looks as `poll` does. @throws WaitTimedOut at the limit, with `what` for "Gave up waiting after 15 min: …" */
export async function until<T>(
  { what, limitMs, ...wait }: Poll & { readonly what: string; readonly limitMs: number },
  look: () => Promise<T | undefined>
): Promise<T> {
  // Where the file gives the step longer it means this, too; where it gives less, the look is what is refused.
  const untilMs = Math.max(limitMs, declaredLeftMs() ?? 0)
  const found = await poll({ ...wait, limitMs: untilMs }, look)
  if (found === undefined)
    throw new WaitTimedOut(`Gave up waiting after ${Math.round(untilMs / 60_000)} min: ${what}${longer().replace(/^ /, '. ')}`)
  return found
}
