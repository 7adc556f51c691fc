import { printable } from '../model/printable.ts'

/** Why GitHub did not do it, in the kinds that call for different answers. */
export type RefusalKind =
  | 'permission'
  | 'token'
  | 'limited'
  | 'missing'
  | 'too-long'
  | 'exists'
  | 'locked'
  | 'disabled'
  | 'unreachable'
  | 'other'

/** GitHub said no, or did not answer. Expected, reported in plain words, never a crash: the plan does not depend on a comment. */
export class GithubRefusal extends Error {
  override readonly name = 'GithubRefusal'
  readonly kind: RefusalKind
  /** 0 where there was no answer. */
  readonly status: number
  constructor(kind: RefusalKind, status: number, message: string) {
    super(message)
    this.kind = kind
    this.status = status
  }
}

/**
 * Calls GitHub, and says of a failure what was being done and what to do next.
 *
 * @param what as in «Could not …»
 * @throws GithubRefusal
 */
export async function asked<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw refusalOf(what, error)
  }
}

export const isRefused = (error: unknown, ...kinds: readonly RefusalKind[]): boolean =>
  error instanceof GithubRefusal && kinds.includes(error.kind)

/** Anything that is no answer of GitHub is passed through: it is a bug of ours. */
function refusalOf(what: string, error: unknown): unknown {
  if (error instanceof GithubRefusal) return error
  const answer = answerIn(error)
  if (answer === undefined) return error
  const kind = kindOf(answer)
  const next = nextOf(kind, answer)
  const said = printable(shortened(answer.message)).replace(/\.$/, '')
  const status = answer.status === 0 ? '' : ` (${answer.status})`
  return new GithubRefusal(kind, answer.status, `Could not ${what}: ${said}${status}.${next === '' ? '' : ` ${next}`}`)
}

interface Answered {
  /** 0 where there was no answer. */
  readonly status: number
  readonly message: string
  readonly headers: Readonly<Record<string, unknown>>
  /** Whether it came from GraphQL, which puts the kind of error into its own words. */
  readonly types: readonly string[]
}

/** The classes of these errors belong to packages beneath ours, and several copies of them may be installed: their shape tells. */
function answerIn(error: unknown): Answered | undefined {
  if (!(error instanceof Error)) return undefined
  // Each member is looked at before it is used.
  const { status, response, errors, headers } = error as Error & Partial<Record<'status' | 'response' | 'errors' | 'headers', unknown>>
  if (error.name === 'GraphqlResponseError' && Array.isArray(errors)) {
    const types = errors.map(one => String(membersOf(one)['type'] ?? ''))
    return {
      status: 200,
      message: errors.map(one => String(membersOf(one)['message'] ?? '')).join('; '),
      headers: membersOf(headers),
      types
    }
  }
  if (typeof status !== 'number' || (error.name !== 'HttpError' && error.name !== 'AbortError')) {
    const rateLimited = error.message === 'GraphQL Rate Limit Exceeded'
    return rateLimited ? { status: 200, message: error.message, headers: {}, types: ['RATE_LIMITED'] } : undefined
  }
  const { data, headers: answerHeaders } = membersOf(response)
  if (response === undefined) return { status: 0, message: error.message, headers: {}, types: [] }
  // The package adds the address of a page to the message; the reason alone is what a reader needs.
  const { message, errors: reasons } = membersOf(data)
  const more = Array.isArray(reasons) ? reasons.map(reasonText).filter(text => text !== '') : []
  const text = typeof message === 'string' ? [message, ...more].join(': ') : error.message
  return { status, message: text, headers: membersOf(answerHeaders), types: more }
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {})

function reasonText(reason: unknown): string {
  if (typeof reason === 'string') return reason
  const { message, resource, field, code } = membersOf(reason)
  return typeof message === 'string' ? message : [resource, field, code].filter(part => typeof part === 'string').join(' ')
}

/** A proxy may answer with a page of HTML. */
const shortened = (message: string): string => (message.length > 300 ? `${Array.from(message).slice(0, 300).join('')}…` : message)

function kindOf({ status, message, headers, types }: Answered): RefusalKind {
  if (status === 0) return 'unreachable'
  if (types.includes('RATE_LIMITED')) return 'limited'
  if (types.includes('FORBIDDEN') || types.includes('INSUFFICIENT_SCOPES')) return 'permission'
  if (types.includes('NOT_FOUND')) return 'missing'
  if (status === 401) return 'token'
  if (status === 429 || (status === 403 && (/rate limit/i.test(message) || headers['x-ratelimit-remaining'] === '0'))) return 'limited'
  if (status === 403) return /is locked/i.test(message) ? 'locked' : 'permission'
  if (status === 404) return 'missing'
  if (status === 410) return 'disabled'
  if (status === 422 && /is too long/i.test(message)) return 'too-long'
  if (status === 422 && /already_exists/.test(message)) return 'exists'
  return status >= 500 ? 'unreachable' : 'other'
}

function nextOf(kind: RefusalKind, { headers }: Answered): string {
  switch (kind) {
    case 'permission':
      return `Give the job ${neededIn(headers)} under \`permissions:\`; the run of a fork's pull request can only read.`
    case 'token':
      return 'The token is missing, wrong or has expired: give `github-token` one that is valid.'
    case 'limited':
      return 'GitHub limits how much one token may do in a time: run the job again later, or write less often.'
    case 'missing':
      return 'It is not there, or the token may not see it.'
    case 'locked':
      return 'The conversation is locked: only people with write access can say anything in it.'
    case 'disabled':
      return 'Turn issues on in the settings of the repository, or turn the drift issue off.'
    case 'unreachable':
      return 'GitHub did not answer as it should: run the job again, and see https://www.githubstatus.com.'
    default:
      return ''
  }
}

/** [GH docs, REST: troubleshooting] The header names what would have been enough: together after a comma, instead after a semicolon. */
function neededIn(headers: Answered['headers']): string {
  const ways = String(headers['x-accepted-github-permissions'] ?? '')
    .split(';')
    .map(way => way.split(',').flatMap(permissionOf).join(' and '))
    .filter(way => way !== '')
  return ways.length === 0 ? 'the permission it lacks' : ways.join(' or ')
}

/** As a workflow writes it. */
function permissionOf(permission: string): readonly string[] {
  const [area, level] = permission.trim().split('=')
  return area && level ? [`\`${printable(area).replaceAll('_', '-')}: ${printable(level)}\``] : []
}
