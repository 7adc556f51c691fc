import { expect, test } from 'vitest'
import { estate, failures, plan, reconcile } from '../support/estate.ts'
import { privateServer, topologyFrom } from '../support/yaml.ts'

// The network interface of a deleted endpoint keeps its address for up to ten minutes [GH hashicorp/terraform-provider-azurerm#28831].

const topology = (endpoints: string) =>
  topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
${privateServer(`privateEndpoints: ${endpoints}`)}`)

const endpoint = (more = '') => `{ subnet: hub/a, privateDns: none, approval: automatic, ipAddress: 10.0.1.40${more} }`
const lingering = () => estate({ behaviours: { networkInterfaceLingerMs: 10 * 60_000 } })

test('an endpoint that is made again waits for the address that its old interface has', async () => {
  const on = lingering()
  expect(failures(await reconcile(on, topology(`{ pe: ${endpoint()} }`)))).toEqual([])
  const wanted = topology(`{ pe: ${endpoint(', networkInterfaceName: nic-of-pe')} }`)
  const applied = await reconcile(on, wanted)
  expect(failures(applied)).toEqual([])
  const waits = applied.events.flatMap(event => (event.type === 'progress' ? [event.waitingFor] : []))
  expect(waits).toContain('waiting for the network interface of a deleted private endpoint to give its address back')
  expect((await plan(on, wanted)).plan.changes).toEqual([])
})

test('an endpoint of another name with the same address comes after the old one is gone', async () => {
  const on = lingering()
  const before = topology(`{ old: ${endpoint()} }`)
  await reconcile(on, before)
  const after = topology(`{ new: ${endpoint()} }`)
  const applied = await reconcile(on, after, { baseline: before, prune: true })
  expect(failures(applied)).toEqual([])
  const order = applied.plan.steps.map(
    ({ id, interrupts }) => `${id.split(' ')[0]} ${id.split('/').at(-1)}${interrupts ? ' !interrupts' : ''}`
  )
  expect(order.filter(one => one.includes('old') || one.includes('new'))).toEqual(['delete old !interrupts', 'create new !interrupts'])
})

test('an address that somebody else has is not waited for', async () => {
  const on = lingering()
  await reconcile(on, topology(`{ one: ${endpoint()} }`))
  const from = on.azure.clock.now()
  const both = await reconcile(on, topology(`{ one: ${endpoint()}, two: ${endpoint()} }`)).catch((error: Error) => error)
  // Refused by a look ahead, or by Azure at once: nothing here goes away by itself.
  expect(both instanceof Error ? both.message : failures(both).join()).toMatch(/10\.0\.1\.40/)
  expect(on.azure.clock.now() - from).toBeLessThan(5 * 60_000)
})
