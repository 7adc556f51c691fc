import { expect, test } from 'vitest'
import { deleteLock, readLocks } from '../../src/azure/locks.ts'
import { kinds } from '../../src/kinds/index.ts'
import { type Begun, type Entry, leftIn } from '../../src/locks/journal.ts'
import { restoreLocks } from '../../src/locks/recover.ts'
import { typeOf } from '../../src/model/id.ts'
import { lowered } from '../../src/model/marker.ts'
import type { Desired, Lock } from '../../src/model/resource.ts'
import type { SandboxState } from '../../src/sandbox/state.ts'
import { lift, planOf, restore, work } from '../apply/steps.ts'
import { carryOut, MemoryJournal } from '../support/engine.ts'
import { arm, estate, failures, plan, putLockOn, reconcile, resolved, subscription } from '../support/estate.ts'
import { smallServer, topologyFrom } from '../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`

const topology = (connections: string) =>
  topologyFrom(`
resourceGroup: { name: rg-case }
networks:
  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
${smallServer('privateEndpoints: { pe: { subnet: hub/a, privateDns: { zone: link }, approval: manual, requestMessage: please } }', connections)}`)

// Azure names the connection, and the step that was to approve it did not know how when it announced itself.
test('a lock is restored only after the approval that an earlier run began under it, whatever the connection is called', async () => {
  const on = estate()
  const wanted = topology('connections: [{ from: servers/case-pg/privateEndpoints/pe, decision: approve }]')
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
  const allOwed = { owed: [owed], marked: [], going, keep: [], atOnce: true }
  const restored = await restoreLocks(allOwed, { azure: on.azure, journal: on.journal, run: 'next', leaseMs: 0 })
  expect(restored).toMatchObject([{ outcome: 'restored' }])

  await on.sandbox.clock.sleep(3_600_000)
  const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
  expect((await arm(on, 'GET', `${zone}/A/case-pg`, '2020-06-01')).status).toBe(200)
})

const everything = topologyFrom(`
resourceGroup: { name: rg-case }
networks:
  hub:
    addressSpace: [10.0.0.0/16]
    subnets:
      a: { addressPrefix: 10.0.1.0/24 }
      injected: { addressPrefix: 10.0.2.0/28, delegation: Microsoft.DBforPostgreSQL/flexibleServers }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
  ledger: { name: ledger.private.postgres.database.azure.com, links: { hub: {} } }
servers:
  case-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: drawn }
    networking: { publicAccess: { enabled: true, firewallRules: { office: { start: 203.0.113.1, end: 203.0.113.2 } } } }
    databases: { orders: {} }
    privateEndpoints: { pe: { subnet: hub/a, privateDns: { zone: link }, approval: automatic } }
    connections:
      - { from: dataFactories/case-adf/managedPrivateEndpoints/to-case, decision: approve }
  ledger-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: drawn }
    networking: { virtualNetwork: { subnet: hub/injected, privateDnsZone: ledger } }
dataFactories:
  case-adf: { managedVirtualNetwork: true, managedPrivateEndpoints: { to-case: { server: case-pg } } }
`)

/** Azure and the journal at the moment at which a write had just been accepted, and its operation had begun. */
interface Moment {
  readonly path: string
  readonly operation: string
  readonly state: SandboxState
  readonly entries: readonly Entry[]
}

/** Every moment of a run at which something is in flight that had not been before. */
async function moments(): Promise<readonly Moment[]> {
  const seen = new Map<string, Moment>()
  const on = estate({}, {}, async (request, sandbox) => {
    const answer = await sandbox.handle(request)
    if (request.method === 'GET') return answer
    const state = sandbox.exportState()
    for (const { id, status, resource } of state.operations)
      if (status === 'InProgress' && !seen.has(id)) seen.set(id, { path: resource, operation: id, state, entries: [...on.journal.entries] })
    return answer
  })
  expect(failures(await reconcile(on, everything))).toEqual([])
  return [...seen.values()]
}

/** How the operation ends once an hour has passed. */
async function endOf(on: ReturnType<typeof estate>, { operation }: Moment): Promise<string> {
  await on.sandbox.clock.sleep(3_600_000)
  await arm(on, 'GET', '/subscriptions', '2022-12-01')
  const one = on.sandbox.exportState().operations.find(({ id }) => id === operation)
  return one?.error?.code ?? one?.status ?? 'forgotten'
}

/** By a journal, or by Azure alone: after the lease of the dead run, at its end, or as a run meets it that wants the lock itself. */
const ways = ['all', 'no touches', 'no journal', 'a lease that ends', 'on the way to a lift'] as const

/** Restores a lock that the dead run had off, and tells the end of the write that it left in flight. */
async function restoredOver(moment: Moment, scope: string, known: (typeof ways)[number]): Promise<readonly [readonly string[], string]> {
  const on = estate({ state: moment.state })
  on.journal.entries.push(...moment.entries)
  const path = `${scope}/providers/Microsoft.Authorization/locks/keep`
  const lock: Lock = {
    scope: scope.toLowerCase() as Lock['scope'],
    path,
    name: 'keep',
    level: 'ReadOnly',
    properties: { level: 'ReadOnly' }
  }
  const { desired } = resolved(everything)
  const leaseMs = known === 'a lease that ends' ? 5_000 : 0
  const lease = { run: 'dead', until: new Date(on.sandbox.clock.now() + leaseMs).toISOString() }
  const owedLock = { lock, how: 'lower' as const, lease, markers: [] }
  if (leaseMs > 0 || known === 'on the way to a lift') await putLockOn(on, scope, 'keep', lowered(lock, lease))
  if (known === 'on the way to a lift') {
    const off = lift(lock, {}, 'lower')
    const steps = planOf(off, work('endpoint', { after: [off.id] }), restore(lock, { afterEndOf: [off.id, 'prove endpoint'] }))
    const prove = async () => ({ as: 'proven' as const })
    const next = { azure: on.azure, journal: new MemoryJournal() }
    const { result } = await carryOut(next, steps, { desired, prove, run: 'next', parallelism: 1, maxUnlockedMs: 60_000 })
    return [[...result.outcomes.values()].map(({ as }) => as), await endOf(on, moment)]
  }
  const writes = leftIn(moment.entries).writes.map(one => (known === 'all' ? one : { step: one.step, path: one.path }))
  const isAlone = known === 'no journal' || leaseMs > 0
  const going = isAlone
    ? { running: [], writes: [], desired }
    : { running: leftIn(moment.entries).running, writes, desired: known === 'all' ? (new Map() as Desired) : desired }
  const owed = isAlone ? { owed: [], marked: [owedLock] } : { owed: [owedLock], marked: [] }
  const ports = { azure: on.azure, journal: on.journal, run: 'next', leaseMs: 0 }
  const restored = await restoreLocks({ ...owed, going, keep: [], atOnce: leaseMs === 0 }, ports)
  return [restored.map(({ outcome }) => outcome), await endOf(on, moment)]
}

const kindOf = (path: string): string => kinds.find(({ type }) => type.toLowerCase() === typeOf(path))?.name ?? path

// We ask the sandbox for each write's reach: whether a lock there makes it fail.
test('a write of any kind that a run left in flight keeps every lock off that it reaches', async () => {
  const reached: string[] = []
  for (const moment of await moments()) {
    const scopes = moment.state.resources.map(({ id }) => id).filter(id => kinds.some(({ type }) => type.toLowerCase() === typeOf(id)))
    for (const scope of scopes) {
      const pair = `${kindOf(moment.path)} -> ${kindOf(scope)}`
      if (reached.includes(pair)) continue
      const locked = estate({ state: moment.state })
      await putLockOn(locked, scope, 'keep', { level: 'ReadOnly' })
      if ((await endOf(locked, moment)) !== 'ScopeLocked') continue
      for (const known of ways) {
        const [became, end] = await restoredOver(moment, scope, known)
        const wanted = known === 'on the way to a lift' ? ['done', 'done', 'done'] : ['restored']
        expect([pair, known, became, end]).toEqual([pair, known, wanted, 'Succeeded'])
      }
      reached.push(pair)
    }
  }
  expect(reached.sort()).toEqual([
    'flexibleServer -> privateDnsZone',
    'flexibleServer -> resourceGroup',
    'flexibleServer -> subnet',
    'flexibleServer -> virtualNetwork',
    'managedPrivateEndpoint -> flexibleServer',
    'managedPrivateEndpoint -> resourceGroup',
    'privateDnsZoneGroup -> privateDnsZone',
    'privateDnsZoneGroup -> resourceGroup',
    'privateEndpoint -> flexibleServer',
    'privateEndpoint -> resourceGroup'
  ])
}, 120_000)
