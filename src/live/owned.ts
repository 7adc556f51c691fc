import { BlockList, isIPv6 } from 'node:net'
import type { Azure } from '../azure/azure.ts'
import { asking, isForbidden, isNotFound } from '../azure/error.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import type { Read } from '../kinds/kind.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import { subnet } from '../kinds/subnet.ts'
import { nameOf, type ResourceId, resourceId, within } from '../model/id.ts'
import { isProtected, ownerIn } from '../model/owner.ts'
import type { Desired, Existing, Found } from '../model/resource.ts'

/** Resources that carry this topology's tag and are in neither file. Their address is their id: no file gives them one. */
export function orphansAmong(listed: ReadonlyMap<string, readonly Read[]>, known: Desired, topology: string): Existing[] {
  const orphans: Existing[] = []
  for (const [kind, reads] of listed) {
    for (const { path, observed } of reads) {
      const id = resourceId(path)
      if (observed.state !== 'present' || ownerIn(observed.tags) !== topology || known.has(id)) continue
      const { state: _, ...seen } = observed
      orphans.push({ kind, id, path, address: kind === resourceGroup.name ? `resourceGroups/${nameOf(path)}` : path, ...seen })
    }
  }
  return orphans.sort((a, b) => (a.id < b.id ? -1 : 1))
}

interface Ours {
  readonly all: Desired
  readonly orphans: readonly Existing[]
  readonly topology: string
  /** All that was read, whoever declares it. */
  readonly found: ReadonlyMap<ResourceId, Found>
}

/** The resources in a group or a zone that would go with it and are not ours, or carry the tag that protects them. */
export async function strangersIn(
  azure: Azure,
  going: readonly { readonly kind: string; readonly id: ResourceId; readonly path: string }[],
  ours: Ours
): Promise<ReadonlyMap<ResourceId, readonly string[]>> {
  const strangers = new Map<ResourceId, readonly string[]>()
  for (const { kind, id, path } of going) {
    if (kind === resourceGroup.name) strangers.set(id, await looked(() => strangersInGroup(azure, path, ours)))
    if (kind === privateDnsZone.name) strangers.set(id, await looked(() => strangersInZone(azure, path, ours)))
  }
  return strangers
}

/** A scope that we may not look into may hold anything. */
async function looked(look: () => Promise<string[]>): Promise<string[]> {
  try {
    return await asking('GET what is to go', look)
  } catch (error) {
    if (isForbidden(error)) return ['(what it holds may not be read)']
    throw error
  }
}

interface Listed {
  readonly value?: readonly {
    readonly id?: string
    readonly type?: string
    readonly tags?: Readonly<Record<string, string>>
    readonly managedBy?: string
    readonly properties?: {
      readonly metadata?: { readonly creator?: string }
      readonly aRecords?: readonly { readonly ipv4Address?: string }[]
    }
  }[]
  readonly nextLink?: string
}

async function everything(azure: Azure, collection: string, apiVersion: string): Promise<NonNullable<Listed['value']>> {
  const found: NonNullable<Listed['value']>[number][] = []
  for (let path: string | undefined = collection; path !== undefined; ) {
    const page: Listed = (await azure.send({ method: 'GET', path, apiVersion }).catch((error: unknown) => {
      if (isNotFound(error)) return {}
      throw error
    })) as Listed
    found.push(...(page.value ?? []))
    path = page.nextLink
  }
  return found
}

async function strangersInGroup(azure: Azure, group: string, { all, orphans, topology }: Ours): Promise<string[]> {
  const resources = await everything(azure, `${group}/resources`, '2021-04-01')
  // Lying in the group is no kinship: everything here does.
  const inGroups = [...[...all.values()].filter(({ managed }) => managed), ...orphans].filter(({ kind }) => kind !== resourceGroup.name)
  const known = new Set(inGroups.map(({ id }) => id))
  return resources
    .filter(({ id = '', tags, managedBy }) => {
      const own = resourceId(id)
      // A network interface is its endpoint's [CORPUS], and a child its parent's.
      const kin = [...known].some(one => within(own, one)) || (managedBy !== undefined && known.has(resourceId(managedBy)))
      const endpointOf = /\/networkinterfaces\/(.+)\.nic\./.exec(own)?.[1]
      const nic = endpointOf !== undefined && [...known].some(one => one.endsWith(`/privateendpoints/${endpointOf}`))
      return isProtected(tags ?? {}) || (!kin && !nic && ownerIn(tags ?? {}) !== topology)
    })
    .map(({ id = '' }) => id)
}

/**
 * The ranges of the subnets in which servers of ours have this zone. Only servers can be in such a subnet, and each keeps a record in its zone,
 * which Azure names as it likes [DOC-VNET].
 */
function addressesOfServers(zone: ResourceId, { orphans, found }: Ours): BlockList {
  const ranges = new BlockList()
  const servers = [...found.values(), ...orphans.map(one => ({ kind: one.kind, observed: { state: 'present' as const, ...one } }))]
  for (const { kind, observed } of servers) {
    if (kind !== flexibleServer.name || observed.state !== 'present' || !observed.refs.includes(zone)) continue
    for (const ref of observed.refs) {
      const inside = found.get(ref)
      if (inside?.kind !== subnet.name || inside.observed.state !== 'present') continue
      for (const prefix of (inside.observed.props as { readonly addressPrefixes?: readonly string[] }).addressPrefixes ?? []) {
        const [address = '', bits] = prefix.split('/')
        ranges.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
      }
    }
  }
  return ranges
}

/** Record sets that somebody wrote by hand, or that belong to an endpoint or server that is not ours. The SOA is every zone's own. */
async function strangersInZone(azure: Azure, zone: string, ours: Ours): Promise<string[]> {
  const { all, orphans, topology } = ours
  const ranges = addressesOfServers(resourceId(zone), ours)
  const endpoints = new Set(
    [...all.values()].filter(({ kind }) => kind === privateEndpoint.name).map(({ path }) => nameOf(path).toLowerCase())
  )
  const records = await everything(azure, `${zone}/ALL`, '2020-06-01')
  const links = await everything(azure, `${zone}/virtualNetworkLinks`, '2020-06-01')
  const foreignRecords = records.filter(({ type = '', properties }) => {
    const maker = /created by private endpoint (\S+)/i.exec(properties?.metadata?.creator ?? '')?.[1]
    const { aRecords = [] } = properties ?? {}
    const ofServer = aRecords.length > 0 && aRecords.every(({ ipv4Address = '' }) => ranges.check(ipv4Address))
    return !/\/SOA$/i.test(type) && !ofServer && !(maker !== undefined && endpoints.has(maker.toLowerCase()))
  })
  const known = new Set([...[...all.values()].filter(({ managed }) => managed), ...orphans].map(({ id }) => id))
  const foreignLinks = links.filter(
    ({ id = '', tags }) => isProtected(tags ?? {}) || (!known.has(resourceId(id)) && ownerIn(tags ?? {}) !== topology)
  )
  return [...foreignRecords, ...foreignLinks].map(({ id = '' }) => id)
}
