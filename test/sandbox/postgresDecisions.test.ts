import { expect, test } from 'vitest'
import { group } from './arm.ts'
import { armWithNetwork, child, endpointSubnet, server, serverBody, serverId } from './servers.ts'

const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/orders-pe?api-version=2025-05-01`

test('PEC-13 a decision on a connection whose endpoint goes meanwhile does not bring the connection back', async () => {
  const client = await armWithNetwork()
  await client.done('PUT', server, serverBody())
  const connection = { name: 'orders', properties: { privateLinkServiceId: serverId, groupIds: ['postgresqlServer'] } }
  const manual = { subnet: { id: endpointSubnet }, manualPrivateLinkServiceConnections: [connection] }
  await client.done('PUT', endpoint, { location: 'eastus2', properties: manual })
  const connections = async () => (await client.send('GET', child('privateEndpointConnections'))).body['value']
  const pending = (await connections())?.[0]?.['name']

  const approved = { properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'late' } } }
  const decision = await client.send('PUT', child(`privateEndpointConnections/${pending}`), approved)
  await client.done('DELETE', endpoint)
  expect(decision.status).toBe(202)
  expect(await connections()).toEqual([])

  await client.wait(120)
  expect(await connections()).toEqual([])
})
