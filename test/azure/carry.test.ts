import { expect, test } from 'vitest'
import { carrying, unpaced } from '../../src/azure/call.ts'
import { subscription } from '../support/estate.ts'
import { rig } from './rig.ts'

/** One resource that answers GET with what it was last PUT or PATCHed, and remembers what was sent. */
function one(there: object) {
  const sent: unknown[] = []
  const on = rig(async request => {
    if (request.method === 'GET') return Response.json(there)
    sent.push(await request.json())
    return Response.json(there)
  })
  return { ...on, sent }
}

test('a PUT is laid over what is there, unknown members included, and without what ARM puts on everything', async () => {
  const { azure, sent, requests } = one({
    id: '/x',
    name: 'hub',
    type: 't',
    etag: 'W/"1"',
    systemData: {},
    location: 'westeurope',
    tags: { Team: 'payments', ours: 'old' },
    properties: { theirs: { deep: [1] }, addressSpace: { addressPrefixes: ['10.0.0.0/16'], other: true } }
  })
  const { virtualNetworks } = await azure.client('network', subscription)
  const body = { location: 'westeurope', tags: { OURS: 'new' }, addressSpace: { addressPrefixes: ['10.1.0.0/16'] } }
  await virtualNetworks.beginCreateOrUpdateAndWait('rg', 'hub', body, { ...unpaced, ...carrying })
  expect(sent).toEqual([
    {
      location: 'westeurope',
      tags: { Team: 'payments', OURS: 'new' },
      properties: { theirs: { deep: [1] }, addressSpace: { addressPrefixes: ['10.1.0.0/16'], other: true } }
    }
  ])
  expect(requests.map(({ method }) => method)).toEqual(['GET', 'PUT'])
  expect(requests.filter(({ headers }) => headers.has('pglink-carry'))).toEqual([])
})

test('a PUT without the flag goes out as it is, and reads nothing', async () => {
  const { azure, sent, requests } = one({ location: 'westeurope', tags: { team: 'payments' } })
  const { virtualNetworks } = await azure.client('network', subscription)
  await virtualNetworks.beginCreateOrUpdateAndWait('rg', 'hub', { location: 'westeurope' }, unpaced)
  expect(sent).toEqual([expect.not.objectContaining({ tags: expect.anything() })])
  expect(requests.map(({ method }) => method)).toEqual(['PUT'])
})

test('a PATCH that sends tags carries the others, and nothing else', async () => {
  const { azure, sent } = one({
    name: 'pg',
    location: 'westeurope',
    tags: { Team: 'payments', Stage: 'old' },
    properties: { version: '17' }
  })
  const { servers } = await azure.client('postgres', subscription)
  const body = { tags: { stage: 'new' }, backup: { backupRetentionDays: 14 } }
  await servers.beginUpdateAndWait('rg', 'pg', body, { ...unpaced, ...carrying })
  expect(sent).toEqual([{ tags: { Team: 'payments', stage: 'new' }, properties: { backup: { backupRetentionDays: 14 } } }])
})

test('a PATCH without tags reads nothing first', async () => {
  const { azure, requests } = one({ tags: { team: 'payments' } })
  const { servers } = await azure.client('postgres', subscription)
  await servers.beginUpdateAndWait('rg', 'pg', { backup: { backupRetentionDays: 14 } }, { ...unpaced, ...carrying })
  expect(requests[0]?.method).toBe('PATCH')
})
