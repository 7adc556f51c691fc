import { setMaxListeners } from 'node:events'
import type { PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import type { Budget, Sent } from './budget.ts'
import type { Deadline } from './deadline.ts'
import { limitRefused, limitsOn, ownLimit, type RequestLimit, sortOf } from './limits.ts'
import { type Clock, retryAfterMs } from './operation.ts'

/** Requests are held back, so that Azure need not refuse them. */
export interface Turn {
  readonly what: string
  readonly rule: string
  /** For how long the first of them. */
  readonly ms: number
}

export interface TurnsOptions {
  readonly clock: Clock
  /** Whether the limits of Azure are kept to: a sandbox may have none. */
  readonly limited: boolean
  /** The most reads in a minute, where the host wants fewer than Azure allows. */
  readonly readsPerMinute?: number | undefined
  readonly told?: (turn: Turn) => void
}

interface TurnOf {
  readonly deadline: Deadline
  /** Whether nothing is written by whoever asks: a write, and what it waits for, is not put off for others. */
  readonly reads: boolean
}

interface Line {
  readonly limit: RequestLimit
  readonly budget: Budget
  /** Those that wait, the first first. */
  readonly waiting: object[]
  /** Since when each had to wait. */
  since: number | undefined
  saidUntil: number
}

/** A wait of this length is said, and it is said again so much later. */
const saidMs = 5_000
const againMs = 30_000

/** A timer may be early by as much. */
const earlyMs = 50

/**
 * The limits that all requests of one login wait for. Made once for a way to Azure: each facade on it counts with the others. It goes by our
 * clock, and no limiter of a package does: their timers are those of the machine.
 */
export class Turns {
  readonly #options: TurnsOptions
  readonly #lines = new Map<string, Line>()
  #raised = listened()

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** Waits until the request may be sent. @returns to be called with its answer */
  async take(request: PipelineRequest, { deadline, reads }: TurnOf): Promise<(response: PipelineResponse | undefined) => void> {
    const lines = this.#linesOf(request, reads)
    if (lines.length === 0) return () => undefined
    const sent = await this.#turn(lines, deadline, request.abortSignal as AbortSignal | undefined)
    return response => this.#answered(lines, sent, response)
  }

  #linesOf({ method, url }: PipelineRequest, reads: boolean): readonly Line[] {
    const { limited, readsPerMinute } = this.#options
    const own = readsPerMinute !== undefined && reads && sortOf(method) === 'reads' ? [ownLimit(readsPerMinute)] : []
    return [...own, ...(limited ? limitsOn(method, url) : [])].map(limit => {
      const known = this.#lines.get(limit.key)
      if (known !== undefined) return known
      const line: Line = { limit, budget: limit.budget(), waiting: [], since: undefined, saidUntil: Number.NEGATIVE_INFINITY }
      this.#lines.set(limit.key, line)
      return line
    })
  }

  async #turn(lines: readonly Line[], deadline: Deadline, signal: AbortSignal | undefined): Promise<readonly Sent[]> {
    const { clock } = this.#options
    const me = {}
    try {
      for (;;) {
        const ms = this.#waitMs(lines, me)
        // A step whose time is over says so itself.
        if (ms === 0 || !(await this.#pause(ms, deadline, signal))) return lines.map(({ budget }) => budget.send(clock.now()))
      }
    } finally {
      for (const { waiting } of lines) if (waiting.includes(me)) waiting.splice(waiting.indexOf(me), 1)
    }
  }

  /** For how long this one has to wait, behind those that came before. */
  #waitMs(lines: readonly Line[], me: object): number {
    const now = this.#options.clock.now()
    let longest = 0
    for (const line of lines) {
      const at = line.waiting.indexOf(me)
      const ms = line.budget.waitMs((at < 0 ? line.waiting.length : at) + 1, now)
      if (ms > 0 && at < 0) line.waiting.push(me)
      if (ms > 0) this.#say(line, ms, now)
      else if (line.waiting.length === 0) line.since = undefined
      longest = Math.max(longest, ms)
    }
    return longest
  }

  #say(line: Line, ms: number, now: number): void {
    line.since ??= now
    if (now < line.saidUntil || (ms < saidMs && now - line.since < saidMs)) return
    line.saidUntil = now + Math.max(ms, againMs)
    this.#options.told?.({ what: line.limit.what, rule: line.limit.rule, ms })
  }

  /** @returns whether there was time to wait so long */
  async #pause(ms: number, deadline: Deadline, signal: AbortSignal | undefined): Promise<boolean> {
    const { clock } = this.#options
    const { signal: more } = this.#raised
    const from = clock.now()
    try {
      await deadline.pause(ms, signal ? AbortSignal.any([signal, more]) : more)
      return clock.now() - from >= ms - earlyMs
    } catch (error) {
      if (signal?.aborted || !more.aborted) throw error
      return true
    }
  }

  #answered(lines: readonly Line[], sent: readonly Sent[], response: PipelineResponse | undefined): void {
    const { clock } = this.#options
    const now = clock.now()
    const by = response && limitRefused(response)
    const refusing = lines.findLast(({ limit }) => limit.of === by) ?? lines.at(-1)
    const isMore = lines.map((line, index) => {
      const one = sent[index]
      if (by === undefined || line !== refusing) return one?.answered(now, response && line.limit.left(response.headers)) ?? false
      one?.refused(now, (response && retryAfterMs(response.headers, clock)) ?? 0)
      return false
    })
    if (!isMore.includes(true)) return
    this.#raised.abort()
    this.#raised = listened()
  }
}

/** As many may listen as wait. */
function listened(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/** @param reads whether the facade only reads */
export const inTurn = (all: Turns, of: TurnOf): PipelinePolicy => ({
  name: 'inTurn',
  async sendRequest(request, next) {
    const answered = await all.take(request, of)
    let response: PipelineResponse | undefined
    try {
      response = await next(request)
      return response
    } finally {
      answered(response)
    }
  }
})
