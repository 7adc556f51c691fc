import { keyOf } from './armPath.ts'
import type { Core } from './core.ts'
import { type Json, textAt } from './json.ts'
import { gatewayErrors, isRefusal, type Refusal } from './refusal.ts'
import type { ArmRequest, SentHeaders, Target } from './request.ts'
import { missingAbove } from './standing.ts'
import type { StoredResource } from './state.ts'
import type { Answer, ResourceType } from './type.ts'

export function readResource(core: Core, { type, id }: Target, { method, apiVersion, headers }: ArmRequest): Answer | Refusal {
  const above = missingAbove(core, type, id, 'GET')
  if (above) return above
  const closed = type.closed?.(core, id)
  if (closed) return closed
  const live = core.store.get(id) ?? type.given?.(core, id)
  const resource = type.read?.(core, id, live) ?? live
  if (resource !== undefined && isRefusal(resource)) return resource
  if (resource === undefined) return type.missing?.(core, id) ?? gatewayErrors.notFound(id)
  if (method === 'HEAD') return { status: 204 }
  const body = core.show(resource, { in: 'GET', apiVersion })
  if (type.conditionalGet && isKnown(headers, body)) return { status: 304 }
  return { status: 200, body, headers: etagHeaders(type, body, 'GET') }
}

/** Whether the caller already has it, as he says. With the quotes around the etag or without, as in If-Match. */
function isKnown(headers: SentHeaders, body: Json): boolean {
  const known = headers.get('if-none-match')?.replaceAll('"', '') ?? ''
  const etag = (textAt(body, 'etag') ?? textAt(body, 'eTag'))?.replaceAll('"', '')
  return known === '*' || (known !== '' && known === etag)
}

export function etagHeaders(type: ResourceType, body: Json, method: string): Record<string, string> {
  const etag = textAt(body, 'etag')
  return etag !== undefined && (type.etagHeader === 'all' || type.etagHeader === method) ? { etag } : {}
}

/** The members of a collection: of a parent, of a group, or of a whole subscription. */
export function listResources(core: Core, type: ResourceType, scope: string, request: ArmRequest): Answer | Refusal {
  if (scope.toLowerCase().includes('/resourcegroups/')) {
    const above = missingAbove(core, type, `${scope}/providers/x/y/z`, 'LIST')
    if (above) return above
    if (scope.includes('/providers/') && !core.store.has(scope)) return gatewayErrors.notFound(scope)
  }
  const closed = type.closed?.(core, scope)
  if (closed) return closed
  const filter = request.url.searchParams.get('$filter') ?? undefined
  const members = type.members?.(core, scope, filter) ?? core.store.ofType(type.type, scope)
  const most = type.pagedBy === undefined ? 0 : core.behaviours[type.pagedBy]
  return page(core, request, members, one => core.show(one, { in: 'LIST', apiVersion: request.apiVersion }), most)
}

/** Most lists come in order from the store; sorting them again for each page would cost more than all the rest. */
function inOrder(members: { readonly key: string; readonly one: StoredResource }[]): typeof members {
  const sorted = members.every(({ key }, index) => index === 0 || (members[index - 1]?.key ?? '') <= key)
  return sorted ? members : members.sort((one, other) => (one.key < other.key ? -1 : 1))
}

/**
 * One page of a list. The token names the last item of the page before, not a position: what is created or deleted
 * between two pages neither repeats nor hides anything else.
 *
 * @param most items that the type gives in one page, whatever is asked for
 */
export function page(
  core: Core,
  request: ArmRequest,
  members: readonly StoredResource[],
  show: (one: StoredResource) => Json,
  most = 0
): Answer {
  const sorted = inOrder(members.map(one => ({ key: keyOf(one.id), one })))
  const token = request.url.searchParams.get('$skiptoken')
  const after = token === null ? '' : Buffer.from(token, 'base64url').toString()
  const rest = sorted.filter(({ key }) => key > after)
  const top = Number(request.url.searchParams.get('$top') ?? 0)
  const size = Math.min(...[core.behaviours.pageSize, most, top, rest.length].filter(limit => limit > 0))
  const shown = rest.slice(0, Number.isFinite(size) ? size : 0)
  const value = shown.map(({ one }) => show(one))
  const last = shown.at(-1)
  if (last === undefined || shown.length === rest.length) return { status: 200, body: { value } }
  const next = new URL(request.url)
  next.searchParams.set('$skiptoken', Buffer.from(last.key).toString('base64url'))
  return { status: 200, body: { value, nextLink: next.href } }
}
