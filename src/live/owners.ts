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

/** Microsoft calls the endpoint behind a managed one `<factory>.<endpoint>` [REC-ADF]. Any endpoint may be named so: only one that the factory lists counts. */
async function ownerOfManaged(azure: Azure, from: ResourceId, subscriptions: readonly string[]): Promise<string | undefined> {
  const [factory = ''] = nameOf(from).split('.')
  for (const subscription of subscriptions) {
    const all = (await orUnseen(dataFactory.list(azure, `/subscriptions/${subscription}`))) ?? []
    for (const one of all.filter(({ path }) => nameOf(path).toLowerCase() === factory)) {
      const owner = ownerIn(tagsOf(one))
      if (owner === undefined) continue
      for (const network of (await orUnseen(managedVirtualNetwork.list(azure, one.path))) ?? [])
        for (const { observed } of (await orUnseen(managedPrivateEndpoint.list(azure, network.path))) ?? [])
          if (present(observed)?.facts.endpointId === from) return owner
    }
  }
  return undefined
}
