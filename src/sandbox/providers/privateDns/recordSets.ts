import { isIPv4, isIPv6 } from 'node:net'
import { groupNameOf, nameOf, parentOf, subscriptionOf } from '../../armPath.ts'
import { atOnce } from '../../durations.ts'
import { type ArmBody, isObject, listAt, objectAt, textAt, valueAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import { bareRefusal, dnsEtag, failedPrecondition, privateDnsVersions } from './preconditions.ts'

const zoneType = 'Microsoft.Network/privateDnsZones'

/** The member of a record set that holds its records, by record type; a list for all but CNAME and SOA. */
const members = {
  A: 'aRecords',
  AAAA: 'aaaaRecords',
  CNAME: 'cnameRecord',
  MX: 'mxRecords',
  PTR: 'ptrRecords',
  SOA: 'soaRecord',
  SRV: 'srvRecords',
  TXT: 'txtRecords'
} as const

type RecordType = keyof typeof members

const recordTypes = Object.keys(members).filter((key): key is RecordType => key in members)

/** The one that every new zone has (CORPUS). */
const startOfAuthority = {
  ttl: 3600,
  soaRecord: {
    host: 'azureprivatedns.net',
    email: 'azureprivatedns-host.microsoft.com',
    serialNumber: 1,
    refreshTime: 3600,
    retryTime: 300,
    expireTime: 2419200,
    minimumTtl: 10
  }
}

const recordSetsInZoneMax = 25_000
const recordsInSetMax = 20
const ttlMax = 2 ** 31 - 1

export function addStartOfAuthority(world: World, zone: string): void {
  const id = `${zone}/SOA/@`
  if (!world.store.has(id)) world.put({ id, type: `${zoneType}/SOA`, body: { properties: startOfAuthority } })
}

const recordSetsOf = (world: World, zone: string): StoredResource[] =>
  recordTypes.flatMap(one => world.store.ofType(`${zoneType}/${one}`, zone))

export const countOfRecordSets = ({ store }: World, zone: string): number =>
  recordTypes.reduce((sum, one) => sum + store.count(`${zoneType}/${one}`, zone), 0)

const badRequest = (message: string): Refusal => bareRefusal(400, 'BadRequest', message)

function check(world: World, write: Write, type: RecordType): Refusal | undefined {
  const { id, method, live } = write
  const failed = failedPrecondition(write, live?.etag ?? '')
  if (failed === 'exists') {
    return bareRefusal(412, 'PreconditionFailed', `The Record set ${nameOf(id)} exists already and hence cannot be created again.`)
  }
  if (failed === 'modified')
    return bareRefusal(412, 'PreconditionFailed', `The Record set ${nameOf(id)} has been modified (etag mismatch).`)
  // The start of authority can be changed, but there is always exactly one.
  if (type === 'SOA' && (method === 'DELETE' || nameOf(id) !== '@')) {
    return badRequest(`The SOA record set of zone '${nameOf(parentOf(id))}' can only be updated, and its name must be '@'.`)
  }
  if (method === 'DELETE') return undefined
  return checkName(world, id, type) ?? checkTtl(write) ?? checkRecords(id, write.body, type) ?? checkRoom(world, write)
}

/** Labels of letters, digits, hyphens and underscores; the first can be an asterisk; `@` is the zone itself. */
const relativeName = /^(@|(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*)$/i

function checkName(world: World, id: string, type: RecordType): Refusal | undefined {
  const name = nameOf(id)
  if (!relativeName.test(name)) return badRequest(`The record set name '${name}' is invalid.`)
  if (type !== 'CNAME') return besideAlias(world, id)
  if (name === '@') return badRequest(`A CNAME record set cannot be created at the zone apex.`)
  const others = recordTypes.filter(one => one !== 'CNAME').map(one => `${parentOf(id)}/${one}/${name}`)
  return others.some(other => world.store.has(other))
    ? badRequest(`A CNAME record set cannot be created with the same name as an existing record set: '${name}'.`)
    : undefined
}

/** An alias stands for its name alone (RFC 1034, 3.6.2). */
const besideAlias = (world: World, id: string): Refusal | undefined =>
  world.store.has(`${parentOf(id)}/CNAME/${nameOf(id)}`)
    ? badRequest(`A record set cannot be created with the same name as an existing CNAME record set: '${nameOf(id)}'.`)
    : undefined

/** A record set without one was refused with 400 [GH polymind-inc/acmebot#823]; zero is taken (CORPUS). */
function checkTtl({ id, body, seeded }: Write): Refusal | undefined {
  const ttl = valueAt(body, 'properties', 'ttl')
  if (seeded && ttl === undefined) return undefined
  if (typeof ttl === 'number' && Number.isInteger(ttl) && ttl >= 0 && ttl <= ttlMax) return undefined
  return badRequest(`The TTL of the record set '${nameOf(id)}' must be a whole number from 0 to ${ttlMax}.`)
}

function checkRecords(id: string, body: ArmBody, type: RecordType): Refusal | undefined {
  const records = listAt(body, 'properties', members[type])
  if (records.length > recordsInSetMax) {
    return bareRefusal(409, 'Conflict', `The record set '${nameOf(id)}' has more than ${recordsInSetMax} records, which is the maximum.`)
  }
  const texts = records.map(one => JSON.stringify(one))
  if (new Set(texts).size < texts.length) return badRequest(`The record set '${nameOf(id)}' has the same record twice.`)
  const wrong = records.find(
    one => (type === 'A' && !isIPv4(textAt(one, 'ipv4Address') ?? '')) || (type === 'AAAA' && !isIPv6(textAt(one, 'ipv6Address') ?? ''))
  )
  return wrong === undefined ? undefined : badRequest(`The record '${JSON.stringify(wrong)}' of '${nameOf(id)}' is not an address.`)
}

function checkRoom(world: World, { id, live }: Write): Refusal | undefined {
  if (live || countOfRecordSets(world, parentOf(id)) < recordSetsInZoneMax) return undefined
  return bareRefusal(409, 'Conflict', `The zone '${nameOf(parentOf(id))}' has ${recordSetsInZoneMax} record sets, which is the maximum.`)
}

const recordSet = (type: RecordType): ResourceType => ({
  type: `${zoneType}/${type}`,
  pagedBy: 'privateDnsPageSize',
  apiVersions: privateDnsVersions,
  style: 'sync',
  timing: atOnce,
  methods: ['PUT', 'PATCH', 'DELETE'],
  parentMissing: 'ParentResourceNotFound',
  etagHeader: 'all',
  check: (world, write) => check(world, write, type),
  kept(_world, { body, sent }) {
    const properties = without(objectAt(body, 'properties'), 'fqdn', 'isAutoRegistered', 'provisioningState')
    const metadata = objectAt(sent, 'properties')['metadata']
    const { soaRecord } = properties
    const kept = {
      ...properties,
      // Like tags: what a PATCH sends of it is all of it.
      ...(metadata !== undefined && { metadata }),
      // Azure's own, whatever was sent (CORPUS).
      ...(isObject(soaRecord) && { soaRecord: { ...soaRecord, serialNumber: startOfAuthority.soaRecord.serialNumber } })
    }
    return { body: { properties: kept } }
  },
  missing: (_world, id) =>
    bareRefusal(
      404,
      'NotFound',
      `The resource record '${nameOf(id)}' does not exist in resource group '${groupNameOf(id)}' of subscription '${subscriptionOf(id)}'.`
    ),
  show(_world, resource) {
    const { ttl, metadata, ...rest } = objectAt(resource.body, 'properties')
    return {
      etag: dnsEtag(resource),
      properties: {
        ...(metadata !== undefined && { metadata }),
        fqdn: fqdnOf(resource.id),
        ttl: ttl ?? 3600,
        // An alias that leads nowhere yet has no member for it; a list without records is an empty one (CORPUS).
        ...(type !== 'CNAME' && type !== 'SOA' && { [members[type]]: [] }),
        ...rest,
        isAutoRegistered: false
      }
    }
  }
})

/** With the dot at its end. */
function fqdnOf(id: string): string {
  const zone = id.split('/').at(-3) ?? ''
  return nameOf(id) === '@' ? `${zone}.` : `${nameOf(id)}.${zone}.`
}

/** `GET …/privateDnsZones/Z/ALL` lists them whatever their type. */
const all: ResourceType = {
  type: `${zoneType}/ALL`,
  pagedBy: 'privateDnsPageSize',
  apiVersions: privateDnsVersions,
  style: 'sync',
  timing: atOnce,
  methods: [],
  parentMissing: 'ParentResourceNotFound',
  members: (world, zone) => recordSetsOf(world, zone)
}

export const recordSets: readonly ResourceType[] = [...recordTypes.map(recordSet), all]
