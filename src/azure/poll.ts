import type { Clock } from './operation.ts'

/* The one file that waits for Azure: everything that looks or tries again does it through `poll` or `again`. */

export interface Poll {
  readonly clock: Clock
  /** Between two looks, as {@link growingMs} unless it is said: told how many looks there were. */
  readonly everyMs?: (looks: number) => number
  /** From the first look on. Without one we look until there is an answer, or `signal` ends it. */
  readonly limitMs?: number
  /** Ends the wait early: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** A sign of life: before the first wait, and every half minute. */
  readonly say?: ((elapsedMs: number) => void) | undefined
}

const heartbeatMs = 30_000

const growing = [1_000, 2_000, 4_000, 8_000]
const grownMs = 15_000

/** The wait after so many looks, where Azure does not say how long it takes: short at first, and longer and longer. */
export const growingMs = (looks: number): number => growing[looks - 1] ?? grownMs

/**
 * Looks until there is an answer, for the last time at the limit.
 *
 * @param look gives the answer, or `undefined` while there is none. It is told how long we have waited, in milliseconds, and how often it has looked
 * @returns `undefined` at the limit
 */
export async function poll<T>(
  { clock, everyMs = growingMs, limitMs = Number.POSITIVE_INFINITY, signal, say }: Poll,
  look: (elapsedMs: number, looks: number) => Promise<T | undefined>
): Promise<T | undefined> {
  const from = clock.now()
  let saidAt = Number.NEGATIVE_INFINITY
  for (let looks = 1; ; looks += 1) {
    const found = await look(clock.now() - from, looks)
    if (found !== undefined) return found
    const elapsedMs = clock.now() - from
    if (elapsedMs >= limitMs) return undefined
    if (elapsedMs - saidAt >= heartbeatMs) {
      saidAt = elapsedMs
      say?.(elapsedMs)
    }
    await clock.sleep(Math.min(everyMs(looks), limitMs - elapsedMs), signal)
  }
}

export interface Again {
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  /** For how long to wait before the next try. `undefined`: no other try helps, and the error stands. */
  readonly after: (error: unknown, tries: number, elapsedMs: number) => number | undefined | Promise<number | undefined>
  /** An interrupt of a wait is followed by one more try, or by the error that we waited after; else by the reason of the signal. */
  readonly interrupted?: 'try' | 'error'
  /** Whether the time is over after a wait: then the error that we waited after stands. */
  readonly isOver?: () => boolean
  /** The wait itself, where the time of it counts for nothing. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/** Does something again for as long as that helps. @throws the last error */
export async function again<T>(wait: Again, work: (tries: number) => Promise<T>): Promise<T> {
  const { clock, signal, after, interrupted, isOver = () => false, sleep = clock.sleep.bind(clock) } = wait
  const from = clock.now()
  for (let tries = 1; ; tries += 1) {
    try {
      return await work(tries)
    } catch (error) {
      const ms = await after(error, tries, clock.now() - from)
      if (ms === undefined) throw error
      await sleep(ms, signal).catch(reason => {
        if (interrupted === 'try') return
        throw interrupted === 'error' ? error : reason
      })
      if (isOver()) throw error
    }
  }
}

/** Says every half minute that something is still waited for, until the signal ends it. It makes no time pass. @throws the signal's reason */
export async function beating(clock: Clock, beat: () => void, signal: AbortSignal): Promise<never> {
  for (;;) {
    await clock.sleep(heartbeatMs, signal, true)
    beat()
  }
}

/** Waits for a time that no look can shorten: a read is behind, or another run goes first. */
export const delay = (clock: Clock, ms: number, signal?: unknown): Promise<void> => clock.sleep(ms, signal)
