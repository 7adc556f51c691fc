import { nameOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, isObject, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Provider, ResourceType, World, Write } from '../../type.ts'
import { defaultSecurityRules } from './defaultRules.ts'
import { subnetType } from './subnets.ts'
import { networkVersions } from './versions.ts'

/** The two types that a subnet can refer to. Neither filters anything here: they are kept, referred to and protected. */
interface Attached {
  readonly type: string
  /** The member of a subnet, or of a network interface, that refers to it. */
  readonly key: 'networkSecurityGroup' | 'routeTable'
  /** The list in its own body, and the type of the list's members. */
  readonly list: 'securityRules' | 'routes'
  readonly defaults: JsonObject
  /** The rule that Azure adds to the list by itself, under a name of its own. */
  given(id: string, etag: string): JsonObject
  inUse(id: string, by: readonly string[]): Refusal
}

const securityGroup: Attached = {
  type: 'Microsoft.Network/networkSecurityGroups',
  key: 'networkSecurityGroup',
  list: 'securityRules',
  defaults: {},
  given: (id, etag) => ({ defaultSecurityRules: defaultSecurityRules(id, etag) }),
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
  list: 'routes',
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
  { list }: Attached
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
  const rules = listAt(properties, list)
    .filter(isObject)
    .map(each => ({
      ...without(each, 'id', 'etag', 'type'),
      name: textAt(each, 'name') ?? '',
      properties: without(objectAt(each, 'properties'), 'provisioningState')
    }))
  return {
    body: { ...without(body, 'id', 'name', 'type', 'etag'), properties: { ...properties, [list]: rules } },
    memory: live?.memory ?? { resourceGuid: world.random.guid() }
  }
}

function show(world: World, resource: StoredResource, { type, key, list, defaults, given }: Attached): ArmBody {
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
      [list]: listAt(body, 'properties', list)
        .filter(isObject)
        .map(each => ({
          ...each,
          id: `${id}/${list}/${textAt(each, 'name') ?? ''}`,
          etag,
          type: `${type}/${list}`,
          properties: { provisioningState: 'Succeeded', ...objectAt(each, 'properties') }
        })),
      ...given(id, etag),
      ...(subnets.length > 0 && { subnets }),
      ...(interfaces.length > 0 && { networkInterfaces: interfaces })
    }
  }
}

const attachedType = (attached: Attached): ResourceType => ({
  type: attached.type,
  apiVersions: networkVersions,
  style: 'network',
  timing: timings.networkInterface,
  location: 'short',
  methods: ['PUT', 'PATCH', 'DELETE'],
  failedStays: true,
  etagHeader: 'GET',
  duration(_world, { method, live }) {
    const { create, update, remove } = timings.networkInterface
    if (method === 'PATCH') return 0
    return (method === 'DELETE' ? remove : live === undefined ? create : update).ms
  },
  check(world, { method, id }) {
    if (method !== 'DELETE') return undefined
    const users = [subnetType, 'Microsoft.Network/networkInterfaces'].flatMap(type => usersOf(world, type, id, attached.key))
    return users.length > 0 ? attached.inUse(id, users) : undefined
  },
  kept: (world, write) => kept(world, write, attached),
  show: (world, resource) => show(world, resource, attached)
})

export const securityGroups: Provider = {
  namespace: 'Microsoft.Network',
  types: [attachedType(securityGroup), attachedType(routeTable)]
}
