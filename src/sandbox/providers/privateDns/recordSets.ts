import { groupNameOf, nameOf, parentOf, subscriptionOf } from '../../armPath.ts'
import { atOnce } from '../../durations.ts'
import { type Json, objectAt, without } from '../../json.ts'
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

export function addStartOfAuthority(world: World, zone: string): void {
  const id = `${zone}/SOA/@`
  if (!world.store.has(id)) world.put({ id, type: `${zoneType}/SOA`, body: { properties: startOfAuthority } })
}

export const recordSetsOf = (world: World, zone: string): StoredResource[] =>
  recordTypes.flatMap(one => world.store.ofType(`${zoneType}/${one}`, zone))

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
    return bareRefusal(
      400,
      'BadRequest',
      `The SOA record set of zone '${nameOf(parentOf(id))}' can only be updated, and its name must be '@'.`
    )
  }
  return type === 'CNAME' && method !== 'DELETE' ? besideOthers(world, id) : undefined
}

/** An alias stands for its name alone (RFC 1034, 3.6.2). */
function besideOthers(world: World, id: string): Refusal | undefined {
  const zone = id.split('/').slice(0, -2).join('/')
  const other = recordSetsOf(world, zone).find(
    one => nameOf(one.id).toLowerCase() === nameOf(id).toLowerCase() && !/\/CNAME\//i.test(one.id)
  )
  return (
    other &&
    bareRefusal(400, 'BadRequest', `A CNAME record set cannot be created with the same name as an existing record set: '${nameOf(id)}'.`)
  )
}

const recordSet = (type: RecordType): ResourceType => ({
  type: `${zoneType}/${type}`,
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
    // Like tags: what a PATCH sends of it is all of it.
    return { body: { properties: { ...properties, ...(metadata !== undefined && { metadata }) } } }
  },
  missing: (_world, id) =>
    bareRefusal(
      404,
      'NotFound',
      `The resource record '${nameOf(id)}' does not exist in resource group '${groupNameOf(id)}' of subscription '${subscriptionOf(id)}'.`
    ),
  show(_world, resource) {
    const { ttl, metadata, ...rest } = objectAt(resource.body, 'properties')
    const none: Json = type === 'CNAME' || type === 'SOA' ? {} : []
    return {
      etag: dnsEtag(resource),
      properties: {
        ...(metadata !== undefined && { metadata }),
        fqdn: fqdnOf(resource.id),
        ttl: ttl ?? 3600,
        [members[type]]: none,
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
  apiVersions: privateDnsVersions,
  style: 'sync',
  timing: atOnce,
  methods: [],
  members: (world, zone) => recordSetsOf(world, zone)
}

export const recordSets: readonly ResourceType[] = [...recordTypes.map(recordSet), all]
