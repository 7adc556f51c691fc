import { keyOf, nameOf } from '../../armPath.ts'
import { type ArmBody, listAt, objectAt, textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { World } from '../../type.ts'
import { blockOf, isInside, usableAddresses, usableCount } from '../network/addressSpace.ts'
import { prefixesOf } from '../network/subnets.ts'

const interfaceType = 'Microsoft.Network/networkInterfaces'

const refuse = (code: string, message: string): Refusal => ({ status: 400, code, message, details: [] })

interface Allocation {
  readonly subnet: string
  readonly configuration: string
  readonly address: string
}

/** A resource is never changed, only replaced, so each interface is read once; every new endpoint asks for all of them. */
const read = new WeakMap<StoredResource, readonly Allocation[]>()

function allocationsOf(one: StoredResource): readonly Allocation[] {
  const known = read.get(one)
  if (known !== undefined) return known
  const found = listAt(one.body, 'properties', 'ipConfigurations').map(each => ({
    subnet: keyOf(textAt(each, 'properties', 'subnet', 'id') ?? ''),
    configuration: `${one.id}/ipConfigurations/${textAt(each, 'name') ?? ''}`,
    address: textAt(each, 'properties', 'privateIPAddress') ?? ''
  }))
  read.set(one, found)
  return found
}

/** Addresses in a subnet that are given out, each with the IP configuration that has it. */
function allocations(world: World, subnet: string): Allocation[] {
  const key = keyOf(subnet)
  const found: Allocation[] = []
  for (const one of world.store.ofType(interfaceType)) for (const each of allocationsOf(one)) if (each.subnet === key) found.push(each)
  return found
}

/** The lowest free address: Azure gives them out in order (REC-PE's first endpoint of a subnet has .4). */
export function freeAddress(world: World, subnet: StoredResource): string | undefined {
  const taken = new Set(allocations(world, subnet.id).map(one => one.address))
  for (const prefix of prefixesOf(objectAt(subnet.body, 'properties'))) {
    for (const address of usableAddresses(prefix)) if (!taken.has(address)) return address
  }
  return undefined
}

/** The address that was asked for in the endpoint's body. */
export const staticAddress = (endpoint: ArmBody): string | undefined =>
  textAt(listAt(endpoint, 'properties', 'ipConfigurations')[0], 'properties', 'privateIPAddress')

/** Whether an endpoint can have an address in the subnet: the one it asks for, or any. */
export function checkAddress(
  world: World,
  subnet: StoredResource,
  endpoint: { readonly id: string; readonly body: ArmBody }
): Refusal | undefined {
  const prefixes = prefixesOf(objectAt(subnet.body, 'properties'))
  const wanted = staticAddress(endpoint.body)
  if (wanted === undefined) {
    const room = prefixes.reduce((sum, prefix) => sum + usableCount(prefix), 0)
    if (allocations(world, subnet.id).length < room) return undefined
    return refuse(
      'SubnetIsFull',
      `Subnet ${nameOf(subnet.id)} with address prefix ${prefixes.join()} does not have enough capacity for 1 IP addresses.`
    )
  }
  const prefix = prefixes.find(each => isInside(`${wanted}/32`, each))
  if (prefix === undefined) {
    return refuse(
      'PrivateIPAddressNotInSubnet',
      `Private static IP address ${wanted} does not belong to the range of subnet prefix ${prefixes.join()}.`
    )
  }
  if (isReserved(wanted, prefix)) {
    return refuse(
      'PrivateIPAddressInReservedRange',
      `Private static IP address ${wanted} falls within reserved IP range of subnet prefix ${prefix}.`
    )
  }
  const holder = allocations(world, subnet.id).find(one => one.address === wanted)
  if (holder === undefined) return undefined
  const message = `IP configuration ${endpoint.id} is using the private IP address ${wanted} which is already allocated to resource ${holder.configuration}.`
  return refuse('PrivateIPAddressIsAllocated', message)
}

function isReserved(address: string, prefix: string): boolean {
  const block = blockOf(prefix)
  const at = blockOf(`${address}/32`)?.first ?? 0
  return block !== undefined && (at < block.first + 4 || at === block.last)
}

/** The private endpoint that a network interface belongs to; undefined for one of its own. */
export const endpointOf = (world: World, networkInterface: StoredResource): StoredResource | undefined => {
  const id = textAt(networkInterface.body, 'properties', 'privateEndpoint', 'id')
  return id === undefined || keyOf(id) === '' ? undefined : world.store.get(id)
}
