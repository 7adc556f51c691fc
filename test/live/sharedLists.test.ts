import { expect, test } from 'vitest'
import { SharedAnswers } from '../../src/azure/shared.ts'
import { estate, plan } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const topology = topologyFrom(`
networks:
  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } }
  spoke: { addressSpace: [10.1.0.0/16] }
`)

test('a list is taken apart once for all topologies of a command, and asked for anew when its answers are let go', async () => {
  const shared = new SharedAnswers()
  const on = estate({}, { readOnly: true, shared })
  await plan(on, topology)
  const lists = new Map(shared.lists)
  expect([...lists.keys()].some(key => key.startsWith('virtualNetwork '))).toBe(true)
  const asked = (): number => on.requests.filter(request => request.endsWith('/virtualNetworks')).length
  expect(asked()).toBe(1)
  await plan(on, topology)
  expect(asked()).toBe(1)
  for (const [key, list] of lists) expect(shared.lists.get(key), key).toBe(list)
  shared.clear()
  await plan(on, topology)
  expect(asked()).toBe(2)
})
