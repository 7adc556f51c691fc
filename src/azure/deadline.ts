import type { Azure } from './azure.ts'
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

/** After the first interrupt: for how long what is in flight may go on, and how long an answer is waited for. */
export const interruptedMs = 10 * 60_000
const interruptedAnswerMs = 30_000

/** The least time for an answer: with less, the deadline would cut off answers that are on their way. */
const leastAnswerMs = 1_000

/** The time that one step has. */
export interface Given {
  /** Absent for a step that limits its own time. */
  readonly limit?: Limit | undefined
  /** From its abort on, an operation in flight has {@link interruptedMs} at most. */
  readonly interrupt?: AbortSignal | undefined
}

/** The time of one step, which its requests and its waits keep to. Outside of a step it has no end. */
export class Deadline {
  readonly #clock: Clock
  readonly #limit: Limit | undefined
  readonly #interrupt: AbortSignal | undefined
  readonly #from: number
  #interruptedAt: number | undefined
  /** The time for which Azure asked to be left alone, which is not the step's. */
  #pausedMs = 0
  #pauses = 0
  #pausedFrom = 0

  constructor(clock: Clock, { limit, interrupt }: Given = {}) {
    this.#clock = clock
    this.#limit = limit
    this.#interrupt = interrupt
    this.#from = clock.now()
  }

  /** Begins to listen to the interrupt. @returns an end to that */
  listen(): () => void {
    const stop = (): void => {
      this.#interruptedAt ??= this.#clock.now()
    }
    if (this.#interrupt?.aborted) stop()
    this.#interrupt?.addEventListener('abort', stop, { once: true })
    return () => this.#interrupt?.removeEventListener('abort', stop)
  }

  /** The rest of the step's time; `undefined` where it has no end. */
  leftMs(): number | undefined {
    if (this.#limit === undefined) return undefined
    const { ms } = this.#limit
    // Throttled for ever, a step would otherwise never end: it gets its time twice at most.
    const left = ms + Math.min(this.#paused(), ms) - (this.#clock.now() - this.#from)
    return this.#interruptedAt === undefined ? left : Math.min(left, interruptedMs - (this.#clock.now() - this.#interruptedAt))
  }

  #paused(): number {
    return this.#pausedMs + (this.#pauses > 0 ? this.#clock.now() - this.#pausedFrom : 0)
  }

  /** No time is left. */
  isOver(): boolean {
    return (this.leftMs() ?? 1) <= 0
  }

  /** As much of a wait as the step has time for. */
  atMost(ms: number): number {
    return Math.min(ms, Math.max(0, this.leftMs() ?? ms))
  }

  /** How long one answer may take, and when that becomes less. @param ms the time of an answer at most */
  answerLimit(ms: number): { readonly ms: number; readonly cut: (ended: AbortSignal) => Promise<number> } {
    const interrupt = this.#interrupt
    const usual = Math.max(leastAnswerMs, Math.min(ms, this.leftMs() ?? ms))
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

  /** Waits; after an interrupt no longer than the step may go on then. */
  async wait(ms: number, signal?: unknown): Promise<void> {
    const interrupt = this.#interrupt
    if (interrupt === undefined || interrupt.aborted) return delay(this.#clock, ms, signal)
    const from = this.#clock.now()
    const own = signal as AbortSignal | undefined
    try {
      await delay(this.#clock, ms, own ? AbortSignal.any([own, interrupt]) : interrupt)
    } catch (error) {
      if (own?.aborted || !interrupt.aborted) throw error
      const rest = ms - (this.#clock.now() - from)
      await delay(this.#clock, Math.max(0, Math.min(rest, this.leftMs() ?? rest)), signal)
    }
  }

  /** Leaves Azure alone for as long as it asked; the step's time stands still meanwhile. */
  async pause(askedMs: number, signal?: unknown): Promise<void> {
    if (this.#limit === undefined) return this.wait(askedMs, signal)
    const limitMs = this.#limit.ms
    // So long, time that stands still included, the step goes on at most.
    const ms = Math.max(0, Math.min(askedMs, (this.leftMs() ?? 0) + limitMs - Math.min(limitMs, this.#paused())))
    // Requests of one step may be put off side by side; that time counts once.
    if (this.#pauses === 0) this.#pausedFrom = this.#clock.now()
    this.#pauses += 1
    try {
      await this.wait(ms, signal)
    } finally {
      this.#pauses -= 1
      if (this.#pauses === 0) this.#pausedMs += this.#clock.now() - this.#pausedFrom
    }
  }

  /** The limit of a wait inside the step: where the file gives the step longer it means the wait, too. */
  waitLimitMs(limitMs: number): number {
    return Math.max(limitMs, (this.#limit?.declared ? this.leftMs() : undefined) ?? 0)
  }

  /** The way to give a step longer: a sentence, or nothing. */
  longer(): string {
    const key = this.#limit?.key
    return key === undefined || this.#interruptedAt !== undefined ? '' : ` Where it needs longer, raise ${key}.`
  }

  /** Without a status: it is our own limit, and Azure may still finish what was begun. */
  timedOut(what: string, ofMs: number): ArmError {
    const after =
      this.#interruptedAt === undefined ? `after ${spoken(this.#limit?.ms ?? ofMs)}` : `${spoken(interruptedMs)} after the interrupt`
    return new ArmError(0, { code: 'OperationTimedOut', message: `Not done ${after}: ${what}. Azure may still finish it.${this.longer()}` })
  }
}

/** Does the work of one step. Once its time is over, no request goes out any more through the facade that it is given, polls included. */
export async function timed<T>(azure: Azure, given: Given, work: (azure: Azure) => Promise<T>): Promise<T> {
  const deadline = new Deadline(azure.clock, given)
  const unheard = deadline.listen()
  try {
    return await work(azure.within({ deadline }))
  } finally {
    unheard()
  }
}

/** A length of time in words. */
export const spoken = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1_000)} s`)

interface Until extends Omit<Poll, 'clock' | 'limitMs'> {
  readonly azure: Pick<Azure, 'clock' | 'deadline'>
  readonly what: string
  readonly limitMs: number
}

/** Looks as `poll` does. @throws WaitTimedOut at the limit, with `what` for "Gave up waiting after 15 min: …" */
export async function until<T>(
  { azure: { clock, deadline }, what, limitMs, ...wait }: Until,
  look: () => Promise<T | undefined>
): Promise<T> {
  // Where the file gives less time than this wait, the deadline refuses the look.
  const untilMs = deadline.waitLimitMs(limitMs)
  const found = await poll({ ...wait, clock, limitMs: untilMs }, look)
  if (found === undefined)
    throw new WaitTimedOut(`Gave up waiting after ${Math.round(untilMs / 60_000)} min: ${what}${deadline.longer().replace(/^ /, '. ')}`)
  return found
}
