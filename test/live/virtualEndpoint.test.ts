import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { arm, type Estate, estate, failures, plan, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

/** A virtual endpoint lies in the primary, whichever that is: it is looked for in both servers of its pair. */

const group = `/subscriptions/${subscription}/resourceGroups`
const servers = 'providers/Microsoft.DBforPostgreSQL/flexibleServers'
const primary = `${group}/rg-case/${servers}/orders-pg`
const replica = `${group}/rg-replicas/${servers}/orders-replica`

const seedBodies = {
  [`${group}/rg-replicas`]: { location: 'eastus2' },
  [replica]: {
    location: 'eastus2',
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: { version: '16', storage: { storageSizeGB: 128 }, sourceServerResourceId: primary }
  }
}

const topology = topologyFrom(
  stringify({
    servers: {
      'orders-pg': {
        version: '16',
        compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
        storage: { sizeGiB: 128 },
        administrator: { login: 'orders_admin', password: 'from the environment' },
        networking: { publicAccess: { enabled: true } },
        virtualEndpoint: { name: 'orders-names', reader: { id: replica } }
      }
    }
  })
)

type Settings = NonNullable<SandboxOptions['behaviours']>

async function applied(behaviours: Settings): Promise<Estate> {
  const on = estate({ seedBodies, behaviours })
  expect(failures(await reconcile(on, topology))).toEqual([])
  return on
}

const changesOf = async (on: Estate) => {
  const { plan: made } = await plan(on, topology, { baseline: topology, prune: true })
  return {
    changes: made.changes.filter(change => !('resource' in change) || change.resource.kind === 'virtualEndpoint'),
    unknown: made.unknown
  }
}

async function switchedOver(on: Estate): Promise<void> {
  const promoted = { properties: { replica: { role: 'Primary', promoteMode: 'Switchover', promoteOption: 'Planned' } } }
  expect((await arm(on, 'PATCH', replica, '2025-08-01', promoted)).status).toBe(202)
  await on.sandbox.clock.sleep(10 * 60_000)
  expect((await arm(on, 'GET', `${replica}/virtualendpoints/orders-names`, '2025-08-01')).status).toBe(200)
}

test.each(['BadRequest', 'NotFound'] as const)(
  'one that went over with the roles is found, where its old place answers %s',
  async answer => {
    const on = await applied({ virtualEndpointAtReplica: answer })
    expect(await changesOf(on)).toEqual({ changes: [], unknown: [] })
    await switchedOver(on)
    expect(await changesOf(on)).toEqual({ changes: [], unknown: [] })
  }
)

test('one that neither of the two has is absent, and is made', async () => {
  const on = await applied({})
  expect((await arm(on, 'DELETE', `${primary}/virtualendpoints/orders-names`, '2025-08-01')).status).toBe(202)
  await on.sandbox.clock.sleep(60_000)
  expect((await changesOf(on)).changes).toMatchObject([{ op: 'create' }])
  const again = await reconcile(on, topology)
  expect(failures(again)).toEqual([])
  expect(await changesOf(on)).toEqual({ changes: [], unknown: [] })
})

test('a name that another pair has is refused before anything is written', async () => {
  const on = estate({
    seedBodies: {
      ...seedBodies,
      [`${replica}/virtualendpoints/orders-names`]: { properties: { endpointType: 'ReadWrite', members: ['orders-replica'] } }
    }
  })
  const other = topologyFrom(
    stringify({
      servers: { 'orders-pg': { ...topology.servers?.['orders-pg'], virtualEndpoint: { name: 'orders-names', reader: 'orders-pg' } } }
    })
  )
  const { plan: made } = await plan(on, other)
  expect(made.refusals.map(({ message }) => message).join()).toContain('the name orders-names is taken')
})
