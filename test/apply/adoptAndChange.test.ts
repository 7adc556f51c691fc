import { expect, test } from 'vitest'
import { dangersOf } from '../../src/document/dangers.ts'
import { arm, estate, failures, plan, reconcile, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const server = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`

const topology = (tail: string, adopt = true) =>
  topologyFrom(`
servers:
  case-pg:
${adopt ? '    adopt: true\n' : ''}    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
${tail}
`)

/** A public server with the rule of an office, made by somebody without pglink. */
async function made() {
  const on = estate()
  await reconcile(
    on,
    topology(
      '    networking: { publicAccess: { enabled: true, firewallRules: { office: { start: 203.0.113.1, end: 203.0.113.9 } } } }',
      false
    )
  )
  await arm(on, 'PATCH', server, '2025-08-01', { tags: { owner: 'dba' } })
  await on.azure.clock.sleep(600_000)
  return on
}

async function stateOf(on: Awaited<ReturnType<typeof made>>) {
  const body = (await (await arm(on, 'GET', server, '2025-08-01')).json()) as {
    tags: Record<string, string>
    properties: { network: { publicNetworkAccess: string } }
  }
  return { ...body.tags, access: body.properties.network.publicNetworkAccess }
}

test('a public server is taken over and closed in one apply', async () => {
  const on = await made()
  const closed = topology('    networking: { publicAccess: { enabled: false } }')
  const applied = await reconcile(on, closed)
  expect(failures(applied)).toEqual([])
  // The tag first, the path last: two steps, the second of which finds what the first has written.
  expect(applied.plan.steps.map(({ id }) => id.replace(/^(\w+ ).*#?/, (_, what) => what))).toHaveLength(2)
  expect(await stateOf(on)).toEqual({ owner: 'dba', 'pglink-topology': 'case', access: 'Disabled' })
  expect((await plan(on, closed)).plan.changes).toEqual([])
})

test('a resource that another topology took over meanwhile is left alone', async () => {
  const on = await made()
  const closed = topology('    networking: { publicAccess: { enabled: false } }')
  let meddled = false
  const meddling = estate({}, {}, async request => {
    // Right after the tag was written.
    const answer = await on.sandbox.handle(request)
    if (!meddled && request.method === 'PATCH') {
      meddled = true
      await on.azure.clock.sleep(600_000)
      await arm(on, 'PATCH', server, '2025-08-01', { tags: { 'pglink-topology': 'theirs' } })
      await on.azure.clock.sleep(600_000)
    }
    return answer
  })
  const ended = await reconcile({ ...meddling, sandbox: on.sandbox }, closed)
  expect(failures(ended)).toEqual([expect.stringContaining('changed hands')])
  expect((await stateOf(on)).access).toBe('Enabled')
})

/** The bodies of the writes that were sent to the server itself. */
function watched() {
  const sent: string[] = []
  const on = estate({}, {}, async (request, sandbox) => {
    if (['PUT', 'PATCH'].includes(request.method) && /\/flexibleServers\/case-pg\?/.test(request.url))
      sent.push(await request.clone().text())
    return sandbox.handle(request)
  })
  return { on, sent }
}

const versioned = (version: number, adopt = true) =>
  topologyFrom(`
servers:
  case-pg:
    adopt: ${adopt}
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x, passwordVersion: ${version} }
    networking: { publicAccess: { enabled: false } }
`)

test('a server that is taken over keeps its password: the version is remembered, and the next one is sent', async () => {
  const { on, sent } = watched()
  await reconcile(on, versioned(1, false))
  await arm(on, 'PATCH', server, '2025-08-01', { tags: { owner: 'dba' } })
  await on.azure.clock.sleep(600_000)
  sent.length = 0

  const taken = await reconcile(on, versioned(3))
  expect(failures(taken)).toEqual([])
  expect(dangersOf(taken.plan, taken.wanted.desired, {})).toEqual([])
  expect(sent.map(body => JSON.parse(body))).toEqual([
    { tags: { owner: 'dba', 'pglink-topology': 'case', 'pglink-password-version': '3' }, properties: {} }
  ])

  const risen = await reconcile(on, versioned(4))
  expect(failures(risen)).toEqual([])
  expect(dangersOf(risen.plan, risen.wanted.desired, {})).toEqual([
    { kind: 'password', address: 'servers/case-pg', message: 'servers/case-pg: its password will be set to what TEST_PASSWORD holds' }
  ])
  expect(JSON.parse(sent.at(-1) ?? '')).toMatchObject({
    tags: { 'pglink-password-version': '4' },
    properties: { administratorLoginPassword: 'Test-only-1' }
  })
  expect(sent).toHaveLength(2)

  const fallen = await plan(on, versioned(3))
  expect(fallen.plan.refusals.map(({ code, exit, message }) => [code, exit, message])).toEqual([
    ['fixed-field', 6, expect.stringContaining('Write passwordVersion: 4, or 5 to have the password sent again.')]
  ])
})

test('a network that is changed keeps the peerings that others made, and the security group of its subnet its rules', async () => {
  const on = estate()
  const net = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.Network`
  const nsg = `${net}/networkSecurityGroups/nsg`
  const network = (space: string, subnet: string) =>
    topologyFrom(`
networks:
  hub:
    addressSpace: ${space}
    subnets: { a: ${subnet} }
`)
  const theirs: Readonly<Record<string, object>> = {
    [nsg]: { location: 'westeurope', properties: {} },
    [`${nsg}/securityRules/postgres`]: {
      properties: { access: 'Allow', direction: 'Inbound', protocol: 'Tcp', priority: 100 }
    },
    [`${net}/virtualNetworks/spoke`]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } } },
    [`${net}/virtualNetworks/hub/virtualNetworkPeerings/to-spoke`]: {
      properties: { remoteVirtualNetwork: { id: `${net}/virtualNetworks/spoke` } }
    }
  }
  await reconcile(on, network('[10.0.0.0/16]', '{ addressPrefix: 10.0.0.0/24 }'))
  for (const [id, body] of Object.entries(theirs)) {
    await arm(on, 'PUT', id, '2025-05-01', body)
    await on.azure.clock.sleep(60_000)
  }
  const changed = network('[10.0.0.0/16, 10.1.0.0/16]', `{ addressPrefix: 10.1.0.0/24, networkSecurityGroup: { id: ${nsg} } }`)
  const applied = await reconcile(on, changed)
  expect(failures(applied)).toEqual([])
  const body = await (await arm(on, 'GET', `${net}/virtualNetworks/hub`, '2025-05-01')).json()
  expect(body).toMatchObject({
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/16', '10.1.0.0/16'] },
      subnets: [{ name: 'a', properties: { networkSecurityGroup: { id: nsg } } }],
      virtualNetworkPeerings: [{ name: 'to-spoke', properties: { provisioningState: 'Succeeded', peeringState: 'Initiated' } }]
    }
  })
  expect(await (await arm(on, 'GET', nsg, '2025-05-01')).json()).toMatchObject({ properties: { securityRules: [{ name: 'postgres' }] } })
})
