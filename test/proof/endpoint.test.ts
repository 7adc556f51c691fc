import { describe, expect, test } from 'vitest'
import type { EndpointProof } from '../../src/model/change.ts'
import { resourceId } from '../../src/model/id.ts'
import { proveEndpoint } from '../../src/proof/endpoint.ts'
import { rig } from '../azure/rig.ts'
import { subscription } from '../support/estate.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg`
const path = `${group}/providers/Microsoft.Network/privateEndpoints/pe`
const nic = `${group}/providers/Microsoft.Network/networkInterfaces/pe.nic.1`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const factory = `${group}/providers/Microsoft.DataFactory/factories/adf`
const managed = `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/to-orders`

const proof = (over: Partial<EndpointProof> = {}): EndpointProof => ({
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

const dns = { zone: resourceId(zone), group: undefined, managedBy: 'pglink' as const }

interface World {
  /** The consumer's side; `undefined` where the endpoint is not there. */
  readonly own?: string | undefined
  readonly onServer?: string
  readonly zones?: readonly string[]
  /** 403 where `undefined`. */
  readonly records?: readonly string[] | undefined
}

const good: World = { own: 'Approved', onServer: 'Approved', zones: [zone], records: ['10.0.1.4'] }

const refused = (status: number, code: string) => Response.json({ error: { code, message: code } }, { status })
const state = (status: string) => ({ privateLinkServiceConnectionState: { status } })

/** Azure as a proof looks at it; what it says may change with each round of looks. */
function azureSays(...rounds: readonly World[]) {
  let round = -1
  return rig(async ({ url }) => {
    const at = decodeURI(new URL(url).pathname).toLowerCase()
    if (at === path.toLowerCase()) round += 1
    const { own, onServer, zones = [], records } = rounds[Math.min(round, rounds.length - 1)] ?? {}
    if (at === path.toLowerCase())
      return own === undefined
        ? refused(404, 'ResourceNotFound')
        : Response.json({
            id: path,
            properties: { networkInterfaces: [{ id: nic }], privateLinkServiceConnections: [{ properties: state(own) }] }
          })
    if (at === nic.toLowerCase())
      return Response.json({ properties: { ipConfigurations: [{ properties: { privateIPAddress: '10.0.1.4' } }] } })
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
    if (at.endsWith('/privatednszonegroups'))
      return Response.json({
        value: [{ properties: { privateDnsZoneConfigs: zones.map(id => ({ properties: { privateDnsZoneId: id } })) } }]
      })
    if (records === undefined) return refused(403, 'AuthorizationFailed')
    if (records.length === 0) return refused(404, 'NotFound')
    return Response.json({ properties: { aRecords: records.map(ipv4Address => ({ ipv4Address })) } })
  })
}

const minutes = (waits: readonly number[]): number => waits.reduce((sum, ms) => sum + ms, 0) / 60_000

describe('an endpoint', () => {
  test.each<[string, World, Partial<EndpointProof>]>([
    ['approved at both ends, without DNS', { own: 'Approved', onServer: 'Approved' }, {}],
    ['with its record', good, { dns }]
  ])('%s is proven at once', async (_name, world, over) => {
    const { azure, clock } = azureSays(world)
    expect(await proveEndpoint(azure, proof(over), () => undefined)).toEqual({ as: 'proven' })
    expect(clock.waits).toEqual([])
  })

  test.each<[string, World, Partial<EndpointProof>, string, RegExp, number]>([
    ['that is not there', {}, {}, 'broken', /is not there/, 0],
    ['rejected at the server', { ...good, onServer: 'Rejected' }, {}, 'broken', /is Rejected/, 0],
    ['disconnected at its own end', { ...good, own: 'Disconnected' }, {}, 'broken', /is Disconnected/, 0],
    ['pending, which nobody here decides', { ...good, onServer: 'Pending' }, {}, 'pending', /is Pending on the server/, 0],
    ['pending, which the file decides', { ...good, onServer: 'Pending' }, { decided: true }, 'pending', /is Pending/, 15],
    ['unknown to the server', { own: 'Approved' }, {}, 'broken', /has no connection/, 15],
    ['that has not noticed', { ...good, own: 'Pending' }, {}, 'pending', /has not noticed/, 15],
    ['without a zone group', { ...good, zones: [] }, { dns }, 'broken', /has no zone group/, 0],
    ['in a group of another zone', { ...good, zones: [`${zone}2`] }, { dns }, 'broken', /has no zone group/, 0],
    [
      'whose group a policy has not written',
      { ...good, zones: [] },
      { dns: { ...dns, managedBy: 'policy' } },
      'broken',
      /the policy writes it/,
      15
    ],
    ['without a record', { ...good, records: [] }, { dns }, 'broken', /leads to nothing, not to 10\.0\.1\.4/, 15],
    ['with a record that leads elsewhere', { ...good, records: ['10.9.9.9'] }, { dns }, 'broken', /leads to 10\.9\.9\.9/, 15],
    ['whose record may not be read', { ...good, records: undefined }, { dns }, 'broken', /may not be read/, 0],
    ['with a limit of its own', { own: 'Approved' }, { timeoutMs: 5 * 60_000 }, 'broken', /has no connection/, 5]
  ])('%s is not proven', async (_name, world, over, as, reason, waited) => {
    const { azure, clock } = azureSays(world)
    expect(await proveEndpoint(azure, proof(over), () => undefined)).toEqual({ as, reason: expect.stringMatching(reason) })
    expect(minutes(clock.waits)).toBe(waited)
  })

  test('what comes by itself is waited for, and said', async () => {
    const said: string[] = []
    const { azure, clock } = azureSays({ own: 'Pending' }, { ...good, own: 'Pending' }, { ...good, records: [] }, good)
    expect(await proveEndpoint(azure, proof({ dns }), what => said.push(what))).toEqual({ as: 'proven' })
    expect(clock.waits).toEqual([15_000, 15_000, 15_000])
    expect(said).toEqual([
      expect.stringMatching(/has no connection/),
      expect.stringMatching(/has not noticed/),
      expect.stringMatching(/leads to nothing/)
    ])
  })

  test('that may not be looked at is an error, not a proof', async () => {
    const { azure } = rig(async () => refused(403, 'AuthorizationFailed'))
    await expect(proveEndpoint(azure, proof(), () => undefined)).rejects.toMatchObject({ status: 403 })
  })

  test('a wait ends when it is told to', async () => {
    const stopping = new AbortController()
    const { azure } = azureSays({ own: 'Approved' })
    const clock = { ...azure.clock, sleep: (_ms: number, signal?: unknown) => Promise.reject((signal as AbortSignal).reason) }
    stopping.abort(new Error('stopped'))
    await expect(proveEndpoint({ ...azure, clock }, proof(), () => undefined, stopping.signal)).rejects.toThrow('stopped')
  })
})

describe('a managed endpoint', () => {
  const origin =
    '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/m/providers/Microsoft.Network/privateEndpoints/adf.to-orders'
  const of = (name: string, status: string, resource: string | undefined) => ({
    name,
    properties: { connectionState: { status }, ...(resource !== undefined && { resourceId: resource }) }
  })
  const wanted = proof({
    managed: true,
    path: managed,
    endpoint: resourceId(managed),
    address: 'dataFactories/adf/managedPrivateEndpoints/to-orders'
  })

  const says = (own: string, onServer: string, resource: string | undefined = origin) =>
    rig(async ({ url }) => {
      const at = new URL(url)
      if (/privateEndpointConnections$/i.test(at.pathname))
        return Response.json({ value: [{ properties: { privateEndpoint: { id: origin }, ...state(onServer) } }] })
      if (at.searchParams.has('page')) return Response.json({ value: [of('to-orders', own, resource)] })
      return Response.json({ value: [of('other', 'Approved', undefined)], nextLink: `https://management.azure.com${at.pathname}?page=2` })
    })

  test.each([
    ['by the endpoint it names', origin],
    ['by its name, before it names any', undefined]
  ])('is found on any page, and its connection %s', async (_how, resource) => {
    const { azure } = says('Approved', 'Approved', resource)
    expect(await proveEndpoint(azure, wanted, () => undefined)).toEqual({ as: 'proven' })
  })

  test.each([
    ['Pending', 'Pending', 'pending'],
    ['Pending', 'Approved', 'pending'],
    ['Approved', 'Rejected', 'broken']
  ])('that is %s, and %s on the server, is %s', async (own, onServer, as) => {
    const { azure } = says(own, onServer)
    expect(await proveEndpoint(azure, wanted, () => undefined)).toMatchObject({ as })
  })
})
