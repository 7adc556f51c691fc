import { kindOf } from '../../kinds/index.ts'
import type { Need } from '../../kinds/need.ts'
import { privateDnsZone } from '../../kinds/privateDnsZone.ts'
import { nameOf, parentOf, type ResourceId, resourceId, subscriptionOf } from '../../model/id.ts'
import { inBatches } from '../batches.ts'
import { type Asked, type Checked, type Finding, needsIn, placed, type Wanting } from './asked.ts'

type Link = Wanting<Extract<Need, { need: 'link' }>>

interface Zone {
  readonly id?: string
  readonly properties?: { readonly numberOfVirtualNetworkLinks?: number; readonly numberOfVirtualNetworkLinksWithRegistration?: number }
}

interface LinkBody {
  readonly id?: string
  readonly properties?: { readonly virtualNetwork?: { readonly id?: string }; readonly registrationEnabled?: boolean }
}

const apiVersion = '2020-06-01'

/** How many subscriptions are looked at beside those of the file: a login may see hundreds. */
const othersMax = 50

/**
 * A network has one zone of a name, and one in which it registers, whoever made the links [Restrictions of virtual network links]: the
 * other zone may lie in any subscription. A network that this plan makes has none yet.
 */
export async function checkLinks(asked: Asked): Promise<Checked> {
  const links = needsIn(asked, 'link').filter(({ need }) => asked.live.resources.get(need.network)?.observed.state !== 'absent')
  if (links.length === 0) return {}
  const unknown: { address: string; message: string }[] = []
  const findings: Finding[] = []
  const zones = await zonesSeen(links, asked, unknown)
  const rivals = zones.filter(zone => links.some(link => mayRival(link, zone)))
  const made = new Map<Zone, readonly LinkBody[]>()
  await inBatches(rivals, async zone => {
    const seen = await asked.looks.list<LinkBody>(`${zone.id}/virtualNetworkLinks`, apiVersion)
    if (seen.as === 'seen') made.set(zone, seen.value)
    if (seen.as === 'unreadable')
      for (const { resource } of links.filter(link => mayRival(link, zone)))
        unknown.push({
          address: resource.address,
          message: `whether the network is linked to ${zone.id} already could not be read: ${seen.reason}`
        })
  })
  const going = new Set(
    asked.changes.flatMap(change => (change.op === 'create' || change.op === 'update' ? [] : [resourceId(change.old.path)]))
  )
  for (const link of links) findings.push(...rivalOf(link, { made, going }, asked))
  return { findings, unknown }
}

/** The zones that could be in the way, of every subscription that this login may list. */
async function zonesSeen(
  links: readonly Link[],
  { looks, desired }: Asked,
  unknown: { address: string; message: string }[]
): Promise<Zone[]> {
  const own = [...new Set([...desired.keys(), ...links.map(({ need }) => need.network)].map(subscriptionOf))]
  const seen = await looks.list<{ readonly subscriptionId?: string }>('/subscriptions', '2022-12-01')
  const others =
    seen.as === 'seen' ? seen.value.flatMap(({ subscriptionId = '' }) => subscriptionId.toLowerCase()).filter(id => !own.includes(id)) : []
  if (others.length > othersMax)
    for (const { resource } of links)
      unknown.push({
        address: resource.address,
        message: `only ${othersMax} of the ${others.length} other subscriptions of this login were looked at for a zone that its network is linked to`
      })
  const zones: Zone[] = []
  await inBatches([...own, ...others.slice(0, othersMax)], async subscription => {
    const listed = await looks.list<Zone>(`/subscriptions/${subscription}/providers/${privateDnsZone.type}`, apiVersion)
    if (listed.as === 'seen') zones.push(...listed.value)
    else if (listed.as === 'unreadable' && own.includes(subscription))
      for (const { resource } of links)
        unknown.push({
          address: resource.address,
          message: `whether its network is linked to another zone of the name could not be read: ${listed.reason}`
        })
  })
  return zones.sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1))
}

const zoneOf = ({ resource }: Link): ResourceId => parentOf(resource.id) ?? resource.id

/** By the zone's own counts: one without links costs no list. */
function mayRival(link: Link, { id = '', properties }: Zone): boolean {
  if (resourceId(id) === zoneOf(link)) return false
  const sameName = nameOf(id).toLowerCase() === nameOf(zoneOf(link))
  const registers = link.need.registration && properties?.numberOfVirtualNetworkLinksWithRegistration !== 0
  return properties?.numberOfVirtualNetworkLinks !== 0 && (sameName || registers)
}

interface Known {
  readonly made: ReadonlyMap<Zone, readonly LinkBody[]>
  /** The resources that this plan takes away. */
  readonly going: ReadonlySet<ResourceId>
}

function rivalOf(link: Link, { made, going }: Known, asked: Asked): Finding[] {
  const { need, resource } = link
  for (const [{ id: zone = '' }, links] of made) {
    if (resourceId(zone) === zoneOf(link) || going.has(resourceId(zone))) continue
    const mine = links.filter(
      one => resourceId(one.properties?.virtualNetwork?.id ?? '') === need.network && !going.has(resourceId(one.id ?? ''))
    )
    const [first] = mine
    const at = placed(asked, resource, 'network')
    const base = { address: resource.address, exit: 6, at } as const
    if (first !== undefined && nameOf(zone).toLowerCase() === nameOf(zoneOf(link)))
      return [
        {
          ...base,
          rule: 'PGL072',
          message: `its network is linked to another zone named ${nameOf(zone)} already, by ${first.id}. Azure would refuse a second one (400 BadRequest: zones with overlapping namespaces), and it is that zone which answers there. Declare that zone instead, as privateDnsZones: { KEY: { id: ${zone} } }, and let the endpoints use it; or have that link taken away first.`
        }
      ]
    const registers = need.registration ? mine.find(one => one.properties?.registrationEnabled === true) : undefined
    if (registers !== undefined)
      return [
        {
          ...base,
          rule: 'PGL073',
          at: placed(asked, resource, 'registration'),
          message: `its network registers its machines in ${zone} already, by ${registers.id}. Azure would refuse a second zone (400 BadRequest). Leave \`registration\` out of this ${kindOf(resource).title}.`
        }
      ]
  }
  return []
}
