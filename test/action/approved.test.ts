import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mergePull, openPull } from '../github/fakeStore.ts'
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
