import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from './operation.ts'

/** Node's timers take a longer time for none at all. */
const timerMsMax = 2 ** 31 - 1

/** The wall's clock. */
export const realClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    const stop = signal as AbortSignal | undefined
    try {
      await wait(Math.min(ms, timerMsMax), undefined, stop && { signal: stop })
    } catch (error) {
      // Node says no more than that it was aborted; the signal has the reason.
      throw stop?.aborted ? stop.reason : error
    }
  }
}
