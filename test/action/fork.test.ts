import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { planProblem } from '../../src/document/planDocument.ts'
import { isOutdatedBody } from '../../src/report/comment.ts'
import { parseMarker } from '../../src/report/planMarker.ts'
import { openPull, pushTo } from '../github/fakeStore.ts'
import { type Ended, type Job, runner } from '../support/runner.ts'
import { checkout, forkJob, planned, topology, wider } from './forkCheckout.ts'
import { type Hub, hub } from './github.ts'

interface Made {
  readonly there: Hub
  readonly plan: Ended
  readonly document: Readonly<Record<string, unknown>>
}

let made: Promise<Made> | undefined

/** Planned once, by the first test that wants it. */
function planOfFork(): Promise<Made> {
  made ??= (async () => {
    const there = await hub()
    const plan = await runner(forkJob(there, checkout({ 'topology.yaml': topology }, { 'topology.yaml': wider }))).run(planned)
    return { there, plan, document: JSON.parse(readFileSync(plan.outputs['plan-file'] ?? '', 'utf8')) }
  })()
  return made
}

describe('the plan of a fork', () => {
  test('shows the change alone, against a sandbox with the base branch in it, and writes nothing to GitHub', async () => {
    const { there, plan, document } = await planOfFork()
    expect(plan.code, plan.log).toBe(0)
    expect(plan.log).toContain('Not read from Azure: planned against a sandbox with the topology of')
    expect(plan.outputs).toMatchObject({ 'to-add': '0', 'to-change': '1', 'to-destroy': '0' })
    expect(document).toMatchObject({ source: 'base branch', resource_changes: [{ address: 'servers/orders-pg' }] })
    expect(planProblem(document)).toBeUndefined()
    expect(plan.summary).toMatch(/not read from Azure/i)
    expect(there.github.log).toEqual([])
  })
})

test('a problem in a file of a fork stands beside its line, and in the summary', async () => {
  const there = await hub()
  const wrong = topology.replace('sizeGiB: 128', 'sizeGiB: 129, "\\n::error::##[error]forged": 1')
  const checked = await runner(forkJob(there, checkout({}, { 'infra/topology.yaml': wrong }))).run({
    command: 'validate',
    file: 'infra',
    'allow-env': 'ORDERS_PG_PASSWORD'
  })
  expect([checked.code, checked.outputs['failure-reason']], checked.log).toEqual([4, 'invalid'])
  const line = wrong.split('\n').findIndex(text => text.includes('sizeGiB: 129')) + 1
  const beside = checked.commands.filter(({ name, properties }) => name === 'error' && properties['file'] === 'infra/topology.yaml')
  expect(beside.map(({ properties }) => Number(properties['line'])).every(at => at >= line && at <= line + 1)).toBe(true)
  expect(beside.length).toBeGreaterThan(0)
  // Each is one that we meant: with a place, or with the reason at the end.
  expect(checked.commands.filter(({ name }) => name === 'error')).toHaveLength(beside.length + 1)
  expect(checked.summary).toContain(`infra/topology.yaml:${line}`)
  expect(JSON.parse(readFileSync(checked.outputs['sarif-path'] ?? '', 'utf8'))).toMatchObject({ version: '2.1.0' })
  expect(there.github.log).toEqual([])
})

describe('the comment of a fork', () => {
  const head = 'a'.repeat(40)
  const finished = (over: object = {}): Job => ({
    event: 'workflow_run',
    payload: {
      workflow_run: {
        event: 'pull_request',
        head_sha: head,
        head_branch: 'topic',
        head_repository: { full_name: 'mallory/estate', owner: { login: 'mallory' } },
        html_url: 'https://github.com/acme/estate/actions/runs/9',
        ...over
      }
    }
  })

  async function documentOfFork(): Promise<Readonly<Record<string, unknown>>> {
    return (await planOfFork()).document
  }

  async function comment(there: Hub, file: string | undefined, job: Job = finished()): Promise<Ended> {
    const made = runner({ token: there.token, ...job, env: there.env })
    if (file !== undefined) made.write('fork/plan.json', file)
    return made.run({ command: 'comment', 'plan-file': 'fork/plan.json', label: 'prod' })
  }

  test('is written on the pull request that GitHub names, as not read from Azure whatever the artifact says', async () => {
    const there = await hub()
    const number = openPull(there.github.store, { sha: head, from: 'mallory/estate' })
    const done = await comment(there, JSON.stringify({ ...(await documentOfFork()), source: 'azure' }))
    expect(done.code, done.log).toBe(0)
    const [body = ''] = there.comments(number)
    expect(parseMarker(body)).toMatchObject({ label: 'prod', head, digest: null })
    expect(body).toMatch(/not read from Azure/i)
    expect(body).toContain('orders-pg')
    expect(done.outputs['comment-id']).toBe(String(there.github.store.comments[0]?.id))
  })

  test.each([
    ['no JSON', '{', /^The plan is no JSON/],
    ['no plan', '{"hello":1}', /^The artifact is no plan: /],
    ['too many plans', JSON.stringify({ plans: Array(101).fill({}) }), /^There are 101 plans/],
    ['too deep a plan', `{"plans":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /^The artifact is no plan: /]
  ])('is not written from %s', async (_, text, message) => {
    const there = await hub()
    openPull(there.github.store, { sha: head, from: 'mallory/estate' })
    const done = await comment(there, text)
    expect([done.code, done.commands.at(-1)?.message]).toEqual([4, expect.stringMatching(message)])
    expect(there.github.store.comments).toEqual([])
  })

  test('is short enough for a plan of 2,000 resources, and so is the summary of the job', async () => {
    const there = await hub()
    const number = openPull(there.github.store, { sha: head, from: 'mallory/estate' })
    const document = await documentOfFork()
    const [change] = document['resource_changes'] as readonly object[]
    const [step] = document['steps'] as readonly { readonly text: readonly string[] }[]
    const many = Array.from({ length: 2_000 }, (_, at) => ({ at, address: `servers/s${at}-${'x'.repeat(60)}` }))
    const changes = many.map(({ address }) => ({ ...change, address }))
    const steps = many.map(({ at, address }) => ({
      ...step,
      n: at + 1,
      id: `update ${address}`,
      subject: address,
      depends_on: [],
      settles: []
    }))
    const done = await comment(there, JSON.stringify({ ...document, resource_changes: changes, steps }))
    expect(done.code, done.log).toBe(0)
    expect(Buffer.byteLength(done.summary)).toBeLessThan(1024 * 1024)
    expect(done.summary).toContain('servers/s0')
    const [body = ''] = there.comments(number)
    expect(body.length).toBeLessThan(65_536)
    expect(body).toContain('2,000')
    expect(parseMarker(body)).toMatchObject({ truncated: true })
  })

  test('where that run left no plan, that of an earlier commit is marked, and nothing else is said', async () => {
    const there = await hub()
    const number = openPull(there.github.store, { sha: head, from: 'mallory/estate' })
    const done = await comment(there, JSON.stringify(await documentOfFork()))
    expect(done.outputs).toMatchObject({ 'to-change': '1' })
    expect(done.outputs['plan-digest'], 'the word of a stranger').toBeUndefined()
    pushTo(there.github.store, number, 'c'.repeat(40))
    const none = await comment(there, undefined, finished({ head_sha: 'c'.repeat(40) }))
    expect([none.code, none.log]).toEqual([0, expect.stringContaining('that run made none. Nothing was written.')])
    expect(there.comments(number).map(isOutdatedBody)).toEqual([true])
  })

  test('is all that runs after a run of a fork', async () => {
    for (const command of ['locks-restore', 'apply', 'plan']) {
      const refused = await runner({ ...finished({ head_branch: 'main' }), env: (await hub()).env }).run({ command })
      expect([refused.code, refused.commands.at(-1)?.message]).toEqual([6, expect.stringMatching(/^The run before this one was of a fork/)])
    }
  })

  test('follows no link out of the artifact', async () => {
    const there = await hub()
    const made = runner({ token: there.token, ...finished(), env: there.env })
    openPull(there.github.store, { sha: head, from: 'mallory/estate' })
    made.write('fork/other.json', '{}')
    symlinkSync('/etc/passwd', join(made.workspace, 'fork/plan.json'))
    const done = await made.run({ command: 'comment', 'plan-file': 'fork/plan.json' })
    expect([done.code, done.commands.at(-1)?.message]).toEqual([4, expect.stringMatching(/^There is no plan /)])
  })

  test('is not written where the pull request has moved on, or the run was of something else', async () => {
    const there = await hub()
    openPull(there.github.store, { sha: 'b'.repeat(40), from: 'mallory/estate' })
    const moved = await comment(there, JSON.stringify(await documentOfFork()))
    expect([moved.code, moved.log]).toEqual([0, expect.stringContaining('Nothing was written.')])
    const push = await comment(there, JSON.stringify(await documentOfFork()), finished({ event: 'push' }))
    expect([push.code, push.log]).toEqual([0, expect.stringContaining('The run was of push')])
    expect(there.github.store.comments).toEqual([])
  })
})
