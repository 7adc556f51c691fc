import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Long enough to be taken for a secret, and found where it does not belong. */
export const token = 'job-token-0123456789'
export const [me, other] = ['11111111-aaaa-4111-8111-111111111111', '22222222-bbbb-4222-8222-222222222222']
const repository = 'dddddddd-0000-4000-8000-00000000000d'
const project = 'estate'
export const [head, merge] = ['a'.repeat(40), 'b'.repeat(40)]
const merged = 'c'.repeat(40)

interface FakeThread {
  readonly id: number
  readonly status: number
  readonly isDeleted?: boolean
  readonly comments: readonly {
    readonly id: number
    readonly author: { readonly id: string }
    content: string
    readonly isDeleted?: boolean
  }[]
}

interface Fault {
  readonly method: string
  readonly status: number
  /** The end of the path; any where it is absent. */
  readonly at?: string
  readonly headers?: Record<string, string>
  readonly text?: string
}

export interface Store {
  threads: FakeThread[]
  pull: Record<string, unknown>
  /** The builds that are there, the newest first. */
  builds: Record<string, unknown>[]
  /** The parents of the merge that the build is of. */
  parents: string[]
  artifacts: Record<string, unknown>
  /** Whether a list of builds is only of those that were asked for, as Azure DevOps gives it. */
  filters: boolean
  /** Answers of another kind, each for one request. */
  faults: Fault[]
}

export interface FakeDevops {
  readonly store: Store
  /** As `METHOD path`, without the query. */
  readonly log: string[]
  /** Requests that Azure DevOps was never asked here, or does not take so. */
  readonly refused: string[]
  /** The variables of a build of the pull request, and of the merge. */
  readonly env: Readonly<Record<string, string>>
  readonly mergeEnv: Readonly<Record<string, string>>
}

interface Call {
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  readonly parts: readonly string[]
}

interface Route {
  readonly method: string
  readonly path: RegExp
  readonly version?: string
  /** The parameters that are taken, all of which have to be there. */
  readonly query?: readonly string[]
  /** The members of the body, one in the other, all of which have to be there. */
  readonly body?: string
  readonly answer: (store: Store, call: Call) => unknown
}

const git = `/org/${project}/_apis/git/repositories/${repository}`
const builds = `/org/${project}/_apis/build/builds`

/**
 * The calls that pglink makes of Azure DevOps, as its REST reference 7.1 and the types of microsoft/azure-devops-node-api have them
 * (GitInterfaces, BuildInterfaces, LocationsInterfaces). Everything else is refused, and kept for the test to see.
 */
const routes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/org\/_apis\/connectionData$/,
    version: '7.1-preview',
    answer: () => ({ authenticatedUser: { id: me }, authorizedUser: { id: me }, instanceId: other })
  },
  { method: 'GET', path: new RegExp(`^${git}/pullRequests/7$`), answer: ({ pull }) => pull },
  {
    method: 'GET',
    path: new RegExp(`^${git}/pullRequests/7/threads$`),
    answer: ({ threads }) => ({ value: threads, count: threads.length })
  },
  {
    method: 'POST',
    path: new RegExp(`^${git}/pullRequests/7/threads$`),
    body: '{"comments":[{"parentCommentId":0,"content":"","commentType":1}],"status":4}',
    answer(store, { body }) {
      const { comments, status } = body as FakeThread
      const made = { id: 100 + store.threads.length, status, comments: comments.map(one => ({ ...one, id: 1, author: { id: me } })) }
      store.threads.push(made)
      return made
    }
  },
  {
    method: 'PATCH',
    path: new RegExp(`^${git}/pullRequests/7/threads/(\\d+)/comments/(\\d+)$`),
    body: '{"content":""}',
    answer({ threads }, { body, parts: [thread, comment] }) {
      const found = threads.find(({ id }) => id === Number(thread))?.comments.find(({ id }) => id === Number(comment))
      if (found === undefined) throw new Refusal(404, 'The comment is not there.')
      // One may edit one's own comments alone.
      if (found.author.id !== me) throw new Refusal(403, 'TF401027: You need the Git permission to perform this action.')
      found.content = (body as { content: string }).content
      return found
    }
  },
  {
    method: 'POST',
    path: new RegExp(`^${git}/pullrequestquery$`),
    body: `{"queries":[{"type":"lastMergeCommit","items":["${merged}"]}]}`,
    answer: ({ pull }, { body }) => ({ queries: body, results: [pull['pullRequestId'] === 7 ? { [merged]: [{ pullRequestId: 7 }] } : {}] })
  },
  { method: 'GET', path: new RegExp(`^${git}/commits/${merge}$`), answer: ({ parents }) => ({ commitId: merge, parents }) },
  {
    method: 'GET',
    path: new RegExp(`^${builds}$`),
    query: ['definitions', 'repositoryId', 'repositoryType', 'branchName', 'reasonFilter', 'statusFilter', 'queryOrder', '$top'],
    answer: (store, { query }) => ({
      value: store.builds.filter(one => !store.filters || isAsked(one, query)).slice(0, Number(query['$top']))
    })
  },
  {
    method: 'GET',
    path: new RegExp(`^${builds}/(\\d+)/artifacts$`),
    query: ['artifactName', '$format', 'subPath'],
    answer({ artifacts }, { query, parts: [build] }) {
      const found = query['$format'] === 'file' ? artifacts[`${build}/${query['artifactName']}${query['subPath']}`] : undefined
      if (found === undefined) throw new Refusal(404, `Artifact ${query['artifactName']} was not found for build ${build}.`)
      return found
    }
  }
]

const isAsked = (build: Record<string, unknown>, query: Readonly<Record<string, string>>): boolean =>
  String((build['definition'] as { id: number }).id) === query['definitions'] &&
  (build['repository'] as { id: string }).id === query['repositoryId'] &&
  build['sourceBranch'] === query['branchName'] &&
  build['reason'] === query['reasonFilter'] &&
  build['status'] === query['statusFilter']

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The same members with texts that may be anything: the names of all members and the values of the others. */
const shapeOf = (body: unknown): string =>
  JSON.stringify(body, (key, value: unknown) => (key === 'content' && typeof value === 'string' ? '' : value))

const buildOf = (id: number): Record<string, unknown> => ({
  id,
  definition: { id: 12 },
  repository: { id: repository, type: 'TfsGit' },
  sourceBranch: 'refs/pull/7/merge',
  sourceVersion: merge,
  reason: 'pullRequest',
  status: 'completed',
  result: 'succeeded'
})

function freshStore(): Store {
  return {
    threads: [],
    pull: {
      pullRequestId: 7,
      status: 'completed',
      repository: { id: repository },
      targetRefName: 'refs/heads/main',
      lastMergeSourceCommit: { commitId: head },
      lastMergeCommit: { commitId: merged }
    },
    builds: [buildOf(40)],
    parents: ['9'.repeat(40), head],
    artifacts: {},
    filters: true,
    faults: []
  }
}

/** An Azure DevOps on this machine for one test. */
export async function fakeDevops(): Promise<FakeDevops> {
  const store = freshStore()
  const [log, refused]: [string[], string[]] = [[], []]
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const [method, url] = [request.method ?? '', new URL(request.url ?? '', 'http://fake')]
    log.push(`${method} ${url.pathname}`)
    const reply = (status: number, body: string, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(body)
    const fault = store.faults.find(one => one.method === method && url.pathname.endsWith(one.at ?? ''))
    if (fault) {
      store.faults.splice(store.faults.indexOf(fault), 1)
      return reply(fault.status, fault.text ?? '{"message":"broken on purpose"}', fault.headers)
    }
    if (request.headers.authorization !== `Bearer ${token}`)
      return reply(203, '<html>Sign in</html>', { 'content-type': 'text/html; charset=utf-8' })
    try {
      const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
      reply(200, JSON.stringify(answerTo(store, { method, url, body })))
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 400
      if (status === 400) refused.push(`${method} ${url.pathname}${url.search}: ${String(error)}`)
      reply(status, JSON.stringify({ message: error instanceof Error ? error.message : '', typeKey: 'Refused' }))
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const both = {
    SYSTEM_COLLECTIONURI: `http://127.0.0.1:${(server.address() as AddressInfo).port}/org/`,
    SYSTEM_TEAMPROJECTID: project,
    SYSTEM_ACCESSTOKEN: token,
    BUILD_REPOSITORY_PROVIDER: 'TfsGit',
    BUILD_REPOSITORY_ID: repository,
    BUILD_BUILDID: '40'
  }
  return {
    store,
    log,
    refused,
    env: {
      ...both,
      BUILD_SOURCEBRANCH: 'refs/pull/7/merge',
      BUILD_SOURCEVERSION: merge,
      SYSTEM_PULLREQUEST_PULLREQUESTID: '7',
      SYSTEM_PULLREQUEST_SOURCECOMMITID: head
    },
    mergeEnv: { ...both, BUILD_SOURCEBRANCH: 'refs/heads/main', BUILD_SOURCEVERSION: merged }
  }
}

function answerTo(store: Store, { method, url, body }: { readonly method: string; readonly url: URL; readonly body: unknown }): unknown {
  const query = Object.fromEntries(url.searchParams)
  for (const route of routes) {
    const match = method === route.method ? route.path.exec(url.pathname) : null
    if (match === null) continue
    const wanted = [...(route.query ?? []), 'api-version'].sort().join()
    const given = [...url.searchParams.keys()].sort().join()
    if (given !== wanted) throw new Refusal(400, `takes ${wanted}, and was given ${given}`)
    if (query['api-version'] !== (route.version ?? '7.1')) throw new Refusal(400, `has no version ${query['api-version']}`)
    const shape = body === undefined ? undefined : shapeOf(body)
    if (shape !== route.body) throw new Refusal(400, `takes ${route.body}, and was given ${shape}`)
    return route.answer(store, { query, body, parts: match.slice(1) })
  }
  throw new Refusal(400, 'is not known')
}
