import { describe, expect, test } from 'vitest'
import type { Topology } from '../../src/model/topology.generated.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { arm, type Estate, estate, failures, plan, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const server = `
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }`

const network = 'networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }'

const twoServers = ({ end = '203.0.113.1', workMem = 8192, zone = '' } = {}): Topology =>
  topologyFrom(`
servers:
  one-pg: ${server}
    networking: { publicAccess: { enabled: true } }
    databases: { shop: {} }
    parameters: { work_mem: ${workMem} }
    ${zone}
  two-pg: ${server}
    networking: { publicAccess: { enabled: true, firewallRules: { office: { start: 203.0.113.1, end: ${end} } } } }
`)

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const onePg = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/one-pg`

/** GETs of some paths answer something else from a moment on. */
function answering(refused: RegExp, status: number, code: string): Estate & { begin(): void } {
  let begun = false
  const handle = async (request: Request, sandbox: Sandbox): Promise<Response> =>
    begun && request.method === 'GET' && refused.test(decodeURIComponent(request.url))
      ? Response.json({ error: { code, message: `${code} it is` } }, { status })
      : sandbox.handle(request)
  const on = estate({}, {}, handle)
  return Object.assign(on, {
    begin() {
      begun = true
    }
  })
}

async function stopped(): Promise<Estate> {
  const on = estate()
  expect(failures(await reconcile(on, twoServers()))).toEqual([])
  expect((await arm(on, 'POST', `${onePg}/stop`, '2025-08-01')).status).toBe(202)
  await on.sandbox.clock.sleep(10 * 60_000)
  return on
}

describe('a server that is stopped', () => {
  test('leaves what lies in it unknown, and the other one is planned and changed', async () => {
    const on = await stopped()
    const { plan: made } = await plan(on, twoServers({ end: '203.0.113.9' }))
    expect(made.steps.map(({ id }) => id.replace(/\/.*\//, ''))).toEqual(['update office'])
    expect(made.unknown.map(({ address }) => address).sort()).toEqual([
      'servers/one-pg/databases/shop',
      'servers/one-pg/parameters/work_mem'
    ])
    expect(made.unknown[0]?.message).toContain("The server 'one-pg' is stopped")
    expect([made.refusals, made.waiting]).toEqual([[], []])
    expect(failures(await reconcile(on, twoServers({ end: '203.0.113.9' })))).toEqual([])
  })

  test('is not written to: the write is left out, with the command that starts the server', async () => {
    const on = await stopped()
    const { plan: made } = await plan(on, twoServers({ end: '203.0.113.9', zone: 'backup: { retentionDays: 14 }' }))
    expect(made.steps.map(({ id }) => id.replace(/\/.*\//, ''))).toEqual(['update office'])
    expect(made.waiting).toEqual([
      {
        address: 'servers/one-pg',
        message: `left out of this plan: servers/one-pg is stopped, and refuses every write: az postgres flexible-server start --ids ${onePg}`,
        leftOut: true
      }
    ])
  })
})

test.each([
  [400, 'ServerNotReady'],
  [403, 'AuthorizationFailed'],
  [500, 'InternalServerError']
])('a server whose databases answer %i hides nothing of the others', async (status, code) => {
  const on = answering(/one-pg\/(databases|configurations)/, status, code)
  expect(failures(await reconcile(on, twoServers()))).toEqual([])
  on.begin()
  const { plan: made } = await plan(on, twoServers({ end: '203.0.113.9' }))
  expect(made.steps.map(({ id }) => id.replace(/\/.*\//, ''))).toEqual(['update office'])
  expect(made.unknown.map(({ message }) => message)).toEqual([`not readable: ${code} it is`, `not readable: ${code} it is`])
})

test('throttling is no answer about one thing: it is told as what it is', async () => {
  const on = answering(/one-pg\/databases/, 429, 'TooManyRequests')
  expect(failures(await reconcile(on, twoServers()))).toEqual([])
  on.begin()
  await expect(plan(on, twoServers())).rejects.toThrow('TooManyRequests it is')
})

const partner =
  '/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups/rg-partner/providers/Microsoft.DBforPostgreSQL/flexibleServers/partner-pg'

const toPartner = (approval: string): Topology =>
  topologyFrom(`
${network}
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
rules: { PGL003: { level: warn, reason: the server is a partner's } }
servers:
  partner-pg:
    id: ${partner}
    location: westeurope
    privateEndpoints:
      pe: { subscription: ${subscription}, resourceGroup: rg-case, subnet: hub/a, privateDns: { zone: link }, approval: ${approval} }
`)

describe.each([
  [401, 'InvalidAuthenticationTokenTenant'],
  [403, 'AuthorizationFailed']
])('a server that answers %i', (status, code) => {
  const elsewhere = (): Estate => {
    const on = answering(/subscriptions\/99999999/, status, code)
    on.begin()
    return on
  }

  test('takes a request for a connection on trust', async () => {
    const on = elsewhere()
    const wanted = toPartner('{ manual: "case asks" }')
    const { plan: made } = await plan(on, wanted)
    expect(made.unknown.map(({ address }) => address)).toContain('servers/partner-pg')
    expect([made.refusals, made.waiting]).toEqual([[], []])
    expect(made.steps.map(({ id }) => id.replace(/\/.*\//, ''))).toEqual(
      expect.arrayContaining(['create pe', 'create default', 'create hub'])
    )
  })

  test('leaves out what approves itself, with all that needs it, and the rest goes on', async () => {
    const on = elsewhere()
    const { plan: made } = await plan(on, toPartner('automatic'))
    expect(made.refusals).toEqual([])
    expect(made.waiting.map(({ address, leftOut }) => [address, leftOut])).toEqual([
      ['servers/partner-pg/privateEndpoints/pe', true],
      ['servers/partner-pg/privateEndpoints/pe/privateDns', true]
    ])
    expect(made.waiting[0]?.message).toBe(
      `left out of this plan: it needs servers/partner-pg, which could not be read: not readable: ${code} it is`
    )
    const { result } = await reconcile(on, toPartner('automatic'))
    expect([...result.outcomes].map(([id, { as }]) => `${id.replace(/ .*\//, ' ')} ${as}`).sort()).toEqual([
      'create a done',
      'create hub done',
      'create hub done',
      'create privatelink.postgres.database.azure.com done',
      'create rg-case done'
    ])
  })
})

test('a path stays while what was to replace it is left out', async () => {
  const move = (subnet: string, firewall: string): Topology =>
    topologyFrom(`
${network}
servers:
  one-pg: ${server}
    networking: { publicAccess: ${firewall} }
    privateEndpoints:
      ${subnet}
  two-pg: ${server}
    networking: { publicAccess: { enabled: true } }
`)
  const hidden = `${group.replace('rg-case', 'rg-hidden')}/providers/Microsoft.Network/virtualNetworks/hidden`
  const on = answering(/virtualNetworks\/hidden/, 403, 'AuthorizationFailed')
  const before = move('old-pe: { subnet: hub/a, privateDns: none, approval: automatic }', '{ enabled: true }')
  expect(failures(await reconcile(on, before))).toEqual([])
  on.begin()
  const after = move(`new-pe: { subnet: hidden/a, privateDns: none, approval: automatic }`, '{ enabled: false }')
  const wanted = {
    ...after,
    networks: { ...after.networks, hidden: { id: hidden, subnets: { a: { id: `${hidden}/subnets/a` } } } }
  } as Topology
  const { plan: made } = await plan(on, wanted, { baseline: before, prune: true })
  expect(made.steps).toEqual([])
  expect(made.waiting.map(({ address }) => address).sort()).toEqual([
    'servers/one-pg',
    'servers/one-pg/privateEndpoints/new-pe',
    'servers/one-pg/privateEndpoints/old-pe'
  ])
})
