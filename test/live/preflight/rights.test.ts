import { describe, expect, test } from 'vitest'
import { permissionsThrough } from '../../../src/azure/permissions.ts'
import { kinds } from '../../../src/kinds/index.ts'
import { rightsOf, rightsFor as rightsOfSteps } from '../../../src/live/preflight/rights.ts'
import type { Topology } from '../../../src/model/topology.generated.ts'
import { type Estate, estate, plan, putLockOn, reconcile, subscription } from '../../support/estate.ts'
import { topologyFrom } from '../../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const provider = (type: string): string => `${group}/providers/${type}`.toLowerCase()

interface Grant {
  readonly actions: readonly string[]
  readonly notActions?: readonly string[]
}

/** An estate whose `permissions` are these, by the scope in lower case; what is not here has none, and `refused` answers 403. */
function granting(grants: Readonly<Record<string, Grant | 'refused' | 'missing'>>): Estate & { readonly asked: string[] } {
  const asked: string[] = []
  const on = estate({}, {}, async (request, sandbox) => {
    const scope = /^(.*)\/providers\/Microsoft\.Authorization\/permissions$/i.exec(decodeURIComponent(new URL(request.url).pathname))?.[1]
    if (scope === undefined) return sandbox.handle(request)
    asked.push(scope.toLowerCase())
    const grant = grants[scope.toLowerCase()]
    if (grant === 'refused') return Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 })
    if (grant === 'missing') return Response.json({ error: { code: 'ResourceGroupNotFound', message: 'no' } }, { status: 404 })
    return Response.json({ value: grant ? [grant] : [] })
  })
  return Object.assign(on, { asked })
}

async function rightsFor(on: Estate, wanted: Topology) {
  const made = await plan(on, wanted)
  return rightsOf(rightsOfSteps(made.plan.steps), made.live, permissionsThrough(on.azure))
}

const small = `
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: false } }`
const network = 'networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }'
const zone = 'privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }'
const withEndpoint = (approval: string): Topology =>
  topologyFrom(`${network}\n${zone}\nservers:\n  case-pg: ${small}
    privateEndpoints: { pe: { subnet: hub/a, privateDns: { zone: link }, approval: ${approval} } }`)
const standing = topologyFrom(`${network}\n${zone}\nservers:\n  case-pg: ${small}`)

const sub = `/subscriptions/${subscription}`
const server = provider('Microsoft.DBforPostgreSQL/flexibleServers/case-pg')
const subnet = provider('Microsoft.Network/virtualNetworks/hub/subnets/a')
const dns = provider('Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com')

test('a plan without steps asks for no permissions', async () => {
  const on = granting({})
  await reconcile(on, standing)
  on.asked.length = 0
  expect(await rightsFor(on, standing)).toEqual({ lacking: [], unknown: [] })
  expect(on.asked).toEqual([])
})

test('a login with all rights on the subscription is asked for it once, whatever is written', async () => {
  const on = granting({ [sub]: { actions: ['*'] } })
  expect(await rightsFor(on, withEndpoint('automatic'))).toEqual({ lacking: [], unknown: [] })
  expect(on.asked).toEqual([sub])
})

test('each scope is asked once, and what is not there yet is asked of what stands above it', async () => {
  const on = granting({})
  const { lacking } = await rightsFor(on, withEndpoint('automatic'))
  // Not even the group is there.
  expect(on.asked).toEqual([sub])
  expect(lacking.map(({ action }) => action)).toContain('Microsoft.Resources/subscriptions/resourceGroups/write')
  await reconcile(on, standing)
  on.asked.length = 0
  await rightsFor(on, withEndpoint('automatic'))
  expect([...on.asked].sort()).toEqual([...new Set(on.asked)].sort())
  expect(on.asked).toEqual(expect.arrayContaining([sub, group.toLowerCase(), server, subnet, dns]))
  expect(on.asked.join()).not.toContain('privateendpoints')
})

describe('an endpoint with DNS', () => {
  const lackingOf = async (approval: string, more: Readonly<Record<string, Grant | 'refused'>>) => {
    const on = granting({})
    await reconcile(on, standing)
    const own = { actions: ['Microsoft.Network/privateEndpoints/*'] }
    const again = granting({ [group.toLowerCase()]: own, ...more })
    const made = await plan(on, withEndpoint(approval))
    return rightsOf(rightsOfSteps(made.plan.steps), made.live, permissionsThrough(again.azure))
  }
  const all = {
    [subnet]: { actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'] },
    [dns]: { actions: ['Microsoft.Network/privateDnsZones/join/action', 'Microsoft.Network/privateDnsZones/A/write'] },
    [server]: { actions: ['Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnectionsApproval/action'] }
  }

  test('takes the join of its subnet and its zone, the record, and the approval', async () => {
    expect(await lackingOf('automatic', all)).toEqual({ lacking: [], unknown: [] })
    expect((await lackingOf('automatic', {})).lacking.map(({ action, scope, for: takers }) => [action, scope, takers])).toEqual([
      [
        'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnectionsApproval/action',
        server,
        ['servers/case-pg/privateEndpoints/pe']
      ],
      ['Microsoft.Network/privateDnsZones/A/write', dns, ['servers/case-pg/privateEndpoints/pe/privateDns']],
      ['Microsoft.Network/privateDnsZones/join/action', dns, ['servers/case-pg/privateEndpoints/pe/privateDns']],
      ['Microsoft.Network/virtualNetworks/subnets/join/action', subnet, ['servers/case-pg/privateEndpoints/pe']]
    ])
  })

  test('takes no right on its server where it asks for the approval, which is the way out', async () => {
    const { [server]: _, ...without } = all
    expect(await lackingOf('{ manual: "case asks" }', without)).toEqual({ lacking: [], unknown: [] })
    expect((await lackingOf('automatic', without)).lacking.map(({ instead }) => instead)).toEqual([
      '`approval: { manual: MESSAGE }` asks the owner of the server instead'
    ])
  })

  test('a refused look is unknown, and never missing; a right above is enough', async () => {
    expect(await lackingOf('automatic', { ...all, [server]: 'refused' })).toEqual({ lacking: [], unknown: [server] })
    expect(await lackingOf('automatic', { ...all, [server]: 'refused', [sub]: { actions: ['*'] } })).toEqual({ lacking: [], unknown: [] })
  })

  test('an excepted right is not held', async () => {
    const excepted = { ...all, [server]: { actions: ['*'], notActions: ['Microsoft.DBforPostgreSQL/*/action'] } }
    expect((await lackingOf('automatic', excepted)).lacking.map(({ scope }) => scope)).toEqual([server])
  })
})

test('a lock that is lifted takes the rights to read, to write and to delete locks on its scope', async () => {
  const on = granting({})
  await reconcile(on, standing)
  expect((await putLockOn(on, `${group}/providers/Microsoft.Network/virtualNetworks/hub`, 'keep', { level: 'ReadOnly' })).status).toBe(201)
  const { lacking } = await rightsFor(on, withEndpoint('automatic'))
  expect(lacking.filter(({ action }) => action.includes('/locks/')).map(({ action, scope }) => `${action} ${scope}`)).toEqual([
    `Microsoft.Authorization/locks/delete ${provider('Microsoft.Network/virtualNetworks/hub')}`,
    `Microsoft.Authorization/locks/read ${provider('Microsoft.Network/virtualNetworks/hub')}`,
    `Microsoft.Authorization/locks/write ${provider('Microsoft.Network/virtualNetworks/hub')}`
  ])
})

test('a group that Azure does not find is asked of its subscription', async () => {
  const on = granting({ [`${sub}/resourcegroups/gone`]: 'missing', [sub]: { actions: ['Microsoft.Network/*'] } })
  const held = await permissionsThrough(on.azure).on(`${sub}/resourceGroups/gone`)
  expect([held?.('Microsoft.Network/virtualNetworks/write'), held?.('Microsoft.Sql/servers/write')]).toEqual([true, false])
})

test.each(kinds.map(kind => [kind.name, kind] as const))(
  '%s: the names of its rights are those of Azure',
  (_name, { actions, removedBy }) => {
    expect(actions).toMatch(/^Microsoft\.(Network|DBforPostgreSQL|DataFactory|Authorization|Resources)\/[A-Za-z/]+$/)
    expect(['write', 'delete']).toContain(removedBy)
  }
)
