import { declaredLeftMs, longer } from './deadline.ts'
import { WaitTimedOut } from './error.ts'
import type { Clock } from './operation.ts'

export interface Wait {
  readonly clock: Clock
  readonly everyMs: number
  readonly limitMs: number
  /** Completes "Gave up waiting after 15 min: …". */
  readonly what: string
  /** Ends the wait early: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Asks until the answer is not `undefined`. @throws WaitTimedOut at the limit. */
export async function until<T>({ clock, everyMs, limitMs, what, signal }: Wait, look: () => Promise<T | undefined>): Promise<T> {
  const from = clock.now()
  // Where the file gives the step longer it means this, too; where it gives less, the look is what is refused.
  const untilMs = Math.max(limitMs, declaredLeftMs() ?? 0)
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (clock.now() - from >= untilMs)
      throw new WaitTimedOut(`Gave up waiting after ${Math.round(untilMs / 60_000)} min: ${what}${longer().replace(/^ /, '. ')}`)
    await clock.sleep(everyMs, signal)
  }
}
