import TinyQueue from 'tinyqueue'
import { secondsOf } from '../kinds/seconds.ts'
import type { Step, StepId } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'

/** A step, and what it still waits for. */
export interface Entry {
  readonly step: Step
  /** Its place in the plan: of those that may start and have as much before them, the first does. */
  readonly at: number
  /** The usual time from its begin to the end of the last step that waits for it, in seconds: of those that may start, the longest way does. */
  readonly seconds: number
  /** It uses the effect of a call, such as interactive authoring of a runtime, which goes off by itself: such a step comes before all others. */
  readonly hurries: boolean
  /** The lifts that it needs. */
  readonly lifts: readonly Entry[]
  /** The steps that come after it. */
  readonly dependants: readonly Entry[]
  /** The time of all steps that write where it does: of ways equally long, the one through the busiest place comes first. */
  readonly load: number
  /** How many steps before it have not ended. */
  readonly open: number
  /** How many of these are no lift that may start. */
  readonly blocked: number
  /** How many steps under a lift have not ended. */
  readonly under: number
}

type Writable = { -readonly [Key in keyof Entry]: Entry[Key] extends readonly Entry[] ? Writable[] : Entry[Key] } & {
  /** The queue that it stands in. */
  queue: TinyQueue<Writable> | undefined
}

const inTurn = (one: Entry, other: Entry): number =>
  Number(other.hurries) - Number(one.hurries) || other.seconds - one.seconds || other.load - one.load || one.at - other.at
const queue = () => new TinyQueue<Writable>([], inTurn)

/** Those before a step, each once. */
const before = ({ after, afterEndOf }: Step): ReadonlySet<StepId> => new Set([...after, ...afterEndOf])

/**
 * The steps of a run that are to be looked at: counters say when a step is ready, and a queue stands before each resource that takes one
 * write at a time. A step costs the same whether the plan has ten of them or ten thousand.
 */
export class Agenda {
  readonly #entries = new Map<StepId, Writable>()
  readonly #look = queue()
  /** May start as soon as fewer are running. */
  readonly #full = queue()
  readonly #parked = new Map<ResourceId, TinyQueue<Writable>>()
  readonly #hasEnded: (id: StepId) => boolean
  #isSwept = false

  /** @param hasEnded whether a step has an outcome */
  constructor(steps: readonly Step[], hasEnded: (id: StepId) => boolean) {
    this.#hasEnded = hasEnded
    for (const [at, step] of steps.entries())
      this.#entries.set(step.id, {
        step,
        at,
        lifts: [],
        dependants: [],
        hurries: false,
        open: 0,
        blocked: 0,
        under: 0,
        seconds: 0,
        load: 0,
        queue: undefined
      })
    for (const entry of this.#entries.values()) this.#connect(entry)
    this.#rank()
    for (const entry of this.#entries.values())
      if (entry.open === 0 && entry.step.action.do === 'lift' && !hasEnded(entry.step.id)) this.#liftable(entry)
    for (const entry of this.#entries.values()) if (entry.blocked === 0) this.#put(entry, this.#look)
  }

  #connect(entry: Writable): void {
    const ended = this.#hasEnded(entry.step.id)
    for (const id of before(entry.step)) {
      const one = this.#entries.get(id)
      one?.dependants.push(entry)
      if (this.#hasEnded(id)) continue
      entry.open += 1
      entry.blocked += 1
    }
    for (const id of entry.step.after) {
      const one = this.#entries.get(id)
      if (one?.step.action.do === 'invoke') entry.hurries = true
      if (one?.step.action.do !== 'lift') continue
      entry.lifts.push(one)
      if (!ended) one.under += 1
    }
  }

  #rank(): void {
    const entries = [...this.#entries.values()]
    const loads = new Map<ResourceId, number>()
    for (const { step } of entries) for (const id of step.serial) loads.set(id, (loads.get(id) ?? 0) + secondsOf(step.action))
    // A plan has each after those before it.
    for (const entry of entries.reverse()) {
      const { action, serial } = entry.step
      entry.seconds = secondsOf(action) + entry.dependants.reduce((most, { seconds }) => Math.max(most, seconds), 0)
      entry.load = serial.reduce((sum, id) => sum + (loads.get(id) ?? 0), 0)
    }
  }

  /** A lift that waits for nothing but a step under it. */
  #liftable(lift: Writable): void {
    for (const one of lift.dependants) {
      one.blocked -= 1
      if (one.blocked === 0) this.#put(one, this.#look)
    }
  }

  #put(entry: Writable, to: TinyQueue<Writable>): void {
    if (this.#hasEnded(entry.step.id) || entry.queue === to) return
    entry.queue = to
    to.push(entry)
  }

  /** The first of a queue that has not left it for another one. */
  #first(from: TinyQueue<Writable>): Writable | undefined {
    for (let entry = from.peek(); entry !== undefined; entry = from.peek()) {
      if (entry.queue === from && !this.#hasEnded(entry.step.id)) return entry
      from.pop()
    }
    return undefined
  }

  get(id: StepId): Entry | undefined {
    return this.#entries.get(id)
  }

  /** @param room whether more may run: without it only those come whose turn does not depend on that */
  next(room: boolean): Entry | undefined {
    const look = this.#first(this.#look)
    const full = room ? this.#first(this.#full) : undefined
    const entry = look === undefined || (full !== undefined && inTurn(full, look) < 0) ? full : look
    if (entry === undefined) return undefined
    entry.queue?.pop()
    entry.queue = undefined
    return entry
  }

  /** It may start as soon as fewer are running. */
  waitForRoom({ step }: Entry): void {
    const entry = this.#entries.get(step.id)
    if (entry) this.#put(entry, this.#full)
  }

  /** It may start when this resource is free. */
  park({ step }: Entry, on: ResourceId): void {
    const entry = this.#entries.get(step.id)
    const parked = this.#parked.get(on) ?? queue()
    this.#parked.set(on, parked)
    if (entry) this.#put(entry, parked)
  }

  /** A resource is free: the next to be looked at is the first step that waits for it, or the one that it is kept for. */
  freed(id: ResourceId, keptFor: StepId | undefined): void {
    const parked = this.#parked.get(id)
    const entry = keptFor === undefined ? parked && this.#first(parked) : this.#entries.get(keptFor)
    if (entry?.blocked === 0) this.#put(entry, this.#look)
  }

  /** It has come to its end, however: those after it are looked at that wait for nothing else, or that do not begin any more. */
  ended(id: StepId, endsOthers: (other: Step) => boolean): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    const wasLiftable = entry.step.action.do === 'lift' && entry.open === 0
    for (const one of entry.dependants) {
      one.open -= 1
      if (!wasLiftable) one.blocked -= 1
      if (one.open === 0 && one.step.action.do === 'lift') this.#liftable(one)
      if (one.blocked === 0 || endsOthers(one.step)) this.#put(one, this.#look)
    }
    for (const lift of entry.lifts) {
      lift.under -= 1
      if (lift.under === 0) this.#put(lift, this.#look)
    }
  }

  /** Those under a lock that has been off for too long. */
  lookUnder(lift: StepId): void {
    for (const one of this.#entries.get(lift)?.dependants ?? []) this.#put(one, this.#look)
  }

  /** Nothing new is to begin any more: all are looked at, once. */
  sweep(): void {
    if (this.#isSwept) return
    this.#isSwept = true
    for (const entry of this.#entries.values()) this.#put(entry, this.#look)
  }
}
