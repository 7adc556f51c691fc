import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exampleOf } from '../action/github.ts'
import { cli } from '../support/dist.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { fakeDevops } from './fake.ts'
import { type PipelineStep, pipelines, scriptOf, stepsOf } from './pipelineFiles.ts'

interface Job {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

/** Runs the scripts of one job as the agent does, the install but for; ends at the first that fails. */
async function ran({ folder, env }: Job, steps: readonly PipelineStep[]): Promise<{ readonly code: number; readonly log: string }> {
  let log = ''
  for (const step of steps.filter(one => scriptOf(one) !== '' && !scriptOf(one).startsWith('npm install'))) {
    const code = await new Promise<number>(resolve =>
      execFile('bash', ['--noprofile', '--norc', '-c', scriptOf(step)], { cwd: folder, env: { ...env } }, (error, stdout, stderr) => {
        log += `${stdout}${stderr}`
        resolve(error === null ? 0 : Number(error.code))
      })
    )
    if (code !== 0 && step.continueOnError !== true) return { code, log }
  }
  return { code: 0, log }
}

const jobsOf = (name: string): readonly (readonly PipelineStep[])[] => (pipelines.get(name)?.jobs ?? []).map(stepsOf)

test('the pipelines plan on the pull request, apply after the merge just that, and find no drift', { timeout: 120_000 }, async () => {
  const fake = await fakeDevops()
  const folder = temporaryFolder()
  const staging = join(folder, 'staging')
  for (const below of ['infra', 'bin', 'staging']) mkdirSync(join(folder, below))
  writeFileSync(join(folder, 'infra/topology.yaml'), exampleOf('quickstart', 'topology.yaml'))
  writeFileSync(join(folder, 'bin/pglink'), `#!/bin/sh\nexec '${process.execPath}' -- '${cli}' "$@"\n`)
  chmodSync(join(folder, 'bin/pglink'), 0o755)
  writeFileSync(join(folder, 'seed.json'), exampleOf('quickstart', 'sandbox.json'))
  const agent = {
    PATH: `${folder}/bin:${process.env['PATH']}`,
    HOME: folder,
    LANG: 'C.UTF-8',
    TF_BUILD: 'True',
    BUILD_ARTIFACTSTAGINGDIRECTORY: staging,
    AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111',
    ORDERS_PG_PASSWORD: 'Throw-away-1',
    PGLINK_ALLOW_ENV: 'ORDERS_PG_PASSWORD',
    PGLINK_LABEL: 'prod',
    PLAN_PIPELINE_ID: '12',
    PGLINK_SANDBOX: 'true',
    PGLINK_SANDBOX_STATE: join(folder, 'estate.json'),
    PGLINK_SANDBOX_SEED: join(folder, 'seed.json')
  }
  const [planSteps = []] = jobsOf('plan.yml')
  const planned = await ran({ folder, env: { ...agent, ...fake.env } }, planSteps)
  expect(planned.code, planned.log).toBe(0)
  expect(planned.log).toContain(`##vso[task.uploadsummary]${staging}/plan.md`)
  expect(planned.log).toContain('Wrote the thread. Pull request 7, label prod.')
  expect(fake.refused).toEqual([])

  const [applySteps = [], restoreSteps = []] = jobsOf('apply.yml')
  const merge = { folder, env: { ...agent, ...fake.mergeEnv } }
  const none = await ran(merge, applySteps)
  expect(none.code, none.log).not.toBe(0)
  expect(none.log).toContain('was not found for build 40')
  const { default: plan } = await import(`${staging}/plan.json`, { with: { type: 'json' } })
  fake.store.artifacts['40/pglink-prod/plan.json'] = { ...plan, digest: `sha256:${'0'.repeat(64)}` }
  const another = await ran(merge, applySteps)
  expect(another.code, another.log).toBe(5)
  fake.store.artifacts['40/pglink-prod/plan.json'] = plan
  const applied = await ran(merge, applySteps)
  expect(applied.code, applied.log).toBe(0)
  for (const steps of [restoreSteps, ...jobsOf('restore-locks.yml'), ...jobsOf('drift.yml')]) {
    const { code, log } = await ran(merge, steps)
    expect(code, log).toBe(0)
  }
})
