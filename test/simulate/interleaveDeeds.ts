import { subscription } from '../support/estate.ts'
import type { Deed } from './crossroads.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
export const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
export const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const vault = `${group}/providers/Microsoft.DataFactory/factories/case-adf/linkedservices/kv`

const owned = { 'pglink-topology': 'case' }

const properties = {
  addressSpace: { addressPrefixes: ['10.0.0.0/16', '10.9.0.0/16'] },
  subnets: [{ name: 'a', properties: { addressPrefix: '10.0.1.0/24' } }]
}

export const deeds: readonly Deed[] = [
  {
    what: 'tags the zone',
    path: zone,
    method: 'PUT',
    apiVersion: '2020-06-01',
    body: { location: 'global', tags: { ...owned, stage: 'theirs' } },
    sign: 'theirs',
    honoured: true
  },
  {
    what: 'points the linked service elsewhere',
    path: vault,
    method: 'PUT',
    apiVersion: '2018-06-01',
    body: { properties: { type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://theirs.vault.azure.net' } } },
    sign: 'theirs',
    honoured: true
  },
  {
    what: 'widens the network',
    path: hub,
    method: 'PUT',
    apiVersion: '2024-05-01',
    body: { location: 'westeurope', tags: owned, properties },
    sign: '10.9.0.0/16',
    honoured: 'network'
  },
  {
    what: 'tags the group',
    path: group,
    method: 'PUT',
    apiVersion: '2021-04-01',
    body: { location: 'westeurope', tags: { ...owned, stage: 'theirs' } },
    sign: 'theirs',
    honoured: false
  }
]

/** Another field than the one that the runs write, of a resource that is patched. */
export const onServer: Deed = {
  what: 'moves the maintenance of the server',
  path: `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`,
  method: 'PATCH',
  apiVersion: '2024-08-01',
  body: { properties: { maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 5, startHour: 22, startMinute: 0 } } },
  sign: '"startHour":22',
  honoured: false
}

/** It breaks the path to the server where it comes after the record is written, and whoever looks then has to say so. */
export const astray: Deed = {
  what: 'leads the name of the server elsewhere',
  path: `${zone}/A/case-pg`,
  method: 'PUT',
  apiVersion: '2020-06-01',
  body: { properties: { ttl: 10, aRecords: [{ ipv4Address: '10.0.1.99' }] } },
  sign: '10.0.1.99',
  honoured: false
}
