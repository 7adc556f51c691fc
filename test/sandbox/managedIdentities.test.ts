import { expect, test } from 'vitest'
import { armWithGroup, group } from './arm.ts'

const guid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

test('MI-01 a user-assigned identity is there at once', async () => {
  const { send } = await armWithGroup()
  const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/keys?api-version=2023-01-31`
  expect((await send('PUT', identity, { location: 'East US 2', tags: { a: 'b' } })).status).toBe(201)
  const { status, body } = await send('GET', identity)
  expect([status, body['location'], body['tags']]).toEqual([200, 'eastus2', { a: 'b' }])
  expect(body['properties']).toMatchObject({ principalId: expect.stringMatching(guid), clientId: expect.stringMatching(guid) })
})
