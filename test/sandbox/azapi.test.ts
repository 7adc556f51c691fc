import { expect, test } from 'vitest'
import { type Arm, arm, group, type Json, ours, type Reply, subscription, theSandbox, unique } from './arm.ts'
import { exchange, type Step } from './exchange.ts'
import { serverBody, tenant } from './principals.ts'

/* The requests of Terraform's azapi provider: a GET that is 404, a PUT, its operation and a GET; then one GET for each plan, and a DELETE. */

const net = `${group}/providers/Microsoft.Network`
const vnet = `${net}/virtualNetworks/vnet`
const subnet = `${vnet}/subnets/pe`
const zone = `${net}/privateDnsZones/privatelink.postgres.database.azure.com`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${unique('pg-azapi')}`
const factory = `${group}/providers/Microsoft.DataFactory/factories/${unique('adf-azapi')}`
const endpoint = `${net}/privateEndpoints/pe`
const managed = `${factory}/managedVirtualNetworks/default`
const link = { registrationEnabled: false, virtualNetwork: { id: vnet } }
const connection = { name: 'pg', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }
const configs = [{ name: 'zone', properties: { privateDnsZoneId: zone } }]
const assigned = {
  principalId: 'b14ee29e-54cd-4425-a067-e35854a5d532',
  principalType: 'ServicePrincipal',
  roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`
}

/** In the order in which they depend on each other, with the api-versions of a configuration of today. */
const resources: readonly (readonly [id: string, version: string, location: string | undefined, properties: Json])[] = [
  [group, '2024-11-01', 'eastus2', {}],
  [vnet, '2025-01-01', 'eastus2', { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }],
  [subnet, '2025-01-01', undefined, { addressPrefix: '10.0.1.0/24' }],
  [zone, '2024-06-01', 'global', {}],
  [`${zone}/virtualNetworkLinks/link`, '2024-06-01', 'global', link],
  [`${server}/databases/sales`, '2025-08-01', undefined, { charset: 'UTF8', collation: 'en_US.utf8' }],
  [`${server}/firewallRules/office`, '2025-08-01', undefined, { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.1' }],
  [endpoint, '2025-01-01', 'eastus2', { subnet: { id: subnet }, privateLinkServiceConnections: [connection] }],
  [`${endpoint}/privateDnsZoneGroups/default`, '2025-01-01', undefined, { privateDnsZoneConfigs: configs }],
  [factory, '2018-06-01', 'eastus2', {}],
  [managed, '2018-06-01', undefined, {}],
  [`${vnet}/providers/Microsoft.Authorization/locks/held`, '2020-05-01', undefined, { level: 'CanNotDelete', notes: 'azapi' }],
  [`${group}/providers/Microsoft.Authorization/roleAssignments/88888888-0000-0000-0000-000000000001`, '2022-04-01', undefined, assigned]
]

const headers = { 'x-ms-correlation-request-id': '99999999-9999-4999-8999-999999999999', accept: 'application/json' }

const ask = (client: Arm, call: Step['call'], version: string, takes: readonly number[], body?: Json): Promise<Reply> =>
  exchange(client, { call, version, takes, headers, ...(body !== undefined && { body }) })

test('WIRE-22 azapi creates, reads and deletes, and reads what it sent', async () => {
  const client = await arm()
  const settled = async (id: string, version: string, state: (reply: Reply) => boolean): Promise<Reply> => {
    for (let polls = 0; polls < 200; polls += 1) {
      const reply = await ask(client, `GET ${id}`, version, [200, 404])
      if (state(reply)) return reply
      await client.wait(10)
    }
    throw new Error(`${id} does not settle.`)
  }
  const rest = ({ status, body }: Reply): boolean =>
    status === 200 && /^(Succeeded|undefined)$/.test(String(body['properties']?.['provisioningState']))
  const create = async (id: string, version: string, body: Json): Promise<void> => {
    await ask(client, `GET ${id}`, version, [404])
    await ask(client, `PUT ${id}`, version, [200, 201, 202], body)
    await settled(id, version, rest)
  }
  for (const [id, version, location, properties] of resources) {
    if (id.startsWith(`${server}/databases`)) await create(server, '2025-08-01', serverBody())
    await create(id, version, { ...(location !== undefined && { location }), properties })
  }
  for (const [id, version, , properties] of resources)
    expect((await ask(client, `GET ${id}`, version, [200])).body).toMatchObject({ name: id.split('/').at(-1), properties })
  const gone = resources.map(([id, version]) => [id, version] as const).toReversed()
  for (const [id, version] of [...gone.slice(0, -1), [server, '2025-08-01'] as const, ...gone.slice(-1)]) {
    await ask(client, `DELETE ${id}`, version, [200, 202, 204])
    await settled(id, version, ({ status }) => status === 404)
  }
})

ours('WIRE-22 azapi signs in with the claims that it asks for, by the tenant’s own address', async () => {
  const { send } = await arm()
  const { url } = await theSandbox()
  const { body } = await send('GET', `/${tenant}/v2.0/.well-known/openid-configuration`, undefined, { token: '' })
  expect(body).toMatchObject({ issuer: `${url}/${tenant}/v2.0`, authorization_endpoint: expect.stringContaining(url) })
  const form = new URLSearchParams({
    client_id: '33333333-3333-4333-8333-333333333333',
    client_secret: 'any',
    grant_type: 'client_credentials',
    scope: `${url}/.default openid offline_access profile`,
    claims: '{"access_token":{"xms_cc":{"values":["CP1"]}}}'
  })
  const answer = await send('POST', String(body['token_endpoint']), form.toString(), {
    token: '',
    headers: { 'content-type': 'application/x-www-form-urlencoded' }
  })
  expect(answer.body).toMatchObject({ token_type: 'Bearer', access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) })
})
