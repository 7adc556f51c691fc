import { flexibleServer } from '../kinds/flexibleServer.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { type Change, type Refusal, type StepId, subjectOf } from '../model/change.ts'
import { ancestorOfType, nameOf, parentOf, type ResourceId } from '../model/id.ts'
import { option, type Worded } from '../model/option.ts'
import { recordIn } from '../model/paths.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { presentIn } from '../model/resource.ts'
import { holderOf } from '../proof/claim.ts'
import { isLetGo } from './letGo.ts'
import { factsAt, givesUp } from './recordOwner.ts'

/** A record that Azure takes away with a delete of this plan: of a zone group, or of an endpoint whose group is in no file. */
export type Clearing = ReturnType<typeof clearings>[number]

export function clearings({ changes, desired, live, options: { endpoints } }: PlanInput) {
  const servers = new Map<ResourceId, readonly ResourceId[]>()
  for (const { id, refs } of desired.values()) servers.set(id, refs)
  for (const change of changes) if (change.op !== 'create') servers.set(change.old.id, change.old.refs)
  for (const { endpoint, server } of endpoints) servers.set(endpoint, [server])
  const grouped = new Set([...live.resources].flatMap(([id, { kind }]) => (kind === privateDnsZoneGroup.name ? [parentOf(id)] : [])))
  /** A group that has an entry goes by itself; one that this login may not read may be on any zone of the servers. */
  const zonesOfEndpoint = (endpoint: ResourceId, leads: readonly ResourceId[]): readonly ResourceId[] => {
    const anywhere = endpoints.flatMap(({ server, dns }) => (dns !== undefined && leads.includes(server) ? [dns.zone] : []))
    return live.paths.groups.get(endpoint) ?? (grouped.has(endpoint) ? [] : anywhere)
  }
  return changes.flatMap(change => {
    if (change.op !== 'delete' && change.op !== 'replace') return []
    const { old } = change
    const endpoint = ancestorOfType(old.id, privateEndpoint.type)
    if (endpoint === undefined) return []
    const refs = servers.get(endpoint) ?? presentIn(live, endpoint)?.refs ?? []
    const leads = refs.flatMap(ref => ancestorOfType(ref, flexibleServer.type) ?? [])
    const kept = change.op === 'replace' ? change.resource.refs : []
    const zones = old.id === endpoint ? zonesOfEndpoint(endpoint, leads) : parentOf(old.id) === endpoint ? old.refs : []
    const left = zones.filter(one => !kept.includes(one))
    const step: StepId = `delete ${old.id}`
    return left.flatMap(zone => leads.map(server => ({ record: recordIn(zone, server), zone, server, endpoint, old, step })))
  })
}

/**
 * Deletes that take the record of an endpoint away which stays, and which no step of this plan writes again: Azure takes it away with either
 * of two endpoints on one zone [DOC-PEDNS]. The record says for whom it was written, and the server whether that one still has a connection.
 */
export function heldClearings(input: PlanInput) {
  const { changes, live, options } = input
  const byId = new Map(changes.map(change => [subjectOf(change).id, change]))
  const goes = (id: ResourceId): boolean => byId.get(id)?.op === 'delete' || live.resources.get(id)?.observed.state === 'absent'
  const refusals = new Map<ResourceId, Refusal>()
  // Deletes of which we cannot tell whether they take away a path that another endpoint uses, and why we cannot.
  const unclear = new Map<ResourceId, string>()
  for (const clearing of clearings(input)) {
    const { zone, server, old } = clearing
    if (goes(zone) || goes(server) || isLetGo(old, options.allowInterrupt)) continue
    const user = userOf(clearing, byId, input)
    if (user === undefined) continue
    if (typeof user === 'string')
      unclear.set(old.id, `${user}. \`${option(options, 'allowInterrupt', old.address)}\` takes it away all the same`)
    else refusals.set(old.id, inUse(clearing, user, options))
  }
  return { refusals: [...refusals.values()], unclear }
}

interface User {
  readonly from: ResourceId
  readonly byPolicy: boolean
  readonly leads: string
}

/** The endpoint that stays and whose record goes; or a sentence on why we cannot tell. */
function userOf(
  { record, zone, server, endpoint }: Clearing,
  byId: ReadonlyMap<ResourceId, Change>,
  { desired, live, options: { endpoints } }: PlanInput
): User | string | undefined {
  const seen = live.paths.records.get(record)
  if (seen === undefined || seen.state === 'absent') return undefined
  const declared = endpoints.filter(one => one.dns?.zone === zone && one.server === server && one.endpoint !== endpoint)
  // Ours is written again after the delete.
  if (declared.some(({ dns }) => dns?.group !== undefined && desired.get(dns.group)?.managed)) return undefined
  const name = `the record of ${nameOf(server)} in ${nameOf(zone)}`
  const connections = live.paths.connections.get(server)
  const staying = (connections ?? []).filter(
    ({ from, status }) => /^approved$/i.test(status) && from !== endpoint && !givesUp(from, zone, byId)
  )
  if (seen.state === 'unreadable') {
    if (connections !== undefined && staying.length === 0) return undefined
    return `Azure takes ${name} away with it, and whether another endpoint uses that is unknown: ${seen.reason}`
  }
  const holder = holderOf({ record: seen, connections: connections && staying, own: factsAt(endpoint, live), endpoint })
  if (holder.as === 'unknown')
    return `Azure takes ${name} away with it, which was made for the private endpoint ${holder.creator.endpoint}: whether that one still stands is unknown, since the connections of ${nameOf(server)} could not be read`
  if (holder.as !== 'living') return undefined
  return { from: holder.from, byPolicy: declared.some(one => one.endpoint === holder.from), leads: seen.addresses.join(', ') }
}

function inUse({ old, zone, server }: Clearing, { from, byPolicy, leads }: User, options: Worded): Refusal {
  const record = `the record of ${nameOf(server)} in ${nameOf(zone)}`
  const whose = byPolicy
    ? `${from}, whose zone group a policy wrote: it writes none where there is one`
    : `${from}, which is not this file's to write again`
  return {
    code: 'record-in-use',
    address: old.address,
    message: `Deleting ${old.address} has Azure take ${record} away, which leads to ${leads} and belongs to another private endpoint that stays: ${whose}. Its clients would find the server no more. Have its zone group removed from the zone first, or settle with its owner that it is written again right after, and take the record away with \`${option(options, 'allowInterrupt', old.address)}\`.`,
    exit: 6
  }
}
