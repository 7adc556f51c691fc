import type { NetworkInterface } from '@azure/arm-network'
import ipaddr from 'ipaddr.js'
import { gathered } from '../../azure/items.ts'
import { groupOf, nameOf, type ResourceId, resourceId, subscriptionOf } from '../../model/id.ts'
import { presentIn } from '../../model/resource.ts'
import { inBatches } from '../batches.ts'
import { type Asked, found, needsIn, type Wanting } from './asked.ts'
import { roomOf } from './subnets.ts'

type Fixed = Wanting<'address'> & { readonly address: string }

/** Whether the addresses that the file fixes are of their subnets, and no interface that stays has them. */
export async function checkAddresses(asked: Asked): Promise<void> {
  const fixed = needsIn(asked, 'address').flatMap(one => (one.need.address === undefined ? [] : [{ ...one, address: one.need.address }]))
  await inBatches(fixed, async one => {
    const message = outsideOf(one, asked) ?? (await takenBy(one, asked))
    if (message !== undefined) found(asked, one.resource, { rule: 'PGL085', exit: 6, field: 'ipAddress', message })
  })
}

/** The ranges of a subnet that the file declares a rule has looked at. */
function outsideOf(one: Fixed, asked: Asked): string | undefined {
  const { subnet } = one.need
  const prefixes = roomOf(subnet, asked)?.prefixes?.filter(prefix => ipaddr.IPv4.isValidCIDR(prefix)) ?? []
  if (prefixes.length === 0 || !ipaddr.IPv4.isValid(one.address)) return undefined
  const prefix = prefixes.find(each => ipaddr.IPv4.parse(one.address).match(ipaddr.IPv4.parseCIDR(each)))
  if (prefix === undefined)
    return `${one.address} is not in the subnet ${nameOf(subnet)} (${prefixes.join(', ')}). Azure would refuse it (PrivateIPAddressNotInSubnet). Use an address of that range, or leave ipAddress out.`
  return isReserved(one.address, prefix)
    ? `${one.address} is one of the five addresses that Azure keeps of ${prefix}. Azure would refuse it (PrivateIPAddressInReservedRange). Use another one, or leave ipAddress out.`
    : undefined
}

/** The first four and the last of each range [DOC-VNET-FAQ]. */
function isReserved(address: string, prefix: string): boolean {
  const number = (of: ipaddr.IPv4): number => of.toByteArray().reduce((sum, octet) => sum * 256 + octet, 0)
  const own = number(ipaddr.IPv4.parse(address))
  return own < number(ipaddr.IPv4.networkAddressFromCIDR(prefix)) + 4 || own === number(ipaddr.IPv4.broadcastAddressFromCIDR(prefix))
}

/** By the network interfaces of the subnet, one list for each group that they lie in. */
async function takenBy(one: Fixed, asked: Asked): Promise<string | undefined> {
  const { subnet } = one.need
  const users = presentIn(asked.live, subnet)?.facts.interfaces ?? []
  const groups = new Set(users.map(id => /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/.exec(resourceId(id))?.[0] ?? ''))
  let why: string | undefined
  for (const group of [...groups].sort()) {
    const seen = await asked.looks.by(`interfaces ${group}`, async azure => {
      const { networkInterfaces } = await azure.client('network', subscriptionOf(group))
      return gathered(networkInterfaces.list(groupOf(group) ?? ''))
    })
    if (seen.as === 'unreadable') why = seen.reason
    const holder = seen.as === 'seen' ? seen.value.find(each => has(each, one.address, subnet)) : undefined
    if (holder === undefined) continue
    if (await isLeaving(holder, one, asked)) return undefined
    const who = holder.privateEndpoint?.id ?? holder.id ?? 'another network interface'
    return `${one.address} is in use in the subnet ${nameOf(subnet)}, by ${who}. Azure would refuse it (PrivateIPAddressIsAllocated). Use another address, or leave ipAddress out.`
  }
  if (why !== undefined)
    asked.answers.unknown.push({ address: one.resource.address, message: `who has the address ${one.address} could not be read: ${why}` })
  return undefined
}

const has = ({ ipConfigurations = [] }: NetworkInterface, address: string, subnet: ResourceId): boolean =>
  ipConfigurations.some(each => each.privateIPAddress === address && resourceId(each.subnet?.id ?? '') === subnet)

/** The interface of an endpoint that is gone, or goes with this plan, follows it: the write waits for that. */
async function isLeaving({ privateEndpoint }: NetworkInterface, { resource }: Fixed, { changes, looks }: Asked): Promise<boolean> {
  if (!privateEndpoint?.id) return false
  const id = resourceId(privateEndpoint.id)
  const goes = changes.some(change => (change.op === 'delete' || change.op === 'replace') && resourceId(change.old.path) === id)
  if (goes || id === resource.id) return true
  return (await looks.get(privateEndpoint.id, '2024-05-01')).as === 'absent'
}
