import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { Secret } from '../../src/model/secret.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { estate, failures, plan, printSteps, reconcile, subscription } from '../support/estate.ts'

const load = (name: string): Topology => {
  const text = readFileSync(`examples/${name}/topology.yaml`, 'utf8').replaceAll('${env:AZURE_SUBSCRIPTION_ID}', subscription)
  return parse(text, (key, value) => (key === 'password' && typeof value === 'string' ? new Secret('X', 'Throw-away-1') : value), { merge: true }) as Topology
}

test.each(['quickstart', 'locked', 'vnet-integration', 'data-factory', 'multi-server'])('%s', async name => {
  let seedBodies = {}
  try { seedBodies = JSON.parse(readFileSync(`examples/${name}/sandbox.json`, 'utf8')) } catch {}
  const on = estate({ seedBodies })
  const topology = load(name)
  const first = await plan(on, topology)
  console.log(printSteps(first.plan), first.plan.refusals)
  const applied = await reconcile(on, topology)
  expect(failures(applied)).toEqual([])
  const again = await plan(on, topology)
  expect(again.plan.changes.map(c => JSON.stringify(c).slice(0, 600))).toEqual([])
})
