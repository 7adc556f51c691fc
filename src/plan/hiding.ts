import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import type { Change, Note } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import { ancestorOfType, nameOf, parentOf, type ResourceId } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { type Live, presentIn, type Resource } from '../model/resource.ts'
import { isLetGo } from './letGo.ts'
import { addLookBehind } from './proofs.ts'

/** A link of this plan that has a network ask a privatelink zone: from there, a server without a record in it is found no more. */
interface Hiding {
  readonly change: Exclude<Change, { op: 'delete' }>
  readonly zone: ResourceId
}

/** One that falls back to the public name hides nothing. */
const hidingLinks = ({ changes }: PlanInput): Hiding[] =>
  changes.flatMap(change => {
    if (change.op !== 'create' && change.op !== 'replace') return []
    const { resource } = change
    const zone = kindOf(resource).path?.part === 'link' ? parentOf(resource.id) : undefined
    if (zone === undefined || !nameOf(zone).startsWith('privatelink.')) return []
    return (resource.props as { readonly resolution?: string }).resolution === 'NxDomainRedirect' ? [] : [{ change, zone }]
  })

const isPublic = (props: unknown): boolean => (props as { readonly publicAccess?: boolean } | undefined)?.publicAccess === true

const isOpen = (live: Live, server: ResourceId): boolean => isPublic(presentIn(live, server)?.props)

/**
 * A server that is reached by its public name today is hidden by a link only once the name leads to its endpoint: after a look
 * whether that is Approved and has its record. Where the look finds less, the link is left for another run.
 */
export function addHiding(graph: Graph, input: PlanInput): void {
  const { live } = input
  const { endpoints, allowInterrupt } = input.options
  // A network that this plan makes has no client yet.
  const made = new Set(input.changes.flatMap(change => (change.op === 'create' ? [change.resource.id] : [])))
  for (const { change, zone } of hidingLinks(input)) {
    const link = graph.get(`create ${change.resource.id}`)
    if (link === undefined || change.resource.refs.every(network => made.has(network))) continue
    const inZone = endpoints.filter(({ server, dns }) => dns?.zone === zone && isOpen(live, server))
    if (hiddenBy(zone, input).some(({ id }) => isOpen(live, id))) link.interrupts = true
    if (inZone.length === 0) continue
    link.takes = true
    link.interrupts = true
    if (isLetGo(change.resource, allowInterrupt)) {
      link.unproven = true
      continue
    }
    for (const endpoint of inZone) {
      graph.needs(link.id, addLookBehind(graph, endpoint, { depth: 'record', for: 'gate' }, input).id)
    }
  }
}

/** Servers of the file that are open, or are to be, and have no endpoint in the zone. */
const hiddenBy = (zone: ResourceId, { desired, live, options: { endpoints } }: PlanInput): Resource[] => {
  const recorded = new Set(endpoints.filter(({ dns }) => dns?.zone === zone).map(({ server }) => server))
  return [...desired.values()].filter(
    ({ id, props }) => ancestorOfType(id, flexibleServer.type) === id && !recorded.has(id) && (isPublic(props) || isOpen(live, id))
  )
}

/** Notes on what linking a zone hides: servers of the file that have no record in it, and are reached by their public name today. */
export const hiddenByLinks = (input: PlanInput): Note[] =>
  hidingLinks(input).flatMap(({ change: { resource }, zone }) => {
    const hidden = hiddenBy(zone, input).map(({ address }) => address)
    if (hidden.length === 0) return []
    const message = `from the linked network, ${hidden.join(', ')} will not resolve any more unless it has an endpoint there: the zone has no record for it. \`resolution: NxDomainRedirect\` on the link falls back to the public name.`
    return [{ address: resource.address, message }]
  })
