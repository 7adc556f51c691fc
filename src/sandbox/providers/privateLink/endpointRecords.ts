import { isBeneath, keyOf, nameOf, parentOf } from '../../armPath.ts'
import { type ArmBody, isObject, type JsonObject, listAt, textAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { Reach, World } from '../../type.ts'
import { type EndpointName, namesOf } from './connection.ts'

export const zoneGroupType = 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups'

const recordType = 'Microsoft.Network/privateDnsZones/A'

/** Seconds; so short that a change of address is soon noticed (CORPUS). */
const recordTtl = 10

export const groupsOf = (world: World, endpoint: string): StoredResource[] =>
  world.store.ofType(zoneGroupType, endpoint).filter(one => isBeneath(one.id, endpoint))

export interface ZoneConfig {
  readonly name: string
  readonly zone: string
}

export const configsOf = (group: ArmBody): ZoneConfig[] =>
  listAt(group, 'properties', 'privateDnsZoneConfigs').map(each => ({
    name: textAt(each, 'name') ?? '',
    zone: textAt(each, 'properties', 'privateDnsZoneId') ?? ''
  }))

const recordId = (zone: string, label: string): string => `${zone}/A/${label}`

/** The records of an endpoint's names by a group's configurations: one is written only into the zone it is looked for in [REC-ZG]. */
export const recordsFor = (
  world: World,
  endpoint: StoredResource,
  group: ArmBody
): { readonly config: string; readonly record: string; readonly name: EndpointName }[] =>
  configsOf(group).flatMap(config =>
    namesOf(world, endpoint)
      .filter(name => name.zone.toLowerCase() === nameOf(config.zone).toLowerCase())
      .map(name => ({ config: config.name, record: recordId(world.store.get(config.zone)?.id ?? config.zone, name.label), name }))
  )

/** Records that a group has written, as the scopes in which Azure deletes them. */
export const recordsOf = (group: StoredResource): Reach[] =>
  listAt(group.memory, 'records').map(each => reachOf(textAt(each, 'record') ?? ''))

export const reachOf = (record: string): Reach => ({ scope: record, as: 'write', calls: 'Microsoft.Network/privateDnsZones' })

/** Makes the zones agree with a group, and remembers what it wrote. */
export function writeRecords(world: World, group: StoredResource): void {
  const endpoint = world.store.get(parentOf(group.id))
  if (endpoint === undefined) return
  const records = recordsFor(world, endpoint, group.body)
  const wanted = records.map(one => keyOf(one.record))
  const written = recordsOf(group).map(({ scope }) => keyOf(scope))
  for (const { scope } of recordsOf(group)) if (!wanted.includes(keyOf(scope))) removeRecord(world, scope)
  for (const { record, name } of records) {
    const again = written.includes(keyOf(record))
    if (!again || world.behaviours.zoneGroupRewrite === 'writes') writeRecord(world, record, endpoint, name)
  }
  world.store.update(group.id, { memory: { ...group.memory, records: records.map(asMemory) } })
}

const asMemory = ({ config, record, name }: ReturnType<typeof recordsFor>[number]): JsonObject => ({
  config,
  record,
  label: name.label,
  ipAddresses: name.ipAddresses
})

/** Over what another endpoint wrote, too: a second one takes the first one's record [DOC-PEDNS]. */
function writeRecord(world: World, record: string, endpoint: StoredResource, name: EndpointName): void {
  if (!world.store.has(parentOf(record))) return
  if (world.behaviours.recordByHand === 'kept' && world.store.has(record) && !isOfEndpoint(world, record)) return
  const creator = `created by private endpoint ${nameOf(endpoint.id)} with resource guid ${textAt(endpoint.memory, 'resourceGuid') ?? ''}`
  const aRecords = name.ipAddresses.map(ipv4Address => ({ ipv4Address }))
  world.put({ id: record, type: recordType, body: { properties: { metadata: { creator }, ttl: recordTtl, aRecords } } })
}

/**
 * Also when another endpoint has written it since: of two on one zone, each takes the other's record away [DOC-PEDNS].
 * One that somebody has written by hand in the meantime stays.
 */
export function removeRecord(world: World, record: string): void {
  if (isOfEndpoint(world, record)) world.remove(record)
}

const isOfEndpoint = (world: World, record: string): boolean =>
  textAt(world.store.get(record)?.body, 'properties', 'metadata', 'creator')?.startsWith('created by private endpoint') ?? false

/**
 * As the group shows them: while it is written those that there will be, in its own state; empty where the zone does not match
 * or the connection is not approved (CORPUS).
 */
export function recordSets(world: World, group: StoredResource, config: ZoneConfig): JsonObject[] {
  const endpoint = world.store.get(parentOf(group.id))
  const toCome = group.provisioning === 'Updating' && endpoint ? recordsFor(world, endpoint, group.body).map(asMemory) : undefined
  return (toCome ?? listAt(group.memory, 'records'))
    .filter(isObject)
    .filter(each => each['config'] === config.name)
    .map(each => ({
      recordType: 'A',
      recordSetName: each['label'] ?? '',
      fqdn: `${textAt(each, 'label') ?? ''}.${nameOf(config.zone)}`,
      ttl: recordTtl,
      provisioningState: toCome ? group.provisioning : 'Succeeded',
      ipAddresses: each['ipAddresses'] ?? []
    }))
}
