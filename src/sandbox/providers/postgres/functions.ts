import { nameOf, sameId } from '../../armPath.ts'
import { listAt, textAt } from '../../json.ts'
import type { ActionResult, Call, ProviderFunction, World } from '../../type.ts'
import { capabilitiesOfRegion, capabilitiesOfServer, isRegion } from './capabilities.ts'
import { invalidParameter, postgresVersions, serverType } from './server.ts'
import { endpointType } from './virtualEndpoints.ts'

/** HTTP 200 both ways (CORPUS); names are unique in all of Azure, since they are names in DNS. */
function checkNameAvailability(world: World, { body }: Call): ActionResult {
  const name = textAt(body, 'name') ?? ''
  const type = textAt(body, 'type') ?? serverType
  const legal = /^[a-z0-9](-?[a-z0-9])*$/.test(name) && name.length >= 3 && name.length <= 63
  const taken = world.store.named(sameId(type, endpointType) ? endpointType : serverType, name).length > 0
  const refusal = legal
    ? taken && { reason: 'AlreadyExists', message: 'Specified server name is already used.' }
    : {
        reason: 'Invalid',
        message:
          'Server name must be between 3 and 63 characters long and can only contain lowercase letters, numbers, and hyphens; it must not start or end with a hyphen.'
      }
  return { status: 200, body: { name, type, nameAvailable: !refusal, ...(refusal || { message: '' }) } }
}

/** How many servers each delegated subnet of a network has; what a free one answers is not recorded. */
function subnetUsage(world: World, { subscription, names, body }: Call): ActionResult {
  const network = world.store.get(textAt(body, 'virtualNetworkArmResourceId') ?? '')
  if (!isRegion(names[0])) return invalidParameter('locationName')
  if (network === undefined) return invalidParameter('virtualNetworkArmResourceId')
  const usedBy = (subnet: string): number =>
    world.store
      .ofType(serverType)
      .filter(one => sameId(textAt(one.body, 'properties', 'network', 'delegatedSubnetResourceId') ?? '', subnet)).length
  const delegatedSubnetsUsage = world.store
    .ofType('Microsoft.Network/virtualNetworks/subnets', network.id)
    .filter(one => listAt(one.body, 'properties', 'delegations').length > 0)
    .map(({ id }) => ({ subnetName: nameOf(id), usage: usedBy(id) }))
  return { status: 200, body: { delegatedSubnetsUsage, location: names[0] ?? '', subscriptionId: subscription } }
}

const at = (method: 'GET' | 'POST', path: string, run: ProviderFunction['run']): ProviderFunction => ({
  method,
  path,
  apiVersions: postgresVersions,
  run
})

export const functions: readonly ProviderFunction[] = [
  at('POST', 'checkNameAvailability', checkNameAvailability),
  at('POST', 'locations/checkNameAvailability', checkNameAvailability),
  at('POST', 'locations/checkVirtualNetworkSubnetUsage', subnetUsage),
  at('GET', 'locations/capabilities', capabilitiesOfRegion),
  at('GET', 'flexibleServers/capabilities', capabilitiesOfServer),
  // A bare JSON string (CORPUS).
  at('POST', 'getPrivateDnsZoneSuffix', () => ({ status: 200, body: 'postgres.database.azure.com' }))
]
