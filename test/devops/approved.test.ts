import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { mixedDocument } from '../report/htmlDocuments.ts'
import { folder } from '../support/cli.ts'
import { fakeDevops, type Store } from './fake.ts'

const digest = `sha256:${'1'.repeat(64)}`
const plan = { ...(await mixedDocument()), errored: false, digest }
const approved = 'devops approved --definition 12 --artifact plan-prod'

async function ran(change: (store: Store) => void = () => undefined, env = {}) {
  const fake = await fakeDevops()
  fake.store.artifacts['40/plan-prod/plan.json'] = plan
  change(fake.store)
  const ended = await folder().pglink(approved, { ...fake.mergeEnv, ...env })
  expect(fake.refused).toEqual([])
  return ended
}

const build = (store: Store, members: Record<string, unknown>): void => {
  store.filters = false
  Object.assign(store.builds[0] ?? {}, members)
}

test('the digest of the merged pull request comes from the artifact of its own build', async () => {
  expect(await ran()).toMatchObject({ code: 0, stdout: `${digest}\n`, stderr: '' })
  expect(await ran(store => build(store, { result: 'partiallySucceeded' }))).toMatchObject({ code: 0 })
})

const foreign: readonly (readonly [what: string, change: (store: Store) => void, code: number, says: string])[] = [
  ['another pipeline', store => build(store, { definition: { id: 13 } }), 5, 'pipeline 12 has no build of pull request 7'],
  ['another repository', store => build(store, { repository: { id: 'x' } }), 5, 'pipeline 12 has no build of pull request 7'],
  ['another branch', store => build(store, { sourceBranch: 'refs/heads/evil' }), 5, 'pipeline 12 has no build of pull request 7'],
  ['a person, not a pull request', store => build(store, { reason: 'manual' }), 5, 'pipeline 12 has no build of pull request 7'],
  ['a build that failed', store => build(store, { result: 'failed' }), 6, 'Build 40, the last one of pull request 7, ended as failed'],
  ['no build', store => store.builds.splice(0), 5, 'pipeline 12 has no build'],
  ['an earlier commit', store => store.parents.splice(1, 1, '7'.repeat(40)), 5, 'Build 40 planned another commit than aaaaaaa'],
  ['a commit that is no merge', store => store.parents.splice(1), 5, 'Build 40 planned another commit'],
  ['an open pull request', store => Object.assign(store.pull, { status: 'active' }), 5, 'no pull request was merged'],
  ['a merge into another branch', store => Object.assign(store.pull, { targetRefName: 'refs/heads/x' }), 5, 'no pull request was merged'],
  ['a pull request elsewhere', store => Object.assign(store.pull, { repository: { id: 'x' } }), 5, 'no pull request was merged'],
  ['another merge', store => Object.assign(store.pull, { lastMergeCommit: { commitId: 'x' } }), 5, 'no pull request was merged'],
  ['a direct push', store => Object.assign(store.pull, { pullRequestId: 8 }), 5, 'no pull request was merged into refs/heads/main'],
  ['no artifact', store => Object.assign(store, { artifacts: {} }), 1, 'was not found for build 40 (404)'],
  ['something else', store => Object.assign(store.artifacts, { '40/plan-prod/plan.json': { digest } }), 6, 'is no plan'],
  [
    'a refused plan',
    store => Object.assign(store.artifacts, { '40/plan-prod/plan.json': { ...plan, errored: true } }),
    6,
    'cannot be applied'
  ],
  [
    'a plan against a sandbox',
    store => Object.assign(store.artifacts, { '40/plan-prod/plan.json': { ...plan, source: 'base branch' } }),
    6,
    'cannot be applied'
  ]
]

test.each(foreign)('no digest comes of %s', async (_what, change, code, says) =>
  expect(await ran(change)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
)

/** Another host, where files lie; it keeps the tokens that it is shown. */
async function elsewhere(type: string, text: string): Promise<{ readonly url: string; readonly tokens: (string | undefined)[] }> {
  const tokens: (string | undefined)[] = []
  const server = createServer(({ headers }, response) => {
    tokens.push(headers.authorization)
    response.writeHead(200, { 'content-type': type }).end(text)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/plan.json`, tokens }
}

test('a file that lies on another host is fetched without the token, and a page to sign in at is no plan', async () => {
  const to = (location: string) => (store: Store) =>
    void store.faults.push({ method: 'GET', at: '/artifacts', status: 302, headers: { location } })
  const file = await elsewhere('application/octet-stream', JSON.stringify(plan))
  expect(await ran(to(file.url))).toMatchObject({ code: 0, stdout: `${digest}\n` })
  expect(file.tokens).toEqual([undefined])
  const page = await elsewhere('text/html', '<html>Sign in</html>')
  expect(await ran(to(page.url))).toMatchObject({ code: 1, stderr: expect.stringContaining('does not take the token') })
})

test('the pipeline that plans has to be named, and the token to be there', async () => {
  expect(await folder().pglink('devops approved')).toMatchObject({ code: 64, stderr: expect.stringContaining('Give --definition') })
  expect(await ran(undefined, { SYSTEM_ACCESSTOKEN: '' })).toMatchObject({ code: 1, stderr: expect.stringContaining('Give the step env') })
})
