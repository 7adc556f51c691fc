/** An account, as GitHub names it: a bot has `[bot]` in its login over REST, and has not where GraphQL gives an author. */
export interface Actor {
  readonly id: number
  readonly login: string
  readonly type: 'Bot' | 'User'
}

export type Area = 'actions' | 'contents' | 'issues' | 'pull_requests'

export interface Token {
  readonly token: string
  readonly actor: Actor
  /** Whether it is an installation's (`GITHUB_TOKEN`, an App) or a person's. */
  readonly installation: boolean
  readonly permissions: Readonly<Partial<Record<Area, 'read' | 'write'>>>
}

export interface FakeComment {
  readonly id: number
  readonly nodeId: string
  readonly number: number
  readonly author: Actor
  readonly createdAt: string
  body: string
  updatedAt: string
  editor: Actor | null
  /** Lower case, as GitHub gives the reason back. */
  minimized: string | null
}

export interface FakePull {
  head: { readonly ref: string; readonly repository: string; sha: string }
  readonly base: { readonly ref: string; readonly sha: string }
  mergedAt: string | null
  mergeCommit: string | null
}

export interface FakeIssue {
  readonly id: number
  readonly number: number
  readonly author: Actor
  readonly createdAt: string
  title: string
  body: string
  state: 'open' | 'closed'
  stateReason: 'completed' | 'not_planned' | 'reopened' | 'duplicate' | null
  labels: string[]
  locked: boolean
  updatedAt: string
  readonly pull: FakePull | null
}

export interface FakeLabel {
  readonly name: string
  readonly color: string
  readonly description: string
}

/** The real id of the account behind every `GITHUB_TOKEN` [GH anthropics/claude-code-action#960]. */
export const actionsBot: Actor = { id: 41_898_282, login: 'github-actions[bot]', type: 'Bot' }
export const mallory: Actor = { id: 666, login: 'mallory', type: 'User' }
export const alice: Actor = { id: 101, login: 'alice', type: 'User' }

/** The token of a workflow with `permissions: { actions: read, contents: read, issues: write, pull-requests: write }`. */
export const actionsToken: Token = {
  token: 'ghs_fakeActions',
  actor: actionsBot,
  installation: true,
  permissions: { actions: 'read', contents: 'read', issues: 'write', pull_requests: 'write' }
}

/** The token of a run of a fork's pull request, whatever its workflow asks for. */
export const forkToken: Token = {
  token: 'ghs_fakeFork',
  actor: actionsBot,
  installation: true,
  permissions: { contents: 'read', issues: 'read', pull_requests: 'read' }
}

export interface Store {
  readonly repository: string
  readonly repositoryId: number
  readonly tokens: Token[]
  readonly comments: FakeComment[]
  readonly issues: FakeIssue[]
  readonly labels: FakeLabel[]
  /** The status of workflow runs, by id. */
  readonly workflowRuns: Map<string, 'in_progress' | 'completed'>
  hasIssues: boolean
  /** Ids and times are counted, so that two runs of a test see the same. */
  nextId(): number
  now(): string
}

export function makeStore(repository: string, seed: number): Store {
  let id = 1_000 + (seed % 1_000)
  let seconds = Date.UTC(2026, 0, 5, 8) / 1_000
  return {
    repository,
    repositoryId: 7_000 + (seed % 1_000),
    tokens: [actionsToken, forkToken],
    comments: [],
    issues: [],
    labels: [],
    workflowRuns: new Map(),
    hasIssues: true,
    nextId: () => {
      id += 1
      return id
    },
    now: () => {
      seconds += 1
      return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z')
    }
  }
}

export function addComment(store: Store, number: number, author: Actor, body: string): FakeComment {
  const id = store.nextId()
  const at = store.now()
  const comment: FakeComment = {
    id,
    nodeId: `IC_kwDO${id}`,
    number,
    author,
    body,
    createdAt: at,
    updatedAt: at,
    editor: null,
    minimized: null
  }
  store.comments.push(comment)
  return comment
}

export function editComment(store: Store, comment: FakeComment, editor: Actor, body: string): void {
  comment.body = body
  comment.editor = editor
  comment.updatedAt = store.now()
}

export function addIssue(
  store: Store,
  author: Actor,
  { title, body = '', labels = [], pull = null }: { title: string; body?: string; labels?: readonly string[]; pull?: FakePull | null }
): FakeIssue {
  const at = store.now()
  const issue: FakeIssue = {
    id: store.nextId(),
    number: store.issues.length + 1,
    author,
    title,
    body,
    state: 'open',
    stateReason: null,
    labels: [...labels],
    locked: false,
    createdAt: at,
    updatedAt: at,
    pull
  }
  store.issues.push(issue)
  return issue
}

export interface NewPull {
  readonly sha: string
  readonly branch?: string
  /** `owner/name` of the fork; the repository itself when absent. */
  readonly from?: string
  readonly title?: string
}

/** A pull request is an issue as well: the two share their numbers [GH docs, REST: list repository issues]. */
export function openPull(store: Store, { sha, branch = 'topic', from, title = 'a change' }: NewPull): number {
  return addIssue(store, alice, {
    title,
    pull: {
      head: { ref: branch, sha, repository: from ?? store.repository },
      base: { ref: 'main', sha: '0'.repeat(40) },
      mergedAt: null,
      mergeCommit: null
    }
  }).number
}

export function mergePull(store: Store, number: number, mergeCommit: string): void {
  const issue = store.issues.find(other => other.number === number)
  if (!issue?.pull) throw new Error(`no pull request ${number}`)
  issue.state = 'closed'
  issue.pull.mergedAt = store.now()
  issue.pull.mergeCommit = mergeCommit
}

export function pushTo(store: Store, number: number, sha: string): void {
  const pull = store.issues.find(issue => issue.number === number)?.pull
  if (!pull) throw new Error(`no pull request ${number}`)
  pull.head.sha = sha
}
