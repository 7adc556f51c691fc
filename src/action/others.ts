import { flexibleServer } from '../kinds/flexibleServer.ts'
import { subnet } from '../kinds/subnet.ts'
import { parentOf, type ResourceId, resourceId, within } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Desired, Resource } from '../model/resource.ts'

type Body = { readonly [name: string]: Json }

/**
 * ARM bodies of what a topology refers to and does not make, so that a sandbox can stand in for Azure: as little as there can be of each,
 * in the region of those that refer to it. Types that mean nothing without their settings are left out; a seed may have them.
 */
export function bodiesOfOthers(desired: Desired): Readonly<Record<string, Body>> {
  const ours = new Set([...desired.values()].filter(({ managed }) => managed).map(({ id }) => id))
  const paths = new Map<ResourceId, string>()
  const note = (path: string): void => {
    const id = resourceId(path)
    if (ours.has(id) || paths.has(id) || shapeOf(id) === undefined) return
    const parent = parentOf(id)
    if (parent?.includes('/providers/')) note(parent)
    paths.set(id, path)
  }
  for (const { managed, path, refs, id } of desired.values()) {
    if (!managed) note(path)
    const above = parentOf(id)
    for (const ref of [...refs, ...(above === undefined ? [] : [above])]) note(ref)
  }
  const all = [...paths.keys()]
  return Object.fromEntries([...paths].map(([id, path]) => [path, shapeOf(id)?.({ id, all, desired }) ?? {}]))
}

interface About {
  readonly id: ResourceId
  /** Everything that is not ours. */
  readonly all: readonly ResourceId[]
  readonly desired: Desired
}

type Shape = (about: About) => Body

const shapes: readonly (readonly [type: RegExp, shape: Shape])[] = [
  [/\/resourcegroups\/[^/]+$/i, about => ({ location: regionFor(about) })],
  [/\/microsoft\.network\/virtualnetworks\/[^/]+$/i, about => ({ location: regionFor(about), properties: networkFor(about) })],
  [/\/microsoft\.network\/virtualnetworks\/[^/]+\/subnets\/[^/]+$/i, about => ({ properties: subnetFor(about) })],
  [/\/microsoft\.network\/(networksecuritygroups|routetables)\/[^/]+$/i, about => ({ location: regionFor(about), properties: {} })],
  [/\/microsoft\.network\/privatednszones\/[^/]+$/i, () => ({ location: 'global', properties: {} })],
  [/\/microsoft\.datafactory\/factories\/[^/]+$/i, about => ({ location: regionFor(about), properties: {} })],
  [/\/microsoft\.dbforpostgresql\/flexibleservers\/[^/]+$/i, about => ({ location: regionFor(about), ...server })]
]

const shapeOf = (id: ResourceId): Shape | undefined => shapes.find(([type]) => type.test(id))?.[1]

const server: Body = {
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: {
    version: '17',
    administratorLogin: 'somebody',
    storage: { storageSizeGB: 128 },
    network: { publicNetworkAccess: 'Disabled' }
  }
}

const propsOf = ({ props }: Resource): { readonly [name: string]: unknown } => ({ ...(props as object) })

const refersTo = ({ id, refs }: Resource, other: ResourceId): boolean => within(id, other) || refs.some(ref => within(ref, other))

/** The region of what refers to it, else the one that most of the topology is in. */
function regionFor({ id, desired }: About): string {
  const located = [...desired.values()].filter(one => typeof propsOf(one)['location'] === 'string' && propsOf(one)['location'] !== 'global')
  const near = located.filter(one => refersTo(one, id))
  const counts = new Map<string, number>()
  for (const one of near.length > 0 ? near : located) {
    const region = String(propsOf(one)['location'])
    counts.set(region, (counts.get(region) ?? 0) + 1)
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0] ?? 'eastus2'
}

const isNetwork = (id: ResourceId): boolean => /\/virtualnetworks\/[^/]+$/.test(id)

/** A range for each network, from the addresses that carriers share (RFC 6598) and no network in Azure has. */
const rangeOf = (network: ResourceId | undefined, all: readonly ResourceId[]): string =>
  `100.${64 + (Math.max(0, all.filter(isNetwork).indexOf(network ?? resourceId(''))) % 64)}`

function networkFor({ id, all, desired }: About): Body {
  const prefixes = [...desired.values()].filter(one => one.managed && one.kind === subnet.name && within(one.id, id)).flatMap(prefixesOf)
  return { addressSpace: { addressPrefixes: [`${rangeOf(id, all)}.0.0/16`, ...prefixes] } }
}

const prefixesOf = (subnet: Resource): string[] => {
  const { addressPrefix, addressPrefixes } = propsOf(subnet)
  return [addressPrefix, addressPrefixes].flat().filter(one => typeof one === 'string')
}

function subnetFor({ id, all, desired }: About): Body {
  const network = parentOf(id)
  const siblings = all.filter(one => parentOf(one) === network)
  const integrated = [...desired.values()].some(({ kind, refs }) => kind === flexibleServer.name && refs.includes(id))
  return {
    addressPrefix: `${rangeOf(network, all)}.${siblings.indexOf(id) % 256}.0/24`,
    ...(integrated && {
      delegations: [{ name: 'flexibleServers', properties: { serviceName: flexibleServer.type } }]
    })
  }
}
