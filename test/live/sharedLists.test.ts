import { expect, test } from 'vitest'
import { SharedAnswers } from '../../src/azure/shared.ts'
import { virtualNetwork } from '../../src/kinds/virtualNetwork.ts'
import { estate, plan, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const topology = topologyFrom(`
networks:
  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } }
  spoke: { addressSpace: [10.1.0.0/16] }
`)

test('a list is taken apart once for all topologies of a command, and asked for anew when its answers are let go', async () => {
  const shared = new SharedAnswers()
  const on = estate({}, { readOnly: true, shared })
  const asked = (): number => on.requests.filter(request => request.endsWith('/virtualNetworks')).length
  const list = () => virtualNetwork.list(on.azure, `/subscriptions/${subscription}`)
  await plan(on, topology)
  const known = await list()
  await plan(on, topology)
  expect(await list()).toBe(known)
  expect(asked()).toBe(1)
  // The list is there, and the text that it was made of is not kept as well.
  expect([...shared.keys()].filter(url => /virtualNetworks\?|\/locks\?/i.test(url))).toEqual([])
  expect(shared.size).toBeGreaterThan(0)
  shared.clear()
  await plan(on, topology)
  expect(asked()).toBe(2)
})

test('a list that could not be read is asked for again by the next that wants it', async () => {
  const shared = new SharedAnswers()
  const failed = shared.listed('networks', () => Promise.reject(new Error('throttled')))
  await expect(failed).rejects.toThrow('throttled')
  expect(await shared.listed('networks', async () => ['hub'])).toEqual(['hub'])
  expect(await shared.listed('networks', async () => ['spoke'])).toEqual(['hub'])
})
