import type { Watched } from './witness.ts'

/*
 * From a topology to the ids that a witness is to look at, by names alone and without the tool's own resolver. It knows the shapes that the tests
 * use; one that it does not know makes an id that leads nowhere, and the witness says so.
 */

// A topology as it is written: entries by name, with whatever a test gives them.
type Entry = { readonly [key: string]: unknown }

interface Place {
  readonly subscription: string
  readonly group: string
}

const entries = (value: unknown): readonly (readonly [string, Entry])[] =>
  value !== null && typeof value === 'object' ? (Object.entries(value).map(([key, one]) => [key, one ?? {}]) as [string, Entry][]) : []
const member = (value: unknown, key: string): unknown => (value !== null && typeof value === 'object' ? (value as Entry)[key] : undefined)
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function placeOf(entry: Entry, above: Place): Place {
  const group = text(entry['resourceGroup']) ?? text(member(entry['resourceGroup'], 'name'))
  return { subscription: text(entry['subscription']) ?? above.subscription, group: group ?? above.group }
}

const idOf = (type: string, key: string, entry: Entry, above: Place): string => {
  const { subscription, group } = placeOf(entry, above)
  return text(entry['id']) ?? `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${text(entry['name']) ?? key}`
}

const types = {
  networks: 'Microsoft.Network/virtualNetworks',
  privateDnsZones: 'Microsoft.Network/privateDnsZones',
  servers: 'Microsoft.DBforPostgreSQL/flexibleServers',
  dataFactories: 'Microsoft.DataFactory/factories'
} as const

const endpointType = 'Microsoft.Network/privateEndpoints'

/** The endpoints that a topology declares, each with what makes its path. */
export function watchedIn(topology: object): readonly Watched[] {
  const top = topology as Entry
  const file = placeOf(top, { subscription: '', group: '' })
  const zones = new Map(entries(top['privateDnsZones']))
  const networks = new Map(entries(top['networks']))
  const networkOf = (key: string, link: Entry): string => {
    const name = text(link['network']) ?? key
    return text(member(link['network'], 'id')) ?? idOf(types.networks, name, networks.get(name) ?? {}, file)
  }
  return entries(top['servers']).flatMap(([key, server]) =>
    entries(server['privateEndpoints']).map(([name, endpoint]) => {
      const zoneRef = member(endpoint['privateDns'], 'zone')
      const zone = zones.get(text(zoneRef) ?? '') ?? {}
      const wanted =
        text(zoneRef) === undefined ? text(member(zoneRef, 'id')) : idOf(types.privateDnsZones, text(zoneRef) ?? '', zone, file)
      return {
        endpoint: idOf(endpointType, name, endpoint, under(server, file)),
        server: idOf(types.servers, key, server, file),
        ...(wanted !== undefined && { zone: wanted, links: entries(zone['links']).map(([to, link]) => networkOf(to, link)) })
      }
    })
  )
}

/** A child of somebody else's server is the file's own, and goes where the file's own goes. */
const under = (server: Entry, file: Place): Place => (server['existing'] === true || 'id' in server ? file : placeOf(server, file))

/** The locks that a topology itself declares, by their paths in lower case. */
export function locksDeclaredIn(topology: object): ReadonlySet<string> {
  const top = topology as Entry
  const file = placeOf(top, { subscription: '', group: '' })
  const scopes = Object.entries(types).flatMap(([collection, type]) =>
    entries(top[collection]).flatMap(([key, entry]) => {
      const id = idOf(type, key, entry, file)
      const subnets = entries(entry['subnets']).map(([name, subnet]) => [`${id}/subnets/${text(subnet['name']) ?? name}`, subnet] as const)
      const endpoints = entries(entry['privateEndpoints']).map(
        ([name, endpoint]) => [idOf(endpointType, name, endpoint, under(entry, file)), endpoint] as const
      )
      return [[id, entry] as const, ...subnets, ...endpoints]
    })
  )
  const group = `/subscriptions/${file.subscription}/resourceGroups/${file.group}`
  const all = [...scopes, [group, typeof top['resourceGroup'] === 'object' ? (top['resourceGroup'] as Entry) : {}] as const]
  return new Set(
    all.flatMap(([scope, entry]) =>
      entries(entry['locks']).map(([key, lock]) =>
        `${scope}/providers/Microsoft.Authorization/locks/${text(lock['name']) ?? key}`.toLowerCase()
      )
    )
  )
}
