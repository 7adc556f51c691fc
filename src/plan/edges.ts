import type { Change, StepId } from '../model/change.ts'
import { ancestorOfType, nameOf, type ResourceId, scopesOf } from '../model/id.ts'
import type { Graph } from './graph.ts'

/** What has to be there before, and gone after: forwards for making, backwards for removing. */
export function addEdges(graph: Graph, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.op === 'delete') {
      removeAfterUsers(graph, changes, change.old.id, [...change.old.refs, ...scopesOf(change.old.id).slice(1)])
      continue
    }
    const { resource } = change
    if (resource.kind === 'managementLock') continue
    if (change.op === 'replace') removeAfterUsers(graph, changes, resource.id, [...change.old.refs, ...scopesOf(resource.id).slice(1)])
    const needed = [...resource.refs, ...scopesOf(resource.id).slice(1)]
    for (const step of writesOf(resource.id)) {
      graph.needs(step, `delete ${resource.id}`)
      for (const target of needed) {
        graph.needs(step, `create ${target}`)
        graph.needs(step, `update ${target}`)
      }
    }
  }
  linkEdges(graph, changes)
}

/** The steps that may write a resource, there or not. */
export const writesOf = (id: ResourceId): StepId[] => [`create ${id}`, `update ${id}`, `update ${id}#later`, `update ${id}#cut-over`]

function removeAfterUsers(graph: Graph, changes: readonly Change[], id: ResourceId, under: readonly ResourceId[]): void {
  for (const target of under) graph.needs(`delete ${target}`, `delete ${id}`)
  for (const change of changes) {
    // Whoever pointed at it and no longer does lets go first.
    if (change.op !== 'update' || !change.old.refs.includes(id) || change.resource.refs.includes(id)) continue
    for (const step of writesOf(change.resource.id)) graph.needs(`delete ${id}`, step)
  }
}

/**
 * Linking a privatelink zone hides every server without a record in it, so the records come first. A server that is
 * integrated into a network wants the link of its own zone before it is made [DOC-VNET].
 */
function linkEdges(graph: Graph, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.op === 'delete' || change.resource.kind !== 'virtualNetworkLink') continue
    const zone = ancestorOfType(change.resource.id, 'microsoft.network/privatednszones')
    if (zone === undefined) continue
    const privatelink = nameOf(zone).startsWith('privatelink.')
    for (const other of changes) {
      if (other.op === 'delete' || !other.resource.refs.includes(zone)) continue
      if (privatelink && other.resource.kind === 'privateDnsZoneGroup')
        for (const step of writesOf(change.resource.id)) for (const record of writesOf(other.resource.id)) graph.needs(step, record)
      if (!privatelink && other.resource.kind === 'flexibleServer')
        for (const step of writesOf(other.resource.id)) for (const link of writesOf(change.resource.id)) graph.needs(step, link)
    }
  }
}
