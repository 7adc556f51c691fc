import { describe, expect, test } from 'vitest'
import { UnfitEntry } from '../../src/topology/resolve.ts'
import { estate, failures, reconcile, resolved, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const group = (name: string): string => `/subscriptions/${subscription}/resourceGroups/${name}`
const endpoint = (where: string, name = 'pe'): string => `${where}/providers/Microsoft.Network/privateEndpoints/${name}`

const server = (more: string): string => `
  two-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: false } }
    ${more}`

describe('connections whose sources have one name', () => {
  const factories = `
dataFactories:
  a-case-adf: { managedVirtualNetwork: true, managedPrivateEndpoints: { to-pg: { server: two-pg } } }
  b-case-adf: { managedVirtualNetwork: true, managedPrivateEndpoints: { to-pg: { server: two-pg } } }`
  const both = topologyFrom(
    `servers: ${server(`connections:
      - { from: dataFactories/a-case-adf/managedPrivateEndpoints/to-pg, decision: approve }
      - { from: dataFactories/b-case-adf/managedPrivateEndpoints/to-pg, decision: approve }`)}${factories}`
  )

  test('are each decided on', async () => {
    const on = estate()
    const applied = await reconcile(on, both)
    const { plan } = applied
    expect(failures(applied)).toEqual([])
    expect(
      plan.steps.flatMap(({ action }) =>
        action.do === 'create' && /\/connections\//.test(action.resource.address) ? [action.resource.address] : []
      )
    ).toEqual(['servers/two-pg/connections/a-case-adf.to-pg', 'servers/two-pg/connections/b-case-adf.to-pg'])
    expect((await reconcile(on, both)).plan.steps).toEqual([])
  })

  test('have as much before the name as tells them apart', () => {
    const other = '22222222-2222-4222-8222-222222222222'
    const { desired } = resolved(
      topologyFrom(
        `servers: ${server(`privateEndpoints: { pe: { subnet: { id: ${group('rg-n')}/providers/Microsoft.Network/virtualNetworks/n/subnets/s }, privateDns: none, approval: automatic } }
    connections:
      - { from: servers/two-pg/privateEndpoints/pe, decision: approve }
      - { from: { id: ${endpoint(group('rg-a'))} }, decision: approve }
      - { from: { id: ${endpoint(`/subscriptions/${other}/resourceGroups/rg-a`)} }, decision: reject }
      - { from: { factory: ${group('rg-f')}/providers/Microsoft.DataFactory/factories/f, managedPrivateEndpoint: PE }, decision: approve }
      - { from: { id: ${endpoint(group('rg-a'), 'alone')} }, decision: approve }`)}`
      )
    )
    expect(
      [...desired.values()].flatMap(({ kind, address }) => (kind === 'privateEndpointConnection' ? [address.split('/').at(-1)] : []))
    ).toEqual(['two-pg.pe', `${subscription}.rg-a.pe`, `${other}.rg-a.pe`, 'f.PE', 'alone'])
  })
})

test('neither of two entries that a flag makes the same is lost', () => {
  const topology = topologyFrom(`
networks:
  one: { name: hub, subscription: ${subscription}, addressSpace: [10.0.0.0/16] }
  two: { name: HUB, addressSpace: [10.1.0.0/16] }`)
  const { subscription: _, ...without } = topology
  expect(() => resolved(without)).toThrow(UnfitEntry)
  expect(() => resolved(without)).toThrow('networks/two is the same in Azure as networks/one')
})

describe('a group that several entries name', () => {
  const groupIn = (text: string) =>
    [...resolved(topologyFrom(text)).desired.values()].find(({ address }) => /^resourceGroups\/rg-net$/i.test(address))

  test('is what any of them says of it', () => {
    const text = (second: string): string => `networks:
  hub: { resourceGroup: rg-net, addressSpace: [10.0.0.0/16] }
  spoke: { resourceGroup: ${second}, addressSpace: [10.1.0.0/16] }`
    expect(groupIn(text('{ name: rg-net, existing: true }'))?.managed).toBe(false)
    const own = groupIn(text('{ name: RG-NET, location: North Europe, tags: { a: b }, adopt: true }'))
    expect([own?.managed, own?.adopt, own?.props, own?.tags]).toEqual([
      true,
      true,
      { location: 'northeurope' },
      { a: 'b', 'pglink-topology': 'case' }
    ])
  })

  test('has its locks also where all that lies in it is somebody else’s', () => {
    const { desired } = resolved(
      topologyFrom(`networks:
  hub: { existing: true, resourceGroup: { name: rg-net, locks: { keep: { level: CanNotDelete } } } }`)
    )
    expect([...desired.values()].flatMap(({ address, managed }) => (/rg-net/.test(address) ? [[address, managed]] : []))).toEqual([
      ['resourceGroups/rg-net', false],
      ['resourceGroups/rg-net/locks/keep', true]
    ])
  })
})
