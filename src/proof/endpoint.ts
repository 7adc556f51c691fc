import type { Azure } from '../azure/azure.ts'
import { ArmError, isForbidden, isNotFound, WaitTimedOut } from '../azure/error.ts'
import { until } from '../azure/wait.ts'
import type { EndpointProof } from '../model/change.ts'
import { nameOf, type ResourceId, resourceId, subscriptionOf } from '../model/id.ts'
import { sameAddresses } from '../model/paths.ts'

/** What a look at one endpoint came to. `pending` waits for a person, `broken` for nobody. */
export type Proof =
  | { readonly as: 'proven' }
  | { readonly as: 'pending'; readonly reason: string }
  | { readonly as: 'broken'; readonly reason: string }

const proven: Proof = { as: 'proven' }

/** How often it is looked again: both ends need up to minutes to agree [HOWTO-ADF]. */
const everyMs = 15_000

/** Unless the entry's `timeouts.wait` says otherwise: Data Factory notices an approval after up to ten minutes. */
const defaultLimitMs = 15 * 60_000

/**
 * Looks at an endpoint as a client of the server would meet it: Approved at the server's end and at its own, and, where
 * it has DNS, a zone group with a record that leads to its address. Waits as long as what is missing can still come by
 * itself; a Pending connection that the file does not decide is left to whoever does.
 */
export async function proveEndpoint(
  azure: Azure,
  endpoint: EndpointProof,
  say: (what: string) => void,
  signal?: AbortSignal
): Promise<Proof> {
  let last: Proof = { as: 'pending', reason: `${endpoint.address} was not looked at` }
  try {
    const limitMs = endpoint.timeoutMs ?? defaultLimitMs
    return await until({ clock: azure.clock, everyMs, limitMs, what: endpoint.address, signal }, async () => {
      const { proof, settled } = await look(azure, endpoint)
      last = proof
      if (proof.as !== 'proven') say(proof.reason)
      return proof.as === 'proven' || settled ? proof : undefined
    })
  } catch (error) {
    if (error instanceof WaitTimedOut) return last
    throw error
  }
}

/** `settled`: waiting longer changes nothing. */
interface Look {
  readonly proof: Proof
  readonly settled: boolean
}

async function look(azure: Azure, endpoint: EndpointProof): Promise<Look> {
  const own = await consumerSide(azure, endpoint)
  if (own === undefined) return broken(`${endpoint.address} is not there`, true)
  const server = await serverSide(azure, endpoint, own.origin)
  const undecided = !endpoint.decided
  for (const status of [server, own.status]) {
    if (status === 'Rejected' || status === 'Disconnected') return broken(`${endpoint.address} is ${status}`, true)
  }
  if (server === undefined) return broken(`${nameOf(endpoint.server)} has no connection from ${endpoint.address} yet`, false)
  if (server !== 'Approved')
    return {
      proof: { as: 'pending', reason: `${endpoint.address} is ${server} on the server ${nameOf(endpoint.server)}` },
      settled: undecided
    }
  if (own.status !== 'Approved')
    return { proof: { as: 'pending', reason: `${endpoint.address} has not noticed its approval yet` }, settled: false }
  if (endpoint.dns === undefined) return { proof: proven, settled: true }
  return record(azure, endpoint, endpoint.dns, own.addresses)
}

const broken = (reason: string, settled: boolean): Look => ({ proof: { as: 'broken', reason }, settled })

interface ConsumerSide {
  readonly status: string
  /** What the server's connection names as its endpoint. */
  readonly origin: ResourceId | undefined
  readonly addresses: readonly string[]
}

async function consumerSide(azure: Azure, { managed, path }: EndpointProof): Promise<ConsumerSide | undefined> {
  try {
    return managed ? await managedSide(azure, path) : await endpointSide(azure, path)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function endpointSide(azure: Azure, path: string): Promise<ConsumerSide> {
  const network = await azure.client('network', subscriptionOf(path))
  const [, , , , group = ''] = path.split('/')
  const body = await network.privateEndpoints.get(group, nameOf(path))
  const connection = body.privateLinkServiceConnections?.[0] ?? body.manualPrivateLinkServiceConnections?.[0]
  // Once it has a zone group the endpoint says nothing of its addresses; its network interface does [GH MicrosoftDocs/cloud-adoption-framework#1020].
  const addresses = await Promise.all((body.networkInterfaces ?? []).map(({ id = '' }) => interfaceAddresses(azure, id)))
  return { status: connection?.privateLinkServiceConnectionState?.status ?? '', origin: resourceId(path), addresses: addresses.flat() }
}

async function interfaceAddresses(azure: Azure, path: string): Promise<string[]> {
  const network = await azure.client('network', subscriptionOf(path))
  const [, , , , group = ''] = path.split('/')
  const { ipConfigurations = [] } = await network.networkInterfaces.get(group, nameOf(path))
  return ipConfigurations.flatMap(({ privateIPAddress }) => privateIPAddress ?? [])
}

interface ManagedEndpoints {
  readonly value?: readonly {
    readonly name?: string
    readonly properties?: { readonly resourceId?: string; readonly connectionState?: { readonly status?: string } }
  }[]
  readonly nextLink?: string
}

/** By the list: a GET of a missing one answers 400 [TF-MPE]. */
async function managedSide(azure: Azure, path: string): Promise<ConsumerSide | undefined> {
  const found = await managedEndpoint(azure, path)
  if (found === undefined) return undefined
  const origin = found.properties?.resourceId
  return {
    status: found.properties?.connectionState?.status ?? '',
    origin: origin === undefined ? undefined : resourceId(origin),
    addresses: []
  }
}

async function managedEndpoint(azure: Azure, path: string): Promise<NonNullable<ManagedEndpoints['value']>[number] | undefined> {
  for (let page: string | undefined = path.split('/').slice(0, -1).join('/'); page !== undefined; ) {
    const { value = [], nextLink } = (await azure.send({ method: 'GET', path: page, apiVersion: '2018-06-01' })) as ManagedEndpoints
    const found = value.find(({ name }) => name?.toLowerCase() === nameOf(path).toLowerCase())
    if (found !== undefined) return found
    page = nextLink
  }
  return undefined
}

/** The state of the connection as the server has it; `undefined` when there is none. */
async function serverSide(
  azure: Azure,
  { server, path, managed }: EndpointProof,
  origin: ResourceId | undefined
): Promise<string | undefined> {
  const postgres = await azure.client('postgres', subscriptionOf(server))
  const [, , , , group = ''] = server.split('/')
  for await (const { privateEndpoint, privateLinkServiceConnectionState } of postgres.privateEndpointConnections.listByServer(
    group,
    nameOf(server)
  )) {
    const from = resourceId(privateEndpoint?.id ?? '')
    const [, , , , , , , , factory = ''] = path.split('/')
    const named = managed && nameOf(from) === `${factory}.${nameOf(path)}`.toLowerCase()
    if (from === origin || (origin === undefined && named)) return privateLinkServiceConnectionState?.status ?? ''
  }
  return undefined
}

/** The zone group has to name the zone, and the zone has to have a record for the server with the endpoint's address. */
async function record(
  azure: Azure,
  endpoint: EndpointProof,
  dns: NonNullable<EndpointProof['dns']>,
  addresses: readonly string[]
): Promise<Look> {
  const network = await azure.client('network', subscriptionOf(endpoint.path))
  const [, , , , group = ''] = endpoint.path.split('/')
  const zones: string[] = []
  for await (const { privateDnsZoneConfigs = [] } of network.privateDnsZoneGroups.list(nameOf(endpoint.path), group))
    zones.push(...privateDnsZoneConfigs.map(({ privateDnsZoneId = '' }) => resourceId(privateDnsZoneId)))
  // A policy writes the group in its own time.
  const byPolicy = dns.managedBy === 'policy'
  if (!zones.includes(dns.zone))
    return broken(`${endpoint.address} has no zone group in ${nameOf(dns.zone)}${byPolicy ? ' yet: the policy writes it' : ''}`, !byPolicy)
  const found = await addressesInZone(azure, dns.zone, nameOf(endpoint.server))
  if (found === undefined) return broken(`the record of ${nameOf(endpoint.server)} in ${nameOf(dns.zone)} may not be read`, true)
  if (addresses.length > 0 && sameAddresses(found, addresses)) return { proof: proven, settled: true }
  return broken(
    `${nameOf(endpoint.server)} in ${nameOf(dns.zone)} leads to ${found.join(', ') || 'nothing'}, not to ${addresses.join(', ') || 'the endpoint'}`,
    false
  )
}

async function addressesInZone(azure: Azure, zone: ResourceId, name: string): Promise<readonly string[] | undefined> {
  const dns = await azure.client('privateDns', subscriptionOf(zone))
  const [, , , , group = ''] = zone.split('/')
  try {
    const { aRecords = [] } = await dns.recordSets.get(group, nameOf(zone), 'A', name)
    return aRecords.flatMap(({ ipv4Address }) => ipv4Address ?? [])
  } catch (error) {
    if (error instanceof ArmError && isNotFound(error)) return []
    if (isForbidden(error)) return undefined
    throw error
  }
}
