import { nameOf, sameId } from '../../armPath.ts'
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../../json.ts'
import { guidOf } from '../../random.ts'
import type { StoredResource } from '../../state.ts'
import type { World } from '../../type.ts'

/** The service whose resources the sandbox puts into subnets; the links of other services are kept as they were seeded. */
const service = 'Microsoft.DBforPostgreSQL/flexibleServers'

const isOurs = (link: Json): boolean => textAt(link, 'properties', 'linkedResourceType') === service

/** The servers that were put into a subnet. */
export const serversIn = (world: World, subnet: string): readonly StoredResource[] =>
  world.store.ofType(service).filter(one => sameId(textAt(one.body, 'properties', 'network', 'delegatedSubnetResourceId') ?? '', subnet))

/** A subnet has one for all servers in it, named by a guid that stands nowhere else (REC; GH Azure/azure-data-labs-modules#268). */
export const associationOf = (subnet: string): string =>
  `${subnet}/serviceAssociationLinks/${guidOf(`association ${subnet.toLowerCase()}`)}-service-association-link`

/** The links that a body has of services that are not played. */
export function foreignLinks(properties: JsonObject): JsonObject {
  const links = listAt(properties, 'serviceAssociationLinks').filter(one => !isOurs(one))
  return links.length > 0 ? { serviceAssociationLinks: links } : {}
}

/** @param embedded in the answer of its network, where the subnet's own guid is all zeros (REC) */
export function shownLinks(world: World, { id, body }: StoredResource, etag: string, embedded: boolean): JsonObject {
  const links = listAt(body, 'properties', 'serviceAssociationLinks').filter(isObject)
  if (serversIn(world, id).length === 0) return links.length > 0 ? { serviceAssociationLinks: links } : {}
  const own = associationOf(id)
  const properties = {
    provisioningState: 'Succeeded',
    linkedResourceType: service,
    enabledForArmDeployments: false,
    allowDelete: false,
    subnetId: embedded ? '00000000-0000-0000-0000-000000000000' : guidOf(`subnet ${id.toLowerCase()}`),
    locations: []
  }
  const link = { name: nameOf(own), id: own, etag, type: 'Microsoft.Network/virtualNetworks/subnets/serviceAssociationLinks', properties }
  return { serviceAssociationLinks: [...links, link] }
}

/** Says of a subnet without the delegation that a server in it needs which link is in the way [GH MicrosoftDocs/azure-docs#48902]. */
export function missingDelegation(world: World, subnet: string, properties: JsonObject): string | undefined {
  const delegated = listAt(properties, 'delegations').some(
    one => textAt(objectAt(one, 'properties'), 'serviceName')?.toLowerCase() === service.toLowerCase()
  )
  return delegated || serversIn(world, subnet).length === 0
    ? undefined
    : `Subnet ${nameOf(subnet)} requires any of the following delegation(s) [${service}] to reference service association link ${associationOf(subnet)}.`
}
