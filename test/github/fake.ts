import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Answer, Refused } from './fakeAnswer.ts'
import { answerGraphql } from './fakeGraphql.ts'
import { answerRest, type RestRequest } from './fakeRest.ts'
import { makeStore, type Store, type Token } from './fakeStore.ts'

interface LoggedRequest {
  readonly method: string
  /** Beneath the API's root, with the query. */
  readonly path: string
  readonly body: unknown
  readonly actor: string | undefined
  readonly status: number
}

/** Refuses content as GitHub does when there is too much of it [GH docs, REST: rate limits]. */
interface SecondaryLimit {
  /** The first write that is refused, counted from 1 over the life of the fake. */
  readonly onWrite: number
  /** How many in a row are refused; 1 when absent. */
  readonly times?: number
  readonly status?: 403 | 429
  /** Seconds, in `retry-after`; absent: no such header, which means a minute. */
  readonly retryAfter?: number
}

/** Breaks one request: before it is carried out, or after it was, so that only the answer is lost. */
interface Fault {
  readonly method: string
  readonly path: RegExp
  readonly status: number
  readonly carriedOut?: boolean
  /** How many requests; 1 when absent. */
  times?: number
}

export interface FakeOptions {
  /** `owner/name`; acme/estate when absent. */
  readonly repository?: string
  /** Under `/api/v3`, as a GitHub Enterprise Server serves it, with GraphQL beside it. */
  readonly ghes?: boolean
  /** The most on one page, whatever a client asks for. */
  readonly pageMax?: number
  readonly seed?: number
}

export interface FakeGitHub {
  readonly store: Store
  readonly owner: string
  readonly repo: string
  /** As in `GITHUB_API_URL`, `GITHUB_GRAPHQL_URL` and `GITHUB_SERVER_URL`. */
  readonly apiUrl: string
  readonly graphqlUrl: string
  readonly serverUrl: string
  readonly log: readonly LoggedRequest[]
  /** Requests that no route is known for: a test that sees any has found something that GitHub was never asked here. */
  readonly unknown: readonly string[]
  /** Requests logged that match, as `METHOD path`. */
  asked(pattern: RegExp): readonly LoggedRequest[]
  limit(limit: SecondaryLimit): void
  /** The rest of the hour's requests is used up: everything is refused until `forget`. */
  exhaust(exhausted: boolean): void
  fault(fault: Fault): void
  /** Requests that match wait for one another until as many have come: two clients that see the same. */
  together(pattern: RegExp, count: number): void
  close(): Promise<void>
}

interface Switches {
  writes: number
  limit: SecondaryLimit | undefined
  exhausted: boolean
  readonly faults: Fault[]
  gate: { readonly pattern: RegExp; left: number; readonly opened: Promise<void>; readonly open: () => void } | undefined
}

interface Running {
  readonly store: Store
  readonly pageMax: number
  readonly log: LoggedRequest[]
  readonly unknown: string[]
  readonly switches: Switches
  readonly apiPath: string
  readonly graphqlPath: string
  /** Known once the port is. */
  serverUrl: string
}

/** GitHub on a port of this machine: the calls that are used, and what GitHub is strict about. */
export async function startFakeGitHub(options: FakeOptions = {}): Promise<FakeGitHub> {
  const { repository = 'acme/estate', ghes = false, pageMax = 100, seed = 1 } = options
  const running: Running = {
    store: makeStore(repository, seed),
    pageMax,
    log: [],
    unknown: [],
    switches: { writes: 0, limit: undefined, exhausted: false, faults: [], gate: undefined },
    apiPath: ghes ? '/api/v3' : '',
    graphqlPath: ghes ? '/api/graphql' : '/graphql',
    serverUrl: ''
  }
  const server = createServer((request, response) => {
    answer(running, request).then(
      given => reply(response, given, running.switches),
      () => request.socket.destroy()
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  running.serverUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const [owner = '', repo = ''] = repository.split('/')
  const { store, log, unknown, serverUrl, apiPath, graphqlPath } = running
  return {
    store,
    owner,
    repo,
    apiUrl: `${serverUrl}${apiPath}`,
    graphqlUrl: `${serverUrl}${graphqlPath}`,
    serverUrl,
    log,
    unknown,
    asked: pattern => log.filter(({ method, path }) => pattern.test(`${method} ${path}`)),
    ...switchesOf(running.switches),
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      })
  }
}

const switchesOf = (switches: Switches): Pick<FakeGitHub, 'limit' | 'exhaust' | 'fault' | 'together'> => ({
  limit: limit => {
    switches.limit = limit
  },
  exhaust: exhausted => {
    switches.exhausted = exhausted
  },
  fault: fault => void switches.faults.push({ ...fault }),
  together: (pattern, count) => {
    let open = (): void => undefined
    const opened = new Promise<void>(resolve => {
      open = resolve
    })
    switches.gate = { pattern, left: count, opened, open }
  }
})

async function answer(running: Running, request: IncomingMessage): Promise<Answer> {
  const { store, log, switches, apiPath, graphqlPath, serverUrl } = running
  const url = new URL(request.url ?? '/', serverUrl)
  const method = request.method ?? 'GET'
  const sent = await bodyOf(request)
  const graphql = url.pathname === graphqlPath && method === 'POST'
  const path = graphql ? '/graphql' : url.pathname.slice(apiPath.length)
  await passGate(switches, `${method} ${path}`)
  const token = tokenOf(store, request)
  const given = carriedOut(() => {
    if (!graphql && !url.pathname.startsWith(`${apiPath}/`)) throw new Refused(404, 'Not Found')
    if (request.headers['user-agent'] === undefined) throw new Refused(403, 'Request forbidden by administrative rules.')
    if (token === 'bad') throw new Refused(401, 'Bad credentials')
    refuseForLimits(switches, method, graphql, sent.value)
    return faulty(takeFault(switches.faults, method, path), () => {
      if (sent.broken) throw new Refused(400, 'Problems parsing JSON')
      return routed(running, { method, path, query: url.searchParams, body: sent.value, token })
    })
  })
  const actor = token === 'bad' ? undefined : token?.actor.login
  log.push({ method, path: `${path}${url.search}`, body: sent.value, actor, status: given.status })
  return given
}

function routed({ store, unknown, pageMax, serverUrl, apiPath }: Running, request: RestRequest): Answer {
  const { method, path, body, token } = request
  if (path === '/graphql' && method === 'POST') return answerGraphql(store, token, body)
  const found = answerRest({ store, root: `${serverUrl}${apiPath}`, pageMax }, request)
  if (found === undefined) unknown.push(`${method} ${path}`)
  return found ?? { status: 404, body: { message: 'Not Found', status: '404' } }
}

function faulty(fault: Fault | undefined, act: () => Answer): Answer {
  if (fault?.carriedOut) act()
  if (fault) throw new Refused(fault.status, 'Server Error')
  return act()
}

function carriedOut(act: () => Answer): Answer {
  try {
    return act()
  } catch (error) {
    if (error instanceof Refused) return error.answer
    return { status: 500, body: { message: error instanceof Error ? error.message : String(error) } }
  }
}

async function passGate(switches: Switches, request: string): Promise<void> {
  const { gate } = switches
  if (!gate?.pattern.test(request)) return
  gate.left -= 1
  if (gate.left <= 0) {
    switches.gate = undefined
    gate.open()
  }
  await gate.opened
}

async function bodyOf(request: IncomingMessage): Promise<{ readonly value: unknown; readonly broken: boolean }> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  if (chunks.length === 0) return { value: undefined, broken: false }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown, broken: false }
  } catch {
    return { value: undefined, broken: true }
  }
}

function tokenOf(store: Store, request: IncomingMessage): Token | 'bad' | undefined {
  const [, text] = /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (text === undefined) return undefined
  return store.tokens.find(other => other.token === text) ?? 'bad'
}

function refuseForLimits(switches: Switches, method: string, graphql: boolean, body: unknown): void {
  if (switches.exhausted) {
    const resets = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 3_000) }
    throw new Refused(403, 'API rate limit exceeded for installation.', { headers: resets })
  }
  const isMutation = graphql && /"query":"\s*mutation/.test(JSON.stringify(body))
  if (!isMutation && (graphql || method === 'GET')) return
  switches.writes += 1
  const { limit } = switches
  if (!limit || switches.writes < limit.onWrite || switches.writes >= limit.onWrite + (limit.times ?? 1)) return
  throw new Refused(
    limit.status ?? 403,
    'You have exceeded a secondary rate limit and have been temporarily blocked from content creation.',
    {
      headers: limit.retryAfter === undefined ? {} : { 'retry-after': String(limit.retryAfter) }
    }
  )
}

function takeFault(faults: Fault[], method: string, path: string): Fault | undefined {
  const at = faults.findIndex(fault => fault.method === method && fault.path.test(path))
  const fault = faults[at]
  if (!fault) return undefined
  fault.times = (fault.times ?? 1) - 1
  if (fault.times <= 0) faults.splice(at, 1)
  return fault
}

function reply(response: ServerResponse, { status, body, headers }: Answer, switches: Switches): void {
  const remaining = switches.exhausted ? {} : { 'x-ratelimit-remaining': '900', 'x-ratelimit-limit': '1000' }
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-github-request-id': 'FAKE:1',
    ...remaining,
    ...headers
  })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
