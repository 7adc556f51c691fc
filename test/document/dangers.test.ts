import { expect, test } from 'vitest'
import type { ArmBody } from '../../src/sandbox/json.ts'
import { estate, failures, plan, putLockOn, reconcile, resolved, type Settings, subscription } from '../support/estate.ts'
import { planDocument } from '../support/planDocument.ts'
import { complete, topologyFrom } from '../support/yaml.ts'

interface More extends Settings {
  /** Put on by somebody else before the plan: by address, or on the group. */
  readonly lock?: { readonly on: string; readonly level: 'CanNotDelete' | 'ReadOnly' }
}

/** The dangers of going from one file to another, as `kind: sentence`. */
async function dangers(from: string | undefined, to: string, { lock, ...settings }: More = {}): Promise<string[]> {
  const on = estate()
  const now = from === undefined ? complete({}) : topologyFrom(from)
  if (from !== undefined) expect(failures(await reconcile(on, now))).toEqual([])
  if (lock) {
    const scope = [...resolved(now).desired.values()].find(({ address }) => address === lock.on)?.path ?? ''
    expect((await putLockOn(on, scope, 'keep', { level: lock.level })).status).toBe(201)
  }
  const document = planDocument(await plan(on, topologyFrom(to), { baseline: now, ...settings }))
  return document.dangers.map(({ kind, message }) => `${kind}: ${message}`)
}

const server = (networking: string, more = ''): string => `
servers:
  orders:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: orders_admin, password: Test-only-1, passwordVersion: 1 }
    networking: { ${networking} }
${more}`

const rules = (range: string): string => server(`publicAccess: { enabled: true, firewallRules: { office: { ${range} } } }`)

const network = `
networks:
  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 }, b: { addressPrefix: 10.0.2.0/24 } } }`

const closed = 'publicAccess: { enabled: false }'
const endpoint = (subnet: string): string => `    privateEndpoints: { pe: { subnet: hub/${subnet}, privateDns: none } }`

test('a harmless change is no danger', async () => {
  expect(await dangers(undefined, `${network}${server(closed)}`)).toEqual([])
  expect(await dangers(server(closed), server(closed, '    databases: { orders: {} }'))).toEqual([])
})

test('a delete is one, and so is a replacement, which interrupts as well', async () => {
  const from = `${network}${server(closed, endpoint('a'))}`
  expect(await dangers(from, `${network}${server(closed, endpoint('b'))}`)).toEqual([
    'replace: servers/orders/privateEndpoints/pe (private endpoint) will be destroyed and created again',
    'interrupt: servers/orders/privateEndpoints/pe: connections may drop'
  ])
  expect(await dangers(from, `${network}${server(closed)}`, { prune: true })).toEqual([
    'delete: servers/orders/privateEndpoints/pe (private endpoint) will be destroyed',
    'interrupt: servers/orders/privateEndpoints/pe: connections may drop'
  ])
})

test('a lock that is off or lowered is one, with the time; one on a group says for how much', async () => {
  const grown = server(closed, '    databases: { orders: {} }')
  expect(await dangers(server(closed), grown, { lock: { on: 'servers/orders', level: 'ReadOnly' } })).toEqual([
    'unlock: ReadOnly lock keep on servers/orders will be lowered to CanNotDelete for about 11s'
  ])
  const lock = { on: 'resourceGroups/rg-case', level: 'ReadOnly' } as const
  const safety = { ...resolved(topologyFrom(grown)).safety, liftInheritedLocks: true }
  expect(await dangers(server(closed), grown, { lock, safety })).toEqual([
    'inherited-unlock: ReadOnly lock keep on resourceGroups/rg-case will be lowered to CanNotDelete for about 11s, for everything under it'
  ])
})

test('public access that goes on is one, and none where it was on', async () => {
  const on = 'exposure: servers/orders: public network access will be on'
  expect(await dangers(undefined, server('publicAccess: { enabled: true }'))).toEqual([on])
  expect(await dangers(server(closed), server('publicAccess: { enabled: true }'))).toEqual([on])
  expect(await dangers(server('publicAccess: { enabled: true }'), server('publicAccess: { enabled: true }', '    tags: { a: b }'))).toEqual(
    []
  )
})

test('a firewall rule that lets in more is one, and none that lets in less', async () => {
  const from = rules('start: 203.0.113.10, end: 203.0.113.20')
  const office = 'servers/orders/networking/publicAccess/firewallRules/office'
  const to = async (range: string): Promise<string[]> => (await dangers(from, rules(range))).filter(one => one.startsWith('exposure'))
  expect(await dangers(server('publicAccess: { enabled: true }'), rules('start: 203.0.113.10, end: 203.0.113.10'))).toEqual([
    `exposure: ${office}: lets in 203.0.113.10`
  ])
  expect(await to('start: 203.0.113.12, end: 203.0.113.14')).toEqual([])
  expect(await to('start: 203.0.113.10, end: 203.0.113.21')).toEqual([
    `exposure: ${office}: lets in 203.0.113.10 to 203.0.113.21, 12 addresses`
  ])
  expect(await to('start: 0.0.0.0, end: 0.0.0.0')).toEqual([
    `exposure: ${office}: lets in every Azure service, other customers' included (0.0.0.0)`
  ])
  expect(await to('start: 0.0.0.0, end: 255.255.255.255')).toEqual([
    `exposure: ${office}: lets in the whole internet (0.0.0.0 to 255.255.255.255)`
  ])
  // As numbers the one lies in the other; what they mean has nothing in common.
  expect(await dangers(rules('start: 0.0.0.0, end: 0.0.0.5'), rules('start: 0.0.0.0, end: 0.0.0.0'))).toContain(
    `exposure: ${office}: lets in every Azure service, other customers' included (0.0.0.0)`
  )
})

const vendor = (of: string): string => `/subscriptions/${of}/resourceGroups/rg-vendor/providers/Microsoft.Network/privateEndpoints/vendor`

const decided = (id: string, decision: string): string =>
  server('publicAccess: { enabled: false }', `    connections: [{ from: { id: ${id} }, decision: ${decision} }]`)

/** An endpoint of somebody else that waits on the server. */
async function approving(id: string, decision: 'approve' | 'reject'): Promise<string[]> {
  const now = topologyFrom(server(closed))
  const path = [...resolved(now).desired.values()].find(({ address }) => address === 'servers/orders')?.path ?? ''
  const on = estate()
  expect(failures(await reconcile(on, now))).toEqual([])
  for (const [at, body] of Object.entries(bodiesFor(id, path))) {
    const answer = await on.sandbox.handle(
      new Request(`https://management.azure.com${at}?api-version=2024-05-01`, {
        method: 'PUT',
        headers: { authorization: 'Bearer sandbox', 'content-type': 'application/json' },
        body: JSON.stringify(body)
      })
    )
    expect([at, answer.status]).toEqual([at, expect.toSatisfy((status: number) => status < 300)])
    await on.sandbox.clock.sleep(120_000)
  }
  const document = planDocument(await plan(on, topologyFrom(decided(id, decision))))
  expect(document.steps.map(({ op }) => op)).toEqual([`connection.${decision}`])
  return document.dangers.map(({ kind, message }) => `${kind}: ${message}`)
}

function bodiesFor(id: string, server: string): Readonly<Record<string, ArmBody>> {
  const group = id.split('/').slice(0, 5).join('/')
  const vnet = `${group}/providers/Microsoft.Network/virtualNetworks/vendor`
  const subnet = `${vnet}/subnets/a`
  const manual = [
    { name: 'vendor', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'], requestMessage: 'please' } }
  ]
  return {
    [group]: { location: 'westeurope' },
    [vnet]: {
      location: 'westeurope',
      properties: {
        addressSpace: { addressPrefixes: ['10.9.0.0/16'] },
        subnets: [{ name: 'a', properties: { addressPrefix: '10.9.1.0/24' } }]
      }
    },
    [id]: { location: 'westeurope', properties: { subnet: { id: subnet }, manualPrivateLinkServiceConnections: manual } }
  }
}

test('a connection of somebody else that is approved is one; one that is rejected is none', async () => {
  const [other, same] = [vendor('22222222-2222-4222-8222-222222222222'), vendor(subscription)]
  expect(await approving(other, 'approve')).toEqual([
    `exposure: servers/orders/connections/vendor: approves ${other.toLowerCase()}, which is in another subscription`
  ])
  expect(await approving(same, 'approve')).toEqual([
    `exposure: servers/orders/connections/vendor: approves ${same.toLowerCase()}, which is not made by this file`
  ])
  expect(await approving(same, 'reject')).toEqual([])
})

test('a restart is one, named once for all that asks for it', async () => {
  const sized = (size: string, more = ''): string => server(closed, more).replace('Standard_D2ds_v5', size)
  const restart = 'restart: servers/orders will restart: every connection to it drops'
  expect(await dangers(server(closed), sized('Standard_D4ds_v5', '    restart: allowed'))).toEqual([restart])
  const parameters = '    restart: allowed\n    parameters: { max_connections: "200", shared_buffers: "65536" }'
  expect(await dangers(server(closed), server(closed, parameters))).toEqual([restart])
})
