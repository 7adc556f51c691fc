import { expect, test } from 'vitest'
import { parseFaultList } from '../../src/sandbox/faults.ts'
import { Killed, troubled } from '../apply/trouble.ts'
import { everyCharacter } from '../support/anyLock.ts'
import { estate, failures, heldLocks, putLockOn, reconcile, recover } from '../support/estate.ts'
import { isQuick } from '../support/parts.ts'
import { topologyFrom } from '../support/yaml.ts'

const rg = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups'
const hub = `${rg}/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-hub`
const seedBodies = {
  [`${rg}/rg-net`]: { location: 'westeurope' },
  [hub]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } },
  [`${hub}/subnets/snet`]: { properties: { addressPrefix: '10.0.1.0/24' } }
}

const network = `networks: { hub: { id: ${hub}, subnets: { snet: { existing: true, name: snet } } } }\n`
const server = (more: string): string => `servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: orders_admin, password: drawn }
    networking: { publicAccess: { enabled: false } }
${more}`
const endpoint = '    privateEndpoints: { pe: { subnet: hub/snet, privateDns: none, approval: automatic } }\n'

/** A network lock and a subnet lock that are off while an endpoint is added, and one that its notes have no room for. */
const scenes = {
  'the server that carries the markers is made in the same run': {
    wanted: topologyFrom(network + server(endpoint)),
    locks: [
      [hub, { level: 'CanNotDelete', notes: 'owned by netops' }],
      [`${hub}/subnets/snet`, { level: 'ReadOnly', notes: 'n'.repeat(500) }]
    ]
  },
  'a lock whose notes have no room is lowered beside its markers': {
    wanted: topologyFrom(
      `networks: { hub: { id: ${hub}, subnets: { snet: { existing: true, name: snet }, more: { addressPrefix: 10.0.2.0/24 } } } }`
    ),
    locks: [[hub, { level: 'ReadOnly', notes: 'é'.repeat(500), owners: [{ applicationId: '33333333-3333-4333-8333-333333333333' }] }]]
  }
} as const

async function locked(scene: keyof typeof scenes) {
  const trouble = troubled()
  for (const [id, body] of Object.entries(seedBodies)) await trouble.on.sandbox.add({ [id]: body })
  for (const [scope, properties] of scenes[scene].locks)
    expect((await putLockOn(trouble.on, scope, everyCharacter, properties)).status).toBe(201)
  return trouble
}

const without = (lines: readonly string[]): string[] => lines.filter(line => !line.includes('pglink-owes-'))

/** Dies at every write there is, or every third in `npm test`, before and after it took effect; the machine is lost, and another one has a login and the file. */
test.each(Object.keys(scenes) as (keyof typeof scenes)[])(
  '%s: whenever the run dies, another machine restores',
  async scene => {
    const { wanted } = scenes[scene]
    let off = 0
    let deaths = 0
    for (const done of [false, true])
      for (let at = 1; ; at += isQuick ? 3 : 1) {
        const { on, amid } = await locked(scene)
        const before = await heldLocks(on)
        const ended = await amid({ at, done, lasting: false, as: 'killed' }, () => reconcile(on, wanted)).catch((error: unknown) => error)
        if (!(ended instanceof Killed)) {
          expect(await heldLocks(on)).toEqual(before)
          break
        }
        deaths += 1
        on.journal.entries.length = 0
        await on.sandbox.clock.sleep(24 * 3_600_000)
        if (JSON.stringify(without(await heldLocks(on))) !== JSON.stringify(before)) off += 1
        await recover(on, { marks: true })
        expect(await heldLocks(on), `dies at write ${at}, ${done ? 'done' : 'not done'}`).toEqual(before)
      }
    expect(deaths).toBeGreaterThan(isQuick ? 3 : 10)
    expect(off).toBeGreaterThan(isQuick ? 0 : 3)
  },
  120_000
)

test('a restore that dies between two parts of a marker leaves what the next one clears', async () => {
  const scene = 'a lock whose notes have no room is lowered beside its markers'
  const { on, amid } = await locked(scene)
  const before = await heldLocks(on)
  // The journal, the markers, the lowered lock, and then the subnet.
  await amid({ at: 8, done: false, lasting: false, as: 'killed' }, () => reconcile(on, scenes[scene].wanted)).catch(() => undefined)
  on.journal.entries.length = 0
  await on.sandbox.clock.sleep(24 * 3_600_000)
  const markers = (await heldLocks(on)).filter(line => line.includes('pglink-owes-'))
  expect(markers.length).toBeGreaterThan(2)
  for (let parts = markers.length; parts > 1; parts -= 1) {
    await amid({ at: 2, done: true, lasting: false, as: 'killed' }, () => recover(on, { marks: true })).catch(() => undefined)
    on.journal.entries.length = 0
  }
  await recover(on, { marks: true })
  expect(await heldLocks(on)).toEqual(before)
})

/** Applied before without the endpoint; then `PERMISSIONS` of these scopes are those of a Contributor. */
async function withoutRightsOn(...scopes: readonly string[]) {
  const contributor = { value: [{ actions: ['*'], notActions: ['Microsoft.Authorization/*/Write', 'Microsoft.Authorization/*/Delete'] }] }
  const lacking = scopes.map(scope => `${scope}/providers/Microsoft.Authorization/permissions`.toLowerCase())
  const on = estate({ seedBodies }, {}, async (request, sandbox) =>
    lacking.includes(new URL(request.url).pathname.toLowerCase()) ? Response.json(contributor) : sandbox.handle(request)
  )
  await reconcile(on, topologyFrom(network + server('')))
  await putLockOn(on, hub, 'keep', { level: 'CanNotDelete', notes: 'netops' })
  const before = await heldLocks(on)
  const { result } = await reconcile(on, topologyFrom(network + server(endpoint)))
  expect(await heldLocks(on)).toEqual(before)
  return { result, markers: on.requests.filter(one => one.startsWith('PUT') && one.includes('pglink-owes-')) }
}

const orders = `${rg}/rg-case/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`

test('the best place is the one on which the login may write and delete locks', async () => {
  const all = await withoutRightsOn()
  expect(all.markers).toMatchObject([expect.stringContaining(`${orders}/providers/`)])
  const less = await withoutRightsOn(orders)
  expect(less.markers).toMatchObject([expect.stringContaining('/resourceGroups/rg-case/providers/Microsoft.Authorization/')])
  expect(less.result.missingRights).toEqual([])
})

test('where the login has them nowhere, nothing is lifted, and the right that is missing is named', async () => {
  const { result, markers } = await withoutRightsOn(orders, `${rg}/rg-case`)
  expect(markers).toEqual([])
  expect(result.missingRights.join()).toMatch(/locks\/write on \S*orders-pg, where the lock \S*keep is to be remembered/)
})

test('a place that takes no marker is passed over, and none is left there', async () => {
  const faults = parseFaultList(
    [
      {
        method: 'PUT',
        path: '/flexibleServers/orders-pg/.*pglink-owes-',
        nth: 'every',
        status: 403,
        code: 'AuthorizationFailed',
        message: 'no'
      }
    ],
    'this test'
  )
  const on = estate({ seedBodies, faults })
  await putLockOn(on, hub, 'keep', { level: 'CanNotDelete', notes: 'netops' })
  const before = await heldLocks(on)
  const { result } = await reconcile(on, scenes['the server that carries the markers is made in the same run'].wanted)
  expect([...result.outcomes.values()].map(({ as }) => as)).not.toContain('failed')
  expect(result.owed).toEqual([])
  const put = on.requests.filter(one => one.startsWith('PUT') && one.includes('pglink-owes-'))
  expect(put.at(-1)).toContain('/resourceGroups/rg-case/providers/Microsoft.Authorization/')
  expect(await heldLocks(on)).toEqual(before)
})

test('where the step that makes the place fails, the lift falls back to what stands; where nothing does, it is not made', async () => {
  const other = `${rg}/rg-data/providers/Microsoft.DBforPostgreSQL/flexibleServers/theirs`
  const theirs = {
    [`${rg}/rg-data`]: { location: 'westeurope' },
    [other]: {
      location: 'westeurope',
      sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
      properties: { version: '17', network: { publicNetworkAccess: 'Disabled' } }
    }
  }
  const owned = { [`${rg}/rg-case`]: { location: 'westeurope', tags: { 'pglink-topology': 'case' } } }
  const wanted = topologyFrom(`${network}${server('')}  theirs: { id: ${other}, ${endpoint.trim()} }\n`)
  const faults = parseFaultList(
    [{ method: 'PUT', path: '/flexibleServers/orders-pg$', nth: 'every', status: 400, code: 'MadeToFail', message: 'no' }],
    'this test'
  )
  for (const full of [[], [`${rg}/rg-case`, other]]) {
    const on = estate({ seedBodies: { ...seedBodies, ...theirs, ...owned }, faults })
    await putLockOn(on, hub, 'keep', { level: 'CanNotDelete', notes: 'netops' })
    for (const scope of full) for (let n = 0; n < 20; n += 1) await putLockOn(on, scope, `full-${n}`, { level: 'CanNotDelete' })
    const before = await heldLocks(on)
    const ran = await reconcile(on, wanted)
    expect(on.requests.filter(one => one.startsWith('PUT') && one.includes('pglink-owes-'))).toEqual(
      // The group is ours and stands: it comes before the server of somebody else.
      full.length === 0 ? [expect.stringContaining('/resourceGroups/rg-case/providers/Microsoft.Authorization/')] : []
    )
    expect(failures(ran).filter(line => line.startsWith('unlock'))).toEqual(
      full.length === 0 ? [] : [expect.stringMatching(/was not lifted: nothing that could remember it in Azure while it is off stands/)]
    )
    expect(ran.result.outcomes.get(`create ${rg.toLowerCase()}/rg-case/providers/microsoft.network/privateendpoints/pe`)?.as).toBe(
      full.length === 0 ? 'done' : 'skipped'
    )
    expect(ran.result.owed).toEqual([])
    expect(await heldLocks(on)).toEqual(before)
  }
})
