import { shortOf } from './armPath.ts'
import type { Core } from './core.ts'
import { groupType } from './groups.ts'
import { type ArmBody, type Json, textAt, without } from './json.ts'
import { type ListFilter, parseFilter } from './listFilter.ts'
import { statesOf } from './operations.ts'
import { page } from './read.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import type { ArmRequest } from './request.ts'
import { can } from './rights/caller.ts'
import type { StoredResource } from './state.ts'
import type { Answer } from './type.ts'

const everything: ListFilter = { matches: () => true, byTagValue: false }

function filterOf({ url }: ArmRequest): ListFilter | Refusal {
  const text = url.searchParams.get('$filter')
  if (text === null || text.trim() === '') return everything
  return parseFilter(text) ?? gatewayErrors.invalidFilter(text)
}

/** In a list over a subscription, for which a role on a part of it is enough: what the caller may read. */
const readableBy =
  ({ principals }: Core, { caller, path }: ArmRequest, action: string) =>
  ({ id }: StoredResource): boolean =>
    principals.length === 0 || path.resourceGroup !== undefined || can(caller, action, id)

/** The groups of a subscription; deleting ones are among them until they are gone. */
export function listGroups(core: Core, scope: string, request: ArmRequest): Answer | Refusal {
  const filter = filterOf(request)
  if ('code' in filter) return filter
  const groups = core.store.ofType(groupType, scope).filter(filter.matches)
  const readable = readableBy(core, request, 'Microsoft.Resources/subscriptions/resourceGroups/read')
  return page(core, request, groups.filter(readable), one => core.show(one))
}

/** All that has a location: ARM keeps those in an index of its own, and what is nested without one is not in it. */
export function listAll(core: Core, scope: string, request: ArmRequest): Answer | Refusal {
  const filter = filterOf(request)
  if ('code' in filter) return filter
  const expand = (request.url.searchParams.get('$expand') ?? '').toLowerCase().split(',')
  const readable = readableBy(core, request, 'Microsoft.Resources/subscriptions/resources/read')
  const tracked = core.store.beneath(scope).filter(one => isTracked(core, one) && filter.matches(one) && readable(one))
  return page(core, request, tracked, one => {
    const shown = indexed(core, one, expand)
    return filter.byTagValue ? without(shown, 'tags') : shown
  })
}

/** A location that a client sent with a type which has none makes no difference. */
const isTracked = (core: Core, { type, body }: StoredResource): boolean =>
  type !== groupType && textAt(body, 'location') !== undefined && (core.registry.type(type)?.location ?? 'short') !== 'none'

/** The members that the index holds of each; the properties are its provider's. */
const members = ['kind', 'managedBy', 'location', 'sku', 'plan', 'identity', 'zones', 'tags'] as const

function indexed(core: Core, one: StoredResource, expand: readonly string[]): ArmBody {
  const shown = core.show(one, { in: 'LIST' })
  const times: Record<string, Json> = {}
  if (expand.includes('createdtime')) times['createdTime'] = core.time(one.createdAt)
  if (expand.includes('changedtime')) times['changedTime'] = core.time(one.changedAt ?? one.createdAt)
  if (expand.includes('provisioningstate')) times['provisioningState'] = stateOf(core, one)
  const found = members.flatMap(key => (shown[key] === undefined ? [] : [[key, shown[key]] as const]))
  return { id: shown['id'] ?? one.id, name: namesIn(one.id), type: shown['type'] ?? one.type, ...Object.fromEntries(found), ...times }
}

/** In ARM's own words, whatever the provider's are once all is done. */
function stateOf(core: Core, { type, provisioning }: StoredResource): string {
  const known = core.registry.type(type)
  return known && provisioning === statesOf(known).settled ? 'Succeeded' : provisioning
}

/** `zone/link`: with the names of all it lies in. */
const namesIn = (id: string): string =>
  shortOf(id)
    .split('/')
    .filter((_, index) => index > 0 && index % 2 === 0)
    .join('/')

/** The names of the tags that lie on groups and resources of a subscription, and how often each value is used. */
export function listTagNames(core: Core, scope: string): Answer {
  const used = new Map<string, Map<string, number>>()
  for (const { body } of core.store.beneath(scope)) {
    const tags = body['tags']
    for (const [name, value] of typeof tags === 'object' && tags !== null ? Object.entries(tags) : []) {
      const values = used.get(name) ?? new Map<string, number>()
      used.set(name, values.set(`${value}`, (values.get(`${value}`) ?? 0) + 1))
    }
  }
  const total = (value: number): Json => ({ type: 'Total', value })
  const value = [...used].sort().map(([tagName, values]) => ({
    id: `${scope}/tagNames/${tagName}`,
    tagName,
    count: total([...values.values()].reduce((sum, one) => sum + one, 0)),
    values: [...values]
      .sort()
      .map(([tagValue, count]) => ({ id: `${scope}/tagNames/${tagName}/tagValues/${tagValue}`, tagValue, count: total(count) }))
  }))
  return { status: 200, body: { value } }
}
