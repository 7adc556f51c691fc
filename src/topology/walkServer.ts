import type { Connection, PrivateEndpoint, Server } from '../model/topology.generated.ts'
import { connectionKeys } from './connectionKeys.ts'
import { type Declared, entriesOf, handsPlaceDown, isOurs, type Place, pathOf, placeOf, topEntry } from './declared.ts'
import { child, withLocks } from './walkNetwork.ts'

export function walkServer(key: string, server: Server, top: Place): Declared[] {
  const connections = server.connections ?? []
  const keys = connectionKeys(connections)
  const own = topEntry('flexibleServer', 'Microsoft.DBforPostgreSQL/flexibleServers', ['servers', key], server, top)
  const restart = server.restart === undefined ? {} : { restart: server.restart }
  return [
    ...withLocks(own, server.locks),
    ...administrators(own, server),
    ...entriesOf(server.networking?.publicAccess?.firewallRules).flatMap(([name, rule]) =>
      withLocks(
        child(own, ['networking', 'publicAccess', 'firewallRules'], 'firewallRules', {
          kind: 'firewallRule',
          key: name,
          entry: rule,
          spec: () => rule
        }),
        rule.locks
      )
    ),
    ...entriesOf(server.databases).flatMap(([name, database]) =>
      withLocks(
        child(own, ['databases'], 'databases', { kind: 'database', key: name, entry: database, spec: () => database }),
        database.locks
      )
    ),
    ...entriesOf(server.parameters).map(([name, value]) =>
      child(own, ['parameters'], 'configurations', {
        kind: 'configuration',
        key: name,
        entry: restart,
        spec: () => ({ value: String(value) })
      })
    ),
    ...entriesOf(server.privateEndpoints).flatMap(([name, endpoint]) => walkEndpoint(name, endpoint, own, handedDown(server, top))),
    ...connections.map((connection, index) => walkConnection(connection, index, keys[index] ?? '', own))
  ]
}

function handedDown(server: Server, top: Place): Place {
  const place = placeOf(server, top)
  const { subscription, resourceGroup, group } = handsPlaceDown(server) ? place : top
  return { ...place, subscription, resourceGroup, group }
}

/** An Entra administrator is addressed by the object's id, whatever its name [CORPUS]. */
const administrators = (own: Declared, server: Server): Declared[] =>
  entriesOf(server.authentication?.entra?.administrators).flatMap(([name, administrator]) => {
    const made = child(own, ['authentication', 'entra', 'administrators'], 'administrators', {
      kind: 'administrator',
      key: name,
      entry: { ...administrator, name: administrator.objectId },
      spec: () => ({ entry: administrator, principalName: administrator.name ?? name, tenantId: server.authentication?.entra?.tenantId })
    })
    return withLocks(made, administrator.locks)
  })

/** Lies in a group of its own choosing, under the server only in the file. */
function walkEndpoint(key: string, endpoint: PrivateEndpoint, server: Declared, above: Place): Declared[] {
  const place = placeOf(endpoint, above)
  const at = [...server.at, 'privateEndpoints', key]
  const own: Declared = {
    kind: 'privateEndpoint',
    address: at.join('/'),
    path: pathOf(endpoint, key, 'Microsoft.Network/privateEndpoints', place),
    name: endpoint.name ?? key,
    place,
    managed: isOurs(endpoint),
    at,
    settings: endpoint,
    spec: ctx => ({ entry: endpoint, server: ctx.canonical(server.path) })
  }
  const dns = endpoint.privateDns
  if (dns === undefined || dns === 'none' || dns.managedBy === 'policy') return withLocks(own, endpoint.locks)
  const group: Declared = {
    kind: 'privateDnsZoneGroup',
    address: `${own.address}/privateDns`,
    path: `${own.path}/privateDnsZoneGroups/${dns.name ?? 'default'}`,
    name: dns.name ?? 'default',
    place,
    managed: true,
    at: [...at, 'privateDns'],
    settings: { ...(endpoint.adopt !== undefined && { adopt: endpoint.adopt }) },
    spec: ctx => ({ zones: [ctx.ref('privateDnsZone', dns.zone)], server: ctx.canonical(server.path), name: dns.name })
  }
  return [...withLocks(own, endpoint.locks), group]
}

/** Azure names the connection; ours is named after where it comes from, so that two lines of a file can be told apart. */
function walkConnection(connection: Connection, index: number, key: string, server: Declared): Declared {
  const { from } = connection
  return {
    kind: 'privateEndpointConnection',
    address: `${server.address}/connections/${key}`,
    path: `${server.path}/privateEndpointConnections/${key}`,
    name: key,
    place: server.place,
    managed: true,
    at: [...server.at, 'connections', index],
    settings: connection,
    spec: ctx => ({
      from:
        typeof from === 'object' && 'factory' in from
          ? ctx.canonical(`${from.factory}/managedVirtualNetworks/default/managedPrivateEndpoints/${from.managedPrivateEndpoint}`)
          : ctx.ref('connectionSource', from),
      decision: connection.decision,
      response: connection.response
    })
  }
}
