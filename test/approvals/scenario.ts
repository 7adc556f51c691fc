import fc from 'fast-check'
import type { Topology } from '../../src/model/topology.generated.ts'
import type { ArmBody, JsonObject } from '../../src/sandbox/json.ts'
import { type Estate, estate, subscription } from '../support/estate.ts'

/* Estates in which strangers have taken the names and texts of those who may be approved. */

const group = `/subscriptions/${subscription}/resourceGroups/rg`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
const factory = `${group}/providers/Microsoft.DataFactory/factories/orders-adf`
const network = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const managedId = `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/to-orders`

/** Endpoints that may be approved: one of the server's own subscription, and one behind a managed endpoint. */
export const origins = {
  endpoint: `${group}/providers/Microsoft.Network/privateEndpoints/orders-pe`,
  managed:
    '/subscriptions/a2aca716-e7ef-493a-a9e5-e073087c4ce6/resourceGroups/vnet-2885fa87-eastus2-407-rg/providers/Microsoft.Network/privateEndpoints/orders-adf.to-orders'
} as const
export type Who = keyof typeof origins

const texts: Readonly<Record<Who, string>> = { endpoint: 'CHG-1', managed: 'Requested by DataFactory:orders-adf, Name:to-orders' }

/** The same names in other subscriptions, and one that differs by its group alone. */
const impostors: Readonly<Record<Who, readonly string[]>> = {
  endpoint: [
    origins.endpoint.replace(subscription, '99999999-9999-4999-8999-999999999999'),
    origins.endpoint.replace('/rg/', '/rg-other/')
  ],
  managed: [
    origins.managed.replace('a2aca716', '99999999'),
    origins.managed.replace('vnet-2885fa87', 'vnet-0a1b2c3d'),
    // A private endpoint of a customer's, with the name that Microsoft would give.
    `${group}/providers/Microsoft.Network/privateEndpoints/orders-adf.to-orders`
  ]
}

type Status = 'Pending' | 'Approved' | 'Rejected'

interface Stranger {
  readonly who: Who
  readonly from: string
  readonly status: Status
  /** Whether it is there at first, comes between two runs, or is there while ours is not. */
  readonly comes: 'before' | 'after'
  readonly nth: number
}

export interface Scenario {
  /** The state in which ours are at first; `absent`: there is no such endpoint yet. */
  readonly ours: Readonly<Record<Who, Status | 'absent'>>
  readonly decisions: Readonly<Record<Who, 'approve' | 'reject' | undefined>>
  readonly strangers: readonly Stranger[]
  /** Whether Data Factory tells which endpoint is its own. */
  readonly isTold: boolean
}

const status = fc.constantFrom<Status>('Pending', 'Approved', 'Rejected')
const ofOurs = fc.constantFrom<Status | 'absent'>('Pending', 'Pending', 'Approved', 'Rejected', 'absent')
const decision = fc.constantFrom<'approve' | 'reject' | undefined>('approve', 'approve', 'reject', undefined)

const stranger: fc.Arbitrary<Omit<Stranger, 'nth'>> = fc.constantFrom<Who>('endpoint', 'managed').chain(who =>
  fc.record({
    who: fc.constant(who),
    from: fc.constantFrom(...impostors[who]),
    status,
    comes: fc.constantFrom('before' as const, 'after' as const)
  })
)

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  ours: fc.record({ endpoint: ofOurs, managed: ofOurs }),
  decisions: fc.record({ endpoint: decision, managed: decision }),
  strangers: fc
    .uniqueArray(stranger, { minLength: 1, maxLength: 4, selector: ({ from }) => from })
    .map(all => all.map((one, nth) => ({ ...one, nth }))),
  isTold: fc.boolean()
})

const state = (of: Status, description: string): JsonObject => ({ status: of, description, actionsRequired: 'None' })

const bodyOf = (from: string, of: Status, text: string): JsonObject => ({
  properties: { privateEndpoint: { id: from }, privateLinkServiceConnectionState: state(of, text), groupIds: ['postgresqlServer'] }
})

const connectionAt = (from: string, nth: number): string =>
  `${server}/privateEndpointConnections/${from.split('/').at(-1)}.0000000${nth}-0000-4000-8000-000000000000`

/** The estate before anybody decides. */
export function estateOf({ ours, strangers, isTold }: Scenario): Estate {
  const seed: Record<string, ArmBody> = {
    [server]: {
      location: 'eastus2',
      sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
      properties: { version: '17', administratorLogin: 'dba', storage: { storageSizeGB: 64 }, network: { publicNetworkAccess: 'Disabled' } }
    },
    [factory]: { location: 'eastus2', properties: {} },
    [`${factory}/managedVirtualNetworks/default`]: { properties: {} },
    [network]: {
      location: 'eastus2',
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [{ name: 'pe', properties: { addressPrefix: '10.0.1.0/24' } }]
      }
    }
  }
  if (ours.endpoint !== 'absent') {
    const asks = { privateLinkServiceId: server, groupIds: ['postgresqlServer'], requestMessage: texts.endpoint }
    seed[origins.endpoint] = {
      location: 'eastus2',
      properties: { subnet: { id: `${network}/subnets/pe` }, manualPrivateLinkServiceConnections: [{ name: 'c', properties: asks }] }
    }
    seed[connectionAt(origins.endpoint, 8)] = bodyOf(origins.endpoint, ours.endpoint, texts.endpoint)
  }
  if (ours.managed !== 'absent') {
    seed[managedId] = { properties: { privateLinkResourceId: server, groupId: 'postgresqlServer', resourceId: origins.managed } }
    seed[connectionAt(origins.managed, 9)] = bodyOf(origins.managed, ours.managed, texts.managed)
  }
  for (const one of strangers.filter(({ comes }) => comes === 'before'))
    seed[connectionAt(one.from, one.nth)] = bodyOf(one.from, one.status, texts[one.who])
  return estate({ seedBodies: seed, behaviours: { managedEndpointTold: isTold, approvalNoticedMs: [60_000, 60_000] } })
}

/** Strangers who come between two runs. */
export function letIn(on: Estate, { strangers }: Scenario): void {
  for (const { from, nth, status: of, who } of strangers.filter(({ comes }) => comes === 'after'))
    on.sandbox.store.put(
      {
        id: connectionAt(from, nth),
        type: 'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections',
        body: bodyOf(from, of, texts[who])
      },
      on.sandbox.clock.now()
    )
}

/** The DBA's file. */
export function topologyOf({ decisions }: Scenario): Topology {
  const sources = { endpoint: { id: origins.endpoint }, managed: { factory, managedPrivateEndpoint: 'to-orders' } }
  const connections = (['endpoint', 'managed'] as const).flatMap(who =>
    decisions[who] === undefined ? [] : [{ from: sources[who], decision: decisions[who] }]
  )
  return { version: 1, name: 'dba', servers: { 'orders-pg': { id: server, connections } } } as unknown as Topology
}

/** One file that makes the managed endpoint and has its connection approved. */
export const wholeTopology = {
  version: 1,
  name: 'whole',
  subscription,
  location: 'eastus2',
  resourceGroup: { name: 'rg', existing: true },
  servers: {
    'orders-pg': { id: server, connections: [{ from: 'dataFactories/orders-adf/managedPrivateEndpoints/to-orders', decision: 'approve' }] }
  },
  dataFactories: {
    'orders-adf': {
      id: factory,
      managedVirtualNetwork: true,
      managedPrivateEndpoints: { 'to-orders': { server: 'orders-pg' } }
    }
  }
} as unknown as Topology

/** The witness reads what the sandbox keeps, and nothing that pglink says of it: the state of each connection, by its endpoint. */
export const statesOf = (on: Estate): ReadonlyMap<string, string> =>
  new Map(
    on.sandbox.store.ofType('Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections', server).map(({ body }) => {
      const { privateEndpoint, privateLinkServiceConnectionState: now } = body['properties'] as {
        readonly privateEndpoint: { readonly id: string }
        readonly privateLinkServiceConnectionState: { readonly status: string }
      }
      return [privateEndpoint.id, now.status]
    })
  )
