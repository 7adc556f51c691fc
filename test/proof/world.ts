import type { EndpointProof } from '../../src/model/change.ts'
import { resourceId } from '../../src/model/id.ts'
import type { Ask } from '../../src/proof/endpoint.ts'
import { rig } from '../azure/rig.ts'
import { subscription } from '../support/estate.ts'

export const group = `/subscriptions/${subscription}/resourceGroups/rg`
export const path = `${group}/providers/Microsoft.Network/privateEndpoints/pe`
const nic = `${group}/providers/Microsoft.Network/networkInterfaces/pe.nic.1`
export const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
export const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const factory = `${group}/providers/Microsoft.DataFactory/factories/adf`
export const managed = `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/to-orders`

export const proof = (over: Partial<EndpointProof> = {}): EndpointProof => ({
  endpoint: resourceId(path),
  path,
  address: 'servers/orders/privateEndpoints/pe',
  server: resourceId(server),
  dns: undefined,
  managed: false,
  decided: false,
  timeoutMs: undefined,
  ...over
})

export const dns = { zone: resourceId(zone), group: resourceId(`${path}/privateDnsZoneGroups/default`), managedBy: 'pglink' as const }

export interface World {
  /** The consumer's side; `undefined` where the endpoint is not there. */
  readonly own?: string | undefined
  readonly onServer?: string
  readonly zones?: readonly string[]
  /** 403 where `undefined`. */
  readonly records?: readonly string[] | undefined
  /** The networks that the zone is linked to. */
  readonly links?: readonly string[]
}

export const good: World = { own: 'Approved', onServer: 'Approved', zones: [zone], records: ['10.0.1.4'] }

export const refused = (status: number, code: string) => Response.json({ error: { code, message: code } }, { status })
export const state = (status: string) => ({ privateLinkServiceConnectionState: { status } })

/** Azure as a proof looks at it; what it says may change with each round of looks. */
export function azureSays(...rounds: readonly World[]) {
  let round = -1
  return rig(async ({ url }) => {
    const at = decodeURI(new URL(url).pathname).toLowerCase()
    if (at === path.toLowerCase()) round += 1
    const { own, onServer, zones = [], records, links = [] } = rounds[Math.min(round, rounds.length - 1)] ?? {}
    if (at === path.toLowerCase())
      return own === undefined
        ? refused(404, 'ResourceNotFound')
        : Response.json({
            id: path,
            properties: { networkInterfaces: [{ id: nic }], privateLinkServiceConnections: [{ properties: state(own) }] }
          })
    if (at === nic.toLowerCase())
      return Response.json({ id: nic, properties: { ipConfigurations: [{ properties: { privateIPAddress: '10.0.1.4' } }] } })
    if (at.endsWith('/privateendpointconnections'))
      return Response.json({
        value: [
          { id: `${server}/privateEndpointConnections/x`, properties: { privateEndpoint: { id: `${path}-2` }, ...state('Rejected') } },
          ...(onServer === undefined
            ? []
            : [
                {
                  id: `${server}/privateEndpointConnections/y`,
                  properties: { privateEndpoint: { id: path.toUpperCase() }, ...state(onServer) }
                }
              ])
        ]
      })
    if (at.endsWith('/virtualnetworklinks'))
      return Response.json({
        value: links.map(id => ({ id: `${zone}/virtualNetworkLinks/l`, name: 'l', properties: { virtualNetwork: { id } } }))
      })
    if (at.endsWith('/privatednszonegroups'))
      return Response.json({
        value: [{ name: 'default', properties: { privateDnsZoneConfigs: zones.map(id => ({ properties: { privateDnsZoneId: id } })) } }]
      })
    if (records === undefined) return refused(403, 'AuthorizationFailed')
    if (records.length === 0) return refused(404, 'NotFound')
    return Response.json({ name: 'orders-pg', properties: { aRecords: records.map(ipv4Address => ({ ipv4Address })) } })
  })
}

export const ask = (over: Partial<Ask> = {}): Ask => ({ depth: 'path', ended: [], say: () => undefined, ...over })

export const minutes = (waits: readonly number[]): number => waits.reduce((sum, ms) => sum + ms, 0) / 60_000
