import { Octokit } from '@octokit/core'
import { paginateRest } from '@octokit/plugin-paginate-rest'
import { retry } from '@octokit/plugin-retry'
import { type ThrottlingOptions, throttling } from '@octokit/plugin-throttling'
import { asked, GithubRefusal, isRefused } from './refusal.ts'

const Client = Octokit.plugin(paginateRest, retry, throttling)

export interface ClientOptions {
  readonly token: string
  /** As in `GITHUB_API_URL`: `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string
  /** As in `GITHUB_GRAPHQL_URL`; worked out from `apiUrl` when absent. */
  readonly graphqlUrl?: string
  /** Name and version of who asks: GitHub refuses requests without. */
  readonly userAgent: string
  /** Hears why nothing seems to happen. */
  readonly onWait?: (message: string) => void
  /** How long a second of waiting lasts, and between writes; tests shorten it. */
  readonly pace?: Pace
}

export interface Pace {
  readonly secondMs: number
  /** In place of the queues of the package, which keep writes a second and notifications three seconds apart. */
  readonly queues: Pick<ThrottlingOptions, 'write' | 'notifications'>
}

/** Where something is: a repository, by the names in its address. */
export interface Repository {
  readonly owner: string
  readonly repo: string
}

/** Where something of a repository is, less all else that is known of it. */
export const repositoryOf = ({ owner, repo }: Repository): Repository => ({ owner, repo })

/** The account of the token: a comment that it wrote is ours, and no other is. */
interface Author {
  readonly id: number
  readonly login: string
}

export interface GithubClient {
  readonly octokit: InstanceType<typeof Client>
  /** A node that is gone is `null` in the answer. */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown>
  /** Asked for once. */
  author(): Promise<Author>
}

/** A longer wait is not worth a comment: the plan is in the log, and the job summary needs no request. */
const longestWaitSeconds = 120
const attemptsMax = 3

/** A connection over which nothing comes any more is a broken one. */
const answerMs = 60_000

/** Refusals that asking again does not change; those for going too fast have their own wait, which is the other package's. */
const finalStatuses = [400, 401, 403, 404, 409, 410, 413, 422, 429, 451]

let clients = 0

/** One client for one run: it keeps its own pace and asks only once who it is. */
export function githubClient(options: ClientOptions): GithubClient {
  const { token, apiUrl, graphqlUrl, userAgent, pace } = options
  const secondMs = pace?.secondMs ?? 1_000
  clients += 1
  const octokit = new Client({
    auth: token,
    baseUrl: apiUrl.replace(/\/+$/, ''),
    userAgent,
    // The packages say it on the console otherwise, into the middle of a plan.
    log: silent,
    request: { fetch: fetchWithin, log: silent },
    retry: { doNotRetry: finalStatuses, retries: attemptsMax - 1, retryAfterBaseValue: secondMs },
    throttle: {
      // Queues are shared between clients of the same name.
      id: `pglink-${clients}`,
      retryAfterBaseValue: secondMs,
      ...pace?.queues,
      onSecondaryRateLimit: limitHandler('a secondary rate limit', options),
      onRateLimit: limitHandler('the rate limit of this token', options)
    }
  })
  const graphql = graphqlUrl === undefined ? octokit.graphql : octokit.graphql.defaults({ url: graphqlUrl })
  let author: Promise<Author> | undefined
  return {
    octokit,
    graphql: (query, variables) => graphql<unknown>(query, { ...variables }).catch(partOf),
    author: () => {
      author ??= findAuthor(octokit, query => graphql<unknown>(query))
      return author
    }
  }
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

const fetchWithin: typeof fetch = (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(answerMs) })

/** [GH docs, GraphQL: global node ids] One node that is gone is an error for the whole answer, which holds the others all the same. */
function partOf(error: unknown): unknown {
  const { name, data, errors } = error instanceof Error ? (error as Error & { data?: unknown; errors?: unknown }) : {}
  const isGone = (one: { readonly type?: unknown }): boolean => one.type === 'NOT_FOUND'
  if (name === 'GraphqlResponseError' && data !== null && Array.isArray(errors) && errors.every(isGone)) return data
  throw error
}

/**
 * [GH docs, REST: rate limits] Too much in too short a time is answered with 403 or 429, and with the seconds to wait, a
 * minute where none are given; who goes on regardless may be shut out. The request was not carried out.
 */
function limitHandler(limit: string, { onWait }: ClientOptions) {
  return (retryAfter: number, _options: unknown, _octokit: unknown, retryCount: number): boolean => {
    if (retryCount >= attemptsMax - 1 || retryAfter > longestWaitSeconds) return false
    onWait?.(`GitHub answers that ${limit} is reached: asking again in ${retryAfter} s.`)
    return true
  }
}

/**
 * [GH marocchino/sticky-pull-request-comment#332, GH fullsend-ai/fullsend#1953] `GET /user` is refused to the
 * `GITHUB_TOKEN` and to every App, while GraphQL's viewer tells all of them who they are, by the same number that a
 * comment's author has. Comparing logins would not do: GraphQL leaves the `[bot]` off an author's.
 */
async function findAuthor(octokit: InstanceType<typeof Client>, graphql: (query: string) => Promise<unknown>): Promise<Author> {
  try {
    const found = authorIn(await asked('learn whose token it is', () => graphql('query { viewer { login databaseId } }')), 'viewer')
    if (found) return found
  } catch (error) {
    if (isRefused(error, 'token', 'limited', 'unreachable')) throw error
  }
  const { data } = await asked('learn whose token it is', () => octokit.request('GET /user'))
  const found = authorIn({ user: data }, 'user')
  if (found) return found
  throw new GithubRefusal(
    'other',
    200,
    'Could not learn whose token it is, so what is ours cannot be told from what is not: nothing was written.'
  )
}

function authorIn(answer: unknown, member: 'viewer' | 'user'): Author | undefined {
  // Each member is looked at before it is used.
  const account = (answer as Readonly<Record<string, { databaseId?: unknown; id?: unknown; login?: unknown } | null>> | null)?.[member]
  const id = account?.databaseId ?? account?.id
  return typeof id === 'number' && typeof account?.login === 'string' ? { id, login: account.login } : undefined
}

/**
 * Makes something. After an error of the server or a lost connection it may have been made all the same, and only looking
 * can tell: asking again by itself, as for other requests, could make it twice.
 *
 * @param made looks whether it is there
 */
export async function makeOnce<T>(
  what: string,
  make: (options: { readonly retries: 0 }) => Promise<T>,
  made: () => Promise<T | undefined>
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await asked(what, () => make({ retries: 0 }))
    } catch (error) {
      if (!isRefused(error, 'unreachable') || attempt >= attemptsMax) throw error
      const found = await made()
      if (found !== undefined) return found
    }
  }
}
