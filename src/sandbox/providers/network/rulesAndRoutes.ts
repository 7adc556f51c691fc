import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, type JsonObject, objectAt, textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { ResourceType, World } from '../../type.ts'
import { isSameMember, keptMember, membersSent, type NestedList } from './nestedLists.ts'
import { networkVersions } from './versions.ts'

/** The members of a security group, or of a route table, each of which can also be written by itself. */
export interface Child extends NestedList {
  readonly timing: ResourceType['timing']
  /** The refusal of a member by itself, or beside the others of its list. */
  refuses(name: string, properties: JsonObject, others: readonly Sibling[]): Refusal | undefined
}

interface Sibling {
  readonly name: string
  readonly properties: JsonObject
}

const invalid = (code: string, message: string): Refusal => ({ status: 400, code, message, details: [] })

const cannotParse = invalid('InvalidRequestFormat', 'Cannot parse the request.')

const [priorityMin, priorityMax] = [100, 4096]

export const securityRule: Child = {
  list: 'securityRules',
  type: 'Microsoft.Network/networkSecurityGroups/securityRules',
  timing: timings.securityRule,
  given: { sourcePortRanges: [], destinationPortRanges: [], sourceAddressPrefixes: [], destinationAddressPrefixes: [] },
  kept: (_world, body) => keptMember(body),
  refuses(name, properties, others) {
    const { priority, direction } = properties
    if (['access', 'direction', 'protocol'].some(key => textAt(properties, key) === undefined) || typeof priority !== 'number')
      return cannotParse
    if (priority < priorityMin || priority > priorityMax)
      return invalid(
        'SecurityRuleInvalidPriority',
        `Security rule has invalid Priority. Value provided: ${priority} Allowed range ${priorityMin}-${priorityMax}.`
      )
    const other = others.find(one => one.properties['priority'] === priority && one.properties['direction'] === direction)
    if (other === undefined) return undefined
    return invalid(
      'SecurityRuleConflict',
      `Security rule ${name} conflicts with rule ${other.name}. Rules cannot have the same Priority and Direction. To learn more, see aka.ms/nsgrules.`
    )
  }
}

export const route: Child = {
  list: 'routes',
  type: 'Microsoft.Network/routeTables/routes',
  timing: timings.route,
  given: { hasBgpOverride: false },
  kept: (_world, body) => keptMember(body, 'hasBgpOverride'),
  refuses(name, properties, others) {
    const prefix = textAt(properties, 'addressPrefix')
    if (prefix === undefined || textAt(properties, 'nextHopType') === undefined) return cannotParse
    const other = others.find(one => textAt(one.properties, 'addressPrefix') === prefix)
    if (other === undefined) return undefined
    return invalid('RouteConflict', `Route ${name} conflicts with route ${other.name}. Routes cannot have the same AddressPrefix.`)
  }
}

const siblingOf = (name: string, body: ArmBody): Sibling => ({ name, properties: objectAt(body, 'properties') })

/** The list within the body of its group or table: each member beside those before it. */
export function checkMembers(child: Child, sent: ArmBody): Refusal | undefined {
  const members = (membersSent(sent, child) ?? []).map(one => siblingOf(textAt(one, 'name') ?? '', one))
  for (const [index, { name, properties }] of members.entries()) {
    const refusal = child.refuses(name, properties, members.slice(0, index))
    if (refusal) return refusal
  }
  return undefined
}

/** Its own answer changes with it, so its etag does too. */
const touchParent = (world: World, id: string): void => void world.store.update(parentOf(id), {})

function show(world: World, resource: StoredResource, { given, type }: Child): ArmBody {
  const { id, body, provisioning } = resource
  return {
    ...body,
    etag: networkEtag(world.store.get(parentOf(id)) ?? resource),
    type,
    properties: { provisioningState: provisioning, ...given, ...objectAt(body, 'properties') }
  }
}

/** Two of them can be written at once: that was recorded of routes. */
const childType = (child: Child): ResourceType => ({
  type: child.type,
  apiVersions: networkVersions,
  style: 'network',
  timing: child.timing,
  failedStays: true,
  etagHeader: 'GET',
  asyncNotification: false,
  duration(world, { method, live, body }) {
    const { create, update, remove } = child.timing
    if (method === 'DELETE') return remove.ms
    if (live === undefined) return create.ms
    return live.provisioning === 'Succeeded' && isSameMember(world, child, live, body) ? 0 : update.ms
  },
  check(world, { method, id, body }) {
    if (method === 'DELETE') return undefined
    const others = world.store.ofType(child.type, parentOf(id)).filter(one => !sameId(one.id, id))
    return child.refuses(
      nameOf(id),
      objectAt(body, 'properties'),
      others.map(one => siblingOf(nameOf(one.id), one.body))
    )
  },
  kept: (world, { body }) => ({ body: child.kept(world, body) }),
  accepted: (world, { resource }) => touchParent(world, resource.id),
  done(world, { resource }) {
    touchParent(world, resource.id)
    return undefined
  },
  removed: (world, resource) => touchParent(world, resource.id),
  show: (world, resource) => show(world, resource, child),
  missing: (_world, id) => ({ status: 404, code: 'NotFound', message: `Resource ${id} not found.`, details: [] })
})

export const rulesAndRoutes: readonly ResourceType[] = [securityRule, route].map(childType)
