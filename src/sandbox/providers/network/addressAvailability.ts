import { isIPv4 } from 'node:net'
import { nameOf, sameId } from '../../armPath.ts'
import { listAt, objectAt, textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { Answer, World } from '../../type.ts'
import { isInside, usableAddresses } from './addressSpace.ts'
import { prefixesOf, subnetType } from './subnets.ts'

/** How many addresses in place of one that is not to be had (CORPUS). */
const offeredMax = 5

const refuse = (code: string, message: string): Refusal => ({ status: 400, code, message, details: [] })

function takenIn(world: World, subnet: string): Set<string> {
  const configurations = world.store
    .ofType('Microsoft.Network/networkInterfaces')
    .flatMap(one => listAt(one.body, 'properties', 'ipConfigurations'))
    .filter(each => sameId(textAt(each, 'properties', 'subnet', 'id') ?? '', subnet))
  return new Set(configurations.flatMap(each => textAt(each, 'properties', 'privateIPAddress') ?? []))
}

/** `GET …/virtualNetworks/NAME/CheckIPAddressAvailability?ipAddress=10.0.0.4` */
export function checkIPAddressAvailability(world: World, network: StoredResource, asked: URLSearchParams): Answer | Refusal {
  const address = asked.get('ipAddress') ?? ''
  if (!isIPv4(address)) return refuse('InvalidIPAddress', `IP address '${address}' is not a valid IPv4 address.`)
  const found = world.store
    .ofType(subnetType, network.id)
    .flatMap(subnet => prefixesOf(objectAt(subnet.body, 'properties')).map(prefix => ({ subnet, prefix })))
    .find(({ prefix }) => isInside(`${address}/32`, prefix))
  if (found === undefined)
    return refuse(
      'PrivateIPAddressNotInAnySubnet',
      `Private static IP address ${address} does not belong to the range of any subnet in virtual network ${nameOf(network.id)}.`
    )
  const taken = takenIn(world, found.subnet.id)
  const free: string[] = []
  let usable = false
  for (const each of usableAddresses(found.prefix)) {
    usable ||= each === address
    if (!taken.has(each) && free.length < offeredMax) free.push(each)
    if (usable && free.length === offeredMax) break
  }
  const available = usable && !taken.has(address)
  return {
    status: 200,
    body: { available, ...(!available && { availableIPAddresses: free }), isPlatformReserved: !usable }
  }
}
