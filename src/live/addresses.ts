import type { Azure } from '../azure/azure.ts'
import { asking } from '../azure/error.ts'
import { gathered } from '../azure/items.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import type { EndpointProof } from '../model/change.ts'
import { grouped } from '../model/grouped.ts'
import { groupOf, nameOf, type ResourceId, subscriptionOf } from '../model/id.ts'
import { presentIn } from '../model/resource.ts'
import { inBatches } from './batches.ts'
import { orUnseen } from './orUnseen.ts'
import type { Reading } from './reading.ts'

/** Once it has a zone group, an endpoint says nothing of its addresses; its network interface does [GH MicrosoftDocs/cloud-adoption-framework#1020]. */
export async function readAddresses(
  reading: Reading,
  endpoints: readonly EndpointProof[]
): Promise<ReadonlyMap<ResourceId, readonly string[]>> {
  const addresses = new Map<ResourceId, readonly string[]>()
  const asked = new Map<ResourceId, readonly string[]>()
  for (const { endpoint, managed } of endpoints) {
    const facts = managed ? undefined : presentIn(reading, endpoint)?.facts
    if (facts?.addresses?.length) addresses.set(endpoint, facts.addresses)
    else if (facts?.interfaces?.length) asked.set(endpoint, facts.interfaces)
  }
  const known = await ofInterfaces(reading, [...asked.values()].flat())
  for (const [endpoint, paths] of asked) {
    const own = paths.flatMap(path => known.get(path.toLowerCase()) ?? [])
    if (own.length > 0) addresses.set(endpoint, own)
  }
  return addresses
}

const [networkNamespace] = privateEndpoint.type.split('/')
const interfaceType = `${networkNamespace}/networkInterfaces`

type Addresses = ReadonlyMap<string, readonly string[]>

/** By the interface's path in lower case: one list where two or more lie in a group, or in several groups of a subscription. */
async function ofInterfaces(reading: Reading, paths: readonly string[]): Promise<Addresses> {
  const bySubscription = grouped(paths, subscriptionOf)
  const known = new Map<string, readonly string[]>()
  const add = (found: Addresses | undefined): void => {
    for (const [path, own] of found ?? []) known.set(path, own)
  }
  await inBatches([...bySubscription], async ([subscription, own]) => {
    const groups = grouped(own, path => path.split('/').slice(0, 5).join('/').toLowerCase())
    const all = groups.size > 1 ? await orUnseen(interfacesIn(reading.azure, subscription)) : undefined
    add(all)
    if (all !== undefined) reading.note(interfaceType, 'list', own.length, 'endpoints of several groups have them')
    else
      await inBatches([...groups], async ([group, within]) => {
        if (within.length < 2) return
        reading.note(interfaceType, 'list', within.length, 'several endpoints of a group have them')
        add(await orUnseen(interfacesIn(reading.azure, subscription, groupOf(group))))
      })
  })
  const left = [...new Set(paths)].filter(path => !known.has(path.toLowerCase()))
  if (left.length > 0) reading.note(interfaceType, 'one by one', left.length, 'no list has shown it')
  await inBatches(left, async path => {
    const own = await orUnseen(interfaceAddresses(reading.azure, path))
    if (own !== undefined) known.set(path.toLowerCase(), own)
  })
  return known
}

interface Interface {
  readonly id?: string
  readonly ipConfigurations?: readonly { readonly privateIPAddress?: string }[]
}

const addressesIn = ({ ipConfigurations = [] }: Interface): string[] => ipConfigurations.flatMap(one => one.privateIPAddress ?? [])

const interfacesIn = (shared: Azure, subscription: string, group?: string): Promise<Addresses> =>
  shared.listed(`interfaces ${subscription} ${group ?? ''}`.toLowerCase(), azure =>
    asking(`GET the network interfaces of ${group ?? subscription}`, async () => {
      const { networkInterfaces } = await azure.client('network', subscription)
      const all = await gathered(group === undefined ? networkInterfaces.listAll() : networkInterfaces.list(group))
      return new Map(all.map(one => [(one.id ?? '').toLowerCase(), addressesIn(one)]))
    })
  )

/** The addresses of one network interface, by its path. */
export async function interfaceAddresses(azure: Azure, path: string): Promise<readonly string[]> {
  const { networkInterfaces } = await azure.client('network', subscriptionOf(path))
  return asking(`GET ${path}`, async () => addressesIn(await networkInterfaces.get(groupOf(path) ?? '', nameOf(path))))
}
