import { type Behaviours, realistic } from './behaviours.ts'
import { type Clock, startOfTime, virtualClock } from './clock.ts'
import { type Core, createCore } from './core.ts'
import { type Fault, type FaultEffect, faultCounter } from './faults.ts'
import { type ArmBody, isObject, type Json, type JsonObject } from './json.ts'
import { finishOperation } from './operations.ts'
import { providers } from './providers/index.ts'
import { Random } from './random.ts'
import { errorJson, gatewayErrors, isRefusal, type Refusal } from './refusal.ts'
import { registryOf } from './registry.ts'
import { route } from './route.ts'
import { seed } from './seed.ts'
import { emptyState, type SandboxState } from './state.ts'
import { Store } from './store.ts'
import { principalOf } from './token.ts'
import type { Answer, Provider } from './type.ts'

export interface LogEntry {
  /** Of the sandbox's clock, ISO 8601. */
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

export interface SandboxOptions {
  /** A virtual clock that goes on from the state's time when absent. */
  readonly clock?: Clock
  /** Of guids and of what Azure picks; the same seed and requests give the same answers. */
  readonly seed?: number
  /** The estate to go on with, in-flight operations included. */
  readonly state?: SandboxState
  /** ARM bodies by id, locks included, put in place before the first request. Only for a sandbox without a state. */
  readonly seedBodies?: Readonly<Record<string, ArmBody>>
  readonly behaviours?: Partial<Behaviours>
  readonly faults?: readonly Fault[]
  /** Of resource types beside those built in. */
  readonly providers?: readonly Provider[]
  readonly log?: (entry: LogEntry) => void
  /** Called after each request that changed the estate, and awaited before that request is answered. */
  readonly persist?: (state: SandboxState) => void | Promise<void>
}

export interface Sandbox {
  /** Rejects with a ConnectionDropped where a fault drops the connection; else it always answers. */
  handle(request: Request): Promise<Response>
  readonly store: Store
  readonly clock: Clock
  exportState(): SandboxState
  /** Whether any request changed the estate. The passing of time does not, nor what was in flight before. */
  changed(): boolean
}

/** What a broken connection looks like to a client of fetch. */
export class ConnectionDropped extends Error {
  readonly code = 'ECONNRESET'

  constructor() {
    super('socket hang up')
    this.name = 'ConnectionDropped'
  }
}

/** An emulator of Azure Resource Manager, as one function from requests to responses. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const estate = openEstate(options)
  const { core, clock } = estate
  const faultsOf = faultCounter(options.faults ?? [])
  let changed = false

  async function handle(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const text = await request.text()
    const effects = faultsOf(request.method, readable(url.pathname))
    for (const effect of effects) if (effect.do === 'delay') await clock.sleep(effect.ms)
    const release = clock.hold?.()
    try {
      return await held(request, url, text, effects)
    } finally {
      release?.()
    }
  }

  async function held(request: Request, url: URL, text: string, effects: readonly FaultEffect[]): Promise<Response> {
    core.settle(clock.now(), finishOperation)
    const dropped = effects.find(one => one.do === 'drop')
    const before = core.store.revision
    if (dropped?.when === 'before') return drop(request, url)
    const answer = answerTo(core, request, url, text, effects)
    if (core.store.revision !== before) {
      changed = true
      await options.persist?.(estate.exportState())
    }
    if (dropped) return drop(request, url)
    log(request, url, answer.status, isRefusal(answer) ? answer.code : undefined)
    return responseTo(core, request, answer)
  }

  function drop(request: Request, url: URL): never {
    log(request, url, 0)
    throw new ConnectionDropped()
  }

  const log = (request: Request, url: URL, status: number, code?: string): void =>
    options.log?.(entryOf(request, url, clock.now(), { status, ...(code !== undefined && { code }) }))

  return { handle, store: core.store, clock, exportState: estate.exportState, changed: () => changed }
}

interface OpenEstate {
  readonly core: Core
  readonly clock: Clock
  exportState(): SandboxState
}

/** Where the state left off, or a new estate with what was given to begin with. */
function openEstate(options: SandboxOptions): OpenEstate {
  const begun = options.state ?? emptyState(options.clock?.now() ?? startOfTime, options.seed ?? 1)
  const clock = options.clock ?? virtualClock(begun.now)
  const randomState = { ...begun.random }
  const random = new Random(randomState)
  const store = new Store(random, begun.resources)
  for (const operation of begun.operations) store.operations.set(operation.id, operation)
  store.pending = [...begun.pending]
  store.settlingLocks = [...begun.settlingLocks]
  const behaviours = { ...realistic, ...options.behaviours }
  const registry = registryOf([...providers, ...(options.providers ?? [])])
  const core = createCore({ store, registry, behaviours, random, speed: clock.speed ?? 1 }, begun.now)
  if (options.state === undefined && options.seedBodies) seed(core, options.seedBodies)
  return {
    core,
    clock,
    exportState: () => ({
      version: 1,
      now: clock.now(),
      random: { ...randomState },
      resources: store.all(),
      operations: [...store.operations.values()],
      pending: [...store.pending],
      settlingLocks: store.settlingLocks.filter(one => one.until > clock.now())
    })
  }
}

function entryOf({ method, headers }: Request, url: URL, now: number, answer: Pick<LogEntry, 'status' | 'code'>): LogEntry {
  const principal = principalOf(headers.get('authorization'))
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

function answerTo(core: Core, request: Request, url: URL, text: string, effects: readonly FaultEffect[]): Answer | Refusal {
  for (const effect of effects) {
    if (effect.do === 'answer') return { ...effect.error, status: effect.status, ...headersOf(effect.headers) }
  }
  const body = bodyOf(text)
  if (body === undefined) return gatewayErrors.invalidBody('Unexpected character encountered while parsing value')
  const failing = effects.find(one => one.do === 'failOperation')
  const { method, headers } = request
  return route(core, { method, url, headers, body, ...(failing && { operationFault: failing.error }) })
}

const headersOf = (headers: Readonly<Record<string, string>>): { readonly headers?: Readonly<Record<string, string>> } =>
  Object.keys(headers).length > 0 ? { headers } : {}

function bodyOf(text: string): JsonObject | undefined {
  if (text.trim() === '') return {}
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

function responseTo(core: Core, request: Request, answer: Answer | Refusal): Response {
  const headers = new Headers(isRefusal(answer) ? {} : answer.headers)
  headers.set('x-ms-correlation-request-id', request.headers.get('x-ms-correlation-request-id') ?? requestId(core))
  headers.set('x-ms-request-id', requestId(core))
  if (!isRefusal(answer)) return json(answer.status, answer.body, headers, request.method)
  headers.set('x-ms-failure-cause', answer.cause ?? 'service')
  if (answer.retryAfter !== undefined) headers.set('retry-after', `${Math.max(1, Math.ceil(answer.retryAfter / core.speed))}`)
  if ('headers' in answer && isObject(answer.headers))
    for (const [key, value] of Object.entries(answer.headers)) headers.set(key, `${value}`)
  return json(answer.status, answer.bare ? errorJson(answer) : { error: errorJson(answer) }, headers, request.method)
}

/** Not from the seeded sequence: asking must not change what the next write gets. */
const requestId = (core: Core): string => `00000000-0000-4000-8000-${(core.store.revision % 2 ** 48).toString(16).padStart(12, '0')}`

function json(status: number, body: Json | undefined, headers: Headers, method: string): Response {
  if (body === undefined || method === 'HEAD' || status === 204) return new Response(null, { status, headers })
  headers.set('content-type', 'application/json; charset=utf-8')
  return new Response(JSON.stringify(body), { status, headers })
}
