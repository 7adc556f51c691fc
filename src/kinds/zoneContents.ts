import { BlockList, isIPv6 } from 'node:net'
import type { Azure } from '../azure/azure.ts'
import { nameOf, type ResourceId, resourceId, typeOf } from '../model/id.ts'
import { isProtected, ownerIn } from '../model/owner.ts'
import { flexibleServer } from './flexibleServer.ts'
import { privateEndpoint } from './privateEndpoint.ts'
import { subnet } from './subnet.ts'
import { contents, type Ours, ownIds } from './undeclared.ts'

/** Record sets that people wrote by hand, or that belong to an endpoint or server that is not ours; links as well. */
export async function undeclaredInZone(azure: Azure, zone: string, ours: Ours): Promise<string[]> {
  const { all, topology } = ours
  const ranges = await addressesOfServers(azure, resourceId(zone), ours)
  const endpoints = new Set(
    [...all.values()].filter(({ kind }) => kind === privateEndpoint.name).map(({ path }) => nameOf(path).toLowerCase())
  )
  const records = await contents(azure, `${zone}/ALL`, '2020-06-01')
  const links = await contents(azure, `${zone}/virtualNetworkLinks`, '2020-06-01')
  const foreignRecords = records.filter(({ type = '', properties }) => {
    const maker = /created by private endpoint (\S+)/i.exec(properties?.metadata?.creator ?? '')?.[1]
    const { aRecords = [] } = properties ?? {}
    const ofServer = aRecords.length > 0 && aRecords.every(({ ipv4Address = '' }) => ranges.check(ipv4Address))
    // The SOA is every zone's own.
    return !/\/SOA$/i.test(type) && !ofServer && !(maker !== undefined && endpoints.has(maker.toLowerCase()))
  })
  const own = ownIds(ours)
  const foreignLinks = links.filter(
    ({ id = '', tags }) => isProtected(tags ?? {}) || (!own.has(resourceId(id)) && ownerIn(tags ?? {}) !== topology)
  )
  return [...foreignRecords, ...foreignLinks].map(({ id = '' }) => id)
}

/**
 * The ranges of the subnets in which servers of ours have this zone. Only servers can be in such a subnet, and each keeps a record in its zone,
 * which Azure names as it likes [DOC-VNET].
 */
async function addressesOfServers(azure: Azure, zone: ResourceId, { unmanaged, found }: Ours): Promise<BlockList> {
  const ranges = new BlockList()
  // A subnet that left the file is not among those that were read.
  const seen = (id: ResourceId) => found.get(id)?.observed ?? subnet.observe(azure, id).then(({ observed }) => observed)
  const servers = [...found.values(), ...unmanaged.map(one => ({ kind: one.kind, observed: { state: 'present' as const, ...one } }))]
  for (const { kind, observed } of servers) {
    if (kind !== flexibleServer.name || observed.state !== 'present' || !observed.refs.includes(zone)) continue
    for (const ref of observed.refs) {
      if (typeOf(ref) !== subnet.type.toLowerCase()) continue
      const inside = await seen(ref)
      if (inside.state !== 'present') continue
      for (const prefix of (inside.props as { readonly addressPrefixes?: readonly string[] }).addressPrefixes ?? []) {
        const [address = '', bits] = prefix.split('/')
        ranges.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
      }
    }
  }
  return ranges
}
