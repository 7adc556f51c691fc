import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mergePull, openPull } from '../github/fakeStore.ts'
import type { Ended } from '../support/runner.ts'
import { commit, onPull, onPush, scene, second, topology } from './scene.ts'

test('several topologies of one step: each by its own digest, and none where one of them moved', async () => {
  const { hub: there, job, inputs } = await scene()
  const number = openPull(there.github.store, { sha: commit('a') })
  const both = { ...inputs, file: 'topology.yaml\nsecond/topology.yaml' }
  const open = job(onPull(number, commit('a')))
  open.write('second/topology.yaml', second)
  const planned = await open.run({ command: 'plan', ...both })
  expect(planned.outputs).toMatchObject({ 'to-add': '15' })
  mergePull(there.github.store, number, commit('d'))

  const moved = job(onPush(commit('d')))
  moved.write('second/topology.yaml', second.replace('sizeGiB: 128', 'sizeGiB: 256'))
  const refused = await moved.run({ command: 'apply', ...both })
  expect([refused.code, refused.commands.at(-1)?.message]).toEqual([
    5,
    expect.stringMatching(/the plan of second\/topology\.yaml is sha256:\w+ now\. Nothing was changed/)
  ])
  expect(refused.log).not.toContain('Creating...')

  const merged = job(onPush(commit('d')))
  merged.write('second/topology.yaml', second)
  const applied = await merged.run({ command: 'apply', ...both })
  expect(applied.code, applied.log).toBe(0)
  expect(applied.log.match(/Apply complete! Resources: [96] added/g)).toHaveLength(2)
  expect(applied.outputs).toMatchObject({ 'to-add': '15' })
})

test('a plan-file is no approval: what is in it has to be what was approved', async () => {
  const { job, inputs } = await scene()
  const here = job(onPush(commit('d')))
  const planned = await here.run({ command: 'plan', ...inputs })
  here.write('plan.json', readFileSync(planned.outputs['plan-file'] ?? '', 'utf8'))
  const alone = await here.run({ command: 'apply', ...inputs, 'plan-file': 'plan.json' })
  expect([alone.code, alone.commands.at(-1)?.message]).toEqual([
    5,
    expect.stringMatching(/^Nothing was approved: the commit ddddddd came with no pull request/)
  ])
  const said = await here.run({
    command: 'apply',
    ...inputs,
    'plan-file': 'plan.json',
    'plan-digest': planned.outputs['plan-digest'] ?? ''
  })
  expect(said.code, said.log).toBe(0)
})

test('a plan-file decides nothing: not the topology, not the settings, not where an earlier run is read from', async () => {
  const { job, inputs } = await scene()
  const here = job(onPush(commit('d')))
  const planned = await here.run({ command: 'plan', ...inputs })
  const digest = planned.outputs['plan-digest'] ?? ''
  const document = JSON.parse(readFileSync(planned.outputs['plan-file'] ?? '', 'utf8')) as { readonly topology: { readonly flags: object } }
  here.write('evil.yaml', topology)
  const applyWith = (changes: { readonly path?: string; readonly flags?: object }): Promise<Ended> => {
    const flags = { ...document.topology.flags, ...changes.flags }
    here.write('plan.json', JSON.stringify({ ...document, topology: { ...document.topology, ...changes, flags } }))
    return here.run({ command: 'apply', ...inputs, 'plan-file': 'plan.json', 'plan-digest': digest })
  }
  const elsewhere = await applyWith({ path: 'evil.yaml' })
  expect([elsewhere.code, elsewhere.commands.at(-1)?.message]).toEqual([
    64,
    'The plan in plan.json is of evil.yaml, and this step is about topology.yaml: give the same file.'
  ])
  const otherwise = await applyWith({ flags: { prune: true } })
  expect([otherwise.code, otherwise.commands.at(-1)?.message]).toEqual([64, expect.stringMatching(/was made with another prune/)])
  const applied = await applyWith({ flags: { 'data-dir': 'evil', 'env-file': ['evil.env'], 'sandbox-state': 'evil.json' } })
  expect(applied.code, applied.log).toBe(0)
  expect([existsSync(join(here.workspace, 'evil')), existsSync(join(here.workspace, 'evil.json'))]).toEqual([false, false])
})

test('on a GitHub Enterprise Server', async () => {
  const { hub: there, job, inputs } = await scene({ ghes: true })
  const number = openPull(there.github.store, { sha: commit('a') })
  const planned = await job(onPull(number, commit('a'))).run({ command: 'plan', ...inputs })
  expect(there.comments(number)).toHaveLength(1)
  mergePull(there.github.store, number, commit('d'))
  const found = await job(onPush(commit('d')), topology).run({ command: 'approved', label: 'prod' })
  expect(found.outputs['plan-digest']).toBe(planned.outputs['plan-digest'])
  expect(there.github.unknown).toEqual([])
})
