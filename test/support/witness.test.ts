import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { arm, estate, plan, putLockOn, reconcile, subscription } from './estate.ts'
import { brokenPaths, claimsIn, locksDiffer, locksSeen, untrue } from './witness.ts'
import { topologyFrom } from './yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const network = `${group}/providers/Microsoft.Network`
const zone = `${network}/privateDnsZones/privatelink.postgres.database.azure.com`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`
const watched = [{ endpoint: `${network}/privateEndpoints/pe`, server, zone, links: [`${network}/virtualNetworks/hub`] }]

const topology = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
servers:
  case-pg:
    version: "17"
    compute: { tier: Burstable, size: Standard_B1ms }
    storage: { sizeGiB: 32 }
    administrator: { login: case_admin, password: drawn }
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { pe: { subnet: hub/a, privateDns: { zone: link }, approval: automatic } }
`)

async function applied() {
  const on = estate()
  await reconcile(on, topology)
  const ask = on.sandbox.handle
  return { on, ask, broken: () => brokenPaths(ask, watched) }
}

const record = { path: `${zone}/A/case-pg`, version: '2020-06-01' }
const putRecord = (...addresses: readonly string[]) => ({
  properties: { ttl: 10, aRecords: addresses.map(ipv4Address => ({ ipv4Address })) }
})

test('it shares no code with the tool, nor with anything that does', () => {
  const source = readFileSync('test/support/witness.ts', 'utf8')
  expect(source).not.toMatch(/\bimport\b\s*[({'"]|\bfrom '|\brequire\(/)
  expect(source).toContain('export async function brokenPaths')
})

test('a path that an apply has made is whole', async () => {
  const { broken } = await applied()
  expect(await broken()).toEqual([])
})

test('each break of a path is seen', async () => {
  const { on, broken } = await applied()
  const first = await (await arm(on, 'GET', record.path, record.version)).json()
  const right = (first as { properties: { aRecords: { ipv4Address: string }[] } }).properties.aRecords[0]?.ipv4Address ?? ''

  await arm(on, 'PUT', record.path, record.version, putRecord(right, '10.9.9.9'))
  expect(await broken()).toEqual([`pe: A/case-pg is ${right}, 10.9.9.9, not ${right}`])
  await arm(on, 'PUT', record.path, record.version, putRecord('10.9.9.9'))
  expect(await broken()).toEqual([`pe: A/case-pg is 10.9.9.9, not ${right}`])
  await arm(on, 'DELETE', record.path, record.version)
  expect(await broken()).toEqual(['pe: there is no record A/case-pg'])
  await arm(on, 'PUT', record.path, record.version, putRecord(right))
  expect(await broken()).toEqual([])

  const links = (await (await arm(on, 'GET', `${zone}/virtualNetworkLinks`, '2020-06-01')).json()) as { value: { id: string }[] }
  await arm(on, 'DELETE', links.value[0]?.id ?? '', '2020-06-01')
  await on.sandbox.clock.sleep(3_600_000)
  expect(await broken()).toEqual(['pe: the zone is not linked to hub'])

  const connections = (await (await arm(on, 'GET', `${server}/privateEndpointConnections`, '2025-08-01')).json()) as {
    value: { id: string }[]
  }
  const rejected = { properties: { privateLinkServiceConnectionState: { status: 'Rejected', description: 'no' } } }
  await arm(on, 'PUT', connections.value[0]?.id ?? '', '2025-08-01', rejected)
  await on.sandbox.clock.sleep(3_600_000)
  expect((await broken()).slice(0, 2)).toEqual([
    'pe: its own side of the connection is Rejected',
    'pe: the connection is Rejected on case-pg'
  ])
})

const scope = `${network}/virtualNetworks/hub`
const byMarker = `Lifted by pglink, run r, until 2026-01-01T00:00:00Z. Put back: pglink locks restore. <${JSON.stringify({
  p: `${scope}/providers/Microsoft.Authorization/locks/keep`,
  l: 'ReadOnly',
  n: 'theirs'
})}>`

test('a lock that is off is lost, unless a marker holds just what it was', async () => {
  const { on, ask } = await applied()
  await putLockOn(on, scope, 'keep', { level: 'ReadOnly', notes: 'theirs' })
  const before = await locksSeen(ask, [subscription])
  const differ = () => locksDiffer(ask, before, [subscription])
  expect(await differ()).toEqual({ lost: [], held: [], added: [] })

  await putLockOn(on, scope, 'keep', { level: 'CanNotDelete', notes: 'theirs' })
  expect((await differ()).lost).toHaveLength(1)
  await putLockOn(on, scope, 'keep', { level: 'CanNotDelete', notes: byMarker.replace(/"p":"[^"]*",/, '') })
  expect(await differ()).toMatchObject({ lost: [], held: [expect.stringContaining('/locks/keep')] })

  await arm(on, 'DELETE', `${scope}/providers/Microsoft.Authorization/locks/keep`, '2020-05-01')
  await on.sandbox.clock.sleep(600_000)
  expect(await differ()).toMatchObject({ lost: [expect.stringContaining('is not there')], held: [] })
  await putLockOn(on, server, 'pglink-owes-abcdef012345', { level: 'CanNotDelete', notes: byMarker.replace('theirs', 'another') })
  expect((await differ()).lost).toHaveLength(1)
  await putLockOn(on, server, 'pglink-owes-abcdef012345', { level: 'CanNotDelete', notes: byMarker })
  expect(await differ()).toMatchObject({ lost: [], held: [expect.stringContaining('is not there')], added: [] })
})

const whole = { lost: [], held: [], added: [] }

test('a claim that is not so is told, and so is an exit code that hides it', () => {
  const proven = 'Apply complete!\nProven by a fresh read: your infrastructure matches the topology.\n'
  const short = { paths: ['pe: there is no record A/case-pg'], locks: whole }
  expect(untrue({ text: proven, code: 0, command: 'apply' }, { paths: [], locks: whole })).toEqual([])
  expect(untrue({ text: proven, code: 8, command: 'apply' }, short)).toHaveLength(1)
  expect(untrue({ text: 'Apply complete!', code: 0, command: 'apply' }, short)).toHaveLength(1)
  expect(untrue({ text: 'No changes. Your infrastructure matches the topology.', code: 0, command: 'plan' }, short)).toHaveLength(1)
  expect(untrue({ text: 'Plan: 1 to change.', code: 0, command: 'plan' }, short)).toEqual([])
  expect(untrue({ text: '', code: 8, command: 'apply' }, { paths: [], locks: { ...whole, lost: ['keep'] } })).toHaveLength(1)
  expect(untrue({ text: '', code: 9, command: 'apply' }, { paths: [], locks: { ...whole, lost: ['keep'] } })).toEqual([])
  const apart = { paths: [], locks: { ...whole, lost: [`${scope}/providers/microsoft.authorization/locks/keep ReadOnly "" is not there`] } }
  const told = (text: string, command: 'apply' | 'restore', code = 9) => untrue({ text, code, command }, apart)
  expect(told('networks/hub lock keep: Lowered after 1s\nnetworks/hub lock keep: Restored after 2s', 'apply')).toHaveLength(1)
  expect(told('networks/hub lock keep: Restored after 2s\nnetworks/hub lock keep: Lifting...', 'apply')).toEqual([])
  expect(told('networks/hub lock other: Restored after 2s', 'apply')).toEqual([])
  expect(told('ReadOnly lock keep on networks/hub: restored', 'restore')).toHaveLength(1)
  expect(told('ReadOnly lock keep on networks/hub: failed: it was not to be', 'restore')).toEqual([])
  const odd = ` !"#$'()*+ \u{1f469}\u200d\u{1f467}`
  const oddOff = `${scope.toLowerCase()}/providers/microsoft.authorization/locks/${odd} ReadOnly "theirs" is not there`
  const oddBack = `networks/hub lock ${odd.replace('\u200d', '\\u200d')}: Restored after 2s`
  expect(untrue({ text: oddBack, code: 9, command: 'apply' }, { paths: [], locks: { ...whole, lost: [oddOff] } })).toHaveLength(1)
  expect(told('No lock is owed.', 'restore')).toHaveLength(1)
  expect(told('', 'restore', 0)).toHaveLength(2)
  expect(claimsIn('Proven, but for the record of pe (zone unreadable)')).toEqual([])
})

test('an estate that a plan calls empty is whole', async () => {
  const { on, broken } = await applied()
  expect((await plan(on, topology)).plan.changes).toEqual([])
  expect(await broken()).toEqual([])
})
