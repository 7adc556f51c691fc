import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runner } from '../support/runner.ts'
import { checkout, forkJob, planned, topology, wider } from './forkCheckout.ts'
import { exampleOf, hub } from './github.ts'

describe('the plan of a fork', () => {
  test('for a new topology: all of it', async () => {
    const there = await hub()
    const plan = await runner(forkJob(there, checkout({ 'README.md': '' }, { 'infra/topology.yaml': topology }))).run({
      ...planned,
      file: 'infra'
    })
    expect(plan.code, plan.log).toBe(0)
    expect(plan.outputs).toMatchObject({ 'to-add': '9' })
    expect(plan.commands.find(({ name }) => name === 'notice')?.message).toMatch(/all of it is shown as new/)
  })

  test('with overlays and extended files as they were, and nothing that a link leads to', async () => {
    const there = await hub()
    const base = checkout(
      { 'infra/base.yaml': topology, 'infra/topology.yaml': 'version: 1\nname: orders\nextends: base.yaml\n' },
      { 'infra/base.yaml': wider }
    )
    const plan = await runner(forkJob(there, base)).run({ ...planned, 'working-directory': 'infra' })
    expect(plan.code, plan.log).toBe(0)
    expect(plan.outputs).toMatchObject({ 'to-add': '0', 'to-change': '1' })
  })

  // We stand in for somebody else's resources that the examples refer to.
  test.each(readdirSync('examples').filter(name => existsSync(`examples/${name}/topology.yaml`)))(
    'for the example %s unchanged: nothing',
    async name => {
      const there = await hub()
      const files = { 'topology.yaml': exampleOf(name, 'topology.yaml') }
      const variables = [...files['topology.yaml'].matchAll(/\$\{env:(\w+)\}/g)].map(([, variable]) => variable)
      const plan = await runner(forkJob(there, checkout(files, {}))).run({ ...planned, 'allow-env': variables.join(',') })
      expect(plan.code, plan.log).toBe(0)
      expect(plan.commands.filter(({ name: kind }) => kind === 'warning').map(({ message }) => message)).toEqual([])
      expect(plan.outputs, plan.log).toMatchObject({ 'to-add': '0', 'to-change': '0', 'to-destroy': '0' })
    }
  )

  test('says when the base was not fetched', async () => {
    const there = await hub()
    const plan = await runner(forkJob(there, { ...checkout({ 'topology.yaml': topology }, {}), base: 'f'.repeat(40) })).run(planned)
    expect([plan.code, plan.commands.at(-1)?.message]).toEqual([
      4,
      expect.stringMatching(/not a commit that was fetched: check out with fetch-depth: 0/)
    ])
  })
})
