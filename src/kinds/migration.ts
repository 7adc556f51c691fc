import { type Change, type EndpointProof, subjectOf } from '../model/change.ts'
import { parentOf, type ResourceId } from '../model/id.ts'
import type { Desired, Existing, Resource } from '../model/resource.ts'
import { kindOf } from './index.ts'
import type { ChangingCall } from './said.ts'

/** A server that changes take out of its virtual network, by a call of its own. */
interface Migration {
  readonly resource: Resource
  readonly old: Existing
  readonly verb: string
  readonly call: ChangingCall
}

/** The servers that these changes migrate. */
export const migrationsIn = (changes: readonly Change[]): Migration[] =>
  changes.flatMap(change => {
    const verb = change.op === 'update' ? change.fields.find(({ call }) => call !== undefined)?.call : undefined
    const call = verb === undefined ? undefined : kindOf(subjectOf(change)).calls?.[verb]
    return change.op === 'update' && verb !== undefined && call !== undefined
      ? [{ resource: change.resource, old: change.old, verb, call }]
      : []
  })

/**
 * The private endpoints by which clients reach a migrated server without another person: approved at once, with a record of ours in a zone, and
 * not rejected by the file.
 */
export const waysTo = (server: ResourceId, desired: Desired, endpoints: readonly EndpointProof[]): EndpointProof[] =>
  endpoints.filter(one => {
    const resource = desired.get(one.endpoint)
    if (one.server !== server || resource?.managed !== true || one.dns?.group === undefined) return false
    return kindOf(resource).path?.asks?.(resource.props) === false && !isRejected(one.endpoint, desired)
  })

/** Whether the file rejects the connection of an endpoint. */
export const isRejected = (endpoint: ResourceId, desired: Desired): boolean =>
  [...desired.values()].some(one => {
    const { path } = kindOf(one)
    return path?.part === 'decision' && one.refs.includes(endpoint) && path.leads?.({ props: one.props, facts: {} }, undefined) === false
  })

/** All that a way to a server is made of and hangs on: the endpoint, its record, the subnet, the networks, the zone and its links. */
export function partsOfWay({ endpoint, server, dns }: EndpointProof, desired: Desired): ReadonlySet<ResourceId> {
  const subnets = (desired.get(endpoint)?.refs ?? []).filter(ref => ref !== server)
  const own = [endpoint, ...subnets, ...subnets.flatMap(one => parentOf(one) ?? []), ...(dns === undefined ? [] : [dns.zone])]
  const beneath = [...desired.keys()].filter(id => parentOf(id) === endpoint || parentOf(id) === dns?.zone)
  return new Set([...own, ...beneath])
}
