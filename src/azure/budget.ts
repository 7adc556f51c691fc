/** A request that was sent, and counts. */
export interface Sent {
  /**
   * To be told when its answer is there.
   *
   * @param left how many requests Azure says are left, where it does
   * @returns whether there is more left than we thought
   */
  answered(now: number, left?: number): boolean
  /** Azure has refused it as one too many: it does not count, and no other is sent for so long [DOC-THR]. */
  refused(now: number, forMs: number): void
}

/** So many requests may be sent: by our own count, which Azure's word corrects, since others may use the same login. */
export interface Budget {
  /** In how many milliseconds the `nth` request from now on may be sent. */
  waitMs(nth: number, now: number): number
  send(now: number): Sent
}

/** Counts requests, so that Azure's word on one can be held against those that were sent meanwhile. */
class Flights {
  #sent = 0
  #flying = 0
  #closedUntil = Number.NEGATIVE_INFINITY

  get flying(): number {
    return this.#flying
  }

  closedMs(now: number): number {
    return Math.max(0, this.#closedUntil - now)
  }

  /** @returns to be called when the answer is there: how many others Azure may have counted after this one, or not yet */
  begin(): () => number {
    this.#sent += 1
    const [nth, others] = [this.#sent, this.#flying]
    this.#flying += 1
    return () => {
      this.#flying -= 1
      return this.#sent - nth + others
    }
  }

  close(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until)
  }
}

/** So many are kept back of a bucket: requests that left one after the other may arrive together. */
const keptBack = 10

/** A bucket of tokens that is filled again by so many a second [DOC-THR]. */
export class Bucket implements Budget {
  readonly #perSecond: number
  readonly #flights = new Flights()
  #size: number
  #tokens: number
  #at = Number.NEGATIVE_INFINITY

  constructor(size: number, perSecond: number) {
    this.#perSecond = perSecond
    this.#size = size
    this.#tokens = size
  }

  waitMs(nth: number, now: number): number {
    this.#fill(now)
    const shortMs = Math.ceil(((nth + keptBack - this.#tokens) / this.#perSecond) * 1_000)
    return Math.max(0, shortMs, this.#flights.closedMs(now))
  }

  send(now: number): Sent {
    this.#fill(now)
    this.#tokens -= 1
    const end = this.#flights.begin()
    return {
      answered: (at, left) => {
        const others = end()
        this.#fill(at)
        if (left === undefined) return false
        const most = left + ((at - now) / 1_000) * this.#perSecond
        const least = left - others
        if (least <= this.#tokens) {
          this.#tokens = Math.min(this.#tokens, most)
          return false
        }
        // A subscription may have larger buckets than most.
        this.#tokens = least
        this.#size = Math.max(this.#size, least)
        return true
      },
      refused: (at, forMs) => {
        end()
        this.#fill(at)
        this.#tokens = Math.min(0, this.#tokens)
        this.#flights.close(at + forMs)
      }
    }
  }

  #fill(now: number): void {
    if (now > this.#at && this.#tokens < this.#size)
      this.#tokens = Math.min(this.#size, this.#tokens + ((now - this.#at) / 1_000) * this.#perSecond)
    this.#at = Math.max(this.#at, now)
  }
}

interface Counted {
  readonly at: number
  count: number
}

/**
 * So many in any stretch of time of that length, wherever Azure lets it begin. A request counts from its answer on: by then Azure has
 * counted it, however long it was on its way.
 */
export class Window implements Budget {
  readonly #spanMs: number
  readonly #flights = new Flights()
  #most: number
  /** From the oldest on; those that another program has sent are among them. */
  #counted: Counted[] = []
  #sum = 0

  constructor(most: number, spanMs: number) {
    this.#most = most
    this.#spanMs = spanMs
  }

  waitMs(nth: number, now: number): number {
    const closedMs = this.#flights.closedMs(now)
    let short = nth - this.#left(now)
    if (short <= 0) return closedMs
    for (const { at, count } of this.#counted) {
      short -= count
      if (short <= 0) return Math.max(closedMs, at + this.#spanMs - now)
    }
    // As many are on their way as there may be.
    return this.#spanMs
  }

  send(now: number): Sent {
    const end = this.#flights.begin()
    this.#left(now)
    return {
      answered: (at, left) => {
        const others = end()
        this.#add(at, 1)
        if (left === undefined) return false
        this.#most = Math.max(this.#most, left + 1)
        const ours = this.#left(at)
        if (ours > left) this.#add(at, ours - left)
        const more = left - others - ours
        if (more > 0) this.#drop(more)
        return more > 0
      },
      refused: (at, forMs) => {
        end()
        this.#flights.close(at + forMs)
      }
    }
  }

  #left(now: number): number {
    let over = 0
    for (const { at, count } of this.#counted) {
      if (at + this.#spanMs > now) break
      this.#sum -= count
      over += 1
    }
    if (over > 0) this.#counted = this.#counted.slice(over)
    return this.#most - this.#sum - this.#flights.flying
  }

  #add(at: number, count: number): void {
    const last = this.#counted.at(-1)
    if (last?.at === at) last.count += count
    else this.#counted.push({ at, count })
    this.#sum += count
  }

  #drop(most: number): void {
    let left = most
    for (const one of this.#counted) {
      const dropped = Math.min(left, one.count)
      one.count -= dropped
      this.#sum -= dropped
      left -= dropped
      if (left === 0) return
    }
  }
}
