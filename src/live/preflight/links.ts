import { kindOf } from '../../kinds/index.ts'
import { privateDnsZone } from '../../kinds/privateDnsZone.ts'
import { nameOf, parentOf, type ResourceId, resourceId, subscriptionOf } from '../../model/id.ts'
import { inBatches } from '../batches.ts'
import { type Asked, found, needsIn, type Wanting } from './asked.ts'

type Link = Wanting<'link'>

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
 * A network has one zone of a name, and one in which it registers [Restrictions of virtual network links]: the
 * other zone may lie in any subscription. A network that this plan makes has none yet.
 */
export async function checkLinks(asked: Asked): Promise<void> {
  const links = needsIn(asked, 'link').filter(({ need }) => asked.live.resources.get(need.network)?.observed.state !== 'absent')
  if (links.length === 0) return
  const zones = await zonesSeen(links, asked)
  const rivals = zones.filter(zone => links.some(link => mayRival(link, zone)))
  const made = new Map<Zone, readonly LinkBody[]>()
  await inBatches(rivals, async zone => {
    const seen = await asked.looks.list<LinkBody>(`${zone.id}/virtualNetworkLinks`, apiVersion)
    if (seen.as === 'seen') made.set(zone, seen.value)
    if (seen.as === 'unreadable') {
      const message = `whether the network is linked to ${zone.id} already could not be read: ${seen.reason}`
      unclear(
        links.filter(link => mayRival(link, zone)),
        message,
        asked
      )
    }
  })
  const going = new Set(
    asked.changes.flatMap(change => (change.op === 'create' || change.op === 'update' ? [] : [resourceId(change.old.path)]))
  )
  for (const link of links) checkRivals(link, { made, going }, asked)
}

function unclear(links: readonly Link[], message: string, { answers }: Asked): void {
  for (const { resource } of links) answers.unknown.push({ address: resource.address, message })
}

/** The zones that could be in the way, of every subscription that this login may list. */
async function zonesSeen(links: readonly Link[], asked: Asked): Promise<Zone[]> {
  const { looks, desired } = asked
  const own = [...new Set([...desired.keys(), ...links.map(({ need }) => need.network)].map(subscriptionOf))]
  const seen = await looks.list<{ readonly subscriptionId?: string }>('/subscriptions', '2022-12-01')
  const others =
    seen.as === 'seen' ? seen.value.flatMap(({ subscriptionId = '' }) => subscriptionId.toLowerCase()).filter(id => !own.includes(id)) : []
  if (others.length > othersMax) {
    const message = `only ${othersMax} of the ${others.length} other subscriptions of this login were looked at for a zone that its network is linked to`
    unclear(links, message, asked)
  }
  const zones: Zone[] = []
  await inBatches([...own, ...others.slice(0, othersMax)], async subscription => {
    const listed = await looks.list<Zone>(`/subscriptions/${subscription}/providers/${privateDnsZone.type}`, apiVersion)
    if (listed.as === 'seen') zones.push(...listed.value)
    else if (listed.as === 'unreadable' && own.includes(subscription))
      unclear(links, `whether its network is linked to another zone of the name could not be read: ${listed.reason}`, asked)
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

/** The first zone that is in the way is enough. */
function checkRivals(link: Link, { made, going }: Known, asked: Asked): void {
  const { need, resource } = link
  for (const [{ id: zone = '' }, links] of made) {
    if (resourceId(zone) === zoneOf(link) || going.has(resourceId(zone))) continue
    const mine = links.filter(
      one => resourceId(one.properties?.virtualNetwork?.id ?? '') === need.network && !going.has(resourceId(one.id ?? ''))
    )
    const [first] = mine
    if (first !== undefined && nameOf(zone).toLowerCase() === nameOf(zoneOf(link))) {
      found(asked, resource, {
        rule: 'PGL072',
        exit: 6,
        field: 'network',
        message: `its network is linked to another zone named ${nameOf(zone)} already, by ${first.id}. Azure would refuse a second one (400 BadRequest: zones with overlapping namespaces), and it is that zone which answers there. Declare that zone instead, as privateDnsZones: { KEY: { id: ${zone} } }, and let the endpoints use it; or have that link taken away first.`
      })
      return
    }
    const registers = need.registration ? mine.find(one => one.properties?.registrationEnabled === true) : undefined
    if (registers !== undefined) {
      found(asked, resource, {
        rule: 'PGL073',
        exit: 6,
        field: 'registration',
        message: `its network registers its machines in ${zone} already, by ${registers.id}. Azure would refuse a second zone (400 BadRequest). Leave \`registration\` out of this ${kindOf(resource).title}.`
      })
      return
    }
  }
}
