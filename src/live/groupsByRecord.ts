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
export function groupsByRecord(reading: Reading, { desired, endpoints, addresses, groups }: Input): Told {
  const makers = makersIn(reading.zones)
  const byRecord = new Set<ResourceId>()
  const reasons = new Map<ResourceId, string>()
  for (const proof of endpoints) {
    if (proof.dns === undefined || proof.managed) continue
    const own = addresses.get(proof.endpoint) ?? []
    const asked = groups === 'each' || groups.has(proof.endpoint) ? 'a step touches it, or it is proof of one' : undefined
    const why = asked ?? whyNotPlain(proof, desired) ?? whyNot(proof, own, { reading, desired, makers })
    if (why === undefined) byRecord.add(proof.endpoint)
    else reasons.set(proof.endpoint, why)
  }
  if (byRecord.size > 0)
    reading.note(privateDnsZoneGroup.type, 'by record', byRecord.size, 'a record names the endpoint and leads to its address')
  return { byRecord, reasons }
}

interface Told {
  readonly byRecord: ReadonlySet<ResourceId>
  /** Why the group of each other endpoint is read. */
  readonly reasons: ReadonlyMap<ResourceId, string>
}

/** The file asks for something of the group that no record shows. */
function whyNotPlain({ dns, managed }: EndpointProof, desired: Desired): string | undefined {
  const other = 'the file does not ask for one group on one zone'
  if (dns === undefined || managed) return other
  if (dns.group === undefined) return dns.managedBy === 'policy' ? undefined : other
  const group = desired.get(dns.group)
  if (group === undefined || !group.managed) return other
  const { name, zones } = group.props as { readonly name?: string; readonly zones: readonly ResourceId[] }
  if (name !== undefined) return 'the file names it'
  return zones.length === 1 && zones[0] === dns.zone ? undefined : other
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

/** Why no record stands for the group; nothing where one does. */
function whyNot(
  { endpoint, server, dns }: EndpointProof,
  own: readonly string[],
  { reading, desired, makers }: Around
): string | undefined {
  const declared = desired.get(endpoint)
  const observed = reading.resources.get(endpoint)?.observed
  const records = dns && reading.zones.get(dns.zone)
  if (records === undefined) return 'the records of the zone did not come by a list'
  if (declared === undefined || observed?.state !== 'present') return 'the endpoint is not there, or not at rest'
  const { facts } = observed
  const isSound = facts.state === 'Succeeded' && isOpen(facts) && facts.connection !== undefined
  if (!isSound || privateEndpoint.diff(observed.props, declared.props).length > 0)
    return 'the endpoint is not as declared, at rest and Approved'
  if (facts.ownNames !== 0) return 'the endpoint says names of its own, as one without a group does'
  const record: RecordSeen | undefined = records.get(nameOf(server).toLowerCase())
  if (record?.state !== 'present' || record.creator === undefined) return 'no record says who made it'
  const { guid } = record.creator
  if (guid !== facts.guid || record.creator.endpoint !== nameOf(endpoint).toLowerCase()) return 'the record is of another endpoint'
  if (own.length === 0 || !sameAddresses(record.addresses, own)) return 'the record does not lead to exactly the address of the endpoint'
  // A record of it in another zone as well is of a group with two zones, or of one that is no more.
  return makers.get(guid)?.size === 1 ? undefined : 'another zone has a record of the endpoint as well'
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
    reading.resources.set(group.id, { kind: kind.name, path: group.path, observed })
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
