import type { Answer } from './fakeAnswer.ts'
import type { Actor, FakeComment, Store, Token } from './fakeStore.ts'

/** GitHub's reasons, in capitals [GH docs, GraphQL: ReportedContentClassifiers]. */
const classifiers = ['ABUSE', 'DUPLICATE', 'LOW_QUALITY', 'OFF_TOPIC', 'OUTDATED', 'RESOLVED', 'SPAM']

type Variables = Readonly<Record<string, unknown>>

/** The fields that can be asked for: what is not here is refused as an undefined field. */
const fields: Readonly<Record<string, readonly string[]>> = {
  viewer: ['login', 'databaseId'],
  nodes: ['__typename', 'id', 'isMinimized', 'minimizedReason', 'lastEditedAt', 'editor', 'login', 'databaseId'],
  minimizeComment: ['minimizedComment', 'isMinimized', 'clientMutationId'],
  unminimizeComment: ['unminimizedComment', 'isMinimized', 'clientMutationId']
}

/**
 * The few operations that are used. An error comes with status 200, as everything of GraphQL does but what never reached it.
 */
export function answerGraphql(store: Store, token: Token | undefined, body: unknown): Answer {
  if (!token) return { status: 401, body: { message: 'This endpoint requires you to be authenticated.' } }
  const { query, variables } = requestOf(body)
  if (query === undefined) return wrong('A query attribute must be specified and must be a string.')
  const root = /^\s*(?:(query|mutation)\b[^{]*)?\{\s*(\w+)/.exec(query)
  const operation = root?.[2] ?? ''
  const known = fields[operation]
  if (!known || (root?.[1] === 'mutation') !== operation.endsWith('Comment'))
    return wrong(`Field '${operation}' doesn't exist on type '${root?.[1] === 'mutation' ? 'Mutation' : 'Query'}'`, 'undefinedField')
  const selected = query.slice(query.indexOf(operation) + operation.length).replace(/\([^)]*\)|\.\.\.\s*on\s+\w+/g, ' ')
  const strange = [...selected.matchAll(/\w+/g)].map(([name]) => name).find(name => !known.includes(name))
  if (strange !== undefined) return wrong(`Field '${strange}' doesn't exist on type '${operation}'`, 'undefinedField')
  for (const [, name = '', type = ''] of query.matchAll(/\$(\w+)\s*:\s*([\w[\]!]+)/g))
    if (type.endsWith('!') && (variables[name] ?? null) === null)
      return wrong(`Variable $${name} of type ${type} was provided invalid value`, 'INVALID_VARIABLES')
  if (operation === 'viewer') return { status: 200, body: { data: { viewer: { login: token.actor.login, databaseId: token.actor.id } } } }
  if (operation === 'nodes') return nodesOf(store, variables['ids'])
  return hide(store, token, variables, operation)
}

function requestOf(body: unknown): { readonly query?: string; readonly variables: Variables } {
  if (typeof body !== 'object' || body === null) return { variables: {} }
  const { query, variables } = body as { query?: unknown; variables?: unknown }
  const given = typeof variables === 'object' && variables !== null ? (variables as Variables) : {}
  return { ...(typeof query === 'string' && { query }), variables: given }
}

/** A node that is not there makes an error, beside those that are. */
function nodesOf(store: Store, ids: unknown): Answer {
  const asked: readonly unknown[] = Array.isArray(ids) ? ids : []
  const found = asked.map(id => store.comments.find(other => other.nodeId === id))
  const errors = asked.flatMap((id, at) => (found[at] ? [] : [notFound(id, ['nodes', at])]))
  return {
    status: 200,
    body: { data: { nodes: found.map(comment => (comment ? nodeOf(comment) : null)) }, ...(errors.length > 0 && { errors }) }
  }
}

const notFound = (id: unknown, path: readonly unknown[]): unknown => ({
  type: 'NOT_FOUND',
  path,
  message: `Could not resolve to a node with the global id of '${String(id)}'`
})

const nodeOf = (comment: FakeComment): unknown => ({
  __typename: 'IssueComment',
  id: comment.nodeId,
  isMinimized: comment.minimized !== null,
  minimizedReason: comment.minimized,
  lastEditedAt: comment.editor === null ? null : comment.updatedAt,
  editor: comment.editor === null ? null : { login: withoutSuffix(comment.editor), databaseId: comment.editor.id }
})

/** GraphQL names a bot without the suffix that REST gives it [GH marocchino/sticky-pull-request-comment, src/comment.ts]. */
const withoutSuffix = ({ login }: Actor): string => login.replace(/\[bot\]$/, '')

function hide(store: Store, token: Token, variables: Variables, operation: string): Answer {
  const { subjectId, classifier } = { ...(variables['input'] as Variables | undefined), ...variables }
  const comment = store.comments.find(other => other.nodeId === subjectId)
  if (!comment) return { status: 200, body: { data: { [operation]: null }, errors: [notFound(subjectId, [operation])] } }
  const issue = store.issues.find(other => other.number === comment.number)
  const { issues, pull_requests: pulls } = token.permissions
  if (issues !== 'write' && !(issue?.pull && pulls === 'write')) return wrong('Resource not accessible by integration', 'FORBIDDEN')
  if (operation === 'unminimizeComment') {
    comment.minimized = null
    return { status: 200, body: { data: { unminimizeComment: { unminimizedComment: { isMinimized: false } } } } }
  }
  if (typeof classifier !== 'string' || !classifiers.includes(classifier))
    return wrong('Variable $classifier of type ReportedContentClassifiers! was provided invalid value', 'INVALID_VARIABLES')
  comment.minimized = classifier.toLowerCase()
  return { status: 200, body: { data: { minimizeComment: { minimizedComment: { isMinimized: true } } } } }
}

const wrong = (message: string, type?: string): Answer => ({
  status: 200,
  body: { data: null, errors: [{ ...(type !== undefined && { type }), message, path: [] }] }
})
