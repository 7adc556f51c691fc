import { type Target, target } from '../address.ts'
import { placeOf, type Setting, sameLocation, subscriptionIn, type WrittenPlace } from '../place.ts'
import type { Node, Path } from '../tree.ts'
import type { SameConfig } from './keywords.ts'
import type { KeywordFinding, RuleText } from './rule.ts'

type Where = 'location' | 'subscription'

/** Compares the network of the subnet that `path` refers to with the server above, or the endpoint around it. */
export function placeDifference(root: Node, same: SameConfig, where: Where, path: Path): KeywordFinding[] {
  const found = target(root, 'networks/*/subnets', path)
  const network = found && networkPlace(root, found, path)[where]
  const with_ = placeOf(root, same.with === 'server' ? path.slice(0, 2) : path.slice(0, -1))[where]
  if (!found || !network || !with_ || isSame(network.value, with_.value, where)) return []
  const word = where === 'location' ? 'region' : 'subscription'
  const subnet = found.kind === 'entry' ? `${found.path[1]}/${found.path[3]}` : (found.id.split('/').at(-1) ?? found.id)
  const owner = same.with === 'server' ? `server ${path[1]}` : `private endpoint ${path[3]}`
  return [
    {
      rule: same.rule,
      path,
      summary: `subnet ${subnet} is in ${word} ${network.value}, ${owner} in ${with_.value}`,
      related: differing(network, with_, word, owner, path)
    }
  ]
}

function differing(network: Setting, owner: Setting, word: string, name: string, path: Path): NonNullable<KeywordFinding['related']> {
  const both = [
    { path: network.path, message: `the network gets its ${word} here` },
    { path: owner.path, message: `the ${name} gets its ${word} here` }
  ]
  return both.filter(({ path: other }) => other.slice(0, path.length).join('/') !== path.join('/'))
}

function networkPlace(root: Node, found: Target, from: Path): WrittenPlace {
  if (found.kind === 'entry') return placeOf(root, found.path.slice(0, 2))
  return { subscription: subscriptionIn(found.id, [...from, 'id']), location: undefined }
}

const isSame = (a: string, b: string, where: Where): boolean =>
  where === 'location' ? sameLocation(a, b) : a.toLowerCase() === b.toLowerCase()

const howTo =
  'https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-manage-virtual-network-private-endpoint-portal (Prerequisites)'
const overview = 'https://learn.microsoft.com/azure/private-link/private-endpoint-overview (Private endpoint properties)'
const integration = 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private (Virtual network concepts)'

export const placementRules: readonly RuleText[] = [
  {
    id: 'PGL002',
    name: 'endpoint-server-region',
    lowerable: true,
    source: howTo,
    summary: 'The network of a private endpoint is in the region of the server.',
    why: 'Traffic would cross regions, which costs time and money. Azure allows it; the how-to asks for one region.',
    fix: 'use a subnet in the region of the server, or lower PGL002 under rules: with a reason'
  },
  {
    id: 'PGL003',
    name: 'endpoint-server-subscription',
    lowerable: true,
    source: howTo,
    summary: 'The network of a private endpoint is in the subscription of the server.',
    why: 'Both subscriptions then need the resource providers registered and the rights granted. Azure allows it; the how-to asks for one subscription.',
    fix: 'use a subnet in the subscription of the server, or lower PGL003 under rules: with a reason'
  },
  {
    id: 'PGL004',
    name: 'endpoint-network-region',
    source: overview,
    summary: 'A private endpoint is in the region of its network.',
    why: 'Azure refuses to make a private endpoint in another region than its virtual network.',
    fix: 'set location: of the endpoint to that of the network'
  },
  {
    id: 'PGL005',
    name: 'endpoint-network-subscription',
    source: overview,
    summary: 'A private endpoint is in the subscription of its network.',
    why: 'Azure refuses to make a private endpoint in another subscription than its virtual network.',
    fix: 'set subscription: and resourceGroup: of the endpoint to the subscription of the network'
  },
  {
    id: 'PGL006',
    name: 'integration-region',
    source: integration,
    summary: 'The network of a server with VNet integration is in the region of the server.',
    why: 'Azure refuses to put a server into a network of another region.',
    fix: 'use a subnet in the region of the server'
  },
  {
    id: 'PGL007',
    name: 'integration-subscription',
    source: integration,
    summary: 'The network of a server with VNet integration is in the subscription of the server.',
    why: 'The delegated subnet must be one of the subscription the server is made in.',
    fix: 'use a subnet in the subscription of the server'
  }
]
