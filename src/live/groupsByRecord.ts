import { isOpen } from '../kinds/kind.ts'
import { groupOfRecord, privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import type { Change, EndpointProof } from '../model/change.ts'
import { nameOf, type ResourceId } from '../model/id.ts'
import { type RecordSeen, recordIn, sameAddresses } from '../model/paths.ts'
import type { Desired, Live } from '../model/resource.ts'
import type { Reading } from './reading.ts'

/** The endpoints whose zone group is read whatever their record says. */
export type GroupsRead = 'each' | ReadonlySet<ResourceId>

interface Input {
  readonly desired: Desired
  readonly endpoints: readonly EndpointProof[]
  /** Each endpoint's own. */
  readonly addresses: ReadonlyMap<ResourceId, readonly string[]>
  readonly groups: GroupsRead
}

/**
 * The endpoints for whose zone group a record stands: a group is read by itself, one call an endpoint, and all records of a zone come in
 * pages of a hundred. Azure writes the endpoint and its guid beside a record [GH microsoft/AzureTRE#3767], and an approved endpoint says
 * its names by itself exactly while it has no group [GH MicrosoftDocs/cloud-adoption-framework#1020]: so a record that outlived its group
 * stands for none. It does not tell the group's name, a further zone, or how the group's last write ended.
 */
export function groupsByRecord(reading: Reading, { desired, endpoints, addresses, groups }: Input): ReadonlySet<ResourceId> {
  if (groups === 'each') return new Set()
  const makers = makersIn(reading.zones)
  return new Set(
    endpoints.flatMap(proof => {
      const own = addresses.get(proof.endpoint) ?? []
      return !groups.has(proof.endpoint) && isPlain(proof, desired) && standsFor(proof, own, { reading, desired, makers })
        ? [proof.endpoint]
        : []
    })
  )
}

/** The file asks for nothing of the group that no record shows. */
function isPlain({ dns, managed }: EndpointProof, desired: Desired): boolean {
  if (dns === undefined || managed) return false
  if (dns.group === undefined) return dns.managedBy === 'policy'
  const group = desired.get(dns.group)
  if (group === undefined || !group.managed) return false
  const { name, zones } = group.props as { readonly name?: string; readonly zones: readonly ResourceId[] }
  return name === undefined && zones.length === 1 && zones[0] === dns.zone
}

/** Zones in which a record of an endpoint was listed, by the endpoint's guid. */
type Makers = ReadonlyMap<string, ReadonlySet<ResourceId>>

function makersIn(zones: Reading['zones']): Makers {
  const makers = new Map<string, Set<ResourceId>>()
  for (const [zone, records] of zones)
    for (const record of records.values()) {
      if (record.state !== 'present' || record.creator === undefined) continue
      const { guid } = record.creator
      makers.set(guid, (makers.get(guid) ?? new Set()).add(zone))
    }
  return makers
}

interface Around {
  readonly reading: Reading
  readonly desired: Desired
  readonly makers: Makers
}

function standsFor({ endpoint, server, dns }: EndpointProof, own: readonly string[], { reading, desired, makers }: Around): boolean {
  const declared = desired.get(endpoint)
  const observed = reading.found.get(endpoint)?.observed
  if (dns === undefined || declared === undefined || observed?.state !== 'present') return false
  const { guid, ownNames, state } = observed.facts
  const isSound = state === 'Succeeded' && isOpen(observed.facts) && observed.facts.connection !== undefined && ownNames === 0
  if (!isSound || guid === undefined || privateEndpoint.diff(observed.props, declared.props).length > 0) return false
  const record: RecordSeen | undefined = reading.zones.get(dns.zone)?.get(nameOf(server).toLowerCase())
  if (record?.state !== 'present' || record.creator === undefined || own.length === 0) return false
  const isOwn = record.creator.guid === guid && record.creator.endpoint === nameOf(endpoint).toLowerCase()
  // A record of it in another zone as well is of a group with two zones, or of one that is no more.
  return isOwn && sameAddresses(record.addresses, own) && makers.get(guid)?.size === 1
}

/** Puts the zone groups in place that records stand for. */
export function placeByRecord(
  reading: Reading,
  endpoints: readonly EndpointProof[],
  byRecord: ReadonlySet<ResourceId>,
  desired: Desired
): void {
  const kind = privateDnsZoneGroup
  for (const { endpoint, server, dns } of endpoints) {
    const group = dns?.group === undefined || !byRecord.has(endpoint) ? undefined : desired.get(dns.group)
    const record = dns && reading.records.get(recordIn(dns.zone, server))
    if (dns === undefined || group === undefined || record?.state !== 'present') continue
    const { observed } = kind.seenAs(groupOfRecord(dns.zone, nameOf(server), record.addresses), group.path)
    reading.found.set(group.id, { kind: kind.name, path: group.path, observed })
  }
}

/**
 * The endpoints whose zone group a plan would write, take away or rest on, although only a record stood for it: those groups have to be
 * read before the plan is right.
 */
export function touchedByRecord(
  { byRecord }: Pick<Live, 'byRecord'>,
  changes: readonly Change[],
  endpoints: readonly EndpointProof[]
): ReadonlySet<ResourceId> {
  const written = new Set<ResourceId>()
  const going = new Set<ResourceId>()
  for (const change of changes) {
    if (change.op !== 'delete') written.add(change.resource.id)
    if (change.op === 'delete' || change.op === 'replace') going.add(change.old.id)
  }
  const isTouched = ({ endpoint, server, dns }: EndpointProof): boolean =>
    [endpoint, dns?.group].some(id => id !== undefined && (written.has(id) || going.has(id))) ||
    [server, dns?.zone].some(id => id !== undefined && going.has(id))
  return new Set(endpoints.flatMap(proof => (byRecord.has(proof.endpoint) && isTouched(proof) ? [proof.endpoint] : [])))
}
