import type { Topology } from '../../src/model/topology.generated.ts'
import { subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import type { Drawn } from './crossing.ts'

const shared = `/subscriptions/${subscription}/resourceGroups/rg-shared`
export const networks = ['h1', 'h2'] as const
const servers = ['s1', 's2'] as const
export const networkId = (name: string): string => `${shared}/providers/Microsoft.Network/virtualNetworks/${name}`
export const serverId = (name: string): string => `${shared}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}-pg`
export const teams = ['t1', 't2', 't3', 't4'] as const

export const seedBodies = {
  [shared]: { location: 'westeurope' },
  ...Object.fromEntries(
    networks.flatMap((name, index) => [
      [networkId(name), { location: 'westeurope', properties: { addressSpace: { addressPrefixes: [`10.${index}.0.0/16`] } } }],
      [`${networkId(name)}/subnets/a`, { properties: { addressPrefix: `10.${index}.1.0/24` } }]
    ])
  ),
  ...Object.fromEntries(
    servers.map(name => [
      serverId(name),
      {
        location: 'westeurope',
        sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
        properties: { version: '17', network: { publicNetworkAccess: 'Enabled' } }
      }
    ])
  ),
  ...Object.fromEntries(
    teams.map(name => [
      `/subscriptions/${subscription}/resourceGroups/rg-${name}`,
      { location: 'westeurope', tags: { 'pglink-topology': name } }
    ])
  )
}

export type Pair = readonly [server: (typeof servers)[number], network: (typeof networks)[number]]

export const pairs: readonly Pair[] = servers.flatMap(server => networks.map(network => [server, network] as const))

export function topologyOf(team: string, wants: readonly Pair[]): Topology {
  const endpoints = (server: string): string =>
    wants
      .filter(([to]) => to === server)
      .map(([, network]) => `${team}-${server}-${network}: { subnet: ${network}/a, privateDns: none, approval: automatic }`)
      .join(', ')
  const text = `
resourceGroup: { name: rg-${team} }
networks:
${networks.map(name => `  ${name}: { id: ${networkId(name)}, subnets: { a: { existing: true, name: a } } }`).join('\n')}
servers:
${servers.map(name => `  ${name}: { id: ${serverId(name)}, privateEndpoints: { ${endpoints(name)} } }`).join('\n')}
`
  return { ...topologyFrom(text), name: team }
}

export const lockOn = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks/keep`
export const mineOn = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks/mine`
export const levelOf = (scope: string, { levels }: Pick<Drawn, 'levels'>): 'CanNotDelete' | 'ReadOnly' =>
  networks.map(name => (networkId(name) === scope ? levels[name] : undefined)).find(level => level !== undefined) ?? 'ReadOnly'
export const lockedScopes = [...networks.map(networkId), ...servers.map(serverId)]

export const apiVersion = '2020-05-01'
export const lock = (level: 'CanNotDelete' | 'ReadOnly', notes: string): object => ({ properties: { level, notes } })
