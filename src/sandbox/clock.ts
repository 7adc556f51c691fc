/** The time that the sandbox, and whoever polls it, go by. */
export interface Clock {
  now(): number
  /** A `passive` sleeper only looks on: it wakes when that much time has passed, and does not make it pass. */
  sleep(ms: number, signal?: AbortSignal, passive?: boolean): Promise<void>
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
  readonly passive: boolean
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
export const virtualClock = (start: number = startOfTime): VirtualClock => new WaitingClock(start)

class WaitingClock implements VirtualClock {
  #time: number
  #holds = 0
  /** Counts whatever happens, so that a turn in which nothing did can be told. */
  #stirred = 0
  #watching = false
  #sleepers: Sleeper[] = []

  constructor(start: number) {
    this.#time = start
  }

  now(): number {
    return this.#time
  }

  hold(): () => void {
    this.#holds += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holds -= 1
      this.#stirred += 1
      if (this.#holds === 0) this.#watch()
    }
  }

  sleep(ms: number, signal?: AbortSignal, passive = false): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter(one => one !== sleeper)
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        wakeAt: this.#time + Math.max(0, ms),
        passive,
        wake: () => {
          signal?.removeEventListener('abort', stop)
          this.#stirred += 1
          resolve()
        }
      }
      signal?.addEventListener('abort', stop, { once: true })
      this.#sleepers.push(sleeper)
      this.#stirred += 1
      this.#watch()
    })
  }

  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    let seen = this.#stirred
    let idle = 0
    const turn = (): void => {
      if (this.#sleepers.every(one => one.passive) || this.#holds > 0) {
        this.#watching = false
        return
      }
      idle = this.#stirred === seen ? idle + 1 : 0
      seen = this.#stirred
      if (idle >= idleTurns + 1) {
        idle = 0
        this.#wakeNext()
      }
      // Where there is a timer somebody may be waiting for it, as a poller that is told not to pause does: let it fire first.
      if (idle === idleTurns && process.getActiveResourcesInfo().includes('Timeout')) setTimeout(turn, 1)
      else setImmediate(turn)
    }
    setImmediate(turn)
  }

  #wakeNext(): void {
    const wakeAt = Math.min(...this.#sleepers.map(one => one.wakeAt))
    this.#time = Math.max(this.#time, wakeAt)
    const due = this.#sleepers.filter(one => one.wakeAt <= this.#time)
    this.#sleepers = this.#sleepers.filter(one => one.wakeAt > this.#time)
    for (const one of due) one.wake()
  }
}

/** A clock that somebody outside can put forward. */
export interface SteeredClock extends Clock {
  readonly speed: number
  /** Whoever sleeps until then wakes, in the order of time. */
  advance(ms: number): void
  /** Another time altogether, as when another estate is loaded; whoever sleeps goes on for as long as was left. */
  set(now: number): void
}

export const isSteered = (clock: Clock): clock is SteeredClock => 'advance' in clock

/**
 * The wall's clock, `speed` times as fast, for clients that cannot be given a clock. With `speed` 0 it stands still,
 * and goes only as far as it is put forward.
 */
export const realClock = (options: { readonly speed?: number; readonly start?: number } = {}): SteeredClock =>
  new WallClock(options.speed ?? 1, options.start ?? Date.now())

class WallClock implements SteeredClock {
  readonly speed: number
  readonly #factor: number
  #from: number
  #began = Date.now()
  #seen: number
  #sleepers: { left: number; readonly wake: () => void }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(factor: number, start: number) {
    this.#factor = factor
    this.speed = factor === 0 ? 1 : factor
    this.#from = start
    this.#seen = this.now()
  }

  now(): number {
    return this.#from + (Date.now() - this.#began) * this.#factor
  }

  advance(ms: number): void {
    this.#from += ms
    this.#look()
  }

  set(now: number): void {
    this.#look()
    this.#from = now
    this.#began = Date.now()
    this.#seen = this.now()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      this.#look()
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter(one => one !== sleeper)
        reject(signal?.reason)
      }
      const sleeper = {
        left: ms,
        wake: () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        }
      }
      signal?.addEventListener('abort', stop, { once: true })
      this.#sleepers.push(sleeper)
      if (ms <= 0) this.#look()
      else this.#arm()
    })
  }

  /** Counts what has passed since the last look off everybody's sleep, and wakes those who have slept enough. */
  #look(): void {
    const at = this.now()
    const passed = at - this.#seen
    this.#seen = at
    for (const one of this.#sleepers) one.left -= passed
    const due = this.#sleepers.filter(one => one.left <= 0).sort((one, other) => one.left - other.left)
    this.#sleepers = this.#sleepers.filter(one => one.left > 0)
    for (const one of due) one.wake()
    this.#arm()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    if (this.#sleepers.length === 0 || this.#factor === 0) return
    const first = Math.min(...this.#sleepers.map(one => one.left))
    this.#timer = setTimeout(() => this.#look(), Math.min(2 ** 31 - 1, Math.max(0, first / this.#factor)))
  }
}
