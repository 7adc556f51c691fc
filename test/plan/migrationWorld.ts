import { stringify } from 'yaml'
import type { Topology } from '../../src/model/topology.generated.ts'
import { arm, type Estate, estate, plan, reconcile, type Settings, safetyWith, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

/* A server that lies in a virtual network, and the file that has it reached by a private endpoint. */

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const network = `${group}/providers/Microsoft.Network`
export const app = `${network}/virtualNetworks/app`
export const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg`
export const oldZone = `${network}/privateDnsZones/shop.private.postgres.database.azure.com`
export const injected = `${app}/subnets/injected`
export const address = 'servers/shop-pg'

const small = {
  version: '16',
  compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
  storage: { sizeGiB: 128 },
  administrator: { login: 'shop_admin', password: 'drawn', passwordVersion: 1 }
}
const delegated = { addressPrefix: '10.10.2.0/28', delegation: 'Microsoft.DBforPostgreSQL/flexibleServers' }
const networkWith = (subnets: object): object => ({ app: { addressSpace: ['10.10.0.0/16'], subnets } })

/** @param more settings of the server beside those that every one has */
export const integratedFile = (more: object = {}): object => ({
  networks: networkWith({ injected: delegated }),
  privateDnsZones: { old: { name: 'shop.private.postgres.database.azure.com', links: { app: {} } } },
  servers: { 'shop-pg': { ...small, networking: { virtualNetwork: { subnet: 'app/injected', privateDnsZone: 'old' } }, ...more } }
})

export const automatic = { subnet: 'app/endpoints', privateDns: { zone: 'link' }, approval: 'automatic' }

/** @param range of the subnet for endpoints @param top settings in place of those of the file */
export const endpointFile = (more: object = {}, range = '10.10.3.0/28', top: object = {}): object => ({
  networks: networkWith({ endpoints: { addressPrefix: range } }),
  privateDnsZones: { link: { name: 'privatelink.postgres.database.azure.com', links: { app: {} } } },
  servers: {
    'shop-pg': {
      ...small,
      networking: { publicAccess: { enabled: false } },
      databases: { shop: {} },
      privateEndpoints: { pe: automatic },
      ...more
    }
  },
  ...top
})

export const integrated = (more?: object): Topology => topologyFrom(stringify(integratedFile(more)))

export const behindEndpoint = (...parts: Parameters<typeof endpointFile>): Topology => topologyFrom(stringify(endpointFile(...parts)))

/** All that the user agrees to who has the old path taken away as well. */
export const agreed = (is: Topology): Settings => ({
  baseline: is,
  prune: true,
  safety: { ...safetyWith(20), maxUnlockedSeconds: 3600 },
  allowMigrate: [address],
  allowDelete: ['privateDnsZones/old']
})

export const networkOf = async (on: Estate): Promise<unknown> => {
  const answer = await arm(on, 'GET', server, '2025-08-01')
  return ((await answer.json()) as { properties: { network: unknown } }).properties.network
}

/** Azure after the server has been made in its network. */
export async function begun(
  more: object = {},
  options: Parameters<typeof estate>[0] = {},
  handle?: Parameters<typeof estate>[2]
): Promise<Estate> {
  // With the usual tries of the pipeline.
  const on = estate(options, { retriesMax: 3 }, handle)
  await reconcile(on, integrated(more))
  on.requests.length = 0
  return on
}

/** The refusals of a plan that migrates the server, each with its exit code. */
export async function refusalsOf(on: Estate, want = behindEndpoint(), settings: Settings = {}): Promise<readonly string[]> {
  const { plan: made } = await plan(on, want, { ...agreed(integrated()), ...settings })
  return made.refusals.map(({ code, exit }) => `${code} ${exit}`)
}
