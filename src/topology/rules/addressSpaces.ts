import { isIPv6 } from 'node:net'
import type { Path } from '../tree.ts'
import { type AddressRange, addressRange, blockOf, blocksAround, ipv4Text, overlaps, rangeText } from './ipv4.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'
import { each, entriesOf, itemsOf } from './walk.ts'

/** A range as it stands in the file. `range` is undefined when the text is none, or not one of IPv4. */
interface WrittenRange {
  readonly path: Path
  readonly text: string
  readonly range: AddressRange | undefined
}

const written = (ctx: RuleContext, path: Path): WrittenRange | undefined => {
  const text = ctx.text(path)
  return text === undefined ? undefined : { path, text, range: addressRange(text) }
}

/** The address space of a network; undefined while it is not known as a whole. */
function addressSpace(ctx: RuleContext, network: Path): readonly WrittenRange[] | undefined {
  const ranges = [...itemsOf(ctx, [...network, 'addressSpace'])].map(path => written(ctx, path))
  const known = ranges.filter(range => range !== undefined)
  return known.length > 0 && known.length === ranges.length ? known : undefined
}

interface NetworkRanges {
  readonly key: string
  readonly space: readonly WrittenRange[] | undefined
  readonly subnets: readonly (WrittenRange & { readonly key: string })[]
}

/** Half a dozen rules look at the ranges of one file. */
const found = new WeakMap<RuleContext, readonly NetworkRanges[]>()

export function networkRanges(ctx: RuleContext): readonly NetworkRanges[] {
  const ranges = found.get(ctx) ?? [...allRanges(ctx)]
  found.set(ctx, ranges)
  return ranges
}

function* allRanges(ctx: RuleContext): Generator<NetworkRanges> {
  for (const { path, key, entry } of entriesOf(ctx.topology.networks, ['networks'])) {
    const subnets = [...entriesOf(entry.subnets, [...path, 'subnets'])].flatMap(subnet => {
      const range = written(ctx, [...subnet.path, 'addressPrefix'])
      return range ? [{ ...range, key: subnet.key }] : []
    })
    yield { key, space: addressSpace(ctx, path), subnets }
  }
}

const isIPv6Range = (text: string): boolean => {
  const [address = '', length = '', more] = text.split('/')
  return more === undefined && isIPv6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128
}

const malformedRanges = each(networkRanges, function* ({ space = [], subnets }) {
  for (const one of space) if (!isIPv6Range(one.text)) yield* malformed(one)
  for (const one of subnets) {
    if (isIPv6Range(one.text))
      yield { path: one.path, summary: `${one.text} has no IPv4 addresses, which private endpoints and servers need` }
    else yield* malformed(one)
  }
})

function* malformed({ path, text, range }: WrittenRange): Generator<Finding> {
  if (!range) yield { path, summary: `${text} is not an address range` }
  else if (text !== rangeText(range))
    yield { path, summary: `${text} does not begin at the start of its range`, fix: `write ${rangeText(range)}`, instead: rangeText(range) }
}

const takenByAzure = [
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local addresses'],
  ['168.63.129.16/32', 'the DNS of Azure']
] as const

const reservedRanges = each(networkRanges, function* ({ space = [] }) {
  for (const { path, text, range } of space) {
    const taken = takenByAzure.find(([reserved]) => {
      const other = addressRange(reserved)
      return range && other && overlaps(range, other)
    })
    if (taken) yield { path, summary: `${text} holds addresses of ${taken[0]}, which is for ${taken[1]}` }
  }
})

function* overlapping(ranges: readonly WrittenRange[], summary: (one: WrittenRange, other: WrittenRange) => string): Generator<Finding> {
  const byBlock = new Map<number, number>()
  const inBlock = new Map<number, number>()
  for (const [index, one] of ranges.entries()) {
    if (!one.range) continue
    const around = blocksAround(one.range)
    const holders = around.flatMap(block => byBlock.get(block) ?? [])
    const other = ranges[Math.min(...holders, inBlock.get(blockOf(one.range)) ?? index)]
    if (other && other !== one)
      yield { path: one.path, summary: summary(one, other), related: [{ path: other.path, message: 'the other range' }] }
    if (!byBlock.has(blockOf(one.range))) byBlock.set(blockOf(one.range), index)
    for (const block of around) if (!inBlock.has(block)) inBlock.set(block, index)
  }
}

const overlappingSpaces = each(networkRanges, function* ({ key, space = [] }) {
  yield* overlapping(space, (one, other) => `the ranges ${other.text} and ${one.text} of network ${key} overlap`)
})

const overlappingSubnets = each(networkRanges, function* ({ subnets }) {
  const keys = new Map(subnets.map(({ path, key }) => [path, key]))
  yield* overlapping(
    subnets,
    (one, other) => `subnets ${keys.get(other.path)} and ${keys.get(one.path)} overlap: ${other.text}, ${one.text}`
  )
})

const spaceShown = 8

function* outsideSpace(ctx: RuleContext): Generator<Finding> {
  for (const { key: network, space, subnets } of networkRanges(ctx)) {
    const ranges = (space ?? []).flatMap(({ text, range }) => (range ? [range] : isIPv6Range(text) ? [] : [undefined]))
    const known = ranges.filter(range => range !== undefined)
    // A range that is none might have been meant to hold the subnet; that it is none is said already.
    if (!space || known.length < ranges.length) continue
    const blocks = new Set(known.map(blockOf))
    for (const { key, path, text, range } of subnets) {
      if (!range || blocksAround(range).some(block => blocks.has(block))) continue
      yield {
        path,
        summary: `subnet ${key} is not in the address space of ${network}: ${text} goes from ${ipv4Text(range.first)} to ${ipv4Text(range.last)}`,
        related: space.slice(0, spaceShown).map(outer => ({ path: outer.path, message: 'the address space' }))
      }
    }
  }
}

const networks = 'https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq'
const subnetReference = 'https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-subnet (Add a subnet)'

export const addressSpaceRules: readonly RuleText[] = [
  {
    id: 'PGL037',
    name: 'address-range',
    source: `https://www.rfc-editor.org/rfc/rfc4632 (3.1), ${subnetReference}`,
    summary: 'Address ranges are in CIDR form and begin with their first address; those of subnets are IPv4.',
    why: 'Azure refuses what is none (InvalidAddressPrefixFormat), and what begins inside its range (InvalidCIDRNotation).',
    fix: 'write four numbers from 0 to 255 and the number of bits that are fixed, such as 10.20.1.0/24',
    check: malformedRanges
  },
  {
    id: 'PGL038',
    name: 'reserved-range',
    source: `${networks} (What address ranges can I use in my virtual networks?)`,
    summary:
      'The address space of a network holds none of the ranges for multicast, broadcast, loopback, link-local addresses and the DNS of Azure.',
    why: 'Azure refuses to make the network.',
    fix: 'use a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16',
    check: reservedRanges
  },
  {
    id: 'PGL039',
    name: 'address-space-overlap',
    source: 'https://learn.microsoft.com/azure/virtual-network/manage-virtual-network (Add or remove an address range)',
    summary: 'The ranges of one address space do not overlap.',
    why: 'Azure refuses the network.',
    fix: 'keep the larger of the two',
    check: overlappingSpaces
  },
  {
    id: 'PGL040',
    name: 'subnet-outside-address-space',
    source: subnetReference,
    summary: 'The range of a subnet lies in one range of the address space of its network.',
    why: 'Azure refuses the subnet (NetcfgSubnetRangeOutsideVnet).',
    fix: 'use a range in the address space, or add one to it',
    check: outsideSpace
  },
  {
    id: 'PGL041',
    name: 'subnet-overlap',
    source: subnetReference,
    summary: 'The ranges of the subnets of one network do not overlap.',
    why: 'Azure refuses the second one (NetcfgSubnetRangesOverlap).',
    fix: 'use another range for one of the two',
    check: overlappingSubnets
  }
]
