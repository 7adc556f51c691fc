import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import type { EndpointProof } from '../model/change.ts'
import { parentOf, type ResourceId, resourceId } from '../model/id.ts'
import type { Desired, Resource } from '../model/resource.ts'
import type { Topology } from '../model/topology.generated.ts'
import type { Follow } from './walk.ts'

/** Every endpoint the file declares for a server, with where its name must lead and whether the file decides on it. */
export function endpointProofs(topology: Topology, desired: Desired, follow: Follow): EndpointProof[] {
  const decided = new Set([...desired.values()].filter(({ kind }) => kind === privateEndpointConnection.name).flatMap(({ refs }) => refs))
  const byAddress = new Map([...desired.values()].map(resource => [resource.address, resource]))
  const groups = new Map<ResourceId | undefined, ResourceId>()
  for (const { kind, id } of desired.values())
    if (kind === privateDnsZoneGroup.name && !groups.has(parentOf(id))) groups.set(parentOf(id), id)
  const proofOf = (made: Resource, server: ResourceId, managed: boolean, dns: EndpointProof['dns']): EndpointProof => {
    const { id: endpoint, path, address, timeoutMs } = made
    return { endpoint, path, address, server, dns, managed, decided: decided.has(endpoint), timeoutMs }
  }
  const proofs: EndpointProof[] = []
  for (const [server, { privateEndpoints }] of Object.entries(topology.servers ?? {})) {
    for (const [key, { privateDns }] of Object.entries(privateEndpoints ?? {})) {
      const address = `servers/${server}/privateEndpoints/${key}`
      const made = byAddress.get(address)
      const target = byAddress.get(`servers/${server}`)
      if (made === undefined || target === undefined) continue
      const dns =
        privateDns === undefined || privateDns === 'none'
          ? undefined
          : {
              zone: resourceId(follow(privateDnsZone.name, privateDns.zone, address)),
              group: groups.get(made.id),
              managedBy: privateDns.managedBy ?? ('pglink' as const)
            }
      proofs.push(proofOf(made, target.id, false, dns))
    }
  }
  for (const made of desired.values()) {
    const { target } = made.props as { readonly target?: ResourceId }
    if (made.kind === managedPrivateEndpoint.name && made.managed && target !== undefined)
      proofs.push(proofOf(made, resourceId(target), true, undefined))
  }
  return proofs
}
