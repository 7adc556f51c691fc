import { expect, test } from 'vitest'
import type { DriftDocument } from '../../src/document/drift.generated.ts'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { type Folder, folder } from '../support/cli.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const vendor = '22222222-2222-4222-8222-222222222222'
const microsoft = '33333333-3333-4333-8333-333333333333'
const group = `/subscriptions/${subscription}/resourceGroups/rg-shop`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg`
const factory = `/subscriptions/${vendor}/resourceGroups/rg-adf/providers/Microsoft.DataFactory/factories/theirs`
const endpointAt = (of: string, name: string): string =>
  `/subscriptions/${of}/resourceGroups/rg-vendor/providers/Microsoft.Network/privateEndpoints/${name}`

/** One of a vendor that was let in, one that asks, one of a factory, and an impostor with the name that Microsoft gives to those of that factory. */
const from = {
  approved: endpointAt(vendor, 'vendor-pe'),
  pending: endpointAt(vendor, 'asking-pe'),
  managed: endpointAt(microsoft, 'theirs.to-shop'),
  impostor: endpointAt('44444444-4444-4444-8444-444444444444', 'theirs.to-shop')
}

const connection = (id: string, status: string): object => ({
  properties: { privateEndpoint: { id }, privateLinkServiceConnectionState: { status, description: 'please' } }
})

const seed = {
  [group]: { location: 'westeurope', tags: { 'pglink-topology': 'shop' } },
  [server]: {
    location: 'westeurope',
    tags: { 'pglink-topology': 'shop' },
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: { version: '17', administratorLogin: 'dba', storage: { storageSizeGB: 128 }, network: { publicNetworkAccess: 'Disabled' } }
  },
  [`${server}/privateEndpointConnections/one`]: connection(from.approved, 'Approved'),
  [`${server}/privateEndpointConnections/two`]: connection(from.pending, 'Pending'),
  [`${server}/privateEndpointConnections/three`]: connection(from.managed, 'Approved'),
  [`${server}/privateEndpointConnections/four`]: connection(from.impostor, 'Approved'),
  [`${server}/privateEndpointConnections/five`]: connection(endpointAt(vendor, 'refused-pe'), 'Rejected'),
  [factory.split('/providers/')[0] ?? '']: { location: 'westeurope' },
  [factory]: { location: 'westeurope' },
  [`${factory}/managedVirtualNetworks/default`]: { properties: {} },
  [`${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/to-shop`]: {
    properties: { privateLinkResourceId: server, groupId: 'postgresqlServer', resourceId: from.managed }
  }
}

const topology = (trust?: object): string => `version: 1
name: shop
subscription: ${subscription}
location: westeurope
resourceGroup: rg-shop
servers:
  shop-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: dba, password: "\${env:PG_PASSWORD}" }
    networking: { publicAccess: { enabled: false } }
${trust === undefined ? '' : `trust: ${JSON.stringify(trust)}\n`}`

const here = (trust?: object): Folder => folder({ 'topology.yaml': topology(trust), 'seed.json': JSON.stringify(seed) })
const flags = '--sandbox --sandbox-seed seed.json --allow-env PG_PASSWORD'

/** The sorts of undeclared things in the drift, each by the name of its connection, or by its id, and the exit code. */
async function drifted(trust?: object, more = '') {
  const { stdout, code, stderr } = await here(trust).pglink(`drift ${flags} --json ${more}`)
  expect(stderr).toBe('')
  const document: DriftDocument = JSON.parse(stdout)
  const found = document.entries.map(({ class: of, counts, id }) => `${id.split('/').at(-1)} ${of} ${counts}`)
  return { found: found.sort(), code, document }
}

test('without trust undeclared connections are told as ever: those that are Approved', async () => {
  const { found, code } = await drifted()
  expect([code, found]).toEqual([3, ['four unmanaged true', 'one unmanaged true', 'three unmanaged true']])
})

test('with trust in nobody each Approved one is drift, and the Pending one a warning in every form', async () => {
  const folder = here({})
  const ran = await folder.pglink(`drift ${flags} --markdown drift.md --html drift.html --sarif drift.sarif --json-into drift.ndjson`)
  expect(ran.code).toBe(3)
  const asks = `is Pending and asks to reach servers/shop-pg from ${from.pending.toLowerCase()}, and neither a file nor`
  expect(ran.stdout).toContain('Asks to be let in from elsewhere, which is a warning and no drift:')
  expect(ran.stdout.replace(/\s+/g, ' ')).toContain(asks)
  for (const file of ['drift.md', 'drift.html', 'drift.sarif', 'drift.ndjson'])
    expect(folder.read(file)).toContain('is Pending and asks to reach')
  const results = JSON.parse(folder.read('drift.sarif')).runs[0].results as { ruleId: string; level: string }[]
  expect(results.map(({ ruleId, level }) => `${ruleId} ${level}`).sort()).toEqual([
    'drift/asking warning',
    ...Array(3).fill('drift/unmanaged error')
  ])
  const plan: PlanDocument = JSON.parse((await folder.pglink(`plan ${flags} --json`)).stdout)
  expect(plan.notes.filter(({ message }) => message.includes(asks))).toHaveLength(1)
  expect(plan.verdict.findings.map(({ as }) => as)).toEqual(['undeclared', 'undeclared', 'undeclared'])
})

test.each<readonly [string, object, readonly string[], number]>([
  ['a subscription', { subscriptions: [vendor.toUpperCase()] }, ['four', 'three'], 3],
  [
    'an endpoint, in another case',
    { endpoints: [from.approved.replace('rg-vendor', 'RG-Vendor').replace('vendor-pe', 'VENDOR-PE')] },
    ['four', 'three', 'two'],
    3
  ],
  // The name of the impostor's endpoint is that of the factory's: names decide nothing.
  ['a factory', { factories: [factory] }, ['four', 'one', 'two'], 3],
  ['a factory that is not there', { factories: [`${factory}-2`] }, ['four', 'one', 'three', 'two'], 3],
  ['all of them', { subscriptions: [vendor], factories: [factory], endpoints: [from.impostor] }, [], 0]
])('trust in %s silences what comes from there and nothing else', async (_, trust, left, exit) => {
  const { found, code } = await drifted(trust)
  expect([code, found.map(one => one.split(' ')[0])]).toEqual([exit, left])
})

test('a server that is not ours is looked at as well where the file says whom it trusts', async () => {
  const existing = (trust?: object): string => topology(trust).replace(/ {4}version:.*?enabled: false } }\n/s, '    existing: true\n')
  const place = folder({ 'with.yaml': existing({}), 'without.yaml': existing(), 'seed.json': JSON.stringify(seed) })
  expect((await place.pglink(`drift ${flags} without.yaml`)).code).toBe(0)
  const { code, stdout } = await place.pglink(`drift ${flags} with.yaml`)
  expect([code, stdout.match(/neither a file nor/g)?.length]).toEqual([3, 4])
})

test('a factory that may not be read is said to be unknown, and what comes from it is drift', async () => {
  const file = here({ subscriptions: [vendor], factories: [factory], endpoints: [from.impostor] })
  file.write(
    'faults.json',
    JSON.stringify([
      { method: 'GET', path: '/factories/theirs/managedVirtualNetworks', nth: 'every', status: 403, code: 'AuthorizationFailed' }
    ])
  )
  const { stdout, code } = await file.pglink(`drift ${flags} --sandbox-faults faults.json --json`)
  const { entries }: DriftDocument = JSON.parse(stdout)
  expect([code, entries.map(({ class: of, id }) => `${of} ${id.split('/').at(-1)}`).sort()]).toEqual([
    3,
    ['unknown theirs', 'unmanaged three']
  ])
})

test('trust approves nothing, changes no step and no digest', async () => {
  const all = { subscriptions: [vendor], factories: [factory], endpoints: [from.impostor] }
  const plans = await Promise.all(
    [undefined, {}, all].map(async trust => JSON.parse((await here(trust).pglink(`plan ${flags} --json`)).stdout) as PlanDocument)
  )
  expect(plans.map(({ steps }) => steps)).toEqual([[], [], []])
  expect(new Set(plans.map(({ digest }) => digest)).size).toBe(1)
  expect(plans.map(({ verdict }) => verdict.as)).toEqual(['findings', 'findings', 'matches'])
})

test('a name that two endpoints share lets `removed` take neither, and their ids are told', async () => {
  const place = folder({
    'topology.yaml': `${topology()}removed: [servers/shop-pg/connections/theirs.to-shop]\n`,
    'seed.json': JSON.stringify(seed)
  })
  const { stdout, stderr, code } = await place.pglink(`apply ${flags} --auto-approve`)
  const said = stdout + stderr
  expect(said).toContain('2 of them have this name')
  for (const name of ['three', 'four']) expect(said).toContain(`privateEndpointConnections/${name}`)
  expect([code, said.includes('Destroy')]).toEqual([7, false])
})
