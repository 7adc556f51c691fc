import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { estate, failures, plan, reconcile } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import { managed, world } from './cutoverWorld.ts'

test('a managed endpoint that stays Provisioning ends its wait with a way out, and the next plan says it again', async () => {
  const on = estate({ behaviours: { managedEndpointStuck: true } })
  const topology = topologyFrom(stringify(world({ factories: managed })))
  const from = on.sandbox.clock.now()
  const [failed, ...more] = failures(await reconcile(on, topology))
  expect(more).toEqual([])
  expect(failed).toMatch(/^create .*\/to-orders: Gave up waiting after 30 min: Data Factory still says Provisioning of to-orders/)
  expect(failed).toMatch(/delete the endpoint in Data Factory Studio .* and apply again/)
  expect((on.sandbox.clock.now() - from) / 60_000).toBeLessThan(90)
  const { plan: next } = await plan(on, topology)
  expect([next.steps, next.refusals]).toEqual([[], []])
  expect(next.unknown).toEqual([
    {
      address: 'dataFactories/orders-adf/managedPrivateEndpoints/to-orders',
      message: expect.stringMatching(/still at it \(Provisioning\): .*delete the endpoint in Data Factory Studio/)
    }
  ])
})
