import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import { subnet } from '../kinds/subnet.ts'
import { virtualNetwork } from '../kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../kinds/virtualNetworkLink.ts'
import type { Change, StepId } from '../model/change.ts'
import { callIdOf, type Graph } from '../model/graph.ts'
import { ancestorOfType, nameOf, parentOf, type ResourceId, scopesOf, within } from '../model/id.ts'
import type { Existing, Resource } from '../model/resource.ts'

/** Steps that come before, and after: forwards for making, backwards for removing. */
export function addEdges(graph: Graph, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.op === 'delete') {
      removeAfterUsers(graph, changes, change.old)
      continue
    }
    const { resource } = change
    if (resource.kind === managementLock.name) continue
    if (change.op === 'create' && kindOf(resource).isAlone)
      for (const { id } of deletedBeside(changes, resource)) graph.needs(`create ${resource.id}`, `delete ${id}`)
    if (change.op === 'replace') removeAfterUsers(graph, changes, change.old)
    const needed = [...resource.refs, ...scopesOf(resource.id).slice(1)]
    for (const step of writesOf(resource.id)) {
      graph.needs(step, `delete ${resource.id}`)
      for (const target of needed) {
        graph.needs(step, `create ${target}`)
        if (!changes.some(network => givesRangeBack(network) && network.resource.id === target && movesWithin(change, network)))
          if (!isFollowed(change, target)) graph.needs(step, `update ${target}`)
        // Only what clients reach it by needs what the call makes possible.
        if (kindOf(resource).path !== undefined && graph.get(callIdOf(target)))
          for (const before of [callIdOf(target), `update ${target}#later`] as const) graph.needs(step, before)
      }
    }
  }
  rangeEdges(graph, changes)
  linkEdges(graph, changes)
}

const deletedBeside = (changes: readonly Change[], { kind, id }: Resource): Existing[] =>
  changes.flatMap(one => (one.op === 'delete' && one.old.kind === kind && parentOf(one.old.id) === parentOf(id) ? [one.old] : []))

/** growth.ts has the order of the two: what follows another grows before it, and shrinks after it. */
const isFollowed = (change: Exclude<Change, { op: 'delete' }>, by: ResourceId): boolean =>
  change.op === 'update' && kindOf(change.resource).follows(change.resource.props) === by

/** The steps that may write a resource, there or not. */
const writesOf = (id: ResourceId): StepId[] => [`create ${id}`, `update ${id}`, callIdOf(id), `update ${id}#later`, `update ${id}#cut-over`]

function removeAfterUsers(graph: Graph, changes: readonly Change[], { id, refs }: Existing): void {
  // Its targets may go with something larger: a subnet with its network.
  for (const target of [...refs.flatMap(scopesOf), ...scopesOf(id).slice(1)]) graph.needs(`delete ${target}`, `delete ${id}`)
  for (const change of changes) {
    // A resource that referred to it, and does not any more, is updated first.
    const points = (to: readonly ResourceId[]) => to.some(ref => within(ref, id))
    if (change.op !== 'update' || !points(change.old.refs) || points(change.resource.refs)) continue
    for (const step of writesOf(change.resource.id)) graph.needs(`delete ${id}`, step)
  }
}

type Update = Extract<Change, { op: 'update' }>

const addressSpaceOf = ({ fields }: Update): { readonly from: readonly string[]; readonly to: readonly string[] } | undefined => {
  const field = fields.find(one => one.field === 'addressSpace')
  return field && { from: (field.from ?? []) as readonly string[], to: (field.to ?? []) as readonly string[] }
}

function givesRangeBack(change: Change): change is Update {
  if (change.op !== 'update' || change.resource.kind !== virtualNetwork.name) return false
  const space = addressSpaceOf(change)
  return space?.from.some(range => !space.to.includes(range)) ?? false
}

/** A subnet that only moves to what its network has already. One that moves to a new range has to wait for the network. */
function movesWithin(change: Change, network: Update): change is Update {
  if (change.op !== 'update' || change.resource.kind !== subnet.name || parentOf(change.resource.id) !== network.resource.id) return false
  const space = addressSpaceOf(network)
  return change.fields.some(({ field }) => field === 'addressPrefixes') && space?.to.every(range => space.from.includes(range)) === true
}

/** A range that a subnet still lies in is not given back: `InUsePrefixCannotBeDeleted` [GH azure-quickstart-templates#2786]. */
function rangeEdges(graph: Graph, changes: readonly Change[]): void {
  for (const network of changes.filter(givesRangeBack)) {
    const step: StepId = `update ${network.resource.id}`
    for (const change of changes) {
      if (change.op === 'delete' && change.old.kind === subnet.name && parentOf(change.old.id) === network.resource.id)
        graph.needs(step, `delete ${change.old.id}`)
      if (movesWithin(change, network)) graph.needs(step, `update ${change.resource.id}`)
    }
  }
}

/**
 * Linking a privatelink zone hides every server without a record in it, so the records come first. A server that is
 * integrated into a network wants the link of its own zone before it is made [DOC-VNET].
 */
function linkEdges(graph: Graph, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.op === 'delete') {
      unlink(graph, changes, change.old)
      continue
    }
    if (change.resource.kind !== virtualNetworkLink.name) continue
    const zone = ancestorOfType(change.resource.id, privateDnsZone.type)
    if (zone === undefined) continue
    const privatelink = nameOf(zone).startsWith('privatelink.')
    for (const other of changes) {
      if (other.op === 'delete' || !other.resource.refs.includes(zone)) continue
      if (privatelink && other.resource.kind === privateDnsZoneGroup.name)
        for (const step of writesOf(change.resource.id)) for (const record of writesOf(other.resource.id)) graph.needs(step, record)
      if (!privatelink && other.resource.kind === flexibleServer.name)
        for (const step of writesOf(other.resource.id)) for (const link of writesOf(change.resource.id)) graph.needs(step, link)
    }
  }
}

/**
 * And backwards: the zone of a server that is integrated stays linked until the server is gone, or has another zone; a
 * privatelink zone is no longer asked before its records go.
 */
function unlink(graph: Graph, changes: readonly Change[], { id, kind }: Existing): void {
  const zone = kind === virtualNetworkLink.name ? ancestorOfType(id, privateDnsZone.type) : undefined
  if (zone === undefined) return
  for (const other of changes) {
    if (other.op === 'create' || !other.old.refs.includes(zone)) continue
    if (other.op === 'delete' && other.old.kind === privateDnsZoneGroup.name) graph.needs(`delete ${other.old.id}`, `delete ${id}`)
    if (other.old.kind !== flexibleServer.name) continue
    graph.needs(`delete ${id}`, `delete ${other.old.id}`)
    if (other.op !== 'delete' && !other.resource.refs.includes(zone))
      for (const step of writesOf(other.resource.id)) graph.needs(`delete ${id}`, step)
  }
}
