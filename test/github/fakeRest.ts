import { type Answer, invalid, notAccessible, notFound, Refused } from './fakeAnswer.ts'
import { checkBody, checkTitle, descriptionMax, labelMax, labelsOf, membersOf, textOf } from './fakeBody.ts'
import { commentShape, issueShape, labelShape, pullShape } from './fakeShapes.ts'
import { type Area, addComment, addIssue, editComment, type FakeIssue, type Store, type Token } from './fakeStore.ts'

export interface RestRequest {
  readonly method: string
  /** Beneath the API's root, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
  readonly token: Token | undefined
}

export interface RestContext {
  readonly store: Store
  /** The API's root, for links. */
  readonly root: string
  /** Fewer on a page than the client asks for. */
  readonly pageMax: number
}

type Handler = (context: RestContext, request: RestRequest, part: readonly string[]) => Answer

const routes: readonly (readonly [method: string, pattern: RegExp, handler: Handler])[] = [
  ['GET', /^\/user$/, user],
  ['GET', /^\/repo\/issues\/(\d+)\/comments$/, listComments],
  ['POST', /^\/repo\/issues\/(\d+)\/comments$/, createComment],
  ['PATCH', /^\/repo\/issues\/comments\/(\d+)$/, updateComment],
  ['DELETE', /^\/repo\/issues\/comments\/(\d+)$/, deleteComment],
  ['GET', /^\/repo\/issues$/, listIssues],
  ['POST', /^\/repo\/issues$/, createIssue],
  ['GET', /^\/repo\/issues\/(\d+)$/, getIssue],
  ['PATCH', /^\/repo\/issues\/(\d+)$/, updateIssue],
  ['GET', /^\/repo\/labels\/([^/]+)$/, getLabel],
  ['POST', /^\/repo\/labels$/, createLabel],
  ['GET', /^\/repo\/actions\/runs\/(\d+)$/, getWorkflowRun],
  ['GET', /^\/repo\/pulls$/, listPulls],
  ['GET', /^\/repo\/pulls\/(\d+)$/, getPull],
  ['GET', /^\/repo\/commits\/([^/]+)\/pulls$/, pullsOfCommit]
]

/** @throws Refused as GitHub refuses. `undefined`: no such route is known here. */
export function answerRest(context: RestContext, request: RestRequest): Answer | undefined {
  const { repository, repositoryId } = context.store
  const named = [`/repos/${repository}`, `/repositories/${repositoryId}`]
  const prefix = named.find(name => request.path.toLowerCase().startsWith(`${name.toLowerCase()}/`))
  const path = prefix === undefined ? request.path : `/repo${request.path.slice(prefix.length)}`
  for (const [method, pattern, handler] of routes) {
    const match = pattern.exec(path)
    if (match === null || method !== request.method) continue
    if (request.token === undefined) throw new Refused(401, 'Requires authentication')
    return handler(context, request, match.slice(1).map(decodeURIComponent))
  }
  if (/^\/repos\/[^/]+\/[^/]+(\/|$)/.test(request.path) && prefix === undefined) throw notFound()
  return undefined
}

function getWorkflowRun({ store }: RestContext, { token }: RestRequest, [id = '']: readonly string[]): Answer {
  may(token, 'read', 'actions')
  const status = store.workflowRuns.get(id)
  if (status === undefined) throw notFound()
  return { status: 200, body: { id: Number(id), status, conclusion: status === 'completed' ? 'cancelled' : null } }
}

function may(token: Token | undefined, level: 'read' | 'write', ...areas: readonly Area[]): void {
  const enough = areas.some(area => token?.permissions[area] === 'write' || (level === 'read' && token?.permissions[area] === 'read'))
  if (enough) return
  // A person's token without access is not told that there is anything; an installation's is [GH docs, REST: troubleshooting].
  if (token?.installation) throw notAccessible(areas.map(area => `${area}=${level}`).join('; '))
  throw notFound()
}

/** One may write about a pull request with either permission, about an issue only with its own. */
function mayWriteAbout(token: Token | undefined, issue: FakeIssue): void {
  may(token, 'write', 'issues', ...(issue.pull ? (['pull_requests'] as const) : []))
}

function user(_context: RestContext, { token }: RestRequest): Answer {
  // An installation is nobody, over REST: GraphQL's viewer is the only way to learn its login [GH marocchino/sticky-pull-request-comment#332].
  if (!token || token.installation) throw notAccessible('')
  return { status: 200, body: { login: token.actor.login, id: token.actor.id, type: token.actor.type } }
}

function issueOf({ store }: RestContext, number: string | undefined): FakeIssue {
  const issue = store.issues.find(other => other.number === Number(number))
  if (!issue) throw notFound()
  return issue
}

function listComments(context: RestContext, request: RestRequest, [number]: readonly string[]): Answer {
  may(request.token, 'read', 'issues', 'pull_requests')
  const issue = issueOf(context, number)
  const all = context.store.comments.filter(comment => comment.number === issue.number)
  return paged(
    context,
    request,
    all.map(comment => commentShape(context, comment))
  )
}

function createComment(context: RestContext, { token, body }: RestRequest, [number]: readonly string[]): Answer {
  const issue = issueOf(context, number)
  mayWriteAbout(token, issue)
  const text = textOf(body, 'body', true)
  checkBody('IssueComment', text)
  if (issue.locked) throw new Refused(403, 'Unable to create comment because issue is locked.')
  const comment = addComment(context.store, issue.number, authorOf(token), text)
  return { status: 201, body: commentShape(context, comment) }
}

function updateComment(context: RestContext, { token, body }: RestRequest, [id]: readonly string[]): Answer {
  const { store } = context
  const comment = store.comments.find(other => other.id === Number(id))
  if (!comment) throw notFound()
  mayWriteAbout(token, issueOf(context, String(comment.number)))
  const text = textOf(body, 'body', true)
  checkBody('IssueComment', text)
  editComment(store, comment, authorOf(token), text)
  return { status: 200, body: commentShape(context, comment) }
}

function deleteComment(context: RestContext, { token }: RestRequest, [id]: readonly string[]): Answer {
  const { comments } = context.store
  const at = comments.findIndex(other => other.id === Number(id))
  const comment = comments[at]
  if (!comment) throw notFound()
  mayWriteAbout(token, issueOf(context, String(comment.number)))
  comments.splice(at, 1)
  return { status: 204, body: undefined }
}

function listIssues(context: RestContext, request: RestRequest): Answer {
  may(request.token, 'read', 'issues')
  const { query } = request
  const state = query.get('state') ?? 'open'
  if (!['open', 'closed', 'all'].includes(state)) throw invalid('Issue', 'invalid', 'state')
  const creator = query.get('creator')?.toLowerCase()
  const labels = query.get('labels')?.split(',') ?? []
  const chosen = context.store.issues.filter(
    issue =>
      (state === 'all' || issue.state === state) &&
      (creator === undefined || issue.author.login.toLowerCase() === creator) &&
      labels.every(label => issue.labels.includes(label))
  )
  const newestFirst = chosen.sort((one, other) => other.number - one.number)
  // Links of this list carry a cursor: who counts pages himself goes wrong [GH docs, REST: pagination].
  return paged(
    context,
    request,
    newestFirst.map(issue => issueShape(context, issue)),
    'after'
  )
}

function createIssue(context: RestContext, { token, body }: RestRequest): Answer {
  const { store } = context
  may(token, 'write', 'issues')
  if (!store.hasIssues) throw new Refused(410, 'Issues has been disabled in this repository.')
  const title = textOf(body, 'title', true)
  checkTitle(title)
  const text = textOf(body, 'body', false)
  checkBody('Issue', text, false)
  const labels = labelsOf(body)
  // Labels that are not there are made along with the issue.
  for (const name of labels) if (!hasLabel(store, name)) store.labels.push({ name, color: 'ededed', description: '' })
  const issue = addIssue(store, authorOf(token), { title, body: text, labels })
  return { status: 201, body: issueShape(context, issue) }
}

function getIssue(context: RestContext, { token }: RestRequest, [number]: readonly string[]): Answer {
  may(token, 'read', 'issues')
  return { status: 200, body: issueShape(context, issueOf(context, number)) }
}

function updateIssue(context: RestContext, { token, body }: RestRequest, [number]: readonly string[]): Answer {
  const issue = issueOf(context, number)
  mayWriteAbout(token, issue)
  const changes = membersOf(body)
  if (changes['title'] !== undefined) checkTitle(textOf(body, 'title', true))
  if (changes['body'] !== undefined) checkBody('Issue', textOf(body, 'body', false), false)
  const { state, state_reason: reason = null } = changes
  if (state !== undefined && state !== 'open' && state !== 'closed') throw invalid('Issue', 'invalid', 'state')
  if (reason !== null && reason !== 'completed' && reason !== 'not_planned' && reason !== 'reopened' && reason !== 'duplicate')
    throw invalid('Issue', 'invalid', 'state_reason')
  if (changes['title'] !== undefined) issue.title = textOf(body, 'title', true)
  if (changes['body'] !== undefined) issue.body = textOf(body, 'body', false)
  if (changes['labels'] !== undefined) issue.labels = [...labelsOf(body)]
  if (state !== undefined && state !== issue.state) {
    issue.state = state
    issue.stateReason = state === 'open' ? 'reopened' : (reason ?? 'completed')
  }
  issue.updatedAt = context.store.now()
  return { status: 200, body: issueShape(context, issue) }
}

const hasLabel = (store: Store, name: string): boolean => store.labels.some(label => label.name.toLowerCase() === name.toLowerCase())

function getLabel({ store }: RestContext, { token }: RestRequest, [name]: readonly string[]): Answer {
  may(token, 'read', 'issues', 'pull_requests')
  const label = store.labels.find(other => other.name.toLowerCase() === name?.toLowerCase())
  if (!label) throw notFound()
  return { status: 200, body: labelShape(label) }
}

function createLabel({ store }: RestContext, { token, body }: RestRequest): Answer {
  may(token, 'write', 'issues', 'pull_requests')
  const name = textOf(body, 'name', true)
  const color = textOf(body, 'color', false) || 'ededed'
  const description = textOf(body, 'description', false)
  if (name.length > labelMax) throw invalid('Label', 'custom', 'name', `name is too long (maximum is ${labelMax} characters)`)
  if (!/^[0-9a-f]{6}$/i.test(color)) throw invalid('Label', 'invalid', 'color')
  if (description.length > descriptionMax) throw invalid('Label', 'custom', 'description', 'description is too long')
  if (hasLabel(store, name)) throw invalid('Label', 'already_exists', 'name')
  const label = { name, color, description }
  store.labels.push(label)
  return { status: 201, body: labelShape(label) }
}

function listPulls(context: RestContext, request: RestRequest): Answer {
  may(request.token, 'read', 'pull_requests')
  const state = request.query.get('state') ?? 'open'
  const head = request.query.get('head')
  const chosen = context.store.issues.filter(
    ({ pull, state: own }) =>
      pull && (state === 'all' || own === state) && (head === null || `${pull.head.repository.split('/')[0]}:${pull.head.ref}` === head)
  )
  return paged(
    context,
    request,
    chosen.reverse().map(issue => pullShape(context, issue))
  )
}

function getPull(context: RestContext, { token }: RestRequest, [number]: readonly string[]): Answer {
  may(token, 'read', 'pull_requests')
  const issue = issueOf(context, number)
  if (!issue.pull) throw notFound()
  return { status: 200, body: pullShape(context, issue) }
}

/** The commits of a fork are not known here: the list is empty for them [GH learningequality/kolibri#14719, GH TooTallNate/nx.js#410]. */
function pullsOfCommit(context: RestContext, request: RestRequest, [sha]: readonly string[]): Answer {
  may(request.token, 'read', 'pull_requests')
  const { store } = context
  const known = store.issues.filter(
    ({ pull }) => pull && (pull.mergeCommit === sha || (pull.head.sha === sha && pull.head.repository === store.repository))
  )
  return paged(
    context,
    request,
    known.map(issue => pullShape(context, issue))
  )
}

function paged(
  { root, store, pageMax }: RestContext,
  { path, query }: RestRequest,
  all: readonly unknown[],
  by: 'page' | 'after' = 'page'
): Answer {
  // More than 100 is not refused, but not given either [GH docs, REST: pagination].
  const size = Math.min(Math.max(1, Number(query.get('per_page') ?? 30) || 30), 100, pageMax)
  const page = by === 'page' ? Number(query.get('page') ?? 1) || 1 : Number((query.get('after') ?? 'cursor1').slice('cursor'.length)) || 1
  const last = Math.max(1, Math.ceil(all.length / size))
  const link = (target: number, rel: string): string => {
    const other = new URLSearchParams(query)
    other.set(by, by === 'page' ? String(target) : `cursor${target}`)
    // The links of GitHub name the repository by its number.
    return `<${root}${path.replace(`/repos/${store.repository}`, `/repositories/${store.repositoryId}`)}?${other}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next'), ...(by === 'page' ? [link(last, 'last')] : [])] : []),
    ...(page > 1 && by === 'page' ? [link(1, 'first')] : [])
  ]
  return {
    status: 200,
    body: all.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(', ') } : {}
  }
}

function authorOf(token: Token | undefined): Token['actor'] {
  if (!token) throw new Refused(401, 'Requires authentication')
  return token.actor
}
