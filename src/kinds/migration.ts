import { type Change, type EndpointProof, subjectOf } from '../model/change.ts'
import { grouped } from '../model/grouped.ts'
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

/** The private endpoints that lead to servers, as a file has them. */
interface Ways {
  /** Those of a server that the file does not reject, of whatever approval. */
  leadingTo(server: ResourceId): readonly EndpointProof[]
  /** Those by which clients reach a migrated server without another person: approved at once, with a record of ours in a zone. */
  to(server: ResourceId): readonly EndpointProof[]
  /** All that a way is made of and hangs on: the endpoint, its record, the subnet, the networks, the zone and its links. */
  parts(way: EndpointProof): ReadonlySet<ResourceId>
}

/** Looks once at all that a file declares: whoever asks about several servers keeps the answer. */
export function waysIn(desired: Desired, endpoints: readonly EndpointProof[]): Ways {
  const rejected = new Set([...desired.values()].flatMap(one => (rejects(one) ? one.refs : [])))
  const beneath = grouped(desired.keys(), id => parentOf(id))
  const leading = grouped(
    endpoints.filter(one => !one.managed && !rejected.has(one.endpoint)),
    one => one.server
  )
  const leadingTo = (server: ResourceId): readonly EndpointProof[] => leading.get(server) ?? []
  return {
    leadingTo,
    to: server =>
      leadingTo(server).filter(({ endpoint, dns }) => {
        const resource = desired.get(endpoint)
        return resource?.managed === true && dns?.group !== undefined && kindOf(resource).path?.asks?.(resource.props) === false
      }),
    parts({ endpoint, server, dns }) {
      const subnets = (desired.get(endpoint)?.refs ?? []).filter(ref => ref !== server)
      const zones = dns === undefined ? [] : [dns.zone]
      const own = [endpoint, ...subnets, ...subnets.flatMap(one => parentOf(one) ?? []), ...zones]
      return new Set([...own, ...[endpoint, ...zones].flatMap(one => beneath.get(one) ?? [])])
    }
  }
}

/** Whether the file rejects a connection. */
function rejects(one: Resource): boolean {
  const { path } = kindOf(one)
  return path?.part === 'decision' && path.leads?.({ props: one.props, facts: {} }, undefined) === false
}
