import { expect, test } from 'vitest'
import { type Arm, armWithGroup, group, type Json, networks } from './arm.ts'
import { exchange, type Step } from './exchange.ts'

/*
 * The requests for peerings, security rules and routes of the clients that people type into, with the bodies of azure-cli's own
 * recordings, of azurerm's source and of azapi's own examples. A status that a client does not take is an error to it.
 */

const net = `${group}/providers/Microsoft.Network`
const [vnet1, vnet2] = [`${networks}/vnet1`, `${networks}/vnet2`]
const [nsg, table] = [`${net}/networkSecurityGroups/nsg1`, `${net}/routeTables/rt1`]

const written = [200, 201, 202]
const deleted = [200, 202, 204]

interface Sent {
  readonly call: Step['call']
  readonly body?: Json
  readonly takes: readonly number[]
  /** Members of the answer that the client goes by. */
  readonly shows?: object
}

interface Sequence {
  readonly client: string
  readonly what: string
  readonly version: string
  readonly sent: readonly Sent[]
}

/** A plugin of Terraform looks whether there is one, writes it, reads it, deletes it, and looks until it has gone. */
const terraform = (path: string, { body, shows, query = '' }: { body: Json; shows: object; query?: string }): Sent[] => [
  { call: `GET ${path}`, takes: [404] },
  { call: `PUT ${path}${query}`, body, takes: written },
  { call: `GET ${path}`, takes: [200], shows },
  { call: `DELETE ${path}`, takes: deleted },
  { call: `GET ${path}`, takes: [404] }
]

const peering1 = `${vnet1}/virtualNetworkPeerings/peering1`
const peering2 = `${vnet2}/virtualNetworkPeerings/peering2`
const permissions = { allowVirtualNetworkAccess: false, allowForwardedTraffic: false, allowGatewayTransit: true, useRemoteGateways: false }
const peeringProperties = { ...permissions, allowVirtualNetworkAccess: true, allowGatewayTransit: false }
const remote = (id: string) => ({ remoteVirtualNetwork: { id } })
const state = (peeringState: string, peeringSyncLevel: string) => ({ properties: { peeringState, peeringSyncLevel } })

const ruleProperties = {
  protocol: '*',
  sourcePortRange: '*',
  destinationPortRange: '4444',
  sourceAddressPrefix: '789',
  destinationAddressPrefix: '1234',
  access: 'Allow',
  priority: 1000,
  direction: 'Inbound'
}

const exampleRule = {
  access: 'Allow',
  destinationAddressPrefix: '*',
  destinationPortRange: '',
  destinationPortRanges: ['9000', '1438', '1440', '9003', '1452'],
  direction: 'Inbound',
  priority: 106,
  protocol: 'Tcp',
  sourceAddressPrefix: '*',
  sourcePortRange: '*'
}

const az: readonly Sequence[] = [
  {
    client: 'az network vnet peering',
    what: 'create on both sides, list, update, delete',
    version: '2025-07-01',
    sent: [
      { call: `PUT ${peering2}`, body: { id: vnet2, name: 'peering2', properties: { ...permissions, ...remote(vnet1) } }, takes: written },
      { call: `GET ${peering2}`, takes: [200], shows: state('Initiated', 'RemoteNotInSync') },
      { call: `PUT ${peering1}`, body: { id: vnet1, name: 'peering1', properties: { ...permissions, ...remote(vnet2) } }, takes: written },
      { call: `GET ${peering1}`, takes: [200], shows: state('Connected', 'FullyInSync') },
      {
        call: `GET ${vnet2}/virtualNetworkPeerings`,
        takes: [200],
        shows: { value: [{ name: 'peering2', ...state('Connected', 'FullyInSync') }] }
      },
      { call: `PUT ${peering1}?syncRemoteAddressSpace=true`, body: { properties: { ...permissions, ...remote(vnet2) } }, takes: [200] },
      { call: `GET ${vnet1}`, takes: [200], shows: { properties: { virtualNetworkPeerings: [{ name: 'peering1' }] } } },
      { call: `DELETE ${peering1}`, takes: deleted },
      { call: `GET ${vnet1}/virtualNetworkPeerings`, takes: [200], shows: { value: [] } },
      { call: `DELETE ${peering2}`, takes: deleted },
      { call: `DELETE ${peering2}`, takes: deleted }
    ]
  },
  {
    client: 'az network nsg rule',
    what: 'create, update, list with the default ones, delete',
    version: '2025-07-01',
    sent: [
      { call: `PUT ${nsg}/securityRules/web`, body: { name: 'web', properties: ruleProperties }, takes: written },
      { call: `GET ${nsg}/securityRules/web`, takes: [200], shows: { properties: ruleProperties } },
      { call: `PUT ${nsg}/securityRules/web`, body: { name: 'web', properties: { ...ruleProperties, access: 'Deny' } }, takes: written },
      { call: `GET ${nsg}/securityRules`, takes: [200], shows: { value: [{ name: 'web', properties: { access: 'Deny' } }] } },
      { call: `GET ${nsg}`, takes: [200], shows: { properties: { securityRules: [{ name: 'web' }] } } },
      { call: `DELETE ${nsg}/securityRules/web`, takes: deleted }
    ]
  },
  {
    client: 'az network route-table route',
    what: 'create, list, delete',
    version: '2025-07-01',
    sent: [
      {
        call: `PUT ${table}/routes/out`,
        body: { name: 'out', properties: { addressPrefix: '10.0.5.0/24', nextHopType: 'None' } },
        takes: written
      },
      {
        call: `GET ${table}/routes`,
        takes: [200],
        shows: { value: [{ name: 'out', properties: { hasBgpOverride: false, nextHopType: 'None' } }] }
      },
      { call: `DELETE ${table}/routes/out`, takes: deleted }
    ]
  },
  {
    client: 'az network vnet check-ip-address and list-available-ips',
    what: 'ask',
    version: '2025-07-01',
    sent: [
      { call: `GET ${vnet1}/CheckIPAddressAvailability?ipAddress=10.0.0.50`, takes: [200], shows: { available: true } },
      {
        call: `GET ${vnet1}/CheckIPAddressAvailability?ipAddress=10.0.0.0`,
        takes: [200],
        shows: { availableIPAddresses: ['10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.7', '10.0.0.8'] }
      }
    ]
  }
]

const plugins: readonly Sequence[] = [
  {
    client: 'azurerm_virtual_network_peering',
    what: 'from create to delete',
    version: '2025-01-01',
    sent: terraform(peering1, {
      body: { properties: { ...peeringProperties, peerCompleteVnets: true, ...remote(vnet2) } },
      shows: { properties: { ...peeringProperties, peerCompleteVnets: true, ...remote(vnet2) } },
      query: '?syncRemoteAddressSpace=true'
    })
  },
  {
    client: 'azurerm_network_security_rule',
    what: 'from create to delete',
    version: '2025-01-01',
    sent: terraform(`${nsg}/securityRules/web`, {
      body: { name: 'web', properties: { ...ruleProperties, description: '' } },
      shows: { name: 'web', properties: ruleProperties }
    })
  },
  {
    client: 'azurerm_route',
    what: 'from create to delete',
    version: '2025-01-01',
    sent: terraform(`${table}/routes/out`, {
      body: { name: 'out', properties: { addressPrefix: '10.1.0.0/16', nextHopType: 'VnetLocal' } },
      shows: { properties: { addressPrefix: '10.1.0.0/16', nextHopType: 'VnetLocal' } }
    })
  },
  ...(
    [
      ['2022-07-01', peering1, { ...peeringProperties, ...remote(vnet2) }],
      ['2022-09-01', `${nsg}/securityRules/allow_management_inbound`, exampleRule],
      ['2022-09-01', `${table}/routes/acctest0001`, { addressPrefix: '10.1.0.0/16', nextHopType: 'VnetLocal' }]
    ] as const
  ).map(([version, path, properties]) => ({
    client: `azapi_resource ${path.split('/').slice(-4).join('/')}`,
    what: 'as in its example',
    version,
    sent: terraform(path, { body: { properties }, shows: { properties } })
  }))
]

async function armWithParents(): Promise<Arm> {
  const client = await armWithGroup()
  const spaces = [
    [vnet1, '10.0.0.0/16', [{ name: 'default', properties: { addressPrefix: '10.0.0.0/24' } }]],
    [vnet2, '11.0.0.0/16', []]
  ] as const
  for (const [id, prefix, subnets] of spaces)
    await client.done('PUT', id, { location: 'eastus2', properties: { addressSpace: { addressPrefixes: [prefix] }, subnets } })
  for (const id of [nsg, table]) await client.done('PUT', id, { location: 'eastus2', properties: {} })
  return client
}

test.each([...az, ...plugins])('WIRE-30 $client: $what', async ({ version, sent }) => {
  const client = await armWithParents()
  for (const { call, body, takes, shows } of sent) {
    const { body: answer } = await exchange(client, { call, version, takes, ...(body !== undefined && { body }) })
    if (shows) expect(answer, call).toMatchObject(shows)
  }
})
