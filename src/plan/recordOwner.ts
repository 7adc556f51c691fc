import type { Change, Note, Refusal } from '../model/change.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import { option, type PassesWords } from '../model/option.ts'
import { recordIn } from '../model/paths.ts'
import { type Facts, type Live, presentIn } from '../model/resource.ts'
import { holderOf } from '../proof/claim.ts'
import type { Writer } from './records.ts'

interface Around extends PassesWords {
  readonly byId: ReadonlyMap<ResourceId, Change>
  readonly live: Live
  /** The zone group is made by this plan: so far it claims no record. */
  readonly isNew: boolean
}

interface Claim {
  readonly refusals: readonly Refusal[]
  readonly notes: readonly Note[]
}

const free: Claim = { refusals: [], notes: [] }

/**
 * The objection to writing a record that is there. It is another endpoint's while its creator is not ours and the server still has a
 * connection of that endpoint, which this plan leaves its zone group; without such an endpoint it is an orphan. One that names no creator
 * was written by hand: it is ours to mend once our zone group claims it.
 */
export function claimOn(writer: Writer, around: Around): Claim {
  const { proof, zone, group, path } = writer
  const record = around.live.paths.records.get(recordIn(zone, proof.server))
  if (record?.state !== 'present') return free
  const name = `the record of ${nameOf(proof.server)} in ${nameOf(zone)}`
  const leads = record.addresses.join(', ') || 'nothing'
  const refuse = (code: string, message: string): Claim => ({
    refusals: [{ code, address: group.address, message, exit: 6, at: group.at }],
    notes: []
  })
  const connections =
    around.live.resources.get(proof.server)?.observed.state === 'absent' ? [] : around.live.paths.connections.get(proof.server)
  const holder = holderOf({ record, connections, own: factsAt(proof.endpoint, around.live), endpoint: proof.endpoint })
  if (holder.as === 'free' || (holder.as === 'by hand' && (!around.isNew || group.adopt))) return free
  if (holder.as === 'by hand')
    return refuse(
      'record-of-somebody',
      `${name} is there already and leads to ${leads}; no endpoint made it, so that it was written by hand. To take it over, write \`adopt: true\` on ${path.address}; else delete the record, or write \`privateDns: none\`.`
    )
  const made = `the private endpoint ${holder.creator.endpoint} (resource guid ${holder.creator.guid})`
  if (holder.as === 'unknown') {
    if (group.adopt) return free
    return refuse(
      'record-of-another',
      `${name} was made for ${made}, and whether that one still stands is unknown, since the connections of ${nameOf(proof.server)} could not be read. If the record may be taken over, write \`adopt: true\` on ${path.address}.`
    )
  }
  if (holder.as === 'gone') {
    const message = `${name} leads to ${leads} and was made for ${made}, which has no connection to the server any more: this plan replaces it`
    return { refusals: [], notes: [{ address: group.address, message }] }
  }
  if (givesUp(holder.from, zone, around.byId)) return free
  return refuse(
    'record-of-another',
    `${name} belongs to another private endpoint, ${holder.from}, and leads to its address (${leads}): a zone group of ${path.address} would take it over, and Azure would take it away when either of the two goes. Give ${path.address} another zone of that name, linked to its own networks only, or write \`privateDns: none\`; where the other endpoint is to go, let it go in the same plan (\`${option(around, 'prune', true)}\`, \`removed\`).`
  )
}

/** As it was read: of what the file declares, or of what may go. */
export const factsAt = (id: ResourceId, live: Live): Facts | undefined =>
  (presentIn(live, id) ?? live.unmanaged.find(one => one.id === id))?.facts

/** Whether this plan deletes an endpoint, or takes its zone group off the zone. */
export function givesUp(endpoint: ResourceId, zone: ResourceId, byId: ReadonlyMap<ResourceId, Change>): boolean {
  const own = byId.get(endpoint)
  if (own?.op === 'delete') return true
  return [...byId.values()].some(change => {
    if (change.op === 'create' || change.op === 'update' || parentOf(change.old.id) !== endpoint || !change.old.refs.includes(zone))
      return false
    return change.op === 'delete' || !change.resource.refs.includes(zone)
  })
}
