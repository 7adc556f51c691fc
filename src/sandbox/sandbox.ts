import { activityLog } from './activityLog.ts'
import { type Answering, answering } from './answering.ts'
import { type Behaviours, realistic } from './behaviours.ts'
import { ConnectionDropped } from './broken.ts'
import { type Clock, isSteered } from './clock.ts'
import { cloudMetadata } from './cloudMetadata.ts'
import { type Estate, openEstate } from './estate.ts'
import { type Fault, type FaultCounter, type FaultEffect, faultCounter } from './faults.ts'
import type { ArmBody, Json } from './json.ts'
import { finishOperation } from './operations.ts'
import { isRefusal } from './refusal.ts'
import type { Sent } from './request.ts'
import { type Answered, answeredTo, asResponse } from './response.ts'
import type { Principal } from './rights/principals.ts'
import { seed } from './seed.ts'
import type { SandboxState, StateDelta } from './state.ts'
import type { Store } from './store.ts'
import { type Throttle, throttleOf } from './throttle.ts'
import { principalOf } from './token.ts'
import type { Provider, World } from './type.ts'

export { ConnectionDropped }

export interface LogEntry {
  /** The time by the sandbox's clock, ISO 8601. */
  readonly time: string
  readonly method: string
  readonly path: string
  readonly apiVersion: string
  /** 0 when the connection was dropped. */
  readonly status: number
  readonly code?: string
  /** The object id in the caller's token. */
  readonly principal?: string
}

/** How the sandbox behaves, which can be changed while it runs. */
export interface Settings {
  readonly behaviours?: Partial<Behaviours>
  readonly faults?: readonly Fault[]
  /** The principals that can ask, and what each may do; where there are none everybody can, and is Owner of everything. */
  readonly principals?: readonly Principal[]
}

/** Every setting with its value. */
export interface InForce {
  readonly behaviours: Behaviours
  readonly faults: readonly Fault[]
  readonly principals: readonly Principal[]
}

export interface SandboxOptions extends Settings {
  /** A virtual clock that goes on from the state's time when absent. */
  readonly clock?: Clock
  /** The seed of guids and of Azure's choices; the same seed and requests give the same answers. */
  readonly seed?: number
  /** The estate to go on with, in-flight operations included. */
  readonly state?: SandboxState
  /** ARM bodies by id, locks included, put in place before the first request. Only for a sandbox without a state. */
  readonly seedBodies?: Readonly<Record<string, ArmBody>>
  /** Providers of resource types beside those built in. */
  readonly providers?: readonly Provider[]
  readonly log?: (entry: LogEntry) => void
  /**
   * Called after each request that changed the estate, and awaited before that request is answered: with what has changed
   * since it was last called, or undefined where everything may have.
   */
  readonly persist?: (delta: StateDelta | undefined, whole: () => SandboxState) => void | Promise<void>
}

export interface Sandbox {
  /** Rejects with a ConnectionDropped where a fault drops the connection; else it always answers. */
  answer(request: Sent): Promise<Answered>
  /** The same in the classes of the web. */
  handle(request: Request): Promise<Response>
  readonly store: Store
  readonly clock: Clock
  /** The id of the estate, which its state keeps. */
  readonly estate: string
  exportState(): SandboxState
  /** Reads the estate as it is by now, with all work done whose time has come. `read` must change nothing. */
  look<T>(read: (world: World) => T): T
  /** Changes how it behaves from the next request on; what is left out stays as it is. */
  configure(settings: Settings): void
  readonly settings: InForce
  /** Begins again: with this state, or with a new estate and these bodies in it. Settings stay. */
  reset(estate: Pick<SandboxOptions, 'state' | 'seedBodies' | 'seed'>): Promise<void>
  /** Puts bodies in place beside what is there, as a seed does. @throws an error that names the id that cannot be */
  add(seedBodies: NonNullable<SandboxOptions['seedBodies']>): Promise<void>
  /** Resolves when nobody is kept waiting on purpose any more. */
  awake(): Promise<void>
  /** The faults as they were given, with how often each matched and came. */
  faultReport(): Json
  /** The rest of every limit on requests. */
  throttlingReport(): Json
  /** Every limit as if nobody had asked for anything yet. */
  clearThrottling(): void
  /** Whether any request changed the estate. The passing of time does not, nor what was in flight before. */
  changed(): boolean
}

/** An emulator of Azure Resource Manager, as one function from requests to responses. */
export const createSandbox = (options: SandboxOptions = {}): Sandbox => new RunningSandbox(options)

class RunningSandbox implements Sandbox {
  readonly clock: Clock
  readonly #options: SandboxOptions
  readonly #activity = activityLog()
  readonly #throttle: Throttle
  readonly #answering: Answering
  #settings: InForce
  #estate: Estate
  #faults: FaultCounter
  /** The page size of one request alone, while it is answered. */
  #pageSize: number | undefined
  #changed = false
  #asleepUntil = Number.NEGATIVE_INFINITY

  constructor(options: SandboxOptions) {
    this.#options = options
    this.#settings = {
      behaviours: { ...realistic, ...options.behaviours },
      faults: options.faults ?? [],
      principals: options.principals ?? []
    }
    this.#estate = openEstate(options, this.#inForce, this.#activity)
    this.clock = this.#estate.clock
    this.#faults = faultCounter(this.#settings.faults)
    this.#throttle = throttleOf(() => this.#settings.behaviours)
    this.#answering = answering({ estate: () => this.#estate, settings: this.#inForce, throttle: this.#throttle })
  }

  get store(): Store {
    return this.#estate.core.store
  }

  get estate(): string {
    return this.#estate.id
  }

  get settings(): InForce {
    return this.#settings
  }

  readonly #inForce = (): InForce => {
    const pageSize = this.#pageSize
    return pageSize === undefined ? this.#settings : { ...this.#settings, behaviours: { ...this.#settings.behaviours, pageSize } }
  }

  /** Functions of their own, since they are handed on as such. */
  readonly handle = async (request: Request): Promise<Response> => asResponse(await this.answer(request))

  readonly answer = async (request: Sent): Promise<Answered> => {
    const { clock } = this
    const url = new URL(request.url)
    // Public, and asked before anything else is: it is in no log, and no fault is made of it.
    if (request.method === 'GET' && url.pathname.replace(/\/{2,}/g, '/') === '/metadata/endpoints') {
      const own = { estate: this.estate, throttling: this.#settings.behaviours.throttling }
      const body = JSON.stringify(cloudMetadata(url.origin, url.searchParams.get('api-version') ?? '', own))
      return { status: 200, headers: { 'content-type': 'application/json' }, body }
    }
    const text = await request.text()
    const effects = this.#faults.effects(request.method, readable(url.pathname))
    for (const effect of effects) {
      if (effect.do === 'delay') await clock.sleep(effect.ms)
      if (effect.do === 'pause') this.#asleepUntil = Math.max(this.#asleepUntil, clock.now() + effect.ms)
    }
    await this.awake()
    const release = clock.hold?.()
    try {
      return await this.#held(request, url, text, effects)
    } finally {
      release?.()
    }
  }

  async awake(): Promise<void> {
    while (this.clock.now() < this.#asleepUntil) await this.clock.sleep(this.#asleepUntil - this.clock.now())
  }

  async #held(request: Sent, url: URL, text: string, effects: readonly FaultEffect[]): Promise<Answered> {
    const { core } = this.#estate
    core.settle(this.clock.now(), finishOperation)
    const principal = principalOf(request.headers.get('authorization'))
    const log = (status: number, code?: string): void =>
      this.#options.log?.(entryOf(request.method, url, this.clock.now(), { status, ...(code !== undefined && { code }) }, principal))
    const lost = (begun?: Answered): never => {
      log(0)
      throw new ConnectionDropped(begun)
    }
    const dropped = effects.find(one => one.do === 'drop')
    if (dropped?.when === 'before') return lost()
    const before = core.store.revision
    this.#pageSize = effects.find(one => one.do === 'pageSize')?.size
    const outcome = this.#answering.answer({ method: request.method, url, headers: request.headers, text, principal, effects })
    this.#pageSize = undefined
    if (core.store.revision !== before) await this.#persist(this.#estate.takeDelta())
    const response = answeredTo(core, request, outcome)
    const correlation = response.headers['x-ms-correlation-request-id'] ?? ''
    this.#activity.record(core, { method: request.method, url, headers: request.headers, outcome, correlation })
    if (dropped) return lost()
    if (effects.some(one => one.do === 'reset')) return lost(response)
    log(outcome.status, 'code' in outcome && isRefusal(outcome) ? outcome.code : undefined)
    return response
  }

  look<T>(read: (world: World) => T): T {
    const { core } = this.#estate
    core.settle(this.clock.now(), finishOperation)
    return read(core)
  }

  async #persist(delta?: StateDelta): Promise<void> {
    this.#changed = true
    await this.#options.persist?.(delta, () => this.exportState())
  }

  exportState(): SandboxState {
    return this.#estate.exportState()
  }

  configure(change: Settings): void {
    this.#settings = { ...this.#settings, ...change, behaviours: { ...this.#settings.behaviours, ...change.behaviours } }
    if (change.faults) this.#faults = faultCounter(change.faults)
  }

  async reset(begin: Parameters<Sandbox['reset']>[0]): Promise<void> {
    const { clock } = this
    if (begin.state && isSteered(clock)) clock.set(begin.state.now)
    const { state: _state, seedBodies: _bodies, seed: _seed, ...rest } = this.#options
    this.#estate = openEstate({ ...rest, ...begin, clock }, this.#inForce, this.#activity)
    this.#answering.clear()
    this.#throttle.clear()
    this.#activity.clear()
    this.#asleepUntil = Number.NEGATIVE_INFINITY
    await this.#persist()
  }

  async add(seedBodies: Parameters<Sandbox['add']>[0]): Promise<void> {
    const trial = openEstate({ ...this.#options, state: this.exportState(), clock: this.clock }, this.#inForce, this.#activity)
    // Tried out on a copy: what is refused half-way leaves nothing behind.
    seed(trial.core, seedBodies)
    this.#estate = trial
    await this.#persist()
  }

  faultReport(): Json {
    return this.#faults.report()
  }

  throttlingReport(): Json {
    return this.#throttle.report(this.clock.now())
  }

  clearThrottling(): void {
    this.#throttle.clear()
  }

  changed(): boolean {
    return this.#changed
  }
}

function entryOf(
  method: string,
  url: URL,
  now: number,
  answer: Pick<LogEntry, 'status' | 'code'>,
  principal: string | undefined
): LogEntry {
  return {
    time: new Date(now).toISOString(),
    method,
    path: url.pathname,
    apiVersion: url.searchParams.get('api-version') ?? '',
    ...answer,
    ...(principal !== undefined && { principal })
  }
}

/** For people to match against; an escape that is broken stays as it is. */
function readable(pathname: string): string {
  try {
    return decodeURI(pathname)
  } catch {
    return pathname
  }
}
