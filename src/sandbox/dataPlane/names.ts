import { createHash } from 'node:crypto'
import { nameOf, parentOf, sameId } from '../armPath.ts'
import { listAt, textAt, valueAt } from '../json.ts'
import { connectionsOf, isInjected } from '../providers/postgres/privateEndpointConnections.ts'
import { serverType } from '../providers/postgres/server.ts'
import { linkType } from '../providers/privateDns/virtualNetworkLinks.ts'
import type { StoredResource } from '../state.ts'
import type { World } from '../type.ts'

interface NameRecord {
  readonly name: string
  readonly type: 'A' | 'CNAME'
  readonly data: string
  /** Seconds. */
  readonly ttl: number
}

/** An answer of Azure's DNS: the records from the name that was asked for to its addresses. */
export interface NameAnswer {
  readonly code: 'NOERROR' | 'NXDOMAIN' | 'REFUSED'
  readonly records: readonly NameRecord[]
}

const publicSuffix = '.postgres.database.azure.com'
const privateSuffix = '.privatelink.postgres.database.azure.com'

/** Seconds, of names that Azure itself gives. */
const publicTtl = 30

const hopsMax = 8

interface Link {
  readonly zone: StoredResource
  readonly redirects: boolean
}

/**
 * How Azure's resolver (168.63.129.16) answers a machine of this network, or the internet where there is none: a linked zone is asked
 * first, and speaks for all names in it [DOC-PEDNS]; only a link with NxDomainRedirect lets the public answer through for a name of
 * Private Link that its zone lacks [DOC azure/dns/private-dns-fallback].
 */
export function resolveName(world: World, network: string | undefined, name: string): NameAnswer {
  const records: NameRecord[] = []
  let asked = name.toLowerCase().replace(/\.$/, '')
  for (let hop = 0; hop < hopsMax; hop += 1) {
    const { code, records: found } = stepFrom(world, network, asked)
    records.push(...found)
    const [next] = found
    if (next?.type !== 'CNAME') return { code: records.length > 0 && code === 'REFUSED' ? 'NOERROR' : code, records }
    asked = next.data
  }
  return { code: 'NXDOMAIN', records }
}

function stepFrom(world: World, network: string | undefined, name: string): NameAnswer {
  const link = network === undefined ? undefined : linkFor(world, network, name)
  if (link === undefined) return publicAnswer(world, name)
  const found = recordsIn(world, link.zone, name)
  if (found !== undefined) return { code: 'NOERROR', records: found }
  // The policy is there for zones of Private Link alone.
  const isPrivateLink = /^privatelink\./i.test(nameOf(link.zone.id))
  return link.redirects && isPrivateLink ? publicAnswer(world, name) : { code: 'NXDOMAIN', records: [] }
}

/** The longest zone linked to the network that the name lies in. */
function linkFor(world: World, network: string, name: string): Link | undefined {
  const links = world.store
    .ofType(linkType)
    .filter(link => sameId(textAt(link.body, 'properties', 'virtualNetwork', 'id') ?? '', network) && link.provisioning === 'Succeeded')
    .flatMap(link => {
      const zone = world.store.get(parentOf(link.id))
      return zone === undefined ? [] : { zone, redirects: valueAt(link.body, 'properties', 'resolutionPolicy') === 'NxDomainRedirect' }
    })
  return links
    .filter(({ zone }) => `.${name}`.endsWith(`.${nameOf(zone.id).toLowerCase()}`))
    .sort((one, other) => nameOf(other.zone.id).length - nameOf(one.zone.id).length)[0]
}

function recordsIn(world: World, zone: StoredResource, name: string): NameRecord[] | undefined {
  const zoneName = nameOf(zone.id).toLowerCase()
  const label = name === zoneName ? '@' : name.slice(0, -zoneName.length - 1)
  const addresses = world.store.get(`${zone.id}/A/${label}`)
  const alias = world.store.get(`${zone.id}/CNAME/${label}`)
  const ttl = (record: StoredResource): number => Number(valueAt(record.body, 'properties', 'ttl') ?? publicTtl)
  if (addresses)
    return listAt(addresses.body, 'properties', 'aRecords').map(each => ({
      name,
      type: 'A',
      data: textAt(each, 'ipv4Address') ?? '',
      ttl: ttl(addresses)
    }))
  const to = textAt(alias?.body, 'properties', 'cnameRecord', 'cname')
  return alias && to ? [{ name, type: 'CNAME', data: to.toLowerCase().replace(/\.$/, ''), ttl: ttl(alias) }] : undefined
}

/** A name that is of no PostgreSQL server and in no zone is refused: this responder knows no others. */
function publicAnswer(world: World, name: string): NameAnswer {
  const suffix = name.endsWith(privateSuffix) ? privateSuffix : publicSuffix
  if (!name.endsWith(suffix)) return { code: isOfZone(world, name) ? 'NXDOMAIN' : 'REFUSED', records: [] }
  const label = name.slice(0, -suffix.length)
  const server = world.store.named(serverType, label)[0]
  if (server === undefined) return { code: 'NXDOMAIN', records: [] }
  const alias = suffix === publicSuffix ? aliasOf(world, server) : undefined
  const record: NameRecord =
    alias === undefined
      ? { name, type: 'A', data: publicAddress(server), ttl: publicTtl }
      : { name, type: 'CNAME', data: alias, ttl: publicTtl }
  return { code: 'NOERROR', records: [record] }
}

/** A zone of the estate has no answer on the internet. */
const isOfZone = (world: World, name: string): boolean =>
  world.store.ofType('Microsoft.Network/privateDnsZones').some(zone => `.${name}`.endsWith(`.${nameOf(zone.id).toLowerCase()}`))

/**
 * The name that a server's own leads to: that of Private Link as soon as it has an endpoint [DOC-PL], and the one in its own zone where it
 * lies in a network [DOC-VNET]. Every other server is named by its address at once, which Azure puts behind one more name.
 */
function aliasOf(world: World, server: StoredResource): string | undefined {
  const label = nameOf(server.id).toLowerCase()
  if (!isInjected(server.body)) return connectionsOf(world, server.id).length > 0 ? `${label}${privateSuffix}` : undefined
  const record = textAt(server.memory, 'record') ?? label
  const zone = textAt(server.body, 'properties', 'network', 'privateDnsZoneArmResourceId')
  return zone === undefined ? undefined : `${nameOf(record)}.${nameOf(zone)}`.toLowerCase()
}

/** One of the addresses that are set aside for documentation (RFC 5737), the same for a server each time. */
const publicAddress = ({ id }: StoredResource): string =>
  `203.0.113.${1 + ((createHash('sha256').update(id.toLowerCase()).digest()[0] ?? 0) % 254)}`
