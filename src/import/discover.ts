import { readAllLocks } from '../azure/allLocks.ts'
import type { Azure } from '../azure/azure.ts'
import { ArmError, asking, isNotFound, isUnreadable } from '../azure/error.ts'
import { dataFactory } from '../kinds/dataFactory.ts'
import { firewallRule } from '../kinds/firewallRule.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOfType } from '../kinds/index.ts'
import type { Kind, Read } from '../kinds/kind.ts'
import { linkedService } from '../kinds/linkedService.ts'
import { managedPrivateEndpoint } from '../kinds/managedPrivateEndpoint.ts'
import { managedVirtualNetwork } from '../kinds/managedVirtualNetwork.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import { subnet } from '../kinds/subnet.ts'
import { virtualNetwork } from '../kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../kinds/virtualNetworkLink.ts'
import { inBatches } from '../live/batches.ts'
import { orUnseen } from '../live/orUnseen.ts'
import { groupOf, nameOf, parentOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import { collections } from '../topology/collections.ts'
import { type Discovered, type Item, itemOf, properPath, type Unread } from './item.ts'

/** The beginning of an import: ids of servers, factories and groups, and what of the rest is to be declared and not only referred to. */
export interface Asked {
  readonly servers: readonly string[]
  readonly factories: readonly string[]
  readonly groups: readonly string[]
  readonly own: readonly string[]
  /** Ids of servers, factories and endpoints that may be gone, among others: a Terraform state is not always true. */
  readonly also: readonly string[]
}

/** Nothing is there under an id that the user asked for. */
export class NotThere extends Error {
  override readonly name = 'NotThere'
}

interface Stop {
  readonly kind: Kind
  readonly path: string
  /** All that lies in it is looked at, and all that it leads to. */
  readonly asked: boolean
}

/** Follows the ids, from what was asked for, through all that belongs to it. It only reads. */
class Discovery {
  readonly items = new Map<ResourceId, Item>()
  readonly asked = new Set<ResourceId>()
  readonly unread: Unread[] = []
  readonly gone = new Set<ResourceId>()
  readonly #azure: Azure
  readonly #seen = new Map<ResourceId, boolean>()
  #queue: Stop[] = []

  constructor(azure: Azure) {
    this.#azure = azure
  }

  /** A second visit makes a difference only where the first was not of something asked for. */
  go(kind: Kind, path: string, asked: boolean): void {
    const id = resourceId(path)
    if (this.#seen.get(id) === true || (this.#seen.has(id) && !asked)) return
    this.#seen.set(id, asked)
    this.#queue.push({ kind, path: properPath(path), asked })
  }

  async run(): Promise<void> {
    while (this.#queue.length > 0) {
      const now = this.#queue
      this.#queue = []
      await inBatches(now, stop => this.#visit(stop))
    }
  }

  add(kind: Kind, found: Read): Item | undefined {
    const item = itemOf(kind, found)
    if (item === undefined) return undefined
    // A server has hundreds of parameters at their defaults.
    const isAzures = kind.author.isAzures(item.props, item.body, { id: item.id, look: () => undefined })
    if (!isAzures) this.items.set(item.id, item)
    return item
  }

  /** `undefined` where it may not be read, which is remembered. */
  async looked<T>(what: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await asking(`GET ${what}`, look)
    } catch (error) {
      if (isNotFound(error)) return undefined
      if (!isUnreadable(error)) throw error
      this.unread.push({ what, why: error instanceof ArmError ? `${error.status} ${error.code}`.trim() : error })
      return undefined
    }
  }

  async #visit({ kind, path, asked }: Stop): Promise<void> {
    const before = this.unread.length
    const item = this.items.get(resourceId(path)) ?? (await this.#read(kind, path))
    if (item === undefined) {
      if (this.unread.length === before) this.gone.add(resourceId(path))
      return
    }
    if (asked) this.asked.add(item.id)
    if (kind === flexibleServer && !asked) return
    await this.#children(item)
    for (const one of [item, ...this.#under(item)]) this.#follow(one, asked)
  }

  async #read(kind: Kind, path: string): Promise<Item | undefined> {
    const found = await this.looked(path, () => kind.observe(this.#azure, path))
    return found && this.add(kind, found)
  }

  #under({ id }: Item): Item[] {
    return [...this.items.values()].filter(one => one.id.startsWith(`${id}/`))
  }

  /** The resources that lie in it, one list a kind. */
  async #children(item: Item): Promise<void> {
    const below = [...collections, ...collections.flatMap(one => one.below)].find(({ kind }) => kind === item.kind)?.below ?? []
    for (const { kind } of below) {
      if (!kind.type.startsWith(`${item.kind.type}/`) || isNothingIn(kind, item)) continue
      for (const path of this.#placesOf(kind, item)) {
        const found = kind.embedded?.(item.body) ?? (await this.looked(`each ${kind.title} of ${path}`, () => kind.list(this.#azure, path)))
        for (const one of found ?? []) this.add(kind, one)
      }
    }
  }

  /** Managed endpoints lie in the managed network, which may have any name. */
  #placesOf(kind: Kind, item: Item): string[] {
    if (kind !== managedPrivateEndpoint) return [item.path]
    return this.#under(item).flatMap(one => (one.kind === managedVirtualNetwork ? [one.path] : []))
  }

  #follow(item: Item, asked: boolean): void {
    // A zone is linked to networks of any owner.
    if (item.kind === virtualNetworkLink && !asked) return
    for (const ref of item.refs) {
      const at = typeOf(ref) === subnet.type.toLowerCase() ? (parentOf(ref) ?? ref) : ref
      const kind = kindOfType.get(typeOf(at))
      const path = writtenIn(item.body, ref)
      const to = at === ref ? path : path.split('/').slice(0, -2).join('/')
      if (kind === virtualNetwork || kind === privateDnsZone) this.go(kind, to, false)
      if (kind === flexibleServer) this.go(kind, to, item.kind === managedPrivateEndpoint)
      if (kind === privateEndpoint && item.kind === privateEndpointConnection && !this.isManaged(ref)) this.go(kind, to, true)
    }
  }

  /** Microsoft keeps the endpoint behind a managed one in a subscription of its own, named `<factory>.<endpoint>` [REC-ADF]. */
  isManaged(endpoint: ResourceId): boolean {
    const ours = new Set([...this.#seen.keys()].map(subscriptionOf))
    return !ours.has(subscriptionOf(endpoint)) && nameOf(endpoint).includes('.')
  }
}

/** Azure keeps no firewall for a server in a network, and none of its endpoints. */
const isNothingIn = (kind: Kind, { kind: above, props }: Item): boolean =>
  above === flexibleServer && kind === firewallRule && (props as { readonly delegatedSubnet?: string }).delegatedSubnet !== undefined

/** An id in the casing of the body that has it. */
export const writtenIn = (body: unknown, id: ResourceId): string => properPath(textOf(body, id) ?? id)

function textOf(value: unknown, id: ResourceId): string | undefined {
  if (typeof value === 'string') return resourceId(value) === id ? value : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const one of Object.values(value)) {
    const found = textOf(one, id)
    if (found !== undefined) return found
  }
  return undefined
}

/** @throws NotThere where an id that was asked for leads to nothing */
export async function discover(azure: Azure, asked: Asked): Promise<Discovered> {
  const discovery = new Discovery(azure)
  for (const path of asked.servers) discovery.go(flexibleServer, path, true)
  for (const path of asked.factories) discovery.go(dataFactory, path, true)
  for (const path of asked.also) {
    const kind = kindOfType.get(typeOf(path))
    if (kind === flexibleServer || kind === dataFactory) discovery.go(kind, path, true)
    if (kind === privateEndpoint) await endpointToServer(azure, discovery, properPath(path))
  }
  for (const path of asked.own) {
    const kind = kindOfType.get(typeOf(path))
    if (kind !== undefined) discovery.go(kind, path, true)
  }
  for (const group of asked.groups) await inGroup(azure, discovery, properPath(group))
  await discovery.run()
  await serversByName(azure, discovery)
  const missing = [...asked.servers, ...asked.factories, ...asked.own].filter(path => discovery.gone.has(resourceId(path)))
  if (missing.length > 0) throw new NotThere(`Nothing is there under this id: ${missing.join(', ')}`)
  await groups(discovery)
  const { items, unread, gone } = discovery
  const locks = await locksOf(azure, discovery)
  return { items, asked: discovery.asked, locks, unread, gone, tenants: await tenantsOf(azure, [...items.values()]) }
}

/** The servers, endpoints and factories of a group. The rest of it is what those lead to. */
async function inGroup(azure: Azure, discovery: Discovery, group: string): Promise<void> {
  const there = await discovery.looked(group, () => resourceGroup.observe(azure, group))
  if (there === undefined) return
  if (there.observed.state === 'absent') throw new NotThere(`There is no resource group ${group}.`)
  for (const kind of [flexibleServer, privateEndpoint, dataFactory]) {
    const found = await discovery.looked(`each ${kind.title} of ${group}`, async () => (await kind.listGroup?.(azure, group)) ?? [])
    for (const one of found ?? []) {
      const item = itemOf(kind, one)
      if (item === undefined || (kind === privateEndpoint && !leadsToServer(item))) continue
      discovery.add(kind, one)
      discovery.go(kind, one.path, true)
    }
  }
}

/** One that leads to something else is nothing for the file. */
async function endpointToServer(azure: Azure, discovery: Discovery, path: string): Promise<void> {
  const found = await discovery.looked(path, () => privateEndpoint.observe(azure, path))
  const item = found && itemOf(privateEndpoint, found)
  if (found === undefined || item === undefined || !leadsToServer(item)) return
  discovery.add(privateEndpoint, found)
  discovery.go(privateEndpoint, path, true)
}

const leadsToServer = ({ refs }: Item): boolean => refs.some(ref => typeOf(ref) === flexibleServer.type.toLowerCase())

/** A linked service, and a virtual endpoint, name their server and not its id: the servers of the subscription are asked for theirs. */
async function serversByName(azure: Azure, discovery: Discovery): Promise<void> {
  const hosts = [...discovery.items.values()].flatMap(({ kind, id, props, facts }) => {
    const host = kind === linkedService ? (props as { readonly host?: string }).host : facts.host
    return host === undefined ? [] : [{ host: host.toLowerCase(), subscription: subscriptionOf(id) }]
  })
  const known = (): Set<string> => new Set([...discovery.items.values()].flatMap(({ facts }) => facts.fqdn?.toLowerCase() ?? []))
  const open = hosts.filter(({ host }) => !known().has(host))
  for (const subscription of new Set(open.map(one => one.subscription))) {
    const all = await discovery.looked(`each server of /subscriptions/${subscription}`, () =>
      flexibleServer.list(azure, `/subscriptions/${subscription}`)
    )
    for (const { path, observed } of all ?? []) {
      const fqdn = observed.state === 'present' ? observed.facts.fqdn?.toLowerCase() : undefined
      if (open.some(one => one.subscription === subscription && one.host === fqdn)) discovery.go(flexibleServer, path, false)
    }
  }
  await discovery.run()
}

/** The groups that the items lie in. One that this login may not read is there all the same. */
async function groups(discovery: Discovery): Promise<void> {
  const paths = [...discovery.items.values()].flatMap(({ path }) => {
    const group = groupOf(path)
    return group === undefined ? [] : [`/subscriptions/${subscriptionOf(path)}/resourceGroups/${group}`]
  })
  const before = discovery.unread.length
  for (const path of paths) discovery.go(resourceGroup, path, false)
  await discovery.run()
  discovery.unread.splice(before)
}

async function locksOf(azure: Azure, { items, unread }: Discovery): Promise<Discovered['locks']> {
  const scopes = [...items.keys()]
  const subscriptions = [...new Set(scopes.map(subscriptionOf))].sort()
  const { locks, unreadable } = await readAllLocks(azure, { subscriptions, scopes })
  const wide = new Set(unreadable.filter(scope => groupOf(scope) === undefined))
  // Where the wide list is refused the narrower ones are asked: only what those do not show is unread.
  for (const scope of unreadable.filter(one => !wide.has(one) && !isListedBelow(one, unreadable)))
    unread.push({ what: `each ${managementLock.title} of ${scope}`, why: 'it may not be listed' })
  return locks
}

const isListedBelow = (scope: ResourceId, unreadable: readonly ResourceId[]): boolean =>
  typeOf(scope) === resourceGroup.type.toLowerCase() && !unreadable.some(one => one.startsWith(`${scope}/`))

interface Subscription {
  readonly tenantId?: string
}

/** Asked for only where a server names one. */
async function tenantsOf(azure: Azure, items: readonly Item[]): Promise<ReadonlyMap<string, string>> {
  const tenants = new Map<string, string>()
  const named = items.filter(
    ({ kind, props }) => kind === flexibleServer && (props as { readonly tenantId?: string }).tenantId !== undefined
  )
  for (const subscription of new Set(named.map(({ id }) => subscriptionOf(id)))) {
    const path = `/subscriptions/${subscription}`
    const found = (await orUnseen(azure.send({ method: 'GET', path, apiVersion: '2022-12-01' }))) as Subscription | undefined
    if (found?.tenantId !== undefined) tenants.set(subscription, found.tenantId)
  }
  return tenants
}
