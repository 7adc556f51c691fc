import { expect, test } from 'vitest'
import { besideOf } from '../../src/live/beside.ts'
import type { ResourceId } from '../../src/model/id.ts'
import type { Resource } from '../../src/model/resource.ts'
import { resolved, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourcegroups/rg-case`
const network = (name: string): ResourceId => `${group}/providers/microsoft.network/virtualnetworks/${name}` as ResourceId
const server = `${group}/providers/microsoft.dbforpostgresql/flexibleservers/orders-pg` as ResourceId
const factory = `${group}/providers/microsoft.datafactory/factories/case-adf`

const shared = 'networks: { hub: { addressSpace: [10.0.0.0/16] } }'
const files = {
  first: shared,
  second: shared,
  third: `
networks: { hub: { existing: true }, spoke: { addressSpace: [10.1.0.0/16], subnets: { a: { addressPrefix: 10.1.1.0/24 } } } }
servers: { orders-pg: { existing: true, privateEndpoints: { pe: { subnet: spoke/a, privateDns: none, approval: automatic } } } }
dataFactories: { case-adf: { managedVirtualNetwork: true, managedPrivateEndpoints: { to-orders: { server: orders-pg } } } }
`
}

/** Each topology under its name, and how often all that it declares was walked through. */
function topologies() {
  const walks = { count: 0 }
  const all = Object.entries(files).map(([name, text]) => {
    const desired = new Map<ResourceId, Resource>(resolved(topologyFrom(text)).desired)
    const values = desired.values.bind(desired)
    desired.values = () => {
      walks.count += 1
      return values()
    }
    return { name, desired }
  })
  return { all, walks }
}

test('each topology of a command sees the others, and not itself', () => {
  const { all } = topologies()
  const [first, second, third] = all.map((_, nth) => besideOf(all, nth))
  expect([first, second, third].map(one => one?.elsewhere(network('hub')))).toEqual([
    { topology: 'second', comes: 'after' },
    { topology: 'first', comes: 'before' },
    { topology: 'first', comes: 'before' }
  ])
  expect([first, third].map(one => one?.elsewhere(network('spoke')))).toEqual([{ topology: 'third', comes: 'after' }, undefined])
  // The third only refers to the server, which none of them makes.
  expect([first?.elsewhere(server), first?.declares(server), third?.declares(server)]).toEqual([undefined, true, false])
  expect([first, third].map(one => one?.hasIn(subscription, 'flexibleServer'))).toEqual([true, false])
  expect([first, third].map(one => one?.inside(network('spoke')).map(({ kind }) => kind))).toEqual([['subnet'], []])
  const behind = [`${group}/providers/microsoft.network/privateendpoints/pe`, '/x/case-adf.to-orders', '/x/case-adf.other', factory]
  const connects = (one: typeof first) => behind.map(id => one?.connectFrom(id as ResourceId))
  expect([connects(first), connects(third)]).toEqual([
    [true, false, false, false],
    [false, false, false, false]
  ])
  const may = (one: typeof first) => behind.map(id => one?.mayConnectFrom(id as ResourceId).length)
  expect([may(first), may(third)]).toEqual([
    [0, 1, 0, 0],
    [0, 0, 0, 0]
  ])
})

test('the resources of all of them are walked through as often for one of them as for each', () => {
  const { all, walks } = topologies()
  const look = (nth: number): void => {
    const beside = besideOf(all, nth)
    beside.elsewhere(server)
    beside.declares(server)
    beside.hasIn(subscription, 'flexibleServer')
    beside.inside(server)
    beside.connectFrom(server)
  }
  look(0)
  const once = walks.count
  expect(once).toBeGreaterThan(0)
  for (const nth of all.keys()) look(nth)
  expect(walks.count).toBe(once)
})
