import { readFileSync } from 'node:fs'
import { isBody } from '../model/json.ts'

/** The run of a workflow: where it is, and what it is about. */
export interface Context {
  readonly event: string
  readonly owner: string
  readonly repo: string
  readonly sha: string
  /** '' where the run is not of a branch. */
  readonly branch: string
  readonly runId: string
  readonly runUrl: string
  readonly apiUrl: string
  /** '' where it follows from the API's. */
  readonly graphqlUrl: string
  readonly summaryFile: string
  readonly workspace: string
  readonly temp: string
  readonly payload: Members
}

type Members = { readonly [name: string]: unknown }

export interface PullRequest {
  readonly number: number
  /** The commit that people look at; what is checked out may be a merge of it. */
  readonly head: string
  readonly baseRef: string
  readonly baseSha: string
  /** Whether the commit comes from another repository: then the job has neither a token that writes nor a way to Azure. */
  readonly fork: boolean
}

export function contextOf(env: NodeJS.ProcessEnv, cwd: string): Context {
  const text = (name: string): string => env[name] ?? ''
  const [owner = '', repo = ''] = text('GITHUB_REPOSITORY').split('/')
  const server = text('GITHUB_SERVER_URL') || 'https://github.com'
  return {
    event: text('GITHUB_EVENT_NAME'),
    owner,
    repo,
    sha: text('GITHUB_SHA'),
    branch: /^refs\/heads\/(.+)$/.exec(text('GITHUB_REF'))?.[1] ?? '',
    runId: text('GITHUB_RUN_ID'),
    runUrl: `${server}/${owner}/${repo}/actions/runs/${text('GITHUB_RUN_ID')}`,
    apiUrl: text('GITHUB_API_URL') || 'https://api.github.com',
    graphqlUrl: text('GITHUB_GRAPHQL_URL'),
    summaryFile: text('GITHUB_STEP_SUMMARY'),
    workspace: text('GITHUB_WORKSPACE') || cwd,
    temp: text('RUNNER_TEMP') || cwd,
    payload: payloadOf(text('GITHUB_EVENT_PATH'))
  }
}

function payloadOf(path: string): Members {
  if (path === '') return {}
  try {
    const payload: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isBody(payload) ? payload : {}
  } catch {
    return {}
  }
}

/** The value at the end of a way of names, where there is one. */
function at(value: unknown, ...way: readonly string[]): unknown {
  return way.reduce<unknown>((part, name) => (isBody(part) ? part[name] : undefined), value)
}

const textAt = (value: unknown, ...way: readonly string[]): string => {
  const found = at(value, ...way)
  return typeof found === 'string' ? found : ''
}

/** Whether a commit is of another repository than the run; a fork that was deleted meanwhile has none any more. */
const isFork = ({ owner, repo }: Context, repository: unknown): boolean =>
  textAt(repository, 'full_name').toLowerCase() !== `${owner}/${repo}`.toLowerCase()

/** The pull request that the event is about. */
export function pullRequestOf(context: Context): PullRequest | undefined {
  const pull = at(context.payload, 'pull_request')
  const number = at(pull, 'number')
  if (context.event !== 'pull_request' || typeof number !== 'number') return undefined
  return {
    number,
    head: textAt(pull, 'head', 'sha'),
    baseRef: textAt(pull, 'base', 'ref'),
    baseSha: textAt(pull, 'base', 'sha'),
    fork: isFork(context, at(pull, 'head', 'repo'))
  }
}

/** The number of the pull request that a merge queue tries: it is in the name of the queue's branch [GH docs events merge_group]. */
export function queuedPullRequest({ event, payload }: Context): number | undefined {
  if (event !== 'merge_group') return undefined
  const number = /\/pr-(\d+)-[0-9a-f]+$/.exec(textAt(payload, 'merge_group', 'head_ref'))?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The commit that the event's own is put upon: of a push, the one before it, of a merge queue, the one ahead. '' where there is none. */
export function baseOf({ event, payload }: Context): string {
  // A new branch has no commit before, and GitHub says so in zeros.
  if (event === 'push') return textAt(payload, 'before').replace(/^0+$/, '')
  if (event === 'merge_group') return textAt(payload, 'merge_group', 'base_sha')
  return event === 'pull_request' ? textAt(payload, 'pull_request', 'base', 'sha') : ''
}

/** The run that a `workflow_run` event tells of, as GitHub knows it: nothing of it is what that run says about itself. */
export interface EarlierRun {
  readonly event: string
  readonly sha: string
  readonly branch: string
  /** The owner of the repository that the commit is from. */
  readonly owner: string
  readonly url: string
  /** Whether that is another one than ours, or one that is gone. */
  readonly fork: boolean
}

export function earlierRunOf(context: Context): EarlierRun | undefined {
  if (context.event !== 'workflow_run') return undefined
  const run = at(context.payload, 'workflow_run')
  return {
    fork: isFork(context, at(run, 'head_repository')),
    event: textAt(run, 'event'),
    sha: textAt(run, 'head_sha'),
    branch: textAt(run, 'head_branch'),
    owner: textAt(run, 'head_repository', 'owner', 'login'),
    url: textAt(run, 'html_url')
  }
}
