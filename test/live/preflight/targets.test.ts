import { describe, expect, test } from 'vitest'
import { lookAhead } from '../../../src/engine/lookAhead.ts'
import type { Topology } from '../../../src/model/topology.generated.ts'
import { arm, type Estate, estate, failures, plan, reconcile, subscription } from '../../support/estate.ts'
import { topologyFrom } from '../../support/yaml.ts'

const other = `/subscriptions/${subscription}/resourceGroups/rg-other`
const network = `${other}/providers/Microsoft.Network/virtualNetworks/far`
const securityGroup = `${other}/providers/Microsoft.Network/networkSecurityGroups/nsg`
const routes = `${other}/providers/Microsoft.Network/routeTables/rt`
const zone = `${other}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const server = `${other}/providers/Microsoft.DBforPostgreSQL/flexibleServers/other-pg`
const factory = `${other}/providers/Microsoft.DataFactory/factories/other-adf`

/** Resources of others, in another group. */
function withOthers(location = 'westeurope', refused?: RegExp): Estate {
  const seedBodies = {
    [other]: { location },
    [network]: { location, properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } } },
    [`${network}/subnets/a`]: { properties: { addressPrefix: '10.9.1.0/24' } },
    [securityGroup]: { location, properties: {} },
    [routes]: { location, properties: {} },
    [zone]: { location: 'global' }
  }
  return estate({ seedBodies } as never, {}, async (request, sandbox) =>
    refused?.test(decodeURIComponent(request.url))
      ? Response.json({ error: { code: 'AuthorizationFailed', message: 'not for you' } }, { status: 403 })
      : sandbox.handle(request)
  )
}

const small = `
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }`

/** Every place where a reference may stand, in a file of its own. */
const places: readonly (readonly [place: string, wanted: string, right: string, text: (id: string) => string])[] = [
  [
    'the network of a link',
    'virtual network',
    network,
    id => `privateDnsZones: { z: { name: shop.private.postgres.database.azure.com, links: { far: { network: { id: "${id}" } } } } }`
  ],
  [
    'the security group of a subnet',
    'network security group',
    securityGroup,
    id =>
      `networks: { n: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24, networkSecurityGroup: { id: "${id}" } } } } }`
  ],
  [
    'the route table of a subnet',
    'route table',
    routes,
    id => `networks: { n: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24, routeTable: { id: "${id}" } } } } }`
  ],
  [
    'the subnet of an endpoint',
    'subnet',
    `${network}/subnets/a`,
    id => `servers:
  one-pg: ${small}
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { pe: { subnet: { id: "${id}" }, privateDns: none, approval: automatic } }`
  ],
  [
    'the zone of an endpoint',
    'private DNS zone',
    zone,
    id => `networks: { n: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
servers:
  one-pg: ${small}
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { pe: { subnet: n/a, privateDns: { zone: { id: "${id}" } }, approval: automatic } }`
  ],
  [
    'the server of a managed endpoint',
    'server',
    server,
    id => `dataFactories: { case-adf: { managedVirtualNetwork: true, managedPrivateEndpoints: { to: { server: { id: "${id}" } } } } }`
  ]
]

const codes = async (on: Estate, wanted: Topology) => (await plan(on, wanted)).plan.refusals.map(({ code, exit }) => [code, exit])

describe.each(places)('%s', (_place, wanted, right, text) => {
  test('has to be there', async () => {
    const { plan: made } = await plan(estate(), topologyFrom(text(right)))
    expect(made.refusals.map(({ code, exit }) => [code, exit])).toEqual([['PGL070', 1]])
    expect(made.refusals[0]?.message).toContain(`there is no such ${wanted}: ${right.toLowerCase()}`)
  })

  test('has to be of the type', async () => {
    const wrong = right === network ? `${network}/subnets/a` : network
    const { plan: made } = await plan(withOthers(), topologyFrom(text(wrong)))
    expect(made.refusals.map(({ code, exit }) => [code, exit])).toEqual([['PGL070', 1]])
    expect(made.refusals[0]?.message).toContain(`takes the id of a ${wanted}`)
  })

  test('is not there with a space at its end', async () => {
    const { plan: made } = await plan(withOthers(), topologyFrom(text(`${right} `)))
    expect(made.refusals.map(({ code }) => code)).toEqual(['PGL070'])
    expect(made.refusals[0]?.message).toContain('A name in it ends in a space.')
  })

  test('an unreadable target is unknown, and never refused', async () => {
    const { plan: made } = await plan(withOthers('westeurope', /rg-other/i), topologyFrom(text(right)))
    expect(made.refusals).toEqual([])
    expect(made.unknown.map(({ message }) => message).join('\n')).toContain(
      `whether ${right.toLowerCase()} is there could not be read: not for you`
    )
  })
})

test.each(places.filter(([place]) => !place.includes('server')))(
  '%s that is right is applied, and costs nothing the next time',
  async (_place, _wanted, right, text) => {
    const on = withOthers()
    const wanted = topologyFrom(text(right))
    expect(failures(await reconcile(on, wanted))).toEqual([])
    on.requests.length = 0
    expect((await plan(on, wanted)).plan.changes).toEqual([])
    // The path to a server has the DNS servers of a linked network looked at.
    const isPath = right === network
    expect(isPath ? [] : on.requests.filter(request => request.toLowerCase() === `get ${right.toLowerCase()}`)).toEqual([])
  }
)

describe('a security group', () => {
  const wanted = topologyFrom(places[1]?.[3](securityGroup) ?? '')

  test("in another region is 'PGL071', as Azure refuses it", async () => {
    const on = withOthers('northeurope')
    expect(await codes(on, wanted)).toEqual([['PGL071', 1]])
    const hub = `/subscriptions/${subscription}/resourceGroups/rg-other/providers/Microsoft.Network/virtualNetworks/hub`
    await arm(on, 'PUT', hub, '2024-05-01', { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } })
    await on.sandbox.clock.sleep(60_000)
    const refused = await arm(on, 'PUT', `${hub}/subnets/a`, '2024-05-01', {
      properties: { addressPrefix: '10.0.1.0/24', networkSecurityGroup: { id: securityGroup } }
    })
    expect([refused.status, JSON.stringify(await refused.json())]).toEqual([400, expect.stringContaining('InvalidResourceReference')])
  })

  test('that may not be read stops nothing: a subnet joins it unseen', async () => {
    const { result } = await reconcile(withOthers('westeurope', /networkSecurityGroups/i), wanted)
    expect([...result.outcomes.values()].map(({ as }) => as)).toEqual(['done', 'done', 'done'])
  })
})

test('a subnet that is only an id tells where its network is', async () => {
  expect(await codes(withOthers('northeurope'), topologyFrom(places[3]?.[3](`${network}/subnets/a`) ?? ''))).toEqual([['PGL004', 4]])
})

test('an entry whose id is of another type is refused, and not read', async () => {
  const on = withOthers()
  const { plan: made } = await plan(on, topologyFrom(`networks: { far: { id: "${network}/subnets/a" } }`))
  expect(made.refusals.map(({ code, exit, message }) => [code, exit, message])).toEqual([
    ['missing', 1, `networks/far takes the id of a virtual network, and this is the id of another type: ${network}/subnets/a`]
  ])
  expect(on.requests.filter(request => /virtualNetworks/i.test(request))).toEqual([])
})

test('an approval of an endpoint that is nowhere is refused, of one that may not be seen is not', async () => {
  const text = topologyFrom(`servers:
  one-pg: ${small}
    networking: { publicAccess: { enabled: false } }
    connections:
      - { from: { factory: "${factory}", managedPrivateEndpoint: to }, decision: approve }`)
  expect(await codes(estate(), text)).toEqual([['PGL070', 1]])
  expect(await codes(withOthers('westeurope', /other-adf/i), text)).toEqual([])
})

test('Azure that throttles is asked no more, and the plan is made', async () => {
  const on = estate({}, {}, async (request, sandbox) =>
    /rg-other/i.test(decodeURIComponent(request.url))
      ? Response.json({ error: { code: 'TooManyRequests', message: 'later' } }, { status: 429 })
      : sandbox.handle(request)
  )
  const { plan: made } = await plan(
    on,
    topologyFrom(
      `networks: { n: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24, networkSecurityGroup: { id: ${securityGroup} }, routeTable: { id: ${routes} } } } } }`
    )
  )
  expect(made.refusals).toEqual([])
  expect(made.steps.length).toBeGreaterThan(0)
  expect(made.unknown.map(({ message }) => message).join()).toContain('Azure throttles this login')
})

test('a plan without changes makes no read of the preflight, also where Azure throttles', async () => {
  let throttled = false
  const on = estate({}, {}, async (request, sandbox) =>
    throttled ? Response.json({ error: { code: 'TooManyRequests', message: 'later' } }, { status: 429 }) : sandbox.handle(request)
  )
  const wanted = topologyFrom('networks: { hub: { addressSpace: [10.0.0.0/16] } }')
  const before = await plan(on, wanted)
  expect(failures(await reconcile(on, wanted))).toEqual([])
  const { plan: made, live, wanted: resolved } = await plan(on, wanted)
  throttled = true
  on.requests.length = 0
  expect([made.changes, await lookAhead(on.azure, resolved, { plan: made, live })]).toEqual([[], undefined])
  expect(on.requests).toEqual([])
  expect(await lookAhead(on.azure, resolved, before)).toBeDefined()
  expect(on.requests).not.toEqual([])
})
