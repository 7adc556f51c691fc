import { describe, expect, test } from 'vitest'
import pkg from '../../package.json' with { type: 'json' }
import { commands } from '../../src/cli/commands.ts'
import { variablesFor } from '../../src/engine/variables.ts'
import { kebab } from '../../src/model/kebab.ts'
import { type PipelineFile, pipelines, scriptOf, stepsOf } from './pipelineFiles.ts'

test('there are the four of the README', () =>
  expect([...pipelines.keys()].sort()).toEqual(['apply.yml', 'drift.yml', 'plan.yml', 'restore-locks.yml']))

describe.each([...pipelines])('%s', (_name, { jobs, variables }) => {
  const steps = jobs.flatMap(stepsOf)

  test('gives each command flags and variables that it has', () => {
    const lines = steps
      .flatMap(step =>
        scriptOf(step)
          .replaceAll('\\\n', ' ')
          .split(/\n|\$\(/)
      )
      .map(line => line.trim())
    const called = lines.filter(line => line.startsWith('pglink '))
    expect(called.length).toBeGreaterThan(0)
    for (const line of called) {
      const command = commands.find(({ name }) => line.startsWith(`pglink ${name}`))
      const flags = command?.flags.map(kebab) ?? []
      for (const [, flag] of line.matchAll(/ --([\w-]+)/g)) expect(flags, line).toContain(flag)
    }
    const known = commands.flatMap(({ flags }) => flags.map(name => `PGLINK_${kebab(name).replaceAll('-', '_').toUpperCase()}`))
    for (const { name } of variables) if (name !== undefined) expect(known).toContain(name)
  })

  test('signs in with a token that is renewed, installs this version, and ends in a time', () => {
    for (const { task, inputs, env } of steps.filter(({ task }) => task !== undefined)) {
      expect(task).toBe('AzureCLI@2')
      expect(inputs?.azureSubscription).toMatch(/^pglink-/)
      expect(env).toMatchObject({ SYSTEM_ACCESSTOKEN: '$(System.AccessToken)' })
    }
    const installed = steps.filter(({ bash }) => bash?.startsWith('npm install'))
    expect(installed.map(({ bash }) => bash)).toEqual(jobs.map(() => `npm install --global pglink@${pkg.version}`))
    for (const { timeoutInMinutes } of jobs) expect(timeoutInMinutes).toBeGreaterThan(0)
  })

  // A variable of a title or a branch would be put into the script before bash reads it.
  test('puts no variable of Azure Pipelines into a script', () => {
    for (const step of steps) expect(scriptOf(step)).not.toMatch(/\$\((?!pglink )/)
  })
})

const named = (name: string): PipelineFile => pipelines.get(name) as PipelineFile

test('locks are restored in a job of its own whatever became of the apply, which asks the approvers of prod', () => {
  const [apply, restore] = named('apply.yml').jobs
  expect(apply).toMatchObject({ deployment: 'apply', environment: 'prod' })
  expect(restore).toMatchObject({ dependsOn: 'apply', condition: 'always()' })
  const [again] = named('restore-locks.yml').jobs
  for (const job of [restore, again])
    expect(scriptOf(stepsOf(job as never).at(-1) ?? {})).toBe('pglink locks restore infra/topology.yaml --lift-inherited-locks')
})

test('drift is looked for and locks are restored by the clock, also while no commit comes', () => {
  for (const name of ['drift.yml', 'restore-locks.yml']) {
    expect(named(name)).toMatchObject({ trigger: 'none', pr: 'none', schedules: [{ always: true }] })
    expect(named(name).schedules?.[0]?.cron).toMatch(/^\d+ (\d+|\*) \* \* \*$/)
  }
})

test('the passwords are known where something is applied, and nowhere else', () => {
  const holders = [...pipelines].filter(([, { jobs }]) =>
    jobs.flatMap(stepsOf).some(({ env }) => env?.['ORDERS_PG_PASSWORD'] !== undefined)
  )
  expect(holders.map(([name]) => name)).toEqual(['apply.yml'])
})

test('a variable that Azure Pipelines left as it was written is none', () => {
  const values = (PW: string) => variablesFor({ envFile: [], allowEnv: ['PW'], environment: { PW }, cwd: '.' }).values.get('PW')
  expect(['$(PW)', '$(OTHER)', 'x'].map(values)).toEqual([undefined, '$(OTHER)', 'x'])
})
