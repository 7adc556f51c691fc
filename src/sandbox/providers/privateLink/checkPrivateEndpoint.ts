import { nameOf, parentOf, sameId, subscriptionOf } from '../../armPath.ts'
import { type ArmBody, listAt, textAt } from '../../json.ts'
import { type ErrorDetail, gatewayErrors, invalidReference, type Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { World, Write } from '../../type.ts'
import { overlapping } from '../network/overlap.ts'
import { isSettling } from '../network/tail.ts'
import { type Connection, connectionsOf, targetOf } from './connection.ts'
import { checkAddress, staticAddress } from './endpointAddress.ts'
import { otherServiceAt } from './otherServices.ts'

const invalid = (code: string, message: string): Refusal => ({ status: 400, code, message, details: [] })

/** The most characters of a request message [TF-PE]. */
const longestMessage = 140

/** In the order: what the body says by itself, what it refers to, what it would change, whether there is room. */
export function checkPrivateEndpoint(world: World, write: Write): Refusal | undefined {
  const { method, id, body, live } = write
  if (method === 'DELETE') return undefined
  const busy = overlapping(world, id, write)
  if (busy) return busy
  const [connection, ...more] = connectionsOf(body)
  const subnetId = textAt(body, 'properties', 'subnet', 'id')
  // The network provider says no more than this of a body that it cannot take (pulumi-azure-native#2431).
  if (connection === undefined || more.length > 0 || subnetId === undefined)
    return invalid('InvalidRequestFormat', 'Cannot parse the request.')
  if ((connection.requestMessage ?? '').length > longestMessage)
    return invalid('InvalidRequestFormat', `The request message of a private endpoint has at most ${longestMessage} characters.`)
  const place = checkPlace(world, id, textAt(body, 'location') ?? '', subnetId)
  if (place) return place
  const subnet = world.store.get(subnetId)
  if (subnet === undefined) return invalidReference(subnetId, id)
  // One whose create has failed has no address yet, and nothing that would have to stay as it is.
  const made = live?.memory['networkInterface'] !== undefined
  return live && made ? checkUnchanged(live, body, connection) : checkNew(world, write, subnet, connection)
}

/** A network in another region or subscription is one that was not found [DOC-ADDPE]. */
function checkPlace(world: World, id: string, location: string, subnet: string): Refusal | undefined {
  const virtualNetwork = parentOf(subnet)
  const live = world.store.get(virtualNetwork)
  const near = live && textAt(live.body, 'location') === location && subscriptionOf(virtualNetwork) === subscriptionOf(id)
  return near ? undefined : invalidReference(virtualNetwork, id)
}

function checkNew(world: World, { id, body }: Write, subnet: StoredResource, connection: Connection): Refusal | undefined {
  if (listAt(subnet.body, 'properties', 'delegations').length > 0) {
    return invalid(
      'PrivateEndpointCreationNotAllowedAsSubnetIsDelegated',
      `Private endpoint ${id} cannot be created as subnet ${subnet.id} is delegated.`
    )
  }
  // Until 2022; since then all settings of the policies take private endpoints [DOC-PENP].
  if (
    world.behaviours.networkPoliciesRefuseEndpoints &&
    textAt(subnet.body, 'properties', 'privateEndpointNetworkPolicies') === 'Enabled'
  ) {
    return invalid(
      'PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled',
      `Private endpoint ${id} cannot be created in a subnet ${subnet.id} since it has private endpoint network policies enabled.`
    )
  }
  const locked = world.behaviours.readOnlySubnetRefusesEndpoints ? world.lockedBy(subnet.id, 'write') : []
  if (locked.length > 0) return gatewayErrors.scopeLocked(subnet.id, 'write', locked)
  return checkSettled(world, subnet.id, id) ?? checkTarget(world, id, connection) ?? checkAddress(world, subnet, { id, body })
}

/** An endpoint cannot go into a subnet that is being written to, nor into any of its network [TF-SUBNET, azurerm#21293]. */
function checkSettled(world: World, subnet: string, id: string): Refusal | undefined {
  if (world.behaviours.networkOverlap === 'works') return undefined
  const [running] = world.inFlight(parentOf(subnet))
  if (running) {
    const state = running.method === 'DELETE' ? 'Deleting' : 'Updating'
    return notProvisioned({ resource: running.resource, usedBy: id, state, by: running.name })
  }
  // The operation is done, and the network still says that it is not.
  const settling = [subnet, parentOf(subnet)].flatMap(each => world.store.get(each) ?? []).find(one => isSettling(world, one))
  const by = settling?.id === subnet ? 'PutSubnetOperation' : 'PutVirtualNetworkOperation'
  return settling && notProvisioned({ resource: settling.id, usedBy: id, state: 'Updating', by })
}

interface NotProvisioned {
  readonly resource: string
  readonly usedBy: string
  readonly state: string
  /** The name of the operation. */
  readonly by: string
}

/** A 429 that has nothing to do with throttling, and no Retry-After (CORPUS). */
export const notProvisioned = (what: NotProvisioned): Refusal => ({
  status: 429,
  code: 'RetryableError',
  message: 'A retryable error occurred.',
  details: [notProvisionedDetail(what)],
  cause: 'service'
})

export const notProvisionedDetail = ({ resource, usedBy, state, by }: NotProvisioned): ErrorDetail => ({
  code: 'ReferencedResourceNotProvisioned',
  message: `Cannot proceed with operation because resource ${resource} used by resource ${usedBy} is not in Succeeded state. Resource is in ${state} state and the last operation that updated/is updating the resource is ${by}.`
})

function checkTarget(world: World, id: string, { list, name, target, groupIds }: Connection): Refusal | undefined {
  if (otherServiceAt(world, target)) return undefined
  if (!world.store.has(target)) return invalidReference(target, id)
  const found = targetOf(world, target)
  const type = found?.resource.type ?? world.store.get(target)?.type ?? ''
  if (groupIds.length > 1) {
    return invalid(
      'OnlyOneGroupIdPermitted',
      `Private link service connection ${id}/${list}/${name} has the following group Ids: ${groupIds.join(', ')}. Only one group Id is permitted when connecting to a first-party resource (${target}).`
    )
  }
  const refused = found?.link.refuses(world, found.resource)
  if (refused) return refused
  // The target's provider says so, and the network provider passes it on (azurerm#11778).
  const known = groupIds.every(group => found?.link.groupIds.includes(group)) && groupIds.length > 0
  return known ? undefined : invalid('BadRequest', `Call to ${type} failed. Error message: Invalid groupId`)
}

const parts = ({ list, name, target, groupIds }: Connection): string => [list, name, target, ...groupIds].join('\n').toLowerCase()

/**
 * Only the message of a request, tags and application security groups can change under an endpoint's address [DOC-ADDPE],
 * and IP configurations as long as the address stays (CORPUS).
 */
function checkUnchanged(live: StoredResource, body: ArmBody, connection: Connection): Refusal | undefined {
  const [was] = connectionsOf(live.body)
  if (was && parts(was) !== parts(connection)) {
    return invalid(
      'CannotChangePrivateLinkConnectionOnPrivateEndpoint',
      `Cannot change the private link connection on private endpoint ${live.id}. Please ensure you are not updating the details of existing private link connection: '${live.id}/${was.list}/${was.name}'. That is not allowed.`
    )
  }
  const [current, requested] = [textAt(live.body, 'properties', 'subnet', 'id') ?? '', textAt(body, 'properties', 'subnet', 'id') ?? '']
  if (!sameId(current, requested)) {
    return invalid(
      'CannotChangeSubnetOnExistingPrivateEndpoint',
      `Cannot change the subnet in which the network interface for private endpoint ${live.id} is created. Current subnet: '${current}.' Requested subnet: '${requested}.'`
    )
  }
  const moved = staticAddress(body) !== undefined && staticAddress(body) !== textAt(live.memory, 'address')
  const [named, renamed] = [live.body, body].map(each => textAt(each, 'properties', 'customNetworkInterfaceName') ?? '')
  if (!moved && named === renamed) return undefined
  const fixed = moved ? 'ipConfigurations' : 'customNetworkInterfaceName'
  return invalid('PropertyChangeNotAllowed', `Changing property '${fixed}' of private endpoint ${nameOf(live.id)} is not allowed.`)
}
