import type { Azure } from '../azure/azure.ts'
import { dataFactory } from '../kinds/dataFactory.ts'
import type { Read } from '../kinds/kind.ts'
import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { managedVirtualNetwork } from '../kinds/managedVirtualNetwork.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { nameOf, type ResourceId, subscriptionOf, typeOf } from '../model/id.ts'
import { ownerIn } from '../model/owner.ts'
import { present } from '../model/resource.ts'
import { orUnseen } from './orUnseen.ts'

/** The topology of each endpoint that was asked for in this run: asked once. */
export type Owners = Map<ResourceId, string | undefined>

/**
 * The topology whose tag the endpoint behind a connection carries, or the factory that a managed one lies in; `undefined` where no tag
 * says, or may be asked.
 */
export async function ownerOf(azure: Azure, from: ResourceId, { subscriptions, owners }: OwnersAsked): Promise<string | undefined> {
  if (!owners.has(from)) {
    const isManaged = !subscriptions.includes(subscriptionOf(from)) && nameOf(from).includes('.')
    owners.set(from, isManaged ? await ownerOfManaged(azure, from, subscriptions) : await ownerOfEndpoint(azure, from))
  }
  return owners.get(from)
}

export interface OwnersAsked {
  /** Where a factory may lie. */
  readonly subscriptions: readonly string[]
  readonly owners: Owners
}

async function ownerOfEndpoint(azure: Azure, from: ResourceId): Promise<string | undefined> {
  if (typeOf(from) !== privateEndpoint.type.toLowerCase()) return undefined
  return ownerIn(tagsOf(await orUnseen(privateEndpoint.observe(azure, from))))
}

const tagsOf = (read: Read | undefined): Readonly<Record<string, string>> => present(read?.observed)?.tags ?? {}

async function ownerOfManaged(azure: Azure, from: ResourceId, subscriptions: readonly string[]): Promise<string | undefined> {
  const found = await managedBehind(azure, from, subscriptions, one => ownerIn(tagsOf(one)) !== undefined)
  return found && ownerIn(tagsOf(found.factory))
}

/** A managed endpoint, and the factory that it lies in. */
export interface ManagedBehind {
  readonly factory: Read
  readonly endpoint: Read
}

/**
 * The managed endpoint that Data Factory says a private endpoint is behind. Microsoft calls that `<factory>.<endpoint>` [REC-ADF], which says
 * where to look; any endpoint may be named so, and only one that the factory tells by its id counts.
 *
 * @param subscriptions where a factory may lie
 * @param isWanted leaves factories out before they are looked into
 */
export async function managedBehind(
  azure: Azure,
  from: ResourceId,
  subscriptions: readonly string[],
  isWanted: (factory: Read) => boolean = () => true
): Promise<ManagedBehind | undefined> {
  const [name = ''] = nameOf(from).split('.')
  for (const subscription of subscriptions) {
    const all = (await orUnseen(dataFactory.list(azure, `/subscriptions/${subscription}`))) ?? []
    for (const factory of all.filter(one => nameOf(one.path).toLowerCase() === name && isWanted(one)))
      for (const network of (await orUnseen(managedVirtualNetwork.list(azure, factory.path))) ?? [])
        for (const endpoint of (await orUnseen(managedPrivateEndpoint.list(azure, network.path))) ?? [])
          if (present(endpoint.observed)?.facts.endpointId === from) return { factory, endpoint }
  }
  return undefined
}
