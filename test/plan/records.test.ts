import { describe, expect, test } from 'vitest'
import { driftInPaths } from '../../src/drift/paths.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { digestOf } from '../../src/plan/digest.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { arm, type Estate, estate, failures, type Planned, plan, reconcile, type Settings, subscription } from '../support/estate.ts'
import { printPlan } from '../support/print.ts'
import { topologyFrom } from '../support/yaml.ts'

// The meaning of a record to a plan. The right side of each is from Microsoft's page on DNS of private endpoints (two endpoints on one
// zone take the record from each other) and from a user's idea of a tool that says "proven": the name leads to the endpoint of the file.
const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const net = `${group}/providers/Microsoft.Network`
const zone = `${net}/privateDnsZones/privatelink.postgres.database.azure.com`
const record = `${zone}/A/pg1`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg1`

const text = (endpoints: string, more = ''): string => `
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 }, b: { addressPrefix: 10.0.2.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
servers:
  pg1:
    version: "16"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: sim_admin, password: "\${env:PG}" }
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { ${endpoints} }
${more}`
const pe = 'pe: { subnet: hub/a, privateDns: { zone: link }, approval: automatic }'
const topology = topologyFrom(text(pe))

async function standing(options: SandboxOptions = {}, wanted: Topology = topology): Promise<Estate> {
  const on = estate(options)
  expect(failures(await reconcile(on, wanted))).toEqual([])
  return on
}

const leadTo = (on: Estate, ...addresses: string[]): Promise<Response> =>
  arm(on, 'PUT', record, '2020-06-01', { properties: { ttl: 10, aRecords: addresses.map(ipv4Address => ({ ipv4Address })) } })

async function addresses(on: Estate, at = record): Promise<string[] | 'none'> {
  const response = await arm(on, 'GET', at, '2020-06-01')
  if (response.status === 404) return 'none'
  const { properties } = (await response.json()) as { properties: { aRecords: { ipv4Address: string }[] } }
  return properties.aRecords.map(({ ipv4Address }) => ipv4Address).sort()
}

/** Another's endpoint to the server, with a zone group on the zone. */
async function secondEndpoint(on: Estate, name: string, tags: Readonly<Record<string, string>> = {}, within = net): Promise<void> {
  const properties = {
    subnet: { id: `${net}/virtualNetworks/hub/subnets/b` },
    privateLinkServiceConnections: [{ name, properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }]
  }
  await arm(on, 'PUT', `${within}/privateEndpoints/${name}`, '2024-05-01', { location: 'westeurope', tags, properties })
  await on.sandbox.clock.sleep(120_000)
  await writeGroup(on, `${within}/privateEndpoints/${name}`)
}

async function writeGroup(on: Estate, endpoint: string): Promise<void> {
  const properties = { privateDnsZoneConfigs: [{ name: 'z', properties: { privateDnsZoneId: zone } }] }
  await arm(on, 'PUT', `${endpoint}/privateDnsZoneGroups/default`, '2024-05-01', { properties })
  await on.sandbox.clock.sleep(60_000)
}

const shown = ({ plan: made, wanted, live }: Planned): string[] => printPlan(made, wanted.desired, live).split('\n')
const codes = ({ plan: { refusals } }: Planned): string[] => refusals.map(({ code, exit }) => `${code} ${exit}`)

const mended = [
  '1 update servers/pg1/privateEndpoints/pe/privateDns (record)',
  '2 prove servers/pg1/privateEndpoints/pe for record',
  '3 delete servers/pg1/privateEndpoints/pe/privateDns',
  '4 create servers/pg1/privateEndpoints/pe/privateDns',
  '5 prove servers/pg1/privateEndpoints/pe for record'
]

describe.each(['writes', 'nothing'] as const)('where a zone group that is written unchanged %s of its record', zoneGroupRewrite => {
  const behaviours = { zoneGroupRewrite }
  test.each<[string, (on: Estate) => Promise<unknown>, string[]]>([
    ['is gone', on => arm(on, 'DELETE', record, '2020-06-01'), mended],
    ['leads elsewhere', on => leadTo(on, '10.0.9.9'), mended],
    [
      'has an address more',
      on => leadTo(on, '10.0.1.4', '10.0.9.9'),
      mended.map(step => (/ (delete|create) /.test(step) ? `${step} !interrupts` : step))
    ]
  ])('a record that %s is right after an apply, and nothing is left to do', async (_name, harm, steps) => {
    const on = await standing({ behaviours })
    await harm(on)
    const planned = await plan(on, topology)
    expect(shown(planned)).toEqual(steps)
    expect(driftInPaths({ ...planned.wanted, baseline: undefined, live: planned.live }).map(({ counts }) => counts)).toEqual([true])
    const { result } = await reconcile(on, topology)
    expect([...result.outcomes.values()].map(outcome => (outcome.as === 'skipped' ? outcome.because : outcome.as))).toEqual(
      zoneGroupRewrite === 'writes' ? ['done', 'done', 'is right', 'is right', 'is right'] : ['done', 'done', 'done', 'done', 'done']
    )
    expect(await addresses(on)).toEqual(['10.0.1.4'])
    const after = await plan(on, topology)
    expect([after.plan.changes, driftInPaths({ ...after.wanted, baseline: undefined, live: after.live })]).toEqual([[], []])
  })

  test('an endpoint that goes and takes the record along is followed by the write of it', async () => {
    const on = await standing({ behaviours })
    await secondEndpoint(on, 'old', { 'pglink-topology': 'case' })
    expect(await addresses(on)).toEqual(['10.0.2.4'])
    const planned = await plan(on, topology, { prune: true })
    // A part of the plan has both, or neither.
    const old = `${net}/privateEndpoints/old`
    const ofOld = await plan(on, topology, { prune: true, selection: { target: [old], exclude: [] } })
    expect(shown(ofOld)).toEqual(shown(planned))
    const notWritten = ['servers/pg1/privateEndpoints/pe/privateDns']
    const neither = await plan(on, topology, { prune: true, selection: { target: [], exclude: notWritten } })
    expect(neither.plan.part?.left).toEqual([old, ...notWritten])
    expect(shown(planned)).toEqual([
      '1 prove servers/pg1/privateEndpoints/pe for gate',
      '2 delete privateEndpoints/old !interrupts',
      ...mended.map(step => step.replace(/^\d/, n => String(Number(n) + 2)))
    ])
    const { result } = await reconcile(on, topology, { prune: true })
    expect([...result.outcomes.values()].filter(({ as }) => as !== 'done' && as !== 'skipped')).toEqual([])
    expect(await addresses(on)).toEqual(['10.0.1.4'])
    expect((await plan(on, topology, { prune: true })).plan.changes).toEqual([])
  })
})

test('a record that a zone group keeps as somebody wrote it is not called right', async () => {
  const on = await standing({ behaviours: { recordByHand: 'kept', zoneGroupRewrite: 'nothing' } })
  await leadTo(on, '10.0.9.9')
  const { result } = await reconcile(on, topology)
  expect([...result.outcomes.values()].at(-1)).toMatchObject({ as: 'unproven', reason: expect.stringContaining('10.0.9.9') })
})

describe('a record of somebody else', () => {
  const nothingOfOurs = topologyFrom(text(''))
  const settings: Settings = { baseline: nothingOfOurs }

  test('that leads to a living endpoint is refused, and that endpoint named', async () => {
    const on = await standing({}, nothingOfOurs)
    await secondEndpoint(on, 'theirs')
    const planned = await plan(on, topology, settings)
    expect(codes(planned)).toEqual(['record-of-another 6'])
    expect(planned.plan.refusals[0]?.message).toContain(`${net}/privateEndpoints/theirs`.toLowerCase())
  })

  test('is refused under the name of our own endpoint, too, and whatever the endpoint says', async () => {
    const on = await standing({}, nothingOfOurs)
    const other = `/subscriptions/${subscription}/resourceGroups/rg-other`
    await arm(on, 'PUT', other, '2024-03-01', { location: 'westeurope' })
    await secondEndpoint(on, 'pe', {}, `${other}/providers/Microsoft.Network`)
    const adopting = topologyFrom(text(pe.replace('{ subnet', '{ adopt: true, subnet')))
    for (const wanted of [topology, adopting]) expect(codes(await plan(on, wanted, settings))).toEqual(['record-of-another 6'])
  })

  test('is refused where it has taken ours, and not written over', async () => {
    const on = await standing()
    await secondEndpoint(on, 'theirs')
    expect(codes(await plan(on, topology))).toEqual(['record-of-another 6'])
  })

  test('is replaced where its endpoint is gone, which is noted', async () => {
    const on = await standing()
    const creator = 'created by private endpoint long-gone with resource guid 00000000-0000-4000-8000-000000000001'
    const properties = { ttl: 10, metadata: { creator }, aRecords: [{ ipv4Address: '10.0.9.9' }] }
    await arm(on, 'PUT', record, '2020-06-01', { properties })
    const planned = await plan(on, topology)
    expect([codes(planned), planned.plan.notes.map(({ message }) => message)]).toEqual([
      [],
      [expect.stringMatching(/^the record of pg1 .*was made for the private endpoint long-gone .*this plan replaces it$/)]
    ])
    expect(failures(await reconcile(on, topology))).toEqual([])
    expect(await addresses(on)).toEqual(['10.0.1.4'])
  })

  test.each([
    ['refused', pe, ['record-of-somebody 6']],
    ['taken over with adopt', pe.replace('{ subnet', '{ adopt: true, subnet'), []]
  ])('that was written by hand before our zone group is %s', async (_name, endpoint, refused) => {
    const on = await standing({}, nothingOfOurs)
    await leadTo(on, '10.0.9.9')
    const wanted = topologyFrom(text(endpoint))
    expect(codes(await plan(on, wanted, settings))).toEqual(refused)
    if (refused.length > 0) return
    await reconcile(on, wanted, settings)
    expect(await addresses(on)).toEqual(['10.0.1.4'])
  })

  test.each([
    ['refused', pe, ['record-of-another 6']],
    ['taken over with adopt', pe.replace('{ subnet', '{ adopt: true, subnet'), []]
  ])('on a server that may not be read is %s', async (_name, endpoint, refused) => {
    const theirs = (endpoints: string): Topology =>
      topologyFrom(
        text(endpoints)
          .replace(/pg1:[\s\S]*privateEndpoints/, `pg1:\n    id: ${server}\n    privateEndpoints`)
          .replace('approval: automatic', 'approval: { manual: please }')
      )
    let closed = false
    const on = estate({}, {}, async (request, sandbox) => {
      if (!closed || !/flexibleServers/i.test(request.url) || request.method !== 'GET') return sandbox.handle(request)
      return Response.json({ error: { code: 'AuthorizationFailed', message: 'no right' } }, { status: 403 })
    })
    expect(failures(await reconcile(on, nothingOfOurs))).toEqual([])
    await secondEndpoint(on, 'theirs')
    closed = true
    expect(codes(await plan(on, theirs(endpoint), settings))).toEqual(refused)
  })

  test('goes over where this plan deletes its endpoint, or takes its zone group', async () => {
    const both = topologyFrom(text(`${pe}, other: { subnet: hub/b, privateDns: none, approval: automatic }`))
    const handed = topologyFrom(
      text(
        'pe: { subnet: hub/a, privateDns: none, approval: automatic }, other: { subnet: hub/b, privateDns: { zone: link }, approval: automatic }'
      )
    )
    const on = await standing({}, both)
    expect(codes(await plan(on, handed, { baseline: both }))).toEqual(['record-of-another 6'])
    expect(codes(await plan(on, handed, { baseline: both, prune: true }))).toEqual([])
    expect(failures(await reconcile(on, handed, { baseline: both, prune: true }))).toEqual([])
    expect(await addresses(on)).toEqual(['10.0.2.4'])
  })

  test('is in the digest of a plan that writes it', async () => {
    const on = await standing()
    await leadTo(on, '10.0.9.9')
    const digest = async (): Promise<string> => {
      const { plan: made, live, wanted } = await plan(on, topology)
      return digestOf(made, wanted.desired, live).digest
    }
    const before = await digest()
    expect(await digest()).toBe(before)
    await leadTo(on, '10.0.9.8')
    expect(await digest()).not.toBe(before)
  })
})

test('a record that a policy keeps, and that goes with another endpoint, is not ours to write: a note says who has to', async () => {
  const byPolicy = topologyFrom(text('pe: { subnet: hub/a, privateDns: { zone: link, managedBy: policy }, approval: automatic }'))
  const on = estate()
  // The apply waits for a policy that has not written yet.
  await reconcile(on, byPolicy)
  await writeGroup(on, `${net}/privateEndpoints/pe`)
  await secondEndpoint(on, 'old', { 'pglink-topology': 'case' })
  const planned = await plan(on, byPolicy, { prune: true })
  expect(shown(planned).filter(step => / (update|create) /.test(step))).toEqual([])
  expect(planned.plan.notes.map(({ message }) => message)).toEqual([expect.stringMatching(/with old, .*: the policy has to write/)])
})

test('where nobody may read the zone group of an endpoint that goes, it may have the record: that is written again', async () => {
  let closed = false
  const on = estate({}, {}, async (request, sandbox) => {
    if (!closed || !/privateEndpoints\/old\/privateDnsZoneGroups/i.test(request.url) || request.method !== 'GET')
      return sandbox.handle(request)
    return Response.json({ error: { code: 'AuthorizationFailed', message: 'no right' } }, { status: 403 })
  })
  expect(failures(await reconcile(on, topology))).toEqual([])
  await secondEndpoint(on, 'old', { 'pglink-topology': 'case' })
  closed = true
  expect(shown(await plan(on, topology, { prune: true }))[2]).toBe('3 update servers/pg1/privateEndpoints/pe/privateDns (record)')
})

describe('locks', () => {
  const lockOn = (on: Estate, scope: string, level: string): Promise<Response> =>
    arm(on, 'PUT', `${scope}/providers/Microsoft.Authorization/locks/keep`, '2020-05-01', { properties: { level } })

  test('a Delete lock on the zone refuses nothing: the write alone has to do, unless the delete is agreed to', async () => {
    const on = await standing()
    await arm(on, 'DELETE', record, '2020-06-01')
    await lockOn(on, zone, 'CanNotDelete')
    const planned = await plan(on, topology)
    expect([codes(planned), shown(planned)]).toEqual([[], mended.slice(0, 2)])
    const agreed = await plan(on, topology, { allowLockedDelete: ['servers/pg1/privateEndpoints/pe/privateDns'] })
    expect(shown(agreed).filter(step => / (lift|restore) /.test(step))).toHaveLength(2)
    expect(failures(await reconcile(on, topology, { allowLockedDelete: ['servers/pg1/privateEndpoints/pe/privateDns'] }))).toEqual([])
    expect(await addresses(on)).toEqual(['10.0.1.4'])
    expect(on.requests.filter(request => request.startsWith('DELETE '))).toEqual([])
  })

  test.each([zone, record])('a ReadOnly lock on %s is lowered for the write and restored', async scope => {
    const on = await standing()
    await leadTo(on, '10.0.9.9')
    await lockOn(on, scope, 'ReadOnly')
    const planned = await plan(on, topology)
    expect(shown(planned).map(step => step.split(' ')[1])).toEqual(['lift', 'update', 'prove', 'restore'])
    expect(failures(await reconcile(on, topology))).toEqual([])
    expect(await addresses(on)).toEqual(['10.0.1.4'])
  })
})
