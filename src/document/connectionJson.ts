import type { Decided } from '../engine/connectionDecision.ts'
import type { ConnectionView } from '../engine/connectionView.ts'
import { nameOf, subscriptionOf } from '../model/id.ts'

/** A private endpoint connection, as programs read it. `null`: not told by Azure, or by no file. */
export interface ConnectionDocument {
  readonly id: string
  readonly name: string
  /** The server's address in the file, or its ARM id. */
  readonly server: string
  readonly server_id: string
  readonly endpoint_id: string | null
  /** Where it comes from, in words: the address in the file, or the factory and its managed endpoint, or the endpoint's id. */
  readonly from: string
  /** `told`: the factory says by its id that the endpoint is its own; else only the endpoint's name does. */
  readonly factory: {
    readonly name: string
    readonly managed_private_endpoint: string
    readonly id: string | null
    readonly told: boolean
  } | null
  readonly state: string
  readonly endpoint_state: string | null
  /** Why the state at the endpoint is not known. */
  readonly endpoint_state_unread: string | null
  readonly request: string | null
  readonly response: string | null
  readonly created_at: string | null
  readonly age_seconds: number | null
  readonly group_ids: readonly string[]
  readonly provisioning: string
  readonly declared: boolean | null
  /** The subscription of the factory or endpoint that asks. */
  readonly subscription: string | null
  readonly foreign: boolean
}

/** The document of one connection. */
export function connectionDocument(view: ConnectionView): ConnectionDocument {
  const { id, server, serverAddress, endpoint, factory, status, otherEnd, request, response, createdAt, ageMs, foreign } = view
  const asks = foreign ?? factory?.id ?? endpoint ?? undefined
  return {
    id,
    name: nameOf(id),
    server: serverAddress ?? server,
    server_id: server,
    endpoint_id: endpoint ?? null,
    from: fromText(view),
    factory: factory
      ? { name: factory.name, managed_private_endpoint: factory.endpoint, id: factory.id ?? null, told: factory.isTold }
      : null,
    state: status,
    endpoint_state: 'status' in otherEnd ? otherEnd.status : null,
    endpoint_state_unread: 'unread' in otherEnd ? otherEnd.unread : null,
    request: request ?? null,
    response: response ?? null,
    created_at: createdAt ?? null,
    age_seconds: ageMs === undefined ? null : Math.max(0, Math.round(ageMs / 1000)),
    group_ids: view.groupIds,
    provisioning: view.provisioning,
    declared: view.isDeclared ?? null,
    subscription: asks === undefined ? null : asks.startsWith('/') ? subscriptionOf(asks) : asks,
    foreign: foreign !== undefined
  }
}

function fromText({ address, factory, endpoint }: ConnectionView): string {
  if (address !== undefined) return address
  if (factory === undefined) return endpoint ?? 'an endpoint that Azure does not name'
  const named = `${factory.name}/${factory.endpoint}`
  return factory.isTold ? `data factory ${named}` : `data factory ${named}, by its name alone`
}

/** A decision, as programs read it. */
export const decisionDocument = ({ verb, written, from, view }: Decided) => ({
  format_version: '1.0',
  decision: verb,
  written,
  state_before: from,
  connection: connectionDocument(view)
})
