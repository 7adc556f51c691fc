import type { Azure } from '../azure/azure.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { recordAt } from '../live/records.ts'
import type { RecordClaim } from '../model/change.ts'
import { nameOf, type ResourceId } from '../model/id.ts'
import { type ConnectionSeen, type Creator, type RecordSeen, sameAddresses } from '../model/paths.ts'
import type { Facts } from '../model/resource.ts'
import { connectionsOf, seen } from './fresh.ts'

interface Held {
  readonly record: RecordSeen
  /** The server's; `undefined` where they may not be read. */
  readonly connections: readonly ConnectionSeen[] | undefined
  /** The endpoint whose zone group is written or goes, with its `resourceGuid` where it says one; `undefined` while it is not there. */
  readonly own: Pick<Facts, 'guid'> | undefined
  readonly endpoint: ResourceId
}

/** The holder of a record: `free` is ours, or there is none; `unknown` where we may not read the server's connections. */
export type Holder =
  | { readonly as: 'free' }
  | { readonly as: 'by hand' }
  | { readonly as: 'gone'; readonly creator: Creator }
  | { readonly as: 'unknown'; readonly creator: Creator }
  | { readonly as: 'living'; readonly creator: Creator; readonly from: ResourceId; readonly status: string }

/** A record is the endpoint's that it names, by the guid too: an endpoint that is made again under its name has another. */
export function holderOf({ record, connections, own, endpoint }: Held): Holder {
  if (record.state !== 'present') return { as: 'free' }
  const { creator } = record
  if (creator === undefined) return { as: 'by hand' }
  if (own !== undefined && (own.guid === undefined ? creator.endpoint === nameOf(endpoint) : creator.guid === own.guid))
    return { as: 'free' }
  if (connections === undefined) return { as: 'unknown', creator }
  const living = connections.find(({ from }) => nameOf(from) === creator.endpoint && from !== endpoint)
  return living === undefined ? { as: 'gone', creator } : { as: 'living', creator, from: living.from, status: living.status }
}

/**
 * The record that a step writes, or has Azure take away, read once more.
 *
 * @returns what became of it since the plan, to go on from the address of what writes it or takes it along; `undefined` where it is as it was, or free
 * @throws ArmError what the reads fail with; what may not be read is as the plan had it
 */
export async function movedRecord(azure: Azure, claim: RecordClaim): Promise<string | undefined> {
  const { zone, server, endpoint, atPlan, does } = claim
  const record = await recordAt(azure, zone, nameOf(server))
  if (record.state !== 'present' || isSame(record, atPlan)) return undefined
  const read = await seen(privateEndpoint.observe(azure, endpoint))
  const own = 'observed' in read && read.observed.state === 'present' ? read.observed.facts : undefined
  const holder = holderOf({ record, connections: await connectionsOf(azure, server), own, endpoint })
  const leads = record.addresses.join(', ') || 'nothing'
  const moved = (who: string): string =>
    `${does === 'write' ? 'would take over' : 'would have Azure take away'} the record of ${nameOf(server)} in ${nameOf(zone)}, which leads to ${leads} and became ${who}`
  if (holder.as === 'living') return claim.free.includes(holder.from) ? undefined : moved(`that of ${holder.from}`)
  if (does === 'remove' || claim.adopt) return undefined
  if (holder.as === 'unknown') return moved(`that of the private endpoint ${holder.creator.endpoint}`)
  return holder.as === 'by hand' && claim.isNew ? moved('one that no endpoint made') : undefined
}

const isSame = (record: Extract<RecordSeen, { state: 'present' }>, before: RecordSeen): boolean =>
  before.state === 'present' && sameAddresses(record.addresses, before.addresses) && record.creator?.guid === before.creator?.guid
