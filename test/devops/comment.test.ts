import { expect, test } from 'vitest'
import { markerLine, parseMarker } from '../../src/report/planMarker.ts'
import { mixedDocument } from '../report/htmlDocuments.ts'
import { hostile } from '../report/markdownDocuments.ts'
import { activeParts, expectBalanced, expectInert } from '../report/markdownSafety.ts'
import { type Folder, folder } from '../support/cli.ts'
import { type FakeDevops, fakeDevops, head, me, merge, other, token } from './fake.ts'

const plain = await mixedDocument()
const comment = 'devops comment plan.json --label prod'

async function scene(): Promise<{ readonly fake: FakeDevops; readonly here: Folder }> {
  return { fake: await fakeDevops(), here: folder({ 'plan.json': JSON.stringify(plain) }) }
}

const oursBy = (author: string, label = 'prod', content = 'An earlier plan.'): FakeDevops['store']['threads'][number] => ({
  id: author === me ? 5 : 6,
  status: 4,
  comments: [
    {
      id: 1,
      author: { id: author },
      content: `${markerLine({ v: 1, label, file: 'f', digest: 'd', head: '8'.repeat(40), exit: 2, truncated: false, run: '' })}\n${content}`
    }
  ]
})

test('one thread holds the plan of each push, closed so that it keeps no merge waiting', async () => {
  const { fake, here } = await scene()
  expect(await here.pglink(comment, fake.env)).toMatchObject({ code: 0, stdout: 'Wrote the thread. Pull request 7, label prod.\n' })
  expect(await here.pglink(comment, fake.env)).toMatchObject({ code: 0, stdout: expect.stringContaining('says so already') })
  here.write('plan.json', JSON.stringify({ ...plain, digest: `sha256:${'0'.repeat(64)}` }))
  expect(await here.pglink(comment, fake.env)).toMatchObject({ code: 0, stdout: expect.stringContaining('Updated') })
  expect(fake.store.threads).toMatchObject([{ status: 4, comments: [{ author: { id: me } }] }])
  const { content = '' } = fake.store.threads[0]?.comments[0] ?? {}
  expect(parseMarker(content)).toMatchObject({
    label: 'prod',
    head,
    run: `${fake.env['SYSTEM_COLLECTIONURI']}estate/_build/results?buildId=40`
  })
  expect(content).toContain('After the merge the pipeline that applies carries out exactly this digest, or nothing.')
  expect(fake.refused).toEqual([])
})

test('a thread of another identity, another label or that was deleted is left as it is, whatever it says of itself', async () => {
  const { fake, here } = await scene()
  const reply = oursBy(other)
  const others = [
    { ...reply, comments: [...reply.comments, ...oursBy(me).comments.map(one => ({ ...one, id: 2 }))] },
    { ...oursBy(me, 'staging'), id: 8 },
    { ...oursBy(me), id: 9, isDeleted: true }
  ]
  fake.store.threads.push(...structuredClone(others))
  expect(await here.pglink(comment, fake.env)).toMatchObject({ code: 0, stdout: expect.stringContaining('Wrote') })
  expect(fake.store.threads.slice(0, -1)).toEqual(others)
  expect(fake.store.threads).toHaveLength(4)
  expect(fake.log.filter(line => line.startsWith('PATCH'))).toEqual([])
})

test('a push is told of at once, before its plan is there; a plan of the same commit stays true', async () => {
  const { fake, here } = await scene()
  expect(await here.pglink('devops comment --label prod', fake.env)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('no thread')
  })
  fake.store.threads.push(oursBy(me))
  expect(await here.pglink('devops comment --label prod', fake.env)).toMatchObject({ code: 0, stdout: expect.stringContaining('Updated') })
  expect(fake.store.threads[0]?.comments[0]?.content).toMatch(/\n> \[!WARNING\]\n> \*\*Outdated\.\*\*.*aaaaaaa[\s\S]*An earlier plan\./)
  await here.pglink(comment, fake.env)
  expect(await here.pglink('devops comment --label prod', fake.env)).toMatchObject({ stdout: expect.stringContaining('says so already') })
  expect(fake.store.threads[0]?.comments[0]?.content).not.toContain('Outdated')
})

test('a build that was overtaken by a later commit writes nothing', async () => {
  const { fake, here } = await scene()
  fake.store.pull['lastMergeSourceCommit'] = { commitId: merge }
  fake.store.threads.push(oursBy(me))
  for (const command of [comment, 'devops comment --label prod'])
    expect(await here.pglink(command, fake.env)).toMatchObject({ code: 0, stdout: expect.stringContaining('there is a later commit') })
  expect(fake.log.filter(line => !line.startsWith('GET'))).toEqual([])
})

test('names that others chose stay names', async () => {
  const fake = await fakeDevops()
  const here = folder()
  for (const name of hostile) {
    const said = { address: name, message: name }
    const steps = plain.steps.map(step => ({ ...step, subject: name, says: name, why: name, title: name }))
    const dangers = plain.dangers.map(danger => ({ ...danger, ...said }))
    const topology = { ...plain.topology, name, path: name }
    here.write('plan.json', JSON.stringify({ ...plain, topology, steps, dangers, waiting: [said], notes: [said], unknown: [said] }))
    expect(await here.pglink(comment, fake.env)).toMatchObject({ code: 0, stderr: '' })
    const { content = '' } = fake.store.threads[0]?.comments[0] ?? {}
    expect(parseMarker(content)?.label).toBe('prod')
    expectInert(content)
    expectBalanced(content)
    // An underscore could begin an emphasis, and is written as an escape of addresses.
    const page = (parseMarker(content)?.run ?? '').replace('_', '%5f')
    expect(activeParts(content, [page, `${page}&view=artifacts&type=publishedArtifacts`])).toEqual([])
  }
})

test('what is missing is named, with the way out, and the token is shown nowhere', async () => {
  const { fake, here } = await scene()
  const told = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const { code, stderr, stdout } = await here.pglink(comment, { ...fake.env, ...env })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).not.toContain(token)
    return stderr
  }
  for (const SYSTEM_ACCESSTOKEN of ['', '$(System.AccessToken)'])
    expect(await told({ SYSTEM_ACCESSTOKEN })).toContain('Give the step env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }.')
  expect(await told({ SYSTEM_COLLECTIONURI: '' })).toContain('SYSTEM_COLLECTIONURI is not set')
  expect(await told({ BUILD_REPOSITORY_PROVIDER: 'GitHub' })).toContain('pglink init --github')
  expect(await told({ SYSTEM_PULLREQUEST_PULLREQUESTID: '' })).toContain('not of a pull request')
  expect(await told({ SYSTEM_ACCESSTOKEN: 'expired-token-00000' })).toContain('does not take the token')
  const echo = JSON.stringify({ message: `Bearer ${token} may not##vso[task.complete]` })
  fake.store.faults.push({ method: 'POST', status: 403, text: echo })
  const refused = await told({})
  expect(refused).toContain('Contribute to pull requests')
  expect(refused).not.toContain('##vso[')
  fake.store.faults.push({ method: 'GET', status: 404 })
  expect(await told({})).toContain('It is not there, or the build service of the project may not see it.')
  expect(fake.log.filter(line => line.startsWith('POST'))).toHaveLength(1)
  expect(await here.pglink('devops comment none.json', fake.env)).toMatchObject({ code: 4 })
  expect(await here.pglink(`devops comment --label ${'x'.repeat(201)}`, fake.env)).toMatchObject({ code: 64 })
})

test('a write that was refused for its haste is sent again, and one whose answer is lost is not', async () => {
  const { fake, here } = await scene()
  fake.store.faults.push({ method: 'POST', status: 429, headers: { 'retry-after': '1' } })
  expect(await here.pglink(comment, fake.env)).toMatchObject({ code: 0 })
  fake.store.threads.length = 0
  fake.store.faults.push({ method: 'POST', status: 500 })
  expect(await here.pglink(comment, fake.env)).toMatchObject({ code: 1, stderr: expect.stringContaining('(500). Run the job again.') })
  expect(fake.log.filter(line => line.startsWith('POST'))).toHaveLength(3)
  fake.store.faults.push({ method: 'GET', status: 503, headers: { 'retry-after': '1' } })
  expect(await here.pglink(comment, fake.env)).toMatchObject({ code: 0 })
})
