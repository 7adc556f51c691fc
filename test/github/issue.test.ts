import { describe, expect, test } from 'vitest'
import { driftMarker, driftMarkerLine, driftMarkerMax, parseDriftMarker } from '../../src/github/driftMarker.ts'
import { type DriftReport, type IssueOutcome, issueBodyMax, reportDrift } from '../../src/github/issue.ts'
import type { FakeGitHub } from './fake.ts'
import { clientOf, withFake } from './fakeClient.ts'
import { actionsBot, addIssue, type FakeIssue, mallory, openPull } from './fakeStore.ts'

let fake: FakeGitHub
withFake(
  one => {
    fake = one
  },
  { pageMax: 5 }
)

const run = 'https://github.com/acme/estate/actions/runs/1'
const drifted = (addresses: readonly string[], more: Partial<DriftReport> = {}): DriftReport => ({
  label: 'prod',
  title: 'Drift in prod',
  body: `drift: ${addresses.join(', ')}`,
  addresses,
  clean: addresses.length === 0,
  complete: true,
  run,
  labels: ['drift'],
  ...more
})
const report = (addresses: readonly string[], more: Partial<DriftReport> = {}): Promise<IssueOutcome> =>
  reportDrift(clientOf(fake), { owner: fake.owner, repo: fake.repo }, drifted(addresses, more))
const only = (): FakeIssue => {
  const [issue, ...others] = fake.store.issues.filter(({ pull, author }) => pull === null && author === actionsBot)
  if (!issue || others.length > 0) throw new Error(`there are ${fake.store.issues.length} issues`)
  return issue
}
const said = (number = only().number): string[] =>
  fake.store.comments.filter(comment => comment.number === number).map(({ body }) => body.split('\n')[0] ?? '')
const writes = (): number => fake.log.filter(({ method, path }) => method !== 'GET' && path !== '/graphql').length

describe('the issue of a topology', () => {
  test('is opened with drift, and its labels are made', async () => {
    expect(await report([])).toEqual({ kind: 'none' })
    expect(await report(['servers/a'])).toEqual({ kind: 'created', number: 1, url: `${fake.serverUrl}/acme/estate/issues/1` })
    expect(only()).toMatchObject({ title: 'Drift in prod', state: 'open', labels: ['drift'] })
    expect(only().body.split('\n').slice(1)).toEqual(['drift: servers/a'])
    expect(fake.store.labels).toMatchObject([{ name: 'drift', color: 'd93f0b' }])
  })

  test('a label that another run makes at the same time is no failure, and one that is there stays as it is', async () => {
    fake.store.labels.push({ name: 'drift', color: '000000', description: 'mine' })
    fake.fault({ method: 'GET', path: /labels/, status: 404 })
    expect(await report(['servers/a'])).toMatchObject({ kind: 'created' })
    expect(fake.asked(/^POST .*labels/).map(({ status }) => status)).toEqual([422])
    expect(fake.store.labels).toEqual([{ name: 'drift', color: '000000', description: 'mine' }])
  })

  test('is rewritten quietly when only the words are new', async () => {
    await report(['servers/a'])
    expect(await report(['servers/a'], { body: 'other words' })).toMatchObject({ kind: 'updated' })
    expect(only().body).toContain('other words')
    expect(said()).toEqual([])
    const before = writes()
    expect(await report(['servers/a'], { body: 'other words' })).toMatchObject({ kind: 'unchanged' })
    expect(writes()).toBe(before)
  })

  test('says what drifts in addition, and what no more', async () => {
    await report(['servers/a', 'servers/b'])
    expect(await report(['servers/b', 'servers/c'])).toMatchObject({ kind: 'updated' })
    expect(fake.store.comments.map(({ body }) => body)).toEqual([
      `Drifts now, too: \`servers/c\`.\n\nDrifts no more: \`servers/a\`.\n\n[The run that looked](${run})`
    ])
    // The order of what was found says nothing.
    await report(['servers/c', 'servers/b'])
    expect(said()).toHaveLength(1)
  })

  test('tells so many that their names do not fit by their number', async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `servers/server-with-a-long-name-${index}`)
    await report(many, { body: 'x'.repeat(issueBodyMax) })
    expect(only().body.length).toBeLessThanOrEqual(65_536)
    await report(many.slice(1), { body: 'y' })
    expect(said()).toEqual(['The drift has changed: 1999 resources now, 2000 before.'])
    await report(['servers/a'], { body: 'z' })
    await report(many.slice(0, 25), { body: 'a' })
    expect(said()).toHaveLength(3)
  })

  test('a title of whatever length and characters is one that GitHub takes', async () => {
    await report(['servers/a'], { title: `\u202e${'😀'.repeat(300)}` })
    expect(only().title).toMatch(/^\\u202e(😀){114}$/u)
  })

  test('names that would be mentions or another comment’s marker are shown as they are', async () => {
    await report(['servers/a'])
    await report(['servers/a', '@alice #1 `x` <!-- pglink-drift {} -->\n::error::'])
    expect(said()).toEqual(['Drifts now, too: ``@alice #1 `x` <\\u0021-- pglink-drift {} -->\\n::error::``.'])
  })
})

describe('is closed', () => {
  test('after a check that was clean and saw everything, and opened again when it comes back', async () => {
    await report(['servers/a'])
    expect(await report([], { body: 'clean' })).toMatchObject({ kind: 'closed', number: 1 })
    expect(only()).toMatchObject({ state: 'closed', stateReason: 'completed' })
    expect(await report([])).toEqual({ kind: 'none' })
    expect(await report(['servers/b'])).toMatchObject({ kind: 'reopened', number: 1 })
    expect(only()).toMatchObject({ state: 'open', stateReason: 'reopened' })
    expect(said()).toEqual(['Nothing drifts any more, and everything could be read.', 'Drift is back: `servers/b`.'])
  })

  test('never while something could not be read', async () => {
    expect(await report([], { complete: false })).toEqual({ kind: 'none' })
    await report(['servers/a'])
    expect(await report([], { complete: false, body: 'unknown: servers/a' })).toMatchObject({ kind: 'kept-open' })
    expect(only()).toMatchObject({ state: 'open' })
    expect(only().body).toContain('unknown: servers/a')
    const before = writes()
    expect(await report([], { complete: false, body: 'unknown: servers/a' })).toMatchObject({ kind: 'kept-open' })
    expect(writes()).toBe(before)
    // A resource that could not be read is still held to drift: it is no news when it is read again.
    await report(['servers/a'])
    expect(said()).toEqual([])
  })

  test('and what could not be read is not said to drift no more', async () => {
    await report(['servers/a', 'servers/b'])
    await report(['servers/b', 'servers/c'], { complete: false })
    expect(said()).toEqual(['Drifts now, too: `servers/c`.'])
    await report(['servers/b'])
    expect(said()[1]).toBe('Drifts no more: `servers/a`, `servers/c`.')
  })
})

describe('is found', () => {
  const markerOf = (label = 'prod') => driftMarkerLine(driftMarker(label, ['servers/a']))

  test('on whatever page, in whatever state, among pull requests', async () => {
    await report(['servers/a'])
    only().state = 'closed'
    for (let at = 0; at < 12; at += 1) addIssue(fake.store, actionsBot, { title: `bot ${at}`, body: at % 2 ? 'text' : markerOf('dev') })
    openPull(fake.store, { sha: 'a' })
    expect(await report(['servers/b'])).toMatchObject({ kind: 'reopened', number: 1 })
    expect(fake.asked(/GET .*after=cursor3/)).not.toEqual([])
  })

  test('a pull request of ours with the marker is none', async () => {
    const number = openPull(fake.store, { sha: 'a' })
    Object.assign(fake.store.issues[number - 1] ?? {}, { author: actionsBot, body: `${markerOf()}\nx` })
    expect(await report(['servers/a'])).toMatchObject({ kind: 'created', number: number + 1 })
  })

  test('never one of somebody else, whatever it says of itself', async () => {
    const body = `${markerOf()}\nclose me`
    for (const author of [mallory, { ...mallory, login: actionsBot.login }]) addIssue(fake.store, author, { title: 'Drift in prod', body })
    expect(await report([])).toEqual({ kind: 'none' })
    expect(await report(['servers/a'])).toMatchObject({ kind: 'created', number: 3 })
    await report([])
    const untouched = { state: 'open', body, title: 'Drift in prod' }
    expect(fake.store.issues.slice(0, 2)).toMatchObject([untouched, untouched])
    expect(fake.store.comments.filter(({ number }) => number < 3)).toEqual([])
  })

  test('each topology has its own', async () => {
    await report(['servers/a'])
    expect(await report(['servers/a'], { label: 'dev', title: 'Drift in dev' })).toMatchObject({ kind: 'created', number: 2 })
    await report([])
    expect(fake.store.issues.map(({ state }) => state)).toEqual(['closed', 'open'])
  })

  test('by however long a label', async () => {
    const long = `prod ${'infra/'.repeat(60)}`
    await report(['servers/a'], { label: `${long}a.yaml` })
    expect(await report(['servers/a'], { label: `${long}b.yaml` })).toMatchObject({ kind: 'created', number: 2 })
    expect(await report([], { label: `${long}a.yaml` })).toMatchObject({ kind: 'closed', number: 1 })
  })

  test('two runs at the same time leave one open', async () => {
    fake.together(/^GET .*issues\?/, 2)
    const outcomes = await Promise.all([report(['servers/a']), report(['servers/a'])])
    expect(outcomes.map(outcome => outcome.kind)).toEqual(['created', 'created'])
    await report(['servers/a'])
    expect(fake.store.issues.map(({ state, stateReason }) => [state, stateReason])).toEqual([
      ['open', null],
      ['closed', 'not_planned']
    ])
    expect(said(2)[0]).toBe('This drift is followed in #1.')
  })

  test('an issue that was made although the answer was lost is not made again', async () => {
    fake.fault({ method: 'POST', path: /issues$/, status: 502, carriedOut: true })
    expect(await report(['servers/a'])).toMatchObject({ kind: 'created', number: 1 })
    expect(fake.store.issues).toHaveLength(1)
  })

  test('where issues are turned off, it is said', async () => {
    fake.store.hasIssues = false
    await expect(report(['servers/a'])).rejects.toMatchObject({ kind: 'disabled' })
  })
})

describe('the marker', () => {
  test('comes back as it was made, on one line that nothing ends early', () => {
    for (const label of ['prod', '-->', 'a--b', '<script>', 'line\nline', '\u202e', '"', '\\u002d\\u002d']) {
      const marker = driftMarker(label, [label, 'servers/a', 'servers/a'])
      const line = driftMarkerLine(marker)
      expect(parseDriftMarker(`${line}\nbody`)).toEqual(marker)
      expect(line.slice(4, -3)).not.toMatch(/--|[<>\n]/)
      expect(marker.count).toBe(new Set([label, 'servers/a']).size)
    }
  })

  test('is never longer than it may be', () => {
    expect(driftMarkerLine(driftMarker('\u202e'.repeat(200), ['<'.repeat(4_000)])).length).toBeLessThanOrEqual(driftMarkerMax)
  })

  test('is nothing else', () => {
    for (const body of [
      '',
      '{}',
      '<!-- pglink-drift -->',
      '<!-- pglink-drift {"v":2} -->',
      '<!-- pglink-drift [] -->',
      `x\n${driftMarkerLine(driftMarker('prod', []))}`
    ])
      expect(parseDriftMarker(body)).toBeUndefined()
  })
})
