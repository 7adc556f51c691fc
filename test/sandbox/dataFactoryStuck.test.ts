import { expect } from 'vitest'
import { ours } from './arm.ts'
import { armWithTarget, endpointAt, endpointBody, endpoints, namesIn, properties } from './dataFactories.ts'

const endpoint = endpointAt('gold')

ours('MPE-26 one that is stuck is Provisioning still after a day, and is deleted', async () => {
  const client = await armWithTarget({ behaviours: { managedEndpointStuck: true } })
  await client.send('PUT', endpoint, endpointBody())
  await client.wait(86_400)
  expect(properties(await client.send('GET', endpoint))).toMatchObject({ provisioningState: 'Provisioning' })
  expect((await client.send('DELETE', endpoint)).status).toBe(200)
  await client.wait(300)
  expect(namesIn(await client.send('GET', endpoints))).toEqual([])
})
