import type { TokenCredential } from '@azure/core-auth'
import { createClientPipeline, type ServiceClientOptions } from '@azure/core-client'
import {
  bearerTokenAuthenticationPolicyName,
  createHttpHeaders,
  createPipelineRequest,
  decompressResponsePolicyName,
  formDataPolicyName,
  type HttpClient,
  type HttpMethods,
  type Pipeline
} from '@azure/core-rest-pipeline'
import { encodedPath } from '../model/id.ts'
import type { Body } from '../model/json.ts'
import { addressKey, placeOf } from './address.ts'
import { answers, type Polls } from './answers.ts'
import { asNamed } from './asNamed.ts'
import { carry } from './carry.ts'
import { Deadline } from './deadline.ts'
import { parsed, UnusableAnswer } from './error.ts'
import { bounded, networkClient } from './network.ts'
import { type AskedWait, type Clock, type Following, isRunning, type OperationListener, operations } from './operation.ts'
import {
  type Counts,
  correlated,
  count,
  errors,
  locksOnly,
  logged,
  onlyTo,
  readOnly,
  type SeenRequest,
  stoppedBy,
  untilStandstill
} from './policies.ts'
import type { Look } from './precondition.ts'
import { realClock } from './realClock.ts'
import { neverAgain, retries } from './retry.ts'
import { type SharedAnswers, sharing } from './shared.ts'
import { keepToken, type Tokens } from './token.ts'
import { inTurn, type Turns } from './turns.ts'

type Use = [credential: TokenCredential, subscription: string, options: ServiceClientOptions]

/** The official clients. Each is loaded when a kind first asks for it: together they cost more than a second. */
const load = {
  factories: async (...use: Use) => new (await import('@azure/arm-datafactory')).DataFactoryManagementClient(...use),
  locks: async (...use: Use) => new (await import('@azure/arm-locks')).ManagementLockClient(...use),
  network: async (...use: Use) => new (await import('@azure/arm-network')).NetworkManagementClient(...use),
  postgres: async (...use: Use) => new (await import('@azure/arm-postgresql-flexible')).PostgreSQLManagementFlexibleServerClient(...use),
  privateDns: async (...use: Use) => new (await import('@azure/arm-privatedns')).PrivateDnsManagementClient(...use),
  resources: async (...use: Use) => new (await import('@azure/arm-resources')).ResourceManagementClient(...use)
}

export type Clients = { readonly [Name in keyof typeof load]: Awaited<ReturnType<(typeof load)[Name]>> }

export interface AzureOptions {
  /** A credential; or the tokens of one, which all facades that have them share. */
  readonly credential: TokenCredential | Tokens
  /** A second login, which reads and writes locks in place of the first one. */
  readonly lockCredential?: TokenCredential | Tokens | undefined
  readonly endpoint?: string
  /** Where requests go instead of the network. */
  readonly httpClient?: HttpClient
  /** The audience of the token, where that is not the endpoint: a sovereign cloud, an endpoint on loopback. */
  readonly audience?: string
  /** Refuse every method but GET. */
  readonly readOnly?: boolean
  /** It may query Resource Graph although it only reads. */
  readonly asksGraph?: boolean
  /** Nothing is sent any more once it is aborted, and its reason is thrown. */
  readonly stopping?: AbortSignal | undefined
  /** Everything stays where it is once it is aborted, as if the process had ended. */
  readonly standstill?: AbortSignal | undefined
  readonly retriesMax?: number
  readonly clock?: Clock
  /** Ties all requests of a run together in Azure's own logs. */
  readonly correlationId?: string
  /** Told of each request that went over the wire, and of what came back. */
  readonly onRequest?: ((seen: SeenRequest) => void) | undefined
  /** Answers that are not asked for again, and where new ones are kept. */
  readonly shared?: SharedAnswers | undefined
  /** The limits that requests wait for; without it none is held back. */
  readonly turns?: Turns | undefined
  /** Told of each longer wait that Azure asks for, as it begins. */
  readonly onWait?: ((wait: AskedWait) => void) | undefined
}

/** A request no SDK can express. It takes the same way through the pipeline as the others. */
export interface RawRequest {
  readonly method: HttpMethods
  readonly path: string
  readonly apiVersion: string
  readonly body?: Body
  /** Members of the query beside the api-version. */
  readonly query?: Readonly<Record<string, string>>
  /** The operation declares no body of its answer, so that none is no fault. */
  readonly mayBeEmpty?: boolean
  /** It is never sent again by itself, also where Azure asks for that: it may have begun all the same. */
  readonly once?: true
  /** Is told the status of the answer. */
  readonly answered?: (status: number) => void
}

/** Azure, as the rest of the program sees it. */
export interface Azure {
  client<Name extends keyof Clients>(name: Name, subscription: string): Promise<Clients[Name]>
  send(request: RawRequest): Promise<unknown>
  /** Asks once how an operation goes, at the address that Azure gave for it. @throws ArmError how it failed */
  isInFlight(url: string, signal?: AbortSignal): Promise<boolean>
  /** The same Azure through the second login, whose requests are about locks alone; itself where there is one login. */
  readonly forLocks: Azure
  /** For how long the login's token is good; a newer one is asked for where that is less than `wantedMs`. */
  tokenLifeMs(wantedMs: number): Promise<number>
  readonly calls: Readonly<Counts>
  /** A list as `read` makes it, once for all whose answers are shared. Those that it is made of are not kept beside it. It is not changed. */
  listed<List>(key: string, read: (azure: Azure) => Promise<List>): Promise<List>
  readonly clock: Clock
  /** The time of the step whose facade this is. */
  readonly deadline: Deadline
  /** The same Azure for one step, or for one look and the write on it: what is asked through it keeps to its time, and to that look. */
  within(scope: Partial<Scope>): Azure
  /** Tells of each long-running operation as soon as its address is known, before it is followed. @returns an end to that */
  onOperation(listener: OperationListener): () => void
}

/** Facts that hold for a part of a run: the requests of a step, or of a look and the write on it. */
interface Scope {
  readonly deadline: Deadline
  readonly look: Look | undefined
}

/** The parts of an Azure that all its scopes share: one token, one budget, one count. */
type Shared = ReturnType<typeof sharedBy>

const publicEndpoint = 'https://management.azure.com'

const tokensOf = (credential: TokenCredential | Tokens, { endpoint = publicEndpoint, audience = endpoint }: AzureOptions): Tokens =>
  'lifeMs' in credential ? credential : keepToken(credential, audienceScope(audience))

/** The same options, with one token and one set of connections for all facades that are made with them. */
export const sharedOptions = (options: AzureOptions): AzureOptions => ({
  ...options,
  credential: tokensOf(options.credential, options),
  ...(options.lockCredential && { lockCredential: tokensOf(options.lockCredential, options) }),
  httpClient: options.httpClient ?? networkClient()
})

function sharedBy(options: AzureOptions) {
  const { endpoint = publicEndpoint, clock = realClock } = options
  const polls: Polls = new Map()
  const calls: Counts = { reads: 0, writes: 0, asked: new Map() }
  const following: Following = new Map()
  return {
    options: { ...options, endpoint, clock },
    httpClient: options.httpClient ?? networkClient(),
    credential: tokensOf(options.credential, options),
    lockCredential: options.lockCredential && tokensOf(options.lockCredential, options),
    locksAlone: false,
    calls,
    polls,
    following,
    answering: answers(endpoint, polls),
    listeners: new Set<OperationListener>()
  }
}

export function createAzure(options: AzureOptions): Azure {
  const shared = sharedBy(options)
  return scoped(shared, { deadline: new Deadline(shared.options.clock), look: undefined })
}

function scoped(shared: Shared, scope: Scope): Azure {
  const { options, credential, calls, polls, listeners } = shared
  const { endpoint, clock } = options
  const httpClient = bounded(shared.httpClient, scope.deadline)
  const pipeline = pipelineFor(shared, scope)
  const clients = new Map<string, Promise<unknown>>()
  let apart: Azure | undefined
  let forLocks: Azure | undefined

  return {
    calls,
    get forLocks() {
      if (shared.lockCredential === undefined) return this
      // Answers that the first login was given are not shared with another one.
      const alone = { ...shared, credential: shared.lockCredential, lockCredential: undefined, locksAlone: true }
      forLocks ??= scoped({ ...alone, options: { ...options, shared: undefined } }, scope)
      return forLocks
    },
    clock,
    deadline: scope.deadline,
    within: part => scoped(shared, { ...scope, ...part }),
    listed(key, read) {
      if (options.shared === undefined) return read(this)
      apart ??= scoped({ ...shared, options: { ...options, shared: undefined } }, scope)
      const through = apart
      return options.shared.listed(key, () => read(through))
    },
    onOperation(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    client(name, subscription) {
      const key = `${name} ${subscription}`
      if (!clients.has(key)) clients.set(key, load[name](credential, subscription, { pipeline, httpClient, endpoint }))
      // Only ever set to what load[name] gave for this name.
      return clients.get(key) as Promise<Clients[typeof name]>
    },
    async send({ method, path, apiVersion, body, query = {}, answered, once, mayBeEmpty = method === 'DELETE' }) {
      const headers = createHttpHeaders({ accept: 'application/json', ...(body && { 'content-type': 'application/json' }) })
      const url = addressOf(endpoint, { path, apiVersion, query })
      const request = createPipelineRequest({ method, url, headers, ...(body && { body: JSON.stringify(body) }) })
      const response = await pipeline.sendRequest(httpClient, once ? neverAgain(request) : request)
      answered?.(response.status)
      const said = parsed(response.bodyAsText)
      if (said === undefined && response.status === 200 && !mayBeEmpty) throw new UnusableAnswer(`nothing, to ${method} ${placeOf(url)}`)
      return said
    },
    async isInFlight(url, signal) {
      const request = createPipelineRequest({ method: 'GET', url, ...(signal && { abortSignal: signal }) })
      if (URL.canParse(url)) polls.set(addressKey(url), polls.get(addressKey(url)) ?? 'whatever')
      return isRunning(await pipeline.sendRequest(httpClient, request))
    },
    tokenLifeMs: wantedMs => credential.lifeMs(wantedMs)
  }
}

/** A path that Azure gave with its own query, such as the next page of a list, is asked for as it stands. */
function addressOf(endpoint: string, { path, apiVersion, query }: Pick<Required<RawRequest>, 'path' | 'apiVersion' | 'query'>): string {
  if (path.startsWith('https://')) return path
  const more = Object.entries(query).map(([key, value]) => `&${key}=${encodeURIComponent(value)}`)
  return `${endpoint}${encodedPath(path)}?api-version=${apiVersion}${more.join('')}`
}

const audienceScope = (audience: string): string => `${audience}/.default`

/**
 * One pipeline for all clients: one token, one throttle budget, one place where calls are counted. It must
 * bring the token policy itself, or each client adds its own. Never give one client an `apiVersion` option:
 * it adds a policy that would rewrite the version in every client's requests.
 */
function pipelineFor(
  { options, credential, locksAlone, calls, following, answering, listeners }: Shared,
  { deadline, look }: Scope
): Pipeline {
  const { endpoint, audience = endpoint, retriesMax = 3, clock } = options
  const began: OperationListener = async operation => {
    for (const listener of listeners) await listener(operation)
  }
  const pipeline = createClientPipeline({
    credentialOptions: { credential, credentialScopes: audienceScope(audience) },
    // The SDK's own retries wait on the real clock and know nothing of what a write may have done.
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'pglink' }
  })
  // No request to ARM is a form, and the first look for one loads what Node has for them.
  pipeline.removePolicy({ name: formDataPolicyName })
  // The network's own client unpacks by itself, within bounds.
  pipeline.removePolicy({ name: decompressResponsePolicyName })
  // Before the token policy, so that what they send themselves is signed too.
  const early = { beforePolicies: [bearerTokenAuthenticationPolicyName] }
  if (options.standstill) pipeline.addPolicy(untilStandstill(options.standstill), early)
  if (options.readOnly) pipeline.addPolicy(readOnly(options.asksGraph ?? false), early)
  if (locksAlone) pipeline.addPolicy(locksOnly, early)
  if (options.stopping) pipeline.addPolicy(stoppedBy(options.stopping), early)
  pipeline.addPolicy(asNamed, early)
  pipeline.addPolicy(carry(look), early)
  pipeline.addPolicy(errors(clock), early)
  pipeline.addPolicy(operations(clock, deadline, following, began, options.onWait), early)
  pipeline.addPolicy(retries(clock, deadline, retriesMax, options.onWait), early)
  if (options.correlationId !== undefined) pipeline.addPolicy(correlated(options.correlationId), early)
  // Nearer to the wire than what reads an answer, which has to read a shared one as well.
  const unsigned = { phase: 'Retry' } as const
  if (options.shared) pipeline.addPolicy(sharing(options.shared), unsigned)
  // After it, since a shared answer costs nothing, and before the token, which may run out while a request waits.
  if (options.turns) pipeline.addPolicy(inTurn(options.turns, { deadline, reads: options.readOnly ?? false }), unsigned)
  pipeline.addPolicy(count(calls), { afterPhase: 'Sign' })
  pipeline.addPolicy(answering, { afterPhase: 'Sign' })
  if (options.onRequest) pipeline.addPolicy(logged(clock, options.onRequest), { afterPhase: 'Sign' })
  // Last of all: redirects and polls pass it, too.
  pipeline.addPolicy(onlyTo(endpoint), { afterPhase: 'Sign' })
  return pipeline
}
