import { expect, test } from 'vitest'
import type { Begun } from '../../src/apply/journal.ts'
import { restoreLocks } from '../../src/apply/recover.ts'
import { deleteLock, readLocks } from '../../src/azure/locks.ts'
import { arm, estate, failures, plan, putLockOn, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`

const topology = (connections: string) =>
  topologyFrom(`
resourceGroup: { name: rg-case }
networks:
  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
servers:
  case-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: drawn }
    networking: { publicAccess: { enabled: true } }
    privateEndpoints:
      pe: { subnet: hub/a, privateDns: { zone: link }, approval: manual, requestMessage: please }
${connections}`)

// Azure names the connection, and the step that was to approve it did not know how when it announced itself.
test('a lock goes back only after the approval that an earlier run began under it, whatever the connection is called', async () => {
  const on = estate()
  const wanted = topology('    connections: [{ from: servers/case-pg/privateEndpoints/pe, decision: approve }]')
  failures(await reconcile(on, topology('')))
  const { value } = (await (await arm(on, 'GET', `${server}/privateEndpointConnections`, '2025-08-01')).json()) as {
    readonly value: readonly { readonly id: string }[]
  }
  const connection = value[0]?.id ?? ''
  expect(connection).toMatch(/\/pe\.[0-9a-f-]{36}$/)

  await putLockOn(on, group, 'foreign', { level: 'ReadOnly', notes: 'theirs' })
  const lock = (await readLocks(on.azure, subscription)).find(({ name }) => name === 'foreign')
  if (lock === undefined) throw new Error('no lock')
  await deleteLock(on.azure, lock)
  const approve = { properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'yes' } } }
  expect((await arm(on, 'PUT', connection, '2025-08-01', approve)).status).toBe(202)

  const path = `${server}/privateEndpointConnections/pe`
  const writes: readonly Begun[] = [{ step: `create ${path.toLowerCase()}`, path }]
  const { wanted: resolved } = await plan(on, wanted)
  const owed = { lock, how: 'remove' as const, lease: { run: 'dead', until: new Date(0).toISOString() }, markers: [] }
  const going = { running: [], writes, desired: resolved.desired }
  const debts = { owed: [owed], remembered: [], going, keep: [], atOnce: true }
  const restored = await restoreLocks(debts, { azure: on.azure, journal: on.journal, run: 'next', leaseMs: 0 })
  expect(restored).toMatchObject([{ outcome: 'restored' }])

  await on.sandbox.clock.sleep(3_600_000)
  const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
  expect((await arm(on, 'GET', `${zone}/A/case-pg`, '2020-06-01')).status).toBe(200)
})
