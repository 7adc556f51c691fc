import { groupOf, nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, isObject, type Json, type JsonObject, listAt, objectAt, textAt, without } from '../../json.ts'
import { invalidReference, type Refusal } from '../../refusal.ts'
import { networkEtag } from '../../show.ts'
import type { StoredResource } from '../../state.ts'
import type { Reading, ResourceType, World, Write } from '../../type.ts'
import { networkVersions } from '../network/versions.ts'
import { connectionsOf, namesOf } from './connection.ts'
import { endpointOf, freeAddress, staticAddress } from './endpointAddress.ts'

const type = 'Microsoft.Network/networkInterfaces'

/** Made by Azure in the endpoint's own group; lives and goes with it [DOC-PEOV, REC-PE]. */
export function addNetworkInterface(
  world: World,
  endpoint: StoredResource
): { readonly networkInterface: string; readonly address: string } {
  const subnet = world.store.get(textAt(endpoint.body, 'properties', 'subnet', 'id') ?? '')
  const wanted = staticAddress(endpoint.body)
  const address = wanted ?? (subnet && freeAddress(world, subnet)) ?? ''
  const custom = textAt(endpoint.body, 'properties', 'customNetworkInterfaceName') ?? ''
  const name = custom === '' ? `${nameOf(endpoint.id)}.nic.${world.random.guid()}` : custom
  const id = `${groupOf(endpoint.id)}/providers/${type}/${name}`
  const configuration = {
    name: `privateEndpointIpConfig.${world.random.guid()}`,
    properties: {
      privateIPAddress: address,
      privateIPAllocationMethod: wanted === undefined ? 'Dynamic' : 'Static',
      subnet: objectAt(endpoint.body, 'properties', 'subnet'),
      primary: true,
      privateIPAddressVersion: 'IPv4'
    }
  }
  world.put({
    id,
    type,
    body: {
      location: textAt(endpoint.body, 'location') ?? '',
      properties: { ipConfigurations: [configuration], privateEndpoint: { id: endpoint.id } },
      managedBy: endpoint.id
    },
    memory: { resourceGuid: world.random.guid(), domain: `${world.random.hex(26)}.bx.internal.cloudapp.net` }
  })
  return { networkInterface: id, address }
}

function checkInterface(world: World, { method, id, body, live }: Write): Refusal | undefined {
  if (method === 'PATCH') return undefined
  const owner = live && endpointOf(world, live)
  if (owner) {
    return {
      status: 400,
      code: 'NicInUse',
      message: `Network Interface ${live.id} is used by existing resource ${owner.id}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`,
      details: []
    }
  }
  if (method === 'DELETE') return undefined
  const subnets = listAt(body, 'properties', 'ipConfigurations').flatMap(each => textAt(each, 'properties', 'subnet', 'id') ?? [])
  const missing = subnets.find(subnet => !world.store.has(subnet))
  return missing === undefined ? undefined : invalidReference(missing, id)
}

const readOnly = ['provisioningState', 'resourceGuid', 'macAddress', 'hostedWorkloads', 'tapConfigurations', 'vnetEncryptionSupported']

/** By the names it was made with, as in an endpoint (PE-46). */
function namedSubnet(world: World, configuration: JsonObject): JsonObject {
  const id = textAt(configuration, 'properties', 'subnet', 'id')
  return id === undefined ? {} : { subnet: { id: world.store.get(id)?.id ?? id } }
}

/** One of somebody's own, of a virtual machine for instance: it gets its addresses in the order of its configurations. */
function keptInterface(world: World, { method, sent, body, live }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  // Only tags can be changed by PATCH [SDK-NET].
  if (method === 'PATCH')
    return { body: { ...live?.body, ...(sent['tags'] !== undefined && { tags: sent['tags'] }) }, memory: live?.memory ?? {} }
  const properties = objectAt(body, 'properties')
  const ipConfigurations = listAt(properties, 'ipConfigurations')
    .filter(isObject)
    .map((each, index) => ({
      name: textAt(each, 'name') ?? '',
      properties: {
        privateIPAllocationMethod: 'Dynamic',
        primary: index === 0,
        privateIPAddressVersion: 'IPv4',
        ...without(objectAt(each, 'properties'), 'provisioningState', 'privateLinkConnectionProperties'),
        ...namedSubnet(world, each),
        privateIPAddress: textAt(each, 'properties', 'privateIPAddress') ?? dynamicAddress(world, each, live, index)
      }
    }))
  return {
    body: {
      ...without(body, 'id', 'name', 'type', 'etag'),
      properties: { ...without(properties, ...readOnly), ipConfigurations }
    },
    memory: live?.memory ?? { resourceGuid: world.random.guid(), domain: `${world.random.hex(26)}.bx.internal.cloudapp.net` }
  }
}

function dynamicAddress(world: World, configuration: Json, live: StoredResource | undefined, index: number): string {
  const had = textAt(listAt(live?.body, 'properties', 'ipConfigurations')[index], 'properties', 'privateIPAddress')
  const subnet = world.store.get(textAt(configuration, 'properties', 'subnet', 'id') ?? '')
  return had ?? (subnet && freeAddress(world, subnet)) ?? ''
}

function showInterface(world: World, resource: StoredResource, { apiVersion }: Reading): ArmBody {
  const { id, body, memory, provisioning } = resource
  const etag = networkEtag(resource)
  const properties = objectAt(body, 'properties')
  const endpoint = endpointOf(world, resource)
  // Members that came later, each from the first version in which it was recorded (CORPUS).
  const since = (version: string): boolean => apiVersion === '' || apiVersion >= version
  const ipConfigurations = listAt(properties, 'ipConfigurations')
    .filter(isObject)
    .map(each => ({
      name: textAt(each, 'name') ?? '',
      id: `${id}/ipConfigurations/${textAt(each, 'name') ?? ''}`,
      etag,
      type: `${type}/ipConfigurations`,
      properties: {
        provisioningState: provisioning,
        ...objectAt(each, 'properties'),
        ...(endpoint && { privateLinkConnectionProperties: linkProperties(world, endpoint) })
      }
    }))
  return {
    etag,
    ...body,
    properties: {
      provisioningState: provisioning,
      resourceGuid: memory['resourceGuid'] ?? '',
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
      hostedWorkloads: [],
      tapConfigurations: [],
      // One that is in no machine has no such member (CORPUS).
      ...(endpoint && { macAddress: '' }),
      ...(since('2022-01-01') && { vnetEncryptionSupported: false, nicType: 'Standard', allowPort25Out: true, auxiliaryMode: 'None' }),
      ...(since('2022-11-01') && { disableTcpStateTracking: false, auxiliarySku: 'None' }),
      ...properties,
      ipConfigurations,
      dnsSettings: {
        dnsServers: [],
        appliedDnsServers: [],
        ...objectAt(properties, 'dnsSettings'),
        internalDomainNameSuffix: memory['domain'] ?? ''
      }
    },
    ...(since('2022-01-01') && { kind: 'Regular' })
  }
}

function linkProperties(world: World, endpoint: StoredResource): JsonObject {
  const groupId = connectionsOf(endpoint.body)[0]?.groupIds[0] ?? ''
  return { groupId, requiredMemberName: groupId, fqdns: namesOf(world, endpoint).map(one => one.fqdn) }
}

export const networkInterfaces: ResourceType = {
  type,
  apiVersions: networkVersions,
  style: 'network',
  timing: timings.networkInterface,
  location: 'short',
  methods: ['PUT', 'PATCH', 'DELETE'],
  etagHeader: 'GET',
  duration(_world, { method, live }) {
    const { create, update, remove } = timings.networkInterface
    if (method === 'PATCH') return 0
    return (method === 'DELETE' ? remove : live === undefined ? create : update).ms
  },
  check: checkInterface,
  kept: keptInterface,
  show: showInterface
}
