import { nameOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, isObject, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Provider, Reading, ResourceType, World, Write } from '../../type.ts'
import { defaultSecurityRules, defaultSecurityRuleType } from './defaultRules.ts'
import { membersSent, settleMembers, writeMembers } from './nestedLists.ts'
import { type Child, checkMembers, route, rulesAndRoutes, securityRule } from './rulesAndRoutes.ts'
import { subnetType } from './subnets.ts'
import { networkVersions } from './versions.ts'

/** The two types that a subnet can refer to. Neither filters anything here: they are kept, referred to and protected. */
interface Attached {
  readonly type: string
  /** The member of a subnet, or of a network interface, that refers to it. */
  readonly key: 'networkSecurityGroup' | 'routeTable'
  readonly timing: ResourceType['timing']
  /** The members of the list in its own body, which are resources of their own. */
  readonly child: Child
  readonly defaults: JsonObject
  /** The rules that Azure adds by itself, under a name of their own. */
  given(id: string, etag: string, provisioning: string): JsonObject
  inUse(id: string, by: readonly string[]): Refusal
}

const securityGroup: Attached = {
  type: 'Microsoft.Network/networkSecurityGroups',
  key: 'networkSecurityGroup',
  timing: timings.securityGroup,
  child: securityRule,
  defaults: {},
  given: (id, etag, provisioning) => ({ defaultSecurityRules: defaultSecurityRules(id, etag, provisioning) }),
  inUse: (id, by) => ({
    status: 400,
    code: 'InUseNetworkSecurityGroupCannotBeDeleted',
    message: `Network security group ${id} cannot be deleted because it is in use by the following resources: ${by.join(', ')}. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.`,
    details: []
  })
}

const routeTable: Attached = {
  type: 'Microsoft.Network/routeTables',
  key: 'routeTable',
  timing: timings.routeTable,
  child: route,
  defaults: { disableBgpRoutePropagation: false },
  given: () => ({}),
  inUse: id => ({
    status: 400,
    code: 'InUseRouteTableCannotBeDeleted',
    message: `Route table ${nameOf(id)} is in use and cannot be deleted.`,
    details: []
  })
}

const usersOf = (world: World, type: string, id: string, key: Attached['key']): string[] =>
  world.store
    .ofType(type)
    .filter(one => sameId(textAt(one.body, 'properties', key, 'id') ?? '', id))
    .map(one => one.id)

function kept(
  world: World,
  { method, sent, body, live }: Write,
  { child }: Attached
): { readonly body: ArmBody; readonly memory: JsonObject } {
  // Only tags can be changed by PATCH [SDK-NET].
  if (method === 'PATCH')
    return { body: { ...live?.body, ...(sent['tags'] !== undefined && { tags: sent['tags'] }) }, memory: live?.memory ?? {} }
  const properties = without(
    objectAt(body, 'properties'),
    'provisioningState',
    'resourceGuid',
    'subnets',
    'networkInterfaces',
    'defaultSecurityRules'
  )
  return {
    body: { ...without(body, 'id', 'name', 'type', 'etag'), properties: without(properties, child.list) },
    // Kept of the list only until `accepted`, which makes resources of its members. A member that a PUT does not list goes.
    memory: { resourceGuid: live?.memory['resourceGuid'] ?? world.random.guid(), members: membersSent(sent, child) ?? [] }
  }
}

function show(world: World, resource: StoredResource, { key, child, defaults, given }: Attached, { apiVersion }: Reading): ArmBody {
  const { id, body, memory, provisioning } = resource
  const etag = networkEtag(resource)
  const references = (users: readonly string[]) => users.map(each => ({ id: each }))
  const subnets = references(usersOf(world, subnetType, id, key))
  const interfaces = references(usersOf(world, 'Microsoft.Network/networkInterfaces', id, key))
  return {
    etag,
    ...without(body, 'properties'),
    properties: {
      provisioningState: provisioning,
      resourceGuid: memory['resourceGuid'] ?? '',
      ...defaults,
      ...objectAt(body, 'properties'),
      [child.list]: world.store.ofType(child.type, id).map(one => world.show(one, { apiVersion })),
      ...given(id, etag, provisioning),
      ...(subnets.length > 0 && { subnets }),
      ...(interfaces.length > 0 && { networkInterfaces: interfaces })
    }
  }
}

const attachedType = (attached: Attached): ResourceType => ({
  type: attached.type,
  apiVersions: networkVersions,
  style: 'network',
  timing: attached.timing,
  location: 'short',
  methods: ['PUT', 'PATCH', 'DELETE'],
  failedStays: true,
  etagHeader: 'GET',
  duration(_world, { method, live }) {
    const { create, update, remove } = attached.timing
    if (method === 'PATCH') return 0
    return (method === 'DELETE' ? remove : live === undefined ? create : update).ms
  },
  check(world, { method, id, sent }) {
    if (method === 'PUT') return checkMembers(attached.child, sent)
    if (method !== 'DELETE') return undefined
    const users = [subnetType, 'Microsoft.Network/networkInterfaces'].flatMap(type => usersOf(world, type, id, attached.key))
    return users.length > 0 ? attached.inUse(id, users) : undefined
  },
  kept: (world, write) => kept(world, write, attached),
  accepted(world, { resource, method }) {
    if (method !== 'PUT') return
    const { members } = resource.memory
    writeMembers(world, resource.id, attached.child, Array.isArray(members) ? members.filter(isObject) : [])
    world.store.update(resource.id, { memory: without(resource.memory, 'members') })
  },
  done(world, { resource }) {
    settleMembers(world, resource.id, attached.child.type)
    return undefined
  },
  show: (world, resource, reading) => show(world, resource, attached, reading)
})

export const securityGroups: Provider = {
  namespace: 'Microsoft.Network',
  types: [attachedType(securityGroup), attachedType(routeTable), ...rulesAndRoutes, defaultSecurityRuleType]
}
