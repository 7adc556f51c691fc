import { flexibleServer } from '../../kinds/flexibleServer.ts'
import { grouped } from '../../model/grouped.ts'
import type { PrivateEndpoint } from '../../model/topology.generated.ts'
import type { Path } from '../tree.ts'
import { networkRanges } from './addressSpaces.ts'
import { identify } from './entries.ts'
import { type AddressRange, addressRange, contains, ipv4, isReserved, usableAddresses } from './ipv4.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'
import { type At, endpointsOf, ourServersOf, referredTo, subnetAt } from './walk.ts'

const postgres = flexibleServer.type.toLowerCase()
const smallest = 29
const largest = 2
const smallestDelegated = 28

function* subnetSize(ctx: RuleContext): Generator<Finding> {
  for (const { subnets } of networkRanges(ctx)) {
    for (const { key, path, range } of subnets) {
      if (!range) continue
      const delegation = subnetAt(ctx, path.slice(0, -1))?.delegation?.toLowerCase()
      const size = `subnet ${key} is a /${range.prefix}`
      if (range.prefix < largest) yield { path, summary: `${size}: Azure makes none larger than /${largest}`, fix: 'use a smaller range' }
      else if (range.prefix > smallest) yield { path, summary: `${size}: Azure makes none smaller than /${smallest}` }
      else if (delegation === postgres && range.prefix > smallestDelegated)
        yield {
          path,
          summary: `${size}: a subnet of PostgreSQL servers is at least a /${smallestDelegated}`,
          related: [{ path: [...path.slice(0, -1), 'delegation'], message: 'the delegation' }]
        }
    }
  }
}

/** The addresses that Microsoft counts for a server with high availability; one without has at least one. */
const addressesOfStandby = 4

interface AddressUse {
  /** The reference to the subnet. */
  readonly at: Path
  readonly addresses: number
}

/** The entries of the file that take addresses of a subnet. */
function* addressUses(ctx: RuleContext): Generator<AddressUse> {
  for (const { path } of endpointsOf(ctx)) yield { at: [...path, 'subnet'], addresses: 1 }
  for (const { path, entry } of ourServersOf(ctx)) {
    const mode = entry.highAvailability?.mode ?? 'Disabled'
    yield { at: [...path, 'networking', 'virtualNetwork', 'subnet'], addresses: mode === 'Disabled' ? 1 : addressesOfStandby }
  }
}

function* subnetCapacity(ctx: RuleContext): Generator<Finding> {
  const bySubnet = grouped(addressUses(ctx), ({ at }) => referredTo(ctx, 'networks/*/subnets', at)?.join('/'))
  for (const { subnets } of networkRanges(ctx)) {
    for (const { key, path, text, range } of subnets) {
      if (!range || range.prefix > smallest) continue
      const inside = bySubnet.get(path.slice(0, -1).join('/')) ?? []
      const needed = inside.reduce((sum, { addresses }) => sum + addresses, 0)
      const last = inside.at(-1)
      if (!last || needed <= usableAddresses(range)) continue
      yield {
        path,
        summary: `the resources in subnet ${key} need ${needed} addresses; of ${text} Azure hands out ${usableAddresses(range)}`,
        related: [{ path: last.at, message: 'the last that needs one' }]
      }
    }
  }
}

interface Fixed {
  readonly endpoint: At<PrivateEndpoint>
  readonly text: string
  readonly at: Path
  /** The range of the subnet that the endpoint is in, and where it is written. */
  readonly prefixAt: Path | undefined
  readonly range: AddressRange | undefined
}

function* fixedAddresses(ctx: RuleContext): Generator<Fixed> {
  for (const endpoint of endpointsOf(ctx)) {
    const { ipAddress } = endpoint.entry
    if (ipAddress === undefined) continue
    const subnet = referredTo(ctx, 'networks/*/subnets', [...endpoint.path, 'subnet'])
    const prefixAt = subnet && [...subnet, 'addressPrefix']
    const range = addressRange((prefixAt && ctx.text(prefixAt)) ?? '')
    yield { endpoint, text: ipAddress, at: [...endpoint.path, 'ipAddress'], prefixAt, range }
  }
}

function* endpointAddress(ctx: RuleContext): Generator<Finding> {
  const identity = identify(ctx)
  const taken = new Map<string, Path>()
  for (const { endpoint, text, at, prefixAt, range } of fixedAddresses(ctx)) {
    const address = ipv4(text)
    if (address === undefined) {
      yield { path: at, summary: `${text} is not an IPv4 address` }
      continue
    }
    const related = prefixAt ? [{ path: prefixAt, message: 'the range of the subnet' }] : []
    if (range && !contains(range, { first: address, last: address, prefix: 32 }))
      yield { path: at, summary: `${text} is not in the subnet of the endpoint`, related }
    else if (range && isReserved(address, range))
      yield { path: at, summary: `${text} is one of the five addresses Azure keeps for itself`, related }
    const where = identity(ctx.target('networks/*/subnets', [...endpoint.path, 'subnet']))
    const key = `${where} ${address}`
    const other = taken.get(key)
    if (where === undefined) continue
    if (other) yield { path: at, summary: `${text} is given to two private endpoints`, related: [{ path: other, message: 'the other' }] }
    else taken.set(key, at)
  }
}

const faq = 'https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq'
const delegated = 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private (Delegated subnet)'

export const subnetSpaceRules: readonly RuleText[] = [
  {
    id: 'PGL042',
    name: 'subnet-size',
    source: `${faq} (How small and how large can virtual networks and subnets be?), ${delegated}`,
    summary: 'A subnet is a /29 or larger and not larger than a /2; one delegated to PostgreSQL is a /28 or larger.',
    why: 'Azure keeps five addresses of every subnet for itself. It refuses smaller subnets, and servers in smaller delegated ones.',
    fix: 'use a larger range: a smaller number behind the slash',
    check: subnetSize
  },
  {
    id: 'PGL043',
    name: 'subnet-capacity',
    source: `${faq} (Are there any restrictions on using IP addresses within these subnets?), ${delegated}`,
    summary: 'A subnet has an address for everything the file puts into it.',
    why: 'Azure keeps five addresses of every subnet for itself. Each endpoint takes one, a server with a standby four. The one too many fails with SubnetIsFull.',
    fix: 'use a larger range, or another subnet for a part; the range of a subnet in use cannot be changed',
    check: subnetCapacity
  },
  {
    id: 'PGL044',
    name: 'endpoint-address',
    source: `https://learn.microsoft.com/azure/private-link/private-endpoint-overview (Network interface), ${faq} (Are there any restrictions on using IP addresses within these subnets?)`,
    summary:
      'The address of a private endpoint lies in its subnet, is none of the five Azure keeps for itself, and belongs to no other endpoint.',
    why: 'Azure refuses the endpoint. The address of an endpoint cannot be changed once it is made.',
    fix: 'use a free address of the subnet, or leave ipAddress out and Azure picks one',
    check: endpointAddress
  }
]
