import { type OwnershipContext, ownershipRefusal } from '../kinds/ownership.ts'
import {
  type Change,
  type EndpointProof,
  type FieldChange,
  type Note,
  type RecordClaim,
  type Refusal,
  type StepId,
  subjectOf
} from '../model/change.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import { recordIn, sameAddresses } from '../model/paths.ts'
import type { Live, Reach } from '../model/resource.ts'
import { type EndpointPath, notesOn, pathsOf } from '../proof/path.ts'
import { type Clearing, clearings } from './clearing.ts'
import { existing } from './existing.ts'
import { isLetGo } from './letGo.ts'
import { claimOn, givesUp } from './recordOwner.ts'

/** The field for which a zone group is written, where nothing of the group itself differs. */
export const recordField = 'record'

/** A zone group that is written for its record. */
export interface Rewrite {
  readonly group: ResourceId
  readonly endpoint: EndpointProof
  /** Deletes that take the record away, though it stays in use. */
  readonly cleared: readonly StepId[]
}

/** An endpoint whose zone group is ours to write. */
export type Writer = ReturnType<typeof writersOf>[number]

/**
 * The records of the declared servers as changes of the zone groups that keep them: one that is missing, leads elsewhere or has more
 * addresses than the endpoint's is written again, and so is one that a delete of this plan takes away although it stays in use. Azure
 * takes it away with either of two endpoints on one zone [DOC-PEDNS]. A record of another owner is refused.
 */
export function withRecords(changes: readonly Change[], input: OwnershipContext) {
  const paths = pathsOf({ ...input, endpoints: input.options.endpoints })
  const byId = new Map(changes.map(change => [subjectOf(change).id, change]))
  const clears = clearings({ ...input, changes })
  const clearing = new Map<ResourceId, readonly StepId[]>()
  for (const { record, step } of clears) clearing.set(record, [...(clearing.get(record) ?? []), step])
  const written = new Map<ResourceId, Change>()
  const [rewrites, refusals, notes]: [Rewrite[], Refusal[], Note[]] = [[], [], []]
  const claims = removals(clears, byId, input)
  for (const writer of writersOf(paths, input)) {
    const { proof, zone, group } = writer
    const change = byId.get(group.id)
    const cleared = clearing.get(recordIn(zone, proof.server)) ?? []
    const made = change?.op === 'create' || change?.op === 'replace'
    const field = made || isRemade(byId.get(proof.endpoint)) ? undefined : fieldFor(writer, cleared, input)
    if (!made && field === undefined) continue
    const isNew = made && !(change.op === 'replace' && change.old.refs.includes(zone))
    const claim = claimOn(writer, { byId, live: input.live, isNew, words: input.options.words })
    claims.push(writing(writer, isNew, byId, input.live))
    refusals.push(...claim.refusals)
    notes.push(...claim.notes)
    const old = existing(input.live, group.id, group.address)
    if (field === undefined || old === undefined) continue
    const fields = [...(change?.op === 'update' ? change.fields : []), field]
    const refusal = change === undefined ? ownershipRefusal(group, old, true, input) : undefined
    if (refusal) refusals.push(refusal)
    written.set(group.id, { op: 'update', resource: group, old, fields })
    rewrites.push({ group: group.id, endpoint: proof, cleared })
  }
  notes.push(...byPolicy(input, clearing))
  const known = changes.map(change => written.get(subjectOf(change).id) ?? change)
  const added = [...written].flatMap(([id, change]) => (byId.has(id) ? [] : [change]))
  return {
    changes: [...known.map(reachAlong(input.live)), ...added],
    rewrites,
    claims,
    refusals,
    notes: [...notes, ...notesOn(paths, input)]
  }
}

/** The claim that a step rests on which writes a zone group: looked at once more right before it. */
function writing({ proof, zone, group }: Writer, isNew: boolean, byId: ReadonlyMap<ResourceId, Change>, live: Live): RecordClaim {
  const { server, endpoint } = proof
  const atPlan = live.paths.records.get(recordIn(zone, server)) ?? { state: 'absent' }
  const free = (live.paths.connections.get(server) ?? []).flatMap(({ from }) => (givesUp(from, zone, byId) ? [from] : []))
  return { does: 'write', subject: group.id, zone, server, endpoint, atPlan, isNew, adopt: group.adopt, free }
}

function removals(all: readonly Clearing[], byId: ReadonlyMap<ResourceId, Change>, { live, options }: OwnershipContext): RecordClaim[] {
  return all.flatMap(({ old, zone, server, endpoint, record }) => {
    const atPlan = live.paths.records.get(record)
    if (atPlan === undefined || isLetGo(old, options.allowInterrupt)) return []
    const going = (live.paths.connections.get(server) ?? []).flatMap(({ from }) => (givesUp(from, zone, byId) ? [from] : []))
    const ours = options.endpoints.flatMap(one => (one.dns?.zone === zone && one.dns.group !== undefined ? [one.endpoint] : []))
    return [{ does: 'remove', subject: old.id, zone, server, endpoint, atPlan, isNew: false, adopt: false, free: [...going, ...ours] }]
  })
}

/** A record that a policy keeps is not ours to write again. */
const byPolicy = ({ live, options: { endpoints } }: OwnershipContext, clearing: ReadonlyMap<ResourceId, readonly StepId[]>): Note[] =>
  endpoints.flatMap(({ address, endpoint, server, dns }) => {
    const cleared = dns?.managedBy === 'policy' ? (clearing.get(recordIn(dns.zone, server)) ?? []) : []
    if (dns === undefined || cleared.length === 0 || live.resources.get(endpoint)?.observed.state !== 'present') return []
    const gone = cleared.map(step => nameOf(step)).join(', ')
    const message = `Azure takes the record of ${nameOf(server)} in ${nameOf(dns.zone)} away with ${gone}, and ${address} goes on using it: the policy has to write its zone group again`
    return [{ address, message }]
  })

function writersOf(paths: readonly EndpointPath[], { desired, options: { endpoints } }: OwnershipContext) {
  const byEndpoint = new Map(paths.map(path => [path.endpoint, path]))
  return endpoints.flatMap(proof => {
    const { dns, endpoint } = proof
    const group = dns?.group === undefined ? undefined : desired.get(dns.group)
    const path = byEndpoint.get(endpoint)
    if (dns === undefined || group === undefined || !group.managed || path === undefined) return []
    return [{ proof, path, zone: dns.zone, group }]
  })
}

const isRemade = (change: Change | undefined): boolean => change !== undefined && change.op !== 'update'

/** The fault of the record, now or soon; nothing where it is right, unknown, or still to be written by Azure itself. */
function fieldFor({ proof, path, zone }: Writer, cleared: readonly StepId[], { live, options }: OwnershipContext): FieldChange | undefined {
  const at = (name: string) => path.hops.find(({ hop }) => hop === name)
  const [connection, group, record] = [at('connection'), at('zoneGroup'), at('record')]
  if (group?.as !== 'holds') return undefined
  const isDue = connection?.as === 'holds' || connection?.as === 'unknown'
  const wrong = record?.as === 'broken' && isDue && !options.keepRecords?.has(proof.address)
  if (!wrong && cleared.length === 0) return undefined
  const seen = live.paths.records.get(recordIn(zone, proof.server))
  const has = seen?.state === 'present' ? seen.addresses : []
  const name = `${nameOf(proof.server)} in ${nameOf(zone)}`
  const because = [
    ...(wrong ? [record.message] : []),
    ...(cleared.length > 0
      ? [`Azure takes the record of ${name} away with ${cleared.map(step => nameOf(step)).join(', ')}, and this endpoint goes on using it`]
      : [])
  ].join('; ')
  const differs = !sameAddresses(has, path.addresses)
  const from = differs ? [...has].sort() : []
  return { field: recordField, from, to: [...path.addresses].sort(), forces: 'update', phase: 'main', restarts: false, because }
}

/**
 * An endpoint takes its group along, and the records of that, also where the group is in no file, or left it: locks on those zones
 * are in the way. A resource that goes along reaches as far as its own delete would.
 */
function reachAlong({ resources, paths }: Live): (change: Change) => Change {
  const below = new Map<ResourceId, Reach[]>()
  for (const [id, { observed }] of resources) {
    const parent = parentOf(id)
    if (parent === undefined || observed.state !== 'present' || observed.reach.length === 0) continue
    below.set(parent, [...(below.get(parent) ?? []), ...observed.reach])
  }
  const source = "hashicorp/terraform-provider-azurerm#30720: the endpoint's record lies in the zone"
  return change => {
    if (change.op !== 'delete' && change.op !== 'replace') return change
    const zones = paths.groups.get(change.old.id) ?? []
    const more = [...(below.get(change.old.id) ?? []), ...zones.map(scope => ({ scope, as: 'delete' as const, source }))]
    return more.length === 0 ? change : { ...change, old: { ...change.old, reach: [...change.old.reach, ...more] } }
  }
}
