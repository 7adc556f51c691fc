import { describe, expect, test } from 'vitest'
import { digestOf, movedSince } from '../../src/plan/digest.ts'
import { arm, type Estate, estate, failures, plan, putLockOn, reconcile, type Settings, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`

const text = (over: Readonly<Record<string, string>> = {}): string => `
networks: { hub: { addressSpace: [10.0.0.0/16${over['more'] ?? ''}], tags: { team: ${over['team'] ?? 'a'} }, subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com } }
servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: ${over['size'] ?? '128'} }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: ${over['open'] ?? 'true'} } }
    privateEndpoints: { pe: { subnet: hub/a, privateDns: ${over['dns'] ?? 'none'}, approval: automatic${over['wait'] ?? ''} } }
`

const made = async (on: Estate, want: Readonly<Record<string, string>>, settings: Settings = {}) => {
  const { plan: planned, wanted, live } = await plan(on, topologyFrom(text(want)), settings)
  return digestOf(planned, wanted.desired, live)
}

const start = async () => {
  const on = estate()
  expect(failures(await reconcile(on, topologyFrom(text())))).toEqual([])
  return on
}

async function patchHub(on: Estate, body: object): Promise<void> {
  expect((await arm(on, 'PATCH', hub, '2024-05-01', body)).status).toBe(200)
  await on.sandbox.clock.sleep(600_000)
}

describe('a plan has another digest when', () => {
  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['a declared field', { more: ', 10.1.0.0/16' }, { more: ', 10.2.0.0/16' }],
    ['a declared tag', { team: 'b' }, { team: 'c' }],
    ['what a proof looks at', { open: 'false' }, { open: 'false', dns: '{ managedBy: policy, zone: link }' }],
    ['how long a proof waits', { open: 'false' }, { open: 'false', wait: ', timeouts: { wait: 5m }' }],
    ['how long a step may take', { open: 'false' }, { open: 'false', wait: ', timeouts: { create: 5m }' }],
    ['what is left undone', { size: '256' }, {}]
  ])('the file changes in %s', async (_name, one, other) => {
    const on = await start()
    const [before, after] = [await made(on, one), await made(on, other)]
    expect(after.digest).not.toBe(before.digest)
    expect(movedSince(before.foundation, after.foundation).length).toBeGreaterThan(0)
  })

  test('a lock that the plan lifts is changed, put or taken off', async () => {
    const on = await start()
    const want = { more: ', 10.1.0.0/16' }
    const digests = [(await made(on, want)).digest]
    for (const notes of ['one', 'two']) {
      await putLockOn(on, hub, 'keep', { level: 'ReadOnly', notes })
      digests.push((await made(on, want)).digest)
    }
    expect(new Set(digests).size).toBe(3)
  })

  test('a lock is removed and no longer lowered', async () => {
    const on = await start()
    await putLockOn(on, hub, 'keep', { level: 'ReadOnly' })
    const one = await made(on, { more: ', 10.1.0.0/16' })
    expect(JSON.stringify(one.foundation['steps'])).toContain('"how":"lower"')
  })

  test.each<[string, object]>([
    ['a field of a subject', { tags: { team: 'z', 'pglink-topology': 'case' } }],
    ['the owner of a subject', { tags: { team: 'a', 'pglink-topology': 'other' } }]
  ])('somebody changes %s', async (_name, body) => {
    const on = await start()
    const want = { team: 'b', more: ', 10.1.0.0/16' }
    const before = await made(on, want)
    await patchHub(on, body)
    const after = await made(on, want)
    expect(after.digest).not.toBe(before.digest)
    expect(movedSince(before.foundation, after.foundation)).toEqual([expect.stringMatching(/^live networks\/hub\/(tags\/team|owner) was /)])
  })
})

describe('a plan keeps its digest', () => {
  test('when it is made again', async () => {
    const on = await start()
    expect(await made(on, { size: '256' })).toEqual(await made(on, { size: '256' }))
  })

  test('when something moves that nobody declared, or a neighbour', async () => {
    const on = await start()
    const want = { more: ', 10.1.0.0/16' }
    const before = await made(on, want)
    await patchHub(on, { tags: { team: 'a', 'pglink-topology': 'case', seen: 'today' } })
    await putLockOn(on, `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`, 'aside', { level: 'CanNotDelete' })
    await arm(on, 'PUT', `${hub}2`, '2024-05-01', {
      location: 'westeurope',
      properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } }
    })
    expect((await made(on, want)).digest).toBe(before.digest)
  })
})

test('a secret is in a digest by its variable’s name alone', async () => {
  const { plan: planned, wanted, live } = await plan(estate(), topologyFrom(text()))
  const { foundation } = digestOf(planned, wanted.desired, live)
  const saved = JSON.stringify(foundation)
  expect(saved).toContain('secret TEST_PASSWORD')
  expect(saved).not.toContain('Test-only-1')
})
