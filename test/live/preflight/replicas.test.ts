import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { JsonObject } from '../../../src/sandbox/json.ts'
import { estate, plan, subscription } from '../../support/estate.ts'
import { topologyFrom } from '../../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-there`
const at = (name: string): string => `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`
const body = (sku: JsonObject, parts: JsonObject = {}): JsonObject => ({
  location: 'eastus2',
  sku,
  properties: { version: '16', storage: { storageSizeGB: 256 }, ...parts }
})
const general = { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' }
const replicas = Object.fromEntries(
  [1, 2, 3, 4, 5].map(number => [at(`full-${number}`), body(general, { sourceServerResourceId: at('full-pg') })])
)
const seedBodies = {
  [group]: { location: 'eastus2' },
  [at('small-pg')]: body({ name: 'Standard_B2s', tier: 'Burstable' }),
  [at('large-pg')]: body(general),
  [at('full-pg')]: body(general),
  ...replicas
}

/** The rules that the plan of a replica of this server breaks, and of what the file says beside it. */
async function broken(source: string, sizeGiB = 256, more: object = {}): Promise<string[]> {
  const server = {
    replicaOf: { id: at(source) },
    compute: { tier: 'GeneralPurpose', size: 'Standard_D4ds_v5' },
    storage: { sizeGiB },
    networking: { publicAccess: { enabled: true } }
  }
  const topology = topologyFrom(stringify({ servers: { 'copy-pg': server, ...more } }))
  const { plan: made } = await plan(estate({ seedBodies }), topology)
  return made.refusals.map(({ code }) => code)
}

test('a replica is refused that its source cannot have', async () => {
  expect(await broken('large-pg')).toEqual([])
  expect(await broken('large-pg', 128)).toEqual(['PGL136'])
  expect(await broken('small-pg')).toEqual(['PGL136'])
  expect(await broken('full-1')).toEqual(['PGL136', 'PGL137'])
  expect(await broken('full-pg')).toEqual(['PGL137'])
  expect(await broken('nothing-pg')).toEqual(['PGL070'])
})

test('a server with replicas keeps its major version', async () => {
  const upgraded = {
    'full-pg': {
      resourceGroup: 'rg-there',
      adopt: true,
      restart: 'allowed',
      version: '17',
      compute: { tier: 'GeneralPurpose', size: 'Standard_D4ds_v5' },
      storage: { sizeGiB: 256 },
      administrator: { login: 'orders_admin', password: 'x' },
      networking: { publicAccess: { enabled: true } }
    }
  }
  expect(await broken('large-pg', 256, upgraded)).toContain('PGL138')
})
