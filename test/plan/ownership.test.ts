import { describe, expect, test } from 'vitest'
import type { Topology } from '../../src/model/topology.generated.ts'
import { estate, failures, isThere, plan, reconcile, type Settings, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const subnet = `${hub}/subnets/a`

const seeded = (tags: Readonly<Record<string, string>>) =>
  estate({
    seedBodies: {
      [group]: { location: 'westeurope', tags: { 'pglink-topology': 'case' } },
      [hub]: { location: 'westeurope', tags, properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } },
      [subnet]: { properties: { addressPrefix: '10.0.1.0/24' } }
    }
  })

const same = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16] } }')
const wider = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16, 10.1.0.0/16] } }')
const adopted = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16, 10.1.0.0/16], adopt: true } }')
const moved = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.2.0/24 } } } }')
const movedAdopted = topologyFrom(
  'networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.2.0/24, adopt: true } } } }'
)
const movedTheirs = topologyFrom(`networks: { hub: { id: ${hub}, subnets: { a: { addressPrefix: 10.0.2.0/24 } } } }`)

const ours = { 'pglink-topology': 'case' }
const others = { 'pglink-topology': 'theirs' }

describe('a resource that is there already', () => {
  test.each<[string, Readonly<Record<string, string>>, Topology, Settings, string[], number]>([
    ['ours and different is changed', ours, wider, {}, [], 1],
    ['ours by a tag in another case, too', { 'PGLink-Topology': 'case' }, wider, {}, [], 1],
    ['nobody’s and equal is left alone', {}, same, {}, [], 0],
    ['nobody’s and different is refused', {}, wider, {}, ['not-ours'], 1],
    ['nobody’s and different is not ours by the baseline alone', {}, wider, { baseline: same }, ['not-ours'], 1],
    ['nobody’s and different is taken over by adopt', {}, adopted, {}, [], 1],
    ['another’s and equal is refused', others, same, {}, ['not-ours'], 1],
    ['another’s is refused in spite of adopt', others, adopted, {}, ['not-ours'], 1],
    ['another’s by a tag in another case is refused in spite of adopt', { 'PGLINK-TOPOLOGY': 'theirs' }, adopted, {}, ['not-ours'], 1],
    ['what lies in ours is ours', ours, moved, {}, [], 1],
    ['what lies in nobody’s is refused', {}, moved, {}, ['not-ours'], 1],
    ['what lies in nobody’s is ours by adopt', {}, movedAdopted, {}, [], 1],
    ['what lies in nobody’s is ours by the baseline', {}, moved, { baseline: moved }, [], 1],
    ['what lies in what is only referred to is ours when that is tagged so', ours, movedTheirs, {}, [], 1],
    ['what lies in what another topology owns is refused', others, movedTheirs, {}, ['not-ours'], 1],
    ['what lies in what is only referred to, and is not tagged, is refused', {}, movedTheirs, {}, ['not-ours'], 1]
  ])('%s', async (_name, tags, topology, settings, codes, changes) => {
    const { plan: made } = await plan(seeded(tags), topology, settings)
    expect(made.refusals.map(({ code }) => code)).toEqual(codes)
    expect(made.changes.length).toBe(changes)
  })

  test('adopting writes the tag, and keeps those of others', async () => {
    const on = seeded({ Team: 'net' })
    await reconcile(on, adopted)
    const { live } = await plan(on, adopted)
    const found = live.resources.get(hub.toLowerCase() as never)?.observed
    expect(found).toMatchObject({ tags: { Team: 'net', 'pglink-topology': 'case' } })
  })
})

describe('a resource that left the file', () => {
  const nothing = topologyFrom('{}')
  const allow = { prune: true, allowDelete: ['networks/hub', hub], allowLockedDelete: [] }

  test.each<[string, Readonly<Record<string, string>>, Settings, string[]]>([
    ['is deleted when it is tagged as ours', ours, allow, ['delete']],
    ['is deleted when the tag is in another case', { 'PGLINK-Topology': 'case' }, allow, ['delete']],
    ['is left alone when somebody took it over since', others, { ...allow, baseline: same }, []],
    ['is left alone when the tag was taken off', {}, { ...allow, baseline: same }, []],
    ['is left alone without a prune', ours, { baseline: same }, []]
  ])('%s', async (_name, tags, settings, ops) => {
    const { plan: made } = await plan(seeded(tags), nothing, settings)
    expect(made.changes.map(({ op }) => op)).toEqual(ops)
    expect(made.refusals).toEqual([])
  })

  test('needs a word for each that holds something', async () => {
    const { plan: made } = await plan(seeded(ours), nothing, { prune: true })
    expect(made.refusals.map(({ code }) => code)).toEqual(['delete-not-allowed'])
  })

  test.each([
    ['subnets that the baseline declared', moved, ['networks/hub/subnets/a']],
    ['not those that nobody declared', same, []]
  ])('without tags: %s', async (_name, baseline, addresses) => {
    const { plan: made } = await plan(seeded(ours), same, { prune: true, baseline })
    expect(made.changes.map(change => (change.op === 'delete' ? change.old.address : ''))).toEqual(addresses)
  })

  test('a protected one is not deleted', async () => {
    const baseline = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16], protect: true } }')
    const { plan: made } = await plan(seeded(ours), nothing, { ...allow, baseline })
    expect(made.refusals.map(({ code }) => code)).toEqual(['protected'])
  })

  test('a group is not deleted that holds what nobody knows, or may not be looked into', async () => {
    const elsewhere = topologyFrom('resourceGroup: rg-other\n')
    const settings = { prune: true, allowDelete: ['resourceGroups/rg-case', 'networks/hub', hub] }
    const held = await plan(seeded({}), elsewhere, settings)
    expect(held.plan.refusals.map(({ code }) => code)).toEqual(['holds-others'])

    const closed = estate({ seedBodies: { [group]: { location: 'westeurope', tags: ours } } }, {}, (request, sandbox) =>
      /\/resources$/i.test(new URL(request.url).pathname)
        ? Promise.resolve(Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 }))
        : sandbox.handle(request)
    )
    const { plan: made } = await plan(closed, elsewhere, settings)
    expect(made.refusals.map(({ code }) => code)).toEqual(['holds-others'])

    const open = await plan(estate({ seedBodies: { [group]: { location: 'westeurope', tags: ours } } }), elsewhere, settings)
    expect(open.plan.refusals).toEqual([])
  })
})

describe('a decision that leaves the file', () => {
  const server = (more: string) => `
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { pe: { subnet: hub/a, privateDns: none, approval: { manual: please } } }
    ${more}`
  const decided = topologyFrom(server('connections: [{ from: servers/orders-pg/privateEndpoints/pe, decision: approve }]'))
  const address = 'servers/orders-pg/connections/pe'

  test('stays taken, unless `removed` names it', async () => {
    const on = estate()
    expect(failures(await reconcile(on, decided))).toEqual([])
    const kept = await plan(on, topologyFrom(server('')), { baseline: decided, prune: true })
    expect(kept.plan.changes).toEqual([])
    const removed = await plan(on, topologyFrom(`${server('')}\nremoved: [${address}]`), { baseline: decided })
    expect(removed.plan.steps.map(({ id }) => id.split(' ')[0])).toEqual(['delete'])
    expect(removed.plan.changes).toMatchObject([{ op: 'delete', old: { kind: 'privateEndpointConnection', address } }])
  })
})

test('locks of a group that only an entry names are declared like those of the file’s own', async () => {
  const on = estate()
  const entry = '{ name: rg-net, locks: { keep: { level: CanNotDelete } } }'
  await reconcile(on, topologyFrom(`networks: { hub: { addressSpace: [10.0.0.0/16], resourceGroup: ${entry} } }`))
  const lock = `/subscriptions/${subscription}/resourceGroups/rg-net/providers/Microsoft.Authorization/locks/keep`
  expect((await plan(on, same)).live.locks.map(({ path }) => path)).toEqual([lock])
  expect(await isThere(on, `/subscriptions/${subscription}/resourceGroups/rg-net`)).toBe(true)
})

test('a declared lock that may not be listed is unknown, and is not made anew', async () => {
  let closed = false
  const on = estate({}, {}, (request, sandbox) =>
    closed && request.method === 'GET' && /\/locks$/i.test(new URL(request.url).pathname)
      ? Promise.resolve(Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 }))
      : sandbox.handle(request)
  )
  const locked = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], locks: { keep: { level: CanNotDelete } }, subnets: { a: { addressPrefix: 10.0.1.0/24, locks: { own: { level: ReadOnly } } } } } }
`)
  await reconcile(on, locked)
  closed = true
  const { plan: made } = await plan(on, locked)
  expect(made.changes).toEqual([])
  expect(made.unknown.map(one => one.address)).toEqual(
    expect.arrayContaining(['networks/hub/locks/keep', 'networks/hub/subnets/a/locks/own', `/subscriptions/${subscription}`])
  )
})
