import type { Azure } from '../azure/azure.ts'
import { isNotFound, isUnreadable } from '../azure/error.ts'
import { dataFactory } from '../kinds/dataFactory.ts'
import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { managedVirtualNetwork } from '../kinds/managedVirtualNetwork.ts'
import type { Drift } from '../model/drift.ts'
import { type ResourceId, resourceId, subscriptionOf } from '../model/id.ts'
import { present } from '../model/resource.ts'
import type { Trust } from '../model/topology.generated.ts'

/** Whom a file trusts, and what its factories said of themselves: each is asked once, and only for a connection that nothing else settles. */
export class Trusted {
  readonly #subscriptions: ReadonlySet<string>
  readonly #endpoints: ReadonlySet<ResourceId>
  readonly #factories: readonly string[]
  readonly #behind = new Map<string, Promise<ReadonlySet<ResourceId> | undefined>>()

  constructor({ subscriptions = [], factories = [], endpoints = [] }: Trust) {
    // Azure compares ids without regard to case.
    this.#subscriptions = new Set(subscriptions.map(one => one.toLowerCase()))
    this.#endpoints = new Set(endpoints.map(resourceId))
    this.#factories = factories
  }

  /** @param from the endpoint that a connection comes from, as its server says */
  async includes(from: ResourceId | undefined, azure: Azure): Promise<boolean> {
    if (from === undefined) return false
    if (this.#endpoints.has(from) || this.#subscriptions.has(subscriptionOf(from).toLowerCase())) return true
    for (const factory of this.#factories) if ((await this.#behindOf(factory, azure))?.has(from)) return true
    return false
  }

  #behindOf(factory: string, azure: Azure): Promise<ReadonlySet<ResourceId> | undefined> {
    const asked = this.#behind.get(factory) ?? endpointsBehind(azure, factory)
    this.#behind.set(factory, asked)
    return asked
  }

  /** The factories that were asked, and could not be read: what comes from them is not trusted. */
  async unread(): Promise<readonly Drift[]> {
    const found: Drift[] = []
    for (const [path, asked] of this.#behind)
      if ((await asked) === undefined)
        found.push({
          class: 'unknown',
          kind: dataFactory.name,
          id: resourceId(path),
          path,
          address: path,
          counts: false,
          beside: true,
          message:
            'is trusted by the file, and which private endpoints are its own could not be read: a connection from it counts as one from elsewhere'
        })
    return found
  }
}

/**
 * The private endpoints in Microsoft's subscription that a factory says are behind its managed ones (`properties.resourceId`). Nothing else
 * tells them from those of strangers, which may have any name.
 *
 * @returns `undefined` where this login may not read all of it; none for a factory that is not there
 */
async function endpointsBehind(azure: Azure, factory: string): Promise<ReadonlySet<ResourceId> | undefined> {
  const behind = new Set<ResourceId>()
  try {
    for (const network of await managedVirtualNetwork.list(azure, factory))
      for (const { observed } of await managedPrivateEndpoint.list(azure, network.path)) {
        const id = present(observed)?.facts.endpointId
        if (id !== undefined) behind.add(id)
      }
    return behind
  } catch (error) {
    if (isNotFound(error)) return new Set()
    if (isUnreadable(error)) return undefined
    throw error
  }
}
