import { expect } from 'vitest'
import { stringify } from 'yaml'
import { applyEnding } from '../../src/engine/endings.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import { arm, type Estate, estate, isThere, reconcile, type Settings, safetyWith, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

// The old path to a server goes only when the new one is proven. Each row takes something away while the new path is not there, or
// is not what it should be: afterwards all that was there of the old path is as it was.

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const network = `${group}/providers/Microsoft.Network`
export const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
export const zone = `${network}/privateDnsZones/privatelink.postgres.database.azure.com`
export const record = `${zone}/A/orders-pg`
export const factory = `${group}/providers/Microsoft.DataFactory/factories/orders-adf`

const closed = { publicAccess: { enabled: false } }
export const office = { start: '203.0.113.0', end: '203.0.113.255' }
export const open = { publicAccess: { enabled: true, firewallRules: { office } } }
const small = {
  version: '16',
  compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
  storage: { sizeGiB: 128 },
  administrator: { login: 'orders_admin', password: 'drawn', passwordVersion: 1 }
}
export const auto = { subnet: 'hub/a', privateDns: { zone: 'link' }, approval: 'automatic' }
export const asks = { subnet: 'hub/b', privateDns: { zone: 'link' }, approval: { manual: 'please' } }
export const noDns = { privateDns: 'none' }

export interface Parts {
  readonly networking?: object
  readonly endpoints?: object
  readonly connections?: readonly object[]
  readonly links?: object
  readonly factories?: object
}

export const world = ({ networking = closed, endpoints, connections, links = { hub: {} }, factories }: Parts): object => ({
  networks: {
    hub: { addressSpace: ['10.0.0.0/16'], subnets: { a: { addressPrefix: '10.0.1.0/24' }, b: { addressPrefix: '10.0.2.0/24' } } },
    spoke: { addressSpace: ['10.1.0.0/16'] }
  },
  privateDnsZones: { link: { name: 'privatelink.postgres.database.azure.com', links } },
  servers: {
    'orders-pg': { ...small, networking, ...(endpoints && { privateEndpoints: endpoints }), ...(connections && { connections }) }
  },
  ...(factories && { dataFactories: { 'orders-adf': factories } })
})

export const outside = { type: 'Azure' }
export const inside = { type: 'Azure', managedVirtualNetwork: true }
export const service = (integrationRuntime: string) => ({
  type: 'AzurePostgreSql',
  server: 'orders-pg',
  database: 'postgres',
  username: 'reader',
  password: 'drawn',
  passwordVersion: 1,
  encryption: 'SSL',
  integrationRuntime
})
export const managed = { managedVirtualNetwork: true, managedPrivateEndpoints: { 'to-orders': { server: 'orders-pg' } } }
export const before = { managedVirtualNetwork: true, integrationRuntimes: { one: outside }, linkedServices: { orders: service('one') } }

export const linked = `${factory}/linkedservices/orders`
export const pe = `${network}/privateEndpoints/pe`
export const pe2 = `${network}/privateEndpoints/pe2`
export const rule = `${server}/firewallRules/office`

/** A decision of the server's owner, taken elsewhere. */
export async function decide(on: Estate, endpoint: string, status: string): Promise<void> {
  const list = await arm(on, 'GET', `${server}/privateEndpointConnections`, '2025-08-01')
  const { value } = (await list.json()) as { value: { id: string; properties: { privateEndpoint: { id: string } } }[] }
  const found = value.find(one => one.properties.privateEndpoint.id.toLowerCase().endsWith(endpoint.toLowerCase()))
  const state = { status, description: 'decided elsewhere' }
  await arm(on, 'PUT', found?.id ?? '', '2025-08-01', { properties: { privateLinkServiceConnectionState: state } })
  await on.sandbox.clock.sleep(120_000)
}

const versionOf = (path: string): string =>
  /DBforPostgreSQL/.test(path)
    ? '2025-08-01'
    : /DataFactory/.test(path)
      ? '2018-06-01'
      : /privateDnsZones/.test(path)
        ? '2020-06-01'
        : '2024-05-01'

/** The body that is there, without members that change with a look at it, or with the new path. */
export async function at(on: Estate, path: string): Promise<unknown> {
  const answer = await arm(on, 'GET', path, versionOf(path))
  const passing = ['etag', 'encryptedCredential', 'privateEndpointConnections']
  return [answer.status, JSON.parse(await answer.text(), (key, value) => (passing.includes(key) ? undefined : value))]
}

export interface Row {
  readonly now: Parts
  readonly want: Parts
  readonly settings?: Settings
  readonly first?: (on: Estate) => Promise<unknown>
  readonly exit: 7 | 8
  readonly stays: readonly string[]
  readonly says: RegExp
}

export const waiting = { exit: 7, says: /is Pending on servers\/orders-pg/ } as const
export const withDns = { now: { endpoints: { pe: auto } } } as const

export async function run({ now, want, settings, first, exit, stays, says }: Row): Promise<void> {
  const on = estate()
  const is = topologyFrom(stringify(world(now)))
  await reconcile(on, is)
  await first?.(on)
  const whole = await Promise.all(stays.map(path => at(on, path)))
  expect(await Promise.all(stays.map(path => isThere(on, path)))).not.toContain(false)
  const wanted = topologyFrom(stringify(world(want)))
  const safety = safetyWith(20)
  const asked: Settings = { baseline: is, prune: true, safety, ...settings }
  const applied = await reconcile(on, wanted, asked)
  const reasons = [...applied.result.outcomes.values()].flatMap(one => ('reason' in one ? [one.reason] : []))
  expect(reasons.join('\n')).toMatch(says)
  expect(await Promise.all(stays.map(path => at(on, path)))).toEqual(whole)
  expect(exitCodes[applyEnding(applied.plan, applied.result, undefined, undefined)]).toBe(exit)
}
