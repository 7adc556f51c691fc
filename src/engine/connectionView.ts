import type { Azure } from '../azure/azure.ts'
import { isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { kindOf } from '../kinds/index.ts'
import type { Read } from '../kinds/kind.ts'
import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { detailsOf, privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { orUnseen } from '../live/orUnseen.ts'
import { type ManagedBehind, managedBehind } from '../live/owners.ts'
import { given } from '../model/given.ts'
import { groupOf, nameOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import { messageOf } from '../model/message.ts'
import { namingFrom } from '../model/naming.ts'
import { type Desired, type Facts, present, type Resource } from '../model/resource.ts'

/** One end of a connection as Azure tells it, or why this login cannot tell. */
export type EndSeen = { readonly status: string } | { readonly unread: string }

/** A private endpoint connection of a server, with all that a person needs to decide on it. */
export interface ConnectionView {
  /** The ARM id, with the name that Azure gave the connection. */
  readonly id: string
  /** The server's ARM id, and its address in the file. */
  readonly server: string
  readonly serverAddress?: string
  /** The ARM id of the endpoint, by which a connection is told from any other. */
  readonly endpoint?: string
  /** The entry of the file that the endpoint is, or is behind. */
  readonly address?: string
  /** A managed endpoint's. `isTold`: the factory itself says that the endpoint is its own; else only the endpoint's name does. */
  readonly factory?: { readonly name: string; readonly endpoint: string; readonly id?: string; readonly isTold: boolean }
  readonly status: string
  readonly otherEnd: EndSeen
  readonly request?: string
  readonly response?: string
  readonly createdAt?: string
  /** Since it was made, by Azure's clock. */
  readonly ageMs?: number
  readonly groupIds: readonly string[]
  readonly provisioning: string
  /** Absent where no file says. */
  readonly isDeclared?: boolean
  /** The subscription that asks, where it is not the server's. */
  readonly foreign?: string
}

/** The facts of a file that connections are compared with; made once for all of its servers. */
export interface Declared {
  readonly desired: Desired
  /** The managed endpoint behind each private endpoint, of those that the file names. */
  readonly behind: ReadonlyMap<ResourceId, { readonly id: ResourceId; readonly facts: Facts; readonly path: string }>
  /** The entries by the id that Azure has at the server for where they come from. */
  readonly sources: ReadonlyMap<ResourceId, Resource>
}

/** Asks Data Factory which endpoints are behind the managed ones of a file. */
export async function declaredIn(azure: Azure, desired: Desired): Promise<Declared> {
  const isManaged = (id: ResourceId): boolean => typeOf(id) === managedPrivateEndpoint.type.toLowerCase()
  const managed = new Set([...desired.values()].flatMap(({ id, refs }) => [id, ...refs].filter(isManaged)))
  const behind = new Map<ResourceId, { id: ResourceId; facts: Facts; path: string }>()
  for (const id of managed) {
    const read = await orUnseen(managedPrivateEndpoint.observe(azure, desired.get(id)?.path ?? id))
    const facts = present(read?.observed)?.facts
    if (read !== undefined && facts?.endpointId !== undefined) behind.set(facts.endpointId, { id, facts, path: read.path })
  }
  const endpointOf = new Map([...behind].map(([endpoint, { id }]) => [id, endpoint]))
  const sources = new Map<ResourceId, Resource>()
  for (const one of desired.values())
    for (const id of kindOf(one).path?.source?.({ ...one, facts: undefined }) ?? []) sources.set(endpointOf.get(id) ?? id, one)
  for (const [endpoint, { id }] of behind) {
    const one = desired.get(id)
    if (one !== undefined && !sources.has(endpoint)) sources.set(endpoint, one)
  }
  return { desired, behind, sources }
}

export interface Looking {
  readonly azure: Azure
  readonly declared: Declared | undefined
  /** Where a factory may lie, beside the server's own subscription. */
  readonly subscriptions: readonly string[]
}

/** Looks at where a connection comes from, and at its other end. @param read the connection as its server tells it; it has to be there */
export async function viewOf(read: Read, looking: Looking): Promise<ConnectionView> {
  const { azure, declared } = looking
  const server = read.path.split('/').slice(0, 9).join('/')
  const facts = present(read.observed)?.facts ?? {}
  const { status = '', description = '' } = facts.connection ?? {}
  const path = endpointPathOf(read.body)
  const from = path === undefined ? undefined : resourceId(path)
  const { groupIds, createdAt } = detailsOf(read.body)
  const source = from === undefined ? undefined : await sourceOf(from, server, looking)
  const end = from === undefined ? { unread: 'Azure does not name the endpoint' } : await otherEnd(from, source?.managed, azure)
  const isWaiting = /^pending$/i.test(status)
  const subscription = subscriptionOf(source?.factory?.id ?? path ?? server)
  const entry = from === undefined ? undefined : declared?.sources.get(from)
  const naming = declared && namingFrom(declared.desired)
  const known = declared?.behind.get(from ?? ('' as ResourceId))?.id ?? from
  return {
    id: read.path,
    server,
    status,
    otherEnd: 'unread' in end ? { unread: end.unread } : { status: end.status },
    groupIds,
    provisioning: facts.state ?? '',
    ...given({
      serverAddress: declared?.desired.get(resourceId(server))?.address,
      endpoint: path,
      address: known !== undefined && declared?.desired.has(known) ? naming?.(known) : undefined,
      factory: source?.factory,
      request: isWaiting && description !== '' ? description : 'request' in end ? end.request : undefined,
      response: isWaiting || description === '' ? undefined : description,
      createdAt,
      ageMs: createdAt === undefined ? undefined : azure.clock.now() - Date.parse(createdAt),
      isDeclared: declared === undefined ? undefined : entry !== undefined,
      foreign: subscription.toLowerCase() === subscriptionOf(server).toLowerCase() ? undefined : subscription
    })
  }
}

const endpointPathOf = (body: unknown): string | undefined =>
  (body as { readonly privateEndpoint?: { readonly id?: string } } | undefined)?.privateEndpoint?.id || undefined

interface Source {
  readonly factory: NonNullable<ConnectionView['factory']>
  /** Facts of the managed endpoint, where a read showed it. */
  readonly managed: Facts | undefined
}

/** Microsoft's groups for managed networks, by their name [REC-ADF: vnet-<8 hex>-<region>-<number>-rg]. */
const isManagedShape = (from: ResourceId): boolean => /^vnet-[0-9a-f]{8}-.+-rg$/.test(groupOf(from) ?? '') && nameOf(from).includes('.')

/** The managed endpoint that an endpoint is behind; `undefined` for a private endpoint of a customer's. */
async function sourceOf(from: ResourceId, server: string, { azure, declared, subscriptions }: Looking): Promise<Source | undefined> {
  const known = declared?.behind.get(from)
  const found = known ?? told(await foundBehind(from, server, { azure, subscriptions }))
  if (found !== undefined)
    return {
      factory: { name: partAfter(found.path, 'factories'), endpoint: nameOf(found.path), id: factoryOf(found.path), isTold: true },
      managed: found.facts
    }
  if (!isManagedShape(from)) return undefined
  const [name = '', ...rest] = nameOf(from).split('.')
  return { factory: { name, endpoint: rest.join('.'), isTold: false }, managed: undefined }
}

const foundBehind = async (from: ResourceId, server: string, { azure, subscriptions }: Pick<Looking, 'azure' | 'subscriptions'>) =>
  isManagedShape(from) ? managedBehind(azure, from, [...new Set([subscriptionOf(server), ...subscriptions])]) : undefined

const told = (found: ManagedBehind | undefined) =>
  found && { path: found.endpoint.path, facts: present(found.endpoint.observed)?.facts ?? {} }

const partAfter = (path: string, name: string): string => path.split('/')[path.toLowerCase().split('/').indexOf(name) + 1] ?? ''

const factoryOf = (path: string): string => path.split('/').slice(0, 9).join('/')

type OtherEnd = { readonly status: string; readonly request?: string } | { readonly unread: string }

/** The connection as its consumer sees it. */
async function otherEnd(from: ResourceId, managed: Facts | undefined, azure: Azure): Promise<OtherEnd> {
  if (managed !== undefined) return managed.connection ?? { unread: 'Data Factory does not tell it yet' }
  if (isManagedShape(from)) return { unread: 'it lies in a network of Microsoft, and no factory that may be read says that it is its own' }
  if (typeOf(from) !== privateEndpoint.type.toLowerCase()) return { unread: `it is none of the type ${privateEndpoint.type}` }
  try {
    const { observed, body } = await privateEndpoint.observe(azure, from)
    const status = present(observed)?.facts.connection?.status
    if (status === undefined) return { unread: 'it is not there, or lies in another tenant' }
    return { status, ...given({ request: requestIn(body) }) }
  } catch (error) {
    if (isNotFound(error)) return { unread: 'it is not there, or lies in another tenant' }
    if (!isUnreadable(error)) throw error
    return { unread: isForbidden(error) ? 'it may not be read' : `it could not be read (${messageOf(error)})` }
  }
}

function requestIn(body: unknown): string | undefined {
  const { manualPrivateLinkServiceConnections: [first] = [] } = (body ?? {}) as {
    readonly manualPrivateLinkServiceConnections?: readonly { readonly requestMessage?: string }[]
  }
  return first?.requestMessage || undefined
}

/** The connections of one server, as their server tells them. @throws ArmError where they may not be listed, or there is no such server */
export const connectionsAt = (azure: Azure, server: string): Promise<readonly Read[]> => privateEndpointConnection.list(azure, server)
