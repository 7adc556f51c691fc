import { describe, expect, test } from 'vitest'
import { type Arm, arm, group, type Json, ours } from './arm.ts'
import {
  accepted,
  armWithNetwork,
  child,
  code,
  endpointSubnet,
  failure,
  properties,
  server,
  serverBody,
  serverId,
  serverName
} from './servers.ts'

const guid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/pe-orders`
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const record = `${zone}/A/${serverName}`

function endpointBody(list: 'privateLinkServiceConnections' | 'manualPrivateLinkServiceConnections', message?: string): Json {
  const connection = {
    privateLinkServiceId: serverId,
    groupIds: ['postgresqlServer'],
    ...(message !== undefined && { requestMessage: message })
  }
  return { location: 'eastus2', properties: { [list]: [{ name: 'c', properties: connection }], subnet: { id: endpointSubnet } } }
}

async function armWithEndpoint(manual = true, message?: string): Promise<Arm> {
  const client = await armWithNetwork()
  await client.done('PUT', server, serverBody())
  const list = manual ? 'manualPrivateLinkServiceConnections' : 'privateLinkServiceConnections'
  await client.done('PUT', endpoint, endpointBody(list, message))
  return client
}

async function connections({ send }: Arm) {
  const { body } = await send('GET', child('privateEndpointConnections'))
  return body['value'] as unknown as { id: string; name: string; properties: Record<string, Json> }[]
}

async function decide(client: Arm, status: string, description?: string) {
  const [connection] = await connections(client)
  const privateLinkServiceConnectionState = { status, ...(description !== undefined && { description }) }
  const body = { properties: { privateEndpoint: {}, privateLinkServiceConnectionState } }
  return client.done('PUT', child(`privateEndpointConnections/${connection?.name ?? ''}`), body)
}

const stateAtServer = async (client: Arm) => (await connections(client))[0]?.properties['privateLinkServiceConnectionState']
const stateAtEndpoint = async ({ send }: Arm) => {
  const { body } = await send('GET', endpoint)
  return body['properties']?.['manualPrivateLinkServiceConnections']?.[0]?.['properties']?.['privateLinkServiceConnectionState']
}

describe('a connection of a private endpoint', () => {
  test('PEC-01 PEC-15 that approves itself stands on the server, also within the server', async () => {
    const client = await armWithEndpoint(false)
    const [connection] = await connections(client)
    expect(connection).toEqual({
      id: expect.stringMatching(new RegExp(`^${serverId}/privateEndpointConnections/pe-orders\\.${guid}$`)),
      name: expect.stringMatching(new RegExp(`^pe-orders\\.${guid}$`)),
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections',
      properties: {
        privateEndpoint: { id: endpoint },
        privateLinkServiceConnectionState: { status: 'Approved', description: 'Auto-Approved', actionsRequired: 'None' },
        groupIds: ['postgresqlServer'],
        provisioningState: 'Succeeded'
      }
    })
    expect((await properties(client))?.['privateEndpointConnections']).toEqual([connection])
    expect((await client.send('GET', endpoint)).body['properties']?.['customDnsConfigs']).toEqual([
      { fqdn: `${serverName}.postgres.database.azure.com`, ipAddresses: ['10.0.1.4'] }
    ])
  })

  test('PEC-03 that has to be approved is pending, with a description only when one was sent', async () => {
    expect(await stateAtServer(await armWithEndpoint())).toEqual({ status: 'Pending', actionsRequired: 'None' })
    expect(await stateAtServer(await armWithEndpoint(true, 'please'))).toEqual({
      status: 'Pending',
      description: 'please',
      actionsRequired: 'None'
    })
  })

  test('PEC-04 PGCHILD-25 a decision is Updating, with the old status, until its operation is done', async () => {
    const client = await armWithEndpoint()
    const [connection] = await connections(client)
    const path = child(`privateEndpointConnections/${connection?.name ?? ''}`)
    const put = await client.send('PUT', path, {
      properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'ok' } }
    })
    expect(accepted(put)).toEqual([202, 'UpsertPrivateEndpointConnectionManagementOperation', '60'])
    expect((await client.send('GET', path)).body['properties']).toMatchObject({
      provisioningState: 'Updating',
      privateLinkServiceConnectionState: { status: 'Pending' }
    })
    await client.wait(60)
    expect((await client.send('GET', path)).body['properties']).toEqual({
      privateEndpoint: { id: endpoint },
      privateLinkServiceConnectionState: { status: 'Approved', description: 'ok', actionsRequired: 'None' },
      groupIds: ['postgresqlServer'],
      provisioningState: 'Succeeded'
    })
    expect(await stateAtEndpoint(client)).toEqual({ status: 'Approved', description: 'ok', actionsRequired: '' })
  })

  test('PEC-06 PEC-07 PEC-08 PEC-09 every decision works but the approval of a rejected one', async () => {
    const client = await armWithEndpoint()
    for (const [status, text] of [
      ['Approved', 'one'],
      ['Approved', 'two'],
      ['Rejected', 'no'],
      ['Rejected', 'still no']
    ] as const) {
      expect((await decide(client, status, text)).body['status']).toBe('Succeeded')
      expect(await stateAtServer(client)).toEqual({ status, description: text, actionsRequired: 'None' })
    }
    const approved = await decide(client, 'Approved', 'yes')
    expect(failure(approved)).toEqual(['Failed', 'InternalServerError'])
    expect(approved.body['error']?.['message']).toMatch(
      new RegExp(`^An unexpected error occured while processing the request. Tracking ID: '${guid}'$`)
    )
    expect(await stateAtServer(client)).toMatchObject({ status: 'Rejected', description: 'still no' })
    expect(await stateAtEndpoint(client)).toMatchObject({ status: 'Rejected' })
  })

  test('PEC-05 PEC-10 one that is deleted on the server leaves the endpoint disconnected', async () => {
    const client = await armWithEndpoint()
    const [connection] = await connections(client)
    const path = child(`privateEndpointConnections/${connection?.name ?? ''}`)
    expect(accepted(await client.send('DELETE', path))).toEqual([202, 'DropPrivateEndpointConnectionManagementOperation', '60'])
    expect((await client.send('GET', path)).body['properties']).toMatchObject({ provisioningState: 'Deleting' })
    await client.done('DELETE', path)
    expect(await connections(client)).toEqual([])
    expect((await client.send('GET', path)).status).toBe(404)
    expect(await stateAtEndpoint(client)).toEqual({ status: 'Disconnected', description: 'Deleted state', actionsRequired: 'None' })
  })

  test('PEC-02 PEC-11 a deleted endpoint takes its connection along; nobody else can make one', async () => {
    const client = await armWithEndpoint()
    await client.done('DELETE', endpoint)
    expect(await connections(client)).toEqual([])
    const made = await client.send('PUT', child(`privateEndpointConnections/pe-orders.${crypto.randomUUID()}`), {
      properties: { privateEndpoint: { id: endpoint }, privateLinkServiceConnectionState: { status: 'Approved' } }
    })
    expect([made.status, code(made)]).toEqual([404, 'ResourceNotFound'])
  })

  test('a late approval writes the record of the zone group', async () => {
    const client = await armWithEndpoint()
    await client.done('PUT', zone, { location: 'global' })
    await client.done('PUT', `${endpoint}/privateDnsZoneGroups/default`, {
      properties: { privateDnsZoneConfigs: [{ name: 'pg', properties: { privateDnsZoneId: zone } }] }
    })
    expect((await client.send('GET', record)).status).toBe(404)
    await decide(client, 'Approved')
    expect((await client.send('GET', record)).body['properties']).toMatchObject({ ttl: 10, aRecords: [{ ipv4Address: '10.0.1.4' }] })
  })

  test('PEC-16 the body that was read is taken with another status in it', async () => {
    const client = await armWithEndpoint()
    const [connection] = await connections(client)
    const path = child(`privateEndpointConnections/${connection?.name ?? ''}`)
    const { body } = await client.send('GET', path)
    const state = { status: 'Approved', description: 'ok', actionsRequired: 'None' }
    const whole = { ...body, properties: { ...body['properties'], privateLinkServiceConnectionState: state } }
    expect((await client.done('PUT', path, JSON.stringify(whole))).body['status']).toBe('Succeeded')
    expect((await client.send('GET', path)).body).toEqual(whole)
  })

  ours('PG-45 keeps what means nothing here', async () => {
    const client = await armWithEndpoint()
    const [connection] = await connections(client)
    const path = child(`privateEndpointConnections/${connection?.name ?? ''}`)
    const state = { status: 'Approved', description: 'ok', theirs: 1 }
    await client.done('PUT', path, { properties: { theirs: [2], privateLinkServiceConnectionState: state } })
    expect((await client.send('GET', path)).body['properties']).toMatchObject({
      theirs: [2],
      privateLinkServiceConnectionState: { ...state, actionsRequired: 'None' },
      privateEndpoint: { id: endpoint }
    })
  })

  test('a busy server decides nothing', async () => {
    const client = await armWithEndpoint()
    await client.send('PATCH', server, { tags: { a: 'b' } })
    expect(failure(await decide(client, 'Approved'))).toEqual(['Failed', 'ServerIsBusy'])
    expect(await stateAtServer(client)).toEqual({ status: 'Pending', actionsRequired: 'None' })
  })

  test('PEC-14 the server says in which zone its endpoints are looked for', async () => {
    const { send } = await armWithEndpoint()
    const one = {
      id: `${serverId}/privateLinkResources/postgresqlServer`,
      name: 'postgresqlServer',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/privateLinkResources',
      properties: {
        groupId: 'postgresqlServer',
        requiredMembers: ['postgresqlServer'],
        requiredZoneNames: ['privatelink.postgres.database.azure.com']
      }
    }
    expect((await send('GET', child('privateLinkResources'))).body).toEqual({ value: [one] })
    expect((await send('GET', child('privateLinkResources/postgresqlServer'))).body).toEqual(one)
    expect((await send('PUT', child('privateLinkResources/postgresqlServer'), {})).status).toBe(405)
  })
})

describe('a seed', () => {
  const network = endpointSubnet.replace(/\/subnets\/.*/, '')
  const seeded = {
    [serverId]: {
      location: 'eastus2',
      sku: { name: 'Standard_D2ds_v4', tier: 'GeneralPurpose' },
      properties: {
        version: '16',
        administratorLogin: 'dba',
        storage: { storageSizeGB: 64 },
        network: { publicNetworkAccess: 'Disabled' },
        maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 2, startHour: 1, startMinute: 0 }
      }
    },
    [network]: {
      location: 'eastus2',
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [{ name: 'endpoints', properties: { addressPrefix: '10.0.1.0/28' } }]
      }
    },
    [endpoint]: endpointBody('manualPrivateLinkServiceConnections'),
    [`${serverId}/privateEndpointConnections/pe-orders.0000`]: {
      properties: { privateEndpoint: { id: endpoint }, privateLinkServiceConnectionState: { status: 'Rejected', description: 'no' } }
    },
    [`${serverId}/privateEndpointConnections/factory.mpe.1111`]: {
      systemData: { createdAt: '2026-01-07T23:53:04.6226089Z' },
      properties: {
        privateEndpoint: { id: endpoint.replace(/[^/]+$/, 'factory.mpe').replace('rg-net', 'vnet-0a1b2c3d-eastus2-1-rg') },
        privateLinkServiceConnectionState: { status: 'Pending', description: 'Requested by DataFactory' }
      }
    },
    [`${serverId}/firewallRules/office`]: { properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.1' } },
    [`${serverId}/configurations/lock_timeout`]: { properties: { value: '2000', source: 'user-override' } }
  }

  ours('PEC-12 PEC-17 gives a server that is ready, with its defaults, connections and children', async () => {
    const client = await arm({ seed: seeded })
    expect(await properties(client)).toMatchObject({
      state: 'Ready',
      minorVersion: '4',
      storage: { storageSizeGB: 64, tier: 'P6', iops: 240 },
      network: { publicNetworkAccess: 'Disabled' },
      maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 2 },
      privateEndpointConnections: [
        {
          name: 'factory.mpe.1111',
          properties: { privateLinkServiceConnectionState: { status: 'Pending' }, groupIds: ['postgresqlServer'] }
        },
        { name: 'pe-orders.0000', properties: { privateLinkServiceConnectionState: { status: 'Rejected' } } }
      ]
    })
    const made = (await connections(client)).map(one => (one as { readonly systemData?: Json }).systemData)
    expect(made).toEqual([{ createdAt: '2026-01-07T23:53:04.6226089Z' }, undefined])
    expect(await stateAtEndpoint(client)).toMatchObject({ status: 'Rejected', description: 'no' })
    expect((await client.send('GET', child('firewallRules/office'))).status).toBe(200)
    expect((await client.send('GET', child('configurations/lock_timeout'))).body['properties']?.['value']).toBe('2000')
  })
})
