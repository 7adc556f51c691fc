/** The time that the sandbox, and whoever polls it, go by. */
export interface Clock {
  now(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** How many times faster than the wall's clock it runs, by which Retry-After is divided; 1 when absent. */
  readonly speed?: number
  /** Time stands still until the returned function is called. Absent on a clock that cannot stand still. */
  hold?(): () => void
}

export interface VirtualClock extends Clock {
  hold(): () => void
}

interface Sleeper {
  readonly wakeAt: number
  readonly wake: () => void
}

/** Without a date of one's own, every new sandbox starts here, so that two runs print the same times. */
export const startOfTime = Date.UTC(2026, 0, 5, 9, 0, 0)

/** How often the event loop has to come round with nothing happening before it counts as idle. */
const idleTurns = 3

/**
 * Time that passes only when everybody waits. Sleepers queue; once nobody holds the clock and the event loop has
 * been idle for a few turns, time jumps to the earliest wake-up. Minutes of polling so cost milliseconds, and
 * what runs side by side keeps its order in time.
 */
export function virtualClock(start: number = startOfTime): VirtualClock {
  let time = start
  let holds = 0
  let stirred = 0
  let watching = false
  let sleepers: Sleeper[] = []

  function watch(): void {
    if (watching) return
    watching = true
    let seen = stirred
    let idle = 0
    const turn = (): void => {
      if (sleepers.length === 0 || holds > 0) {
        watching = false
        return
      }
      idle = stirred === seen ? idle + 1 : 0
      seen = stirred
      if (idle >= idleTurns) {
        idle = 0
        wakeNext()
      }
      setImmediate(turn)
    }
    setImmediate(turn)
  }

  function wakeNext(): void {
    const wakeAt = Math.min(...sleepers.map(one => one.wakeAt))
    time = Math.max(time, wakeAt)
    const due = sleepers.filter(one => one.wakeAt <= time)
    sleepers = sleepers.filter(one => one.wakeAt > time)
    for (const one of due) one.wake()
  }

  return {
    now: () => time,
    hold() {
      holds += 1
      let held = true
      return () => {
        if (!held) return
        held = false
        holds -= 1
        stirred += 1
        if (holds === 0) watch()
      }
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = (): void => {
          sleepers = sleepers.filter(one => one !== sleeper)
          reject(signal?.reason)
        }
        const sleeper = {
          wakeAt: time + Math.max(0, ms),
          wake: () => {
            signal?.removeEventListener('abort', stop)
            stirred += 1
            resolve()
          }
        }
        signal?.addEventListener('abort', stop, { once: true })
        sleepers.push(sleeper)
        stirred += 1
        watch()
      })
    }
  }
}

/** The wall's clock, `speed` times as fast, for clients that cannot be given a clock. */
export function realClock(options: { readonly speed?: number; readonly start?: number } = {}): Clock {
  const speed = options.speed ?? 1
  const began = Date.now()
  const start = options.start ?? began
  return {
    speed,
    now: () => start + (Date.now() - began) * speed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = (): void => {
          clearTimeout(timer)
          reject(signal?.reason)
        }
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', stop)
          resolve()
        }, ms / speed)
        signal?.addEventListener('abort', stop, { once: true })
      })
  }
}
