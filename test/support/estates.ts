import fc from 'fast-check'
import { subscription } from './estate.ts'
import {
  type Common,
  type Drawn,
  drawn,
  type EndpointChoice,
  type Entry,
  type Factory,
  grown,
  locksOf,
  type Stage,
  serverChoice
} from './estateChoices.ts'

/*
 * Whole estates as somebody would write them, with more in them than the topologies of the other simulations: several networks, zones of one name
 * in several groups, hub and spoke, two endpoints to a server, approvals that nobody has given, policies that have not come.
 */

/** A file, the one that follows it, and what is there that neither declares. */
export interface DrawnEstate {
  /** Bodies by ARM id that were there before, as a seed has them. */
  readonly theirs: Entry
  readonly first: Entry
  readonly second: Entry
  readonly locks: readonly { readonly scope: string; readonly level: 'CanNotDelete' | 'ReadOnly' }[]
  readonly prune: boolean
}

const zoneName = 'privatelink.postgres.database.azure.com'

const group = `/subscriptions/${subscription}/resourceGroups/rg-sim`
const theirGroup = `/subscriptions/${subscription}/resourceGroups/rg-theirs`
const theirNetwork = `${theirGroup}/providers/Microsoft.Network/virtualNetworks/shared`
const theirServer = `${theirGroup}/providers/Microsoft.DBforPostgreSQL/flexibleServers/theirs-pg`

/** Things of others: a network with a subnet, a server, and a group for a zone. */
const theirs: Entry = {
  [theirGroup]: { location: 'westeurope' },
  [`/subscriptions/${subscription}/resourceGroups/rg-far`]: { location: 'westeurope' },
  [theirNetwork]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.4.0.0/16'] } } },
  [`${theirNetwork}/subnets/a`]: { properties: { addressPrefix: '10.4.1.0/24' } },
  [theirServer]: {
    location: 'westeurope',
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: {
      version: '17',
      administratorLogin: 'their_admin',
      storage: { storageSizeGB: 128 },
      network: { publicNetworkAccess: 'Disabled' }
    }
  }
}

function topology({ networks, pg1, pg2, factory, toTheirs }: Drawn, common: Readonly<Record<'pg1' | 'pg2', Common>>): Entry {
  const servers = {
    ...(pg1.there && { pg1: server('pg1', pg1, common.pg1, factory) }),
    ...(pg2.there && { pg2: server('pg2', pg2, common.pg2, factory) })
  }
  const foreign = toTheirs && {
    'theirs-pg': {
      id: theirServer,
      privateEndpoints: { 'to-theirs': endpoint(toTheirs, 2, 'pg1') },
      ...(toTheirs.approval === 'decided' && {
        connections: [{ from: 'servers/theirs-pg/privateEndpoints/to-theirs', decision: 'approve' }]
      })
    }
  }
  const integrated = Object.entries(common).some(([name, { integrated: yes }]) => yes && name in servers)
  return {
    version: 1,
    name: 'sim',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a file says
    subscription: '${env:AZURE_SUBSCRIPTION_ID}',
    location: 'westeurope',
    resourceGroup: 'rg-sim',
    networks: {
      hub: {
        addressSpace: networks.wide ? ['10.0.0.0/16', '10.1.0.0/16'] : ['10.0.0.0/16'],
        subnets: {
          a: { addressPrefix: '10.0.1.0/24', ...locksOf(networks.subnet) },
          b: { addressPrefix: '10.0.2.0/24' },
          ...(integrated && { injected: { addressPrefix: '10.0.3.0/26', delegation: 'Microsoft.DBforPostgreSQL/flexibleServers' } })
        },
        ...locksOf(networks.keep)
      },
      spoke: { addressSpace: ['10.8.0.0/16'], subnets: { a: { addressPrefix: '10.8.1.0/24' }, b: { addressPrefix: '10.8.2.0/24' } } },
      shared: { id: theirNetwork, subnets: { a: { existing: true }, b: { addressPrefix: '10.4.2.0/24' } } }
    },
    privateDnsZones: {
      link: { name: zoneName, links: Object.fromEntries(networks.linked.map(name => [name, {}])), ...locksOf(networks.zone) },
      // A network is linked to one zone of a name only.
      far: {
        name: zoneName,
        resourceGroup: { name: 'rg-far', existing: true },
        links: Object.fromEntries(networks.farther.filter(name => !networks.linked.includes(name)).map(name => [name, {}]))
      },
      ...(integrated && { own: { name: 'sim.private.postgres.database.azure.com', links: { hub: {} } } })
    },
    servers: { ...servers, ...foreign },
    safety: { locks: networks.locks },
    ...(factory && { dataFactories: { adf: dataFactory(factory, Object.keys(servers)) } })
  }
}

function server(name: string, stage: Stage, { integrated, restart }: Common, factory: Factory | undefined): Entry {
  const own = Object.entries(integrated ? {} : { main: stage.main, other: stage.other }).flatMap(([key, choice]) =>
    choice === undefined ? [] : [[`${name}-${key}`, choice] as const]
  )
  // A zone holds one record for a server: the second endpoint goes into the other zone, or does without.
  const [[, before] = []] = own
  const endpoints = own.map(
    ([key, choice], index) =>
      [key, index > 0 && before?.dns !== 'none' && before?.zone === choice.zone ? { ...choice, dns: 'none' } : choice] as const
  )
  const decisions = endpoints.flatMap(([key, { approval }]) =>
    approval === 'decided' ? [{ from: `servers/${name}/privateEndpoints/${key}`, decision: 'approve' }] : []
  )
  const managed =
    factory?.managed && factory.decided && factory.to.includes(name)
      ? [{ from: `dataFactories/adf/managedPrivateEndpoints/to-${name}`, decision: 'approve', response: 'yes' }]
      : []
  return {
    version: stage.version,
    compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
    storage: { sizeGiB: stage.sizeGiB },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a file says
    administrator: { login: 'sim_admin', password: '${env:PG_PASSWORD}', passwordVersion: 1 },
    backup: { retentionDays: stage.retentionDays },
    ...(stage.tags && { tags: { team: 'payments' } }),
    ...(restart && { restart: 'allowed' }),
    ...(stage.standby && { highAvailability: { mode: 'SameZone' } }),
    ...(stage.window && { maintenanceWindow: { day: stage.window, hour: 2, minute: 30 } }),
    authentication: {
      entra: { administrators: Object.fromEntries(stage.dbas.map(name => [name, { objectId: objectIds[name], type: 'Group' }])) }
    },
    ...locksOf(stage.lock),
    networking: integrated
      ? { virtualNetwork: { subnet: 'hub/injected', privateDnsZone: 'own' } }
      : {
          publicAccess: {
            enabled: stage.open,
            ...(stage.open && {
              firewallRules: Object.fromEntries(stage.rules.map(rule => [rule, { start: '203.0.113.1', end: '203.0.113.9' }]))
            })
          }
        },
    databases: Object.fromEntries(stage.databases.map(database => [database, {}])),
    parameters: Object.fromEntries(stage.parameters.map(parameter => [parameter, parameter === 'max_connections' ? stage.value : 'on'])),
    ...(endpoints.length > 0 && {
      privateEndpoints: Object.fromEntries(endpoints.map(([key, choice], index) => [key, endpoint(choice, index, name)]))
    }),
    ...(decisions.length + managed.length > 0 && { connections: [...decisions, ...managed] })
  }
}

const objectIds: Entry = { dba: '22222222-0000-4000-8000-000000000001', deputy: '22222222-0000-4000-8000-000000000002' }

const thirds = { hub: 0, shared: 4, spoke: 8 } as const

const endpoint = (
  { network, subnet, dns, zone, approval, address, lock }: Omit<EndpointChoice, 'dns'> & { readonly dns: string },
  index: number,
  name: string
): Entry => ({
  subnet: `${network}/${subnet}`,
  privateDns: dns === 'none' ? 'none' : { zone, ...(dns === 'policy' && { managedBy: 'policy' }) },
  approval: approval === 'automatic' ? 'automatic' : { manual: 'please' },
  ...(address && { ipAddress: `10.${thirds[network]}.${subnet === 'a' ? 1 : 2}.${(name === 'pg1' ? 40 : 60) + index}` }),
  ...locksOf(lock)
})

function dataFactory(
  { managed, to, service, username, vault, encryption, onprem, minutes, lock }: Factory,
  servers: readonly string[]
): Entry {
  const targets = managed ? to.filter(name => servers.includes(name)) : []
  return {
    ...(managed && { managedVirtualNetwork: true }),
    integrationRuntimes: {
      azure: { type: 'Azure', ...(managed && { managedVirtualNetwork: true, dataFlow: { timeToLiveMinutes: minutes } }) },
      ...(onprem && { onprem: { type: 'SelfHosted' } })
    },
    ...locksOf(lock),
    managedPrivateEndpoints: Object.fromEntries(targets.map(name => [`to-${name}`, { server: name }])),
    linkedServices: {
      ...(vault && { kv: { type: 'AzureKeyVault', baseUrl: 'https://kv-sim.vault.azure.net' } }),
      ...Object.fromEntries(
        (service ? (managed ? targets : servers) : []).map(name => [
          `ls_${name}`,
          {
            type: 'AzurePostgreSql',
            server: name,
            database: 'orders',
            username,
            // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a file says
            password: vault ? { keyVault: { linkedService: 'kv', secret: 'reader' } } : '${env:ADF_PASSWORD}',
            encryption,
            integrationRuntime: 'azure'
          }
        ])
      )
    }
  }
}

const scopes = [
  group,
  `${group}/providers/Microsoft.Network/virtualNetworks/hub`,
  `${group}/providers/Microsoft.Network/virtualNetworks/hub/subnets/a`,
  `${group}/providers/Microsoft.Network/virtualNetworks/spoke`,
  `${group}/providers/Microsoft.Network/privateDnsZones/${zoneName}`,
  `/subscriptions/${subscription}/resourceGroups/rg-far`,
  `/subscriptions/${subscription}/resourceGroups/rg-far/providers/Microsoft.Network/privateDnsZones/${zoneName}`,
  theirGroup,
  theirNetwork,
  `${theirNetwork}/subnets/a`,
  `${theirNetwork}/subnets/b`,
  theirServer,
  `${group}/providers/Microsoft.Network/privateEndpoints/pg1-main`,
  `${group}/providers/Microsoft.Network/privateEndpoints/pg1-other`,
  `${group}/providers/Microsoft.Network/privateEndpoints/to-theirs`,
  `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg1/databases/orders`,
  `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg1`,
  `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg2`,
  `${group}/providers/Microsoft.DataFactory/factories/adf`
]

export const estates: fc.Arbitrary<DrawnEstate> = fc
  .record({
    common: fc.record({ pg1: serverChoice, pg2: serverChoice }),
    one: drawn,
    two: drawn,
    locks: fc.uniqueArray(
      fc.record({ scope: fc.constantFrom(...scopes), level: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const) }),
      { selector: ({ scope }) => scope, maxLength: 4 }
    ),
    prune: fc.boolean()
  })
  .map(({ common, one, two, locks, prune }) => ({
    theirs,
    first: topology(one, common),
    second: topology(grown(one, two), common),
    locks,
    prune
  }))
