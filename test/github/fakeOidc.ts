import { createServer, type IncomingMessage } from 'node:http'

export interface FakeOidcOptions {
  /** `owner/name`; acme/estate when absent. */
  readonly repository?: string
  /** The end of the subject, such as `ref:refs/heads/main`, `pull_request` or `environment:prod`. */
  readonly subject?: string
}

export interface FakeOidc {
  /** For `ACTIONS_ID_TOKEN_REQUEST_URL`: it has a query already, so that an audience is appended with `&`. */
  readonly requestUrl: string
  /** For `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
  readonly requestToken: string
  /** Every ID token that was given out, in order. */
  readonly minted: readonly MintedToken[]
  /** How many asked without the bearer, or with another one. */
  readonly refused: number
  /** Answers the next requests with this status. */
  fail(status: number, times: number): void
  close(): Promise<void>
}

interface MintedToken {
  readonly token: string
  readonly audience: string
  readonly subject: string
}

/**
 * The endpoint of a runner that gives out ID tokens [GH docs, Actions: OpenID Connect reference]. The tokens have the
 * claims and the shape, but nobody's signature.
 */
export async function startFakeOidc({
  repository = 'acme/estate',
  subject = 'ref:refs/heads/main'
}: FakeOidcOptions = {}): Promise<FakeOidc> {
  const given: Given = { repository, subject: `repo:${repository}:${subject}`, minted: [], failing: { status: 0, times: 0 }, refused: 0 }
  const server = createServer((request, response) => {
    const { status, body } = answer(given, request)
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    requestUrl: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/token?api-version=2.0`,
    requestToken,
    minted: given.minted,
    get refused() {
      return given.refused
    },
    fail: (status, times) => void Object.assign(given.failing, { status, times }),
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      })
  }
}

const requestToken = 'fake-runner-token'

interface Given {
  readonly repository: string
  readonly subject: string
  readonly minted: MintedToken[]
  readonly failing: { status: number; times: number }
  refused: number
}

function answer(given: Given, request: IncomingMessage): { readonly status: number; readonly body: unknown } {
  const { repository, subject, minted, failing } = given
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (request.headers.authorization?.toLowerCase() !== `bearer ${requestToken}`) {
    given.refused += 1
    return { status: 401, body: { message: 'The request token is missing or not valid.' } }
  }
  if (request.method !== 'GET' || url.pathname !== '/token' || url.searchParams.get('api-version') !== '2.0')
    return { status: 404, body: { message: 'Not Found' } }
  if (failing.times > 0) {
    failing.times -= 1
    return { status: failing.status, body: { message: 'Service unavailable' } }
  }
  const audience = url.searchParams.get('audience') ?? `https://github.com/${repository.split('/')[0]}`
  const token = mint({ repository, subject, audience, count: minted.length })
  minted.push({ token, audience, subject })
  return { status: 200, body: { count: 1, value: token } }
}

interface Claims {
  readonly repository: string
  readonly subject: string
  readonly audience: string
  readonly count: number
}

/** Two tokens are never the same: each has an id, and lives for ten minutes. */
function mint({ repository, subject, audience, count }: Claims): string {
  const issuedAt = Math.floor(Date.now() / 1_000)
  const header = { typ: 'JWT', alg: 'RS256', kid: 'fake', x5t: 'fake' }
  const payload = {
    jti: `fake-${count + 1}`,
    sub: subject,
    aud: audience,
    iss: 'https://token.actions.githubusercontent.com',
    repository,
    repository_owner: repository.split('/')[0],
    iat: issuedAt,
    nbf: issuedAt - 600,
    exp: issuedAt + 600
  }
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${Buffer.from('not a signature').toString('base64url')}`
}
