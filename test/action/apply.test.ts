import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Runner, runner } from '../support/runner.ts'

const quickstart = readFileSync('examples/quickstart/topology.yaml', 'utf8')
const seed = readFileSync('examples/quickstart/sandbox.json', 'utf8')
const password = 'Correct-Horse-9'
const subscription = '11111111-1111-4111-8111-111111111111'

const onSandbox = { sandbox: 'true', 'sandbox-seed': 'sandbox.json', 'allow-env': 'ORDERS_PG_PASSWORD', 'subscription-id': subscription }

function withQuickstart(): Runner {
  const job = runner({ env: { ORDERS_PG_PASSWORD: password } })
  job.write('topology.yaml', quickstart)
  job.write('sandbox.json', seed)
  return job
}

test('plan, apply by its digest, plan again', async () => {
  const job = withQuickstart()
  const planned = await job.run({ command: 'plan', ...onSandbox })
  expect(planned.code, planned.log).toBe(0)
  expect(planned.outputs).toMatchObject({
    'exit-code': '2',
    'failure-reason': 'changes-to-apply',
    changes: 'true',
    'to-add': '9',
    'to-destroy': '0',
    'locks-to-lift': '2',
    summary: 'Plan: 9 to add, 0 to change, 0 to destroy.'
  })
  expect(planned.log).toContain('Plan: 9 to add, 0 to change, 0 to destroy.')
  const document: unknown = JSON.parse(readFileSync(planned.outputs['plan-file'] ?? '', 'utf8'))
  expect(document).toMatchObject({ digest: planned.outputs['plan-digest'] })
  expect(readFileSync(planned.outputs['text-plan-path'] ?? '', 'utf8')).toContain('Plan: 9 to add')

  const applied = await job.run({ command: 'apply', ...onSandbox, 'plan-digest': planned.outputs['plan-digest'] ?? '' })
  expect(applied.code, applied.log).toBe(0)
  expect(applied.log).toContain('Apply complete! Resources: 9 added')
  expect(Number(applied.outputs['unlocked-seconds'])).toBeGreaterThan(0)
  const post = await job.post()
  expect([post.code, post.log]).toEqual([0, expect.stringContaining('No lock is owed.')])

  const again = await job.run({ command: 'plan', ...onSandbox, 'fail-on': 'changes' })
  expect(again.outputs).toMatchObject({ changes: 'false', 'exit-code': '0', 'failure-reason': '' })
  expect(again.code).toBe(0)
})

test('a secret is masked before anything else is said, and is in no file', async () => {
  const job = withQuickstart()
  const planned = await job.run({ command: 'plan', ...onSandbox })
  expect(planned.commands.find(({ name }) => name === 'add-mask')?.message).toBe(password)
  expect(planned.stdout.indexOf('::add-mask::')).toBeLessThan(planned.stdout.indexOf('Plan:'))
  for (const [name, path] of Object.entries(planned.outputs))
    if (existsSync(path) && name.endsWith('path') && !name.startsWith('artifact'))
      expect(readFileSync(path, 'utf8')).not.toContain(password)
})

test('a plan that nobody approved is not applied', async () => {
  const job = withQuickstart()
  const applied = await job.run({ command: 'apply', ...onSandbox, 'plan-digest': `sha256:${'0'.repeat(64)}` })
  expect(applied.code).toBe(5)
  expect(applied.outputs).toMatchObject({ 'failure-reason': 'plan-changed', 'exit-code': '5' })
  expect(applied.commands.find(({ name }) => name === 'error')?.message).toMatch(
    /The plan made now has the digest sha256:\w+, not sha256:0+/
  )
  expect(applied.log).not.toContain('Creating...')
})

test('fail-on: changes', async () => {
  const planned = await withQuickstart().run({ command: 'plan', ...onSandbox, 'fail-on': 'changes' })
  expect([planned.code, planned.outputs['failure-reason']]).toEqual([2, 'changes-to-apply'])
})

test('an input that the command would pass over is refused, whatever fail-on says', async () => {
  const refused = await withQuickstart().run({ command: 'validate', prune: 'true', 'fail-on': 'never' })
  expect([refused.code, refused.outputs['failure-reason']]).toEqual([64, 'usage'])
  expect(refused.commands.at(-1)).toMatchObject({ name: 'error', message: 'The command validate has no input prune: leave it out.' })
})

test('never on pull_request_target', async () => {
  const job = runner({ event: 'pull_request_target' })
  const refused = await job.run({ command: 'plan' })
  expect(refused.code).toBe(6)
  expect(refused.commands.at(-1)?.message).toMatch(/^This does not run on pull_request_target/)
})

test('the post step of a step that begins nothing has nothing to do', async () => {
  const job = withQuickstart()
  await job.run({ command: 'plan', ...onSandbox })
  const post = await job.post()
  expect([post.code, post.log.trim()]).toEqual([0, 'No lock can have been lifted: nothing to restore.'])
})
