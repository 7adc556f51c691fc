import { describe, expect, test } from 'vitest'
import {
  type CommentDraft,
  type CommentMode,
  type CommentOutcome,
  markOutdated,
  ownComments,
  stickyComment,
  upsertComment
} from '../../src/github/comment.ts'
import { GithubRefusal } from '../../src/github/refusal.ts'
import { isOutdatedBody } from '../../src/report/comment.ts'
import { parseMarker } from '../../src/report/planMarker.ts'
import type { FakeGitHub } from './fake.ts'
import { bodiesOf, clientOf, commentText, draft, first, onlyComment, second, withFake } from './fakeClient.ts'
import { actionsBot, addComment, alice, editComment, forkToken, mallory, openPull, pushTo, type Token } from './fakeStore.ts'

const runOf = (number: number): string => `https://github.com/acme/estate/actions/runs/${'9'.repeat(number)}`

let fake: FakeGitHub
let number: number
withFake(one => {
  fake = one
  number = openPull(one.store, { sha: first })
})

const here = () => ({ owner: fake.owner, repo: fake.repo, number })
const upsert = (more: Partial<CommentDraft> = {}): Promise<CommentOutcome> => upsertComment(clientOf(fake), here(), draft(more))
const chatter = (count: number): void => {
  for (let at = 0; at < count; at += 1) addComment(fake.store, number, alice, `comment ${at}`)
}

describe('one comment of a label', () => {
  test('is written, then rewritten', async () => {
    const created = await upsert()
    expect(created).toMatchObject({
      kind: 'created',
      id: onlyComment(fake).id,
      url: `${fake.serverUrl}/acme/estate/pull/1#issuecomment-${onlyComment(fake).id}`
    })
    pushTo(fake.store, number, second)
    const body = commentText({ head: second, digest: 'sha256:2' }, '### Plan: 2 to add')
    expect(await upsert({ body })).toMatchObject({ kind: 'updated', id: onlyComment(fake).id })
    expect(bodiesOf(fake)).toEqual([body])
  })

  test('is found on whatever page it is', async () => {
    await upsert()
    chatter(240)
    fake.store.comments.push(...fake.store.comments.splice(0, 1))
    const body = commentText({ head: first, digest: 'sha256:2' }, 'changed')
    expect(await upsert({ body })).toMatchObject({ kind: 'updated' })
    expect(fake.store.comments).toHaveLength(241)
    expect(fake.asked(/GET .*page=3/).length).toBeGreaterThan(0)
  })

  test('stays apart from those of other labels', async () => {
    await upsert()
    await upsert({ label: 'dev', body: commentText({ label: 'dev' }) })
    expect(fake.store.comments).toHaveLength(2)
    expect(await ownComments(clientOf(fake), here(), 'dev')).toHaveLength(1)
  })

  test('is left alone when nothing but the run is new', async () => {
    await upsert({ body: commentText({ head: first, run: runOf(1) }) })
    const before = bodiesOf(fake)
    expect(await upsert({ body: commentText({ head: first, run: runOf(3) }) })).toMatchObject({
      kind: 'unchanged',
      id: onlyComment(fake).id
    })
    expect(bodiesOf(fake)).toEqual(before)
    expect(fake.asked(/^(PATCH|DELETE) /)).toEqual([])
    // One word, or another digest with the same words, is news.
    expect(await upsert({ body: commentText({ head: first, digest: 'sha256:9' }) })).toMatchObject({ kind: 'updated' })
    expect(await upsert({ body: commentText({ head: first, digest: 'sha256:9' }, 'other') })).toMatchObject({ kind: 'updated' })
  })

  test('is written anew where somebody else wrote the same', async () => {
    await upsert({ body: commentText({ head: first, run: runOf(1) }) })
    editComment(fake.store, onlyComment(fake), mallory, commentText({ head: first, run: runOf(2) }))
    expect(await upsert({ body: commentText({ head: first, run: runOf(3) }) })).toMatchObject({ kind: 'updated', id: onlyComment(fake).id })
    expect(await stickyComment(clientOf(fake), here(), 'prod')).toMatchObject({ editedBy: undefined, marker: { run: runOf(3) } })
  })

  test('is not begun for nothing, but brought up to date', async () => {
    expect(await upsert({ begin: false })).toEqual({ kind: 'skipped' })
    expect(fake.store.comments).toEqual([])
    await upsert()
    for (const mode of ['update', 'recreate', 'hide-and-new', 'always-new'] satisfies CommentMode[]) {
      const body = commentText({ head: first }, `no changes, ${mode}`)
      expect(await upsert({ begin: false, body, mode })).toMatchObject({ kind: 'updated', id: onlyComment(fake).id })
      expect(bodiesOf(fake)).toEqual([body])
    }
  })

  test('that was deleted just now is written anew', async () => {
    await upsert()
    fake.fault({ method: 'PATCH', path: /comments/, status: 404 })
    const outcome = upsert({ body: commentText({ head: first }, 'new') })
    expect(await outcome).toMatchObject({ kind: 'created' })
    expect(onlyComment(fake).body).toContain('new')
  })

  test('too long a body, or a token that may not write, is said and changes nothing', async () => {
    await expect(upsert({ body: commentText({ head: first }, 'x'.repeat(65_536)) })).rejects.toMatchObject({ kind: 'too-long' })
    await expect(upsertComment(clientOf(fake, forkToken), here(), draft())).rejects.toBeInstanceOf(GithubRefusal)
    expect(bodiesOf(fake)).toEqual([])
  })

  test('a body without its marker is a bug', async () => {
    await expect(upsert({ body: 'Plan' })).rejects.toThrow(/^bug:/)
    await expect(upsert({ body: commentText({ label: 'dev' }) })).rejects.toThrow(/^bug:/)
    expect(fake.log).toEqual([])
  })
})

describe('the comment of an earlier run', () => {
  const next = commentText({ head: first, digest: 'sha256:2' }, 'next')

  test('is deleted once the new one is there', async () => {
    await upsert()

    expect(await upsert({ body: next, mode: 'recreate' })).toMatchObject({ kind: 'created' })
    expect(bodiesOf(fake)).toEqual([next])
    const [posted, deleted] = [
      fake.log.findLastIndex(({ method, path }) => method === 'POST' && path.includes('issues')),
      fake.log.findIndex(({ method }) => method === 'DELETE')
    ]
    expect(posted).toBeLessThan(deleted)
  })

  test('is folded away as outdated, once', async () => {
    await upsert({ mode: 'hide-and-new' })
    expect(await upsert({ body: next, mode: 'hide-and-new' })).toMatchObject({ kind: 'created' })
    expect(fake.store.comments.map(({ minimized }) => minimized)).toEqual(['outdated', null])
    const third = commentText({ head: first, digest: 'sha256:3' }, 'third')
    expect(await upsert({ body: third, mode: 'hide-and-new' })).toMatchObject({ kind: 'created' })
    expect(fake.log.filter(({ body }) => JSON.stringify(body ?? null).includes('minimizeComment'))).toHaveLength(2)
    expect(fake.store.comments.map(({ minimized }) => minimized)).toEqual(['outdated', 'outdated', null])
  })

  test('stays where every run has its own', async () => {
    await upsert({ mode: 'always-new' })
    expect(await upsert({ body: next, mode: 'always-new' })).toMatchObject({ kind: 'created' })
    expect(fake.store.comments.map(({ minimized }) => minimized)).toEqual([null, null])
  })
})

describe('comments of others', () => {
  test('is never touched, whatever it says of itself', async () => {
    const forged = commentText({ head: first, digest: 'sha256:evil' }, 'approved!')
    addComment(fake.store, number, mallory, forged)
    addComment(fake.store, number, { ...mallory, login: 'github-actions' }, forged)
    for (const mode of ['update', 'recreate', 'hide-and-new'] satisfies CommentMode[])
      await upsert({ mode, body: commentText({ head: first }, mode) })
    await markOutdated(clientOf(fake), here(), { head: second })
    const foreign = fake.store.comments.filter(({ author }) => author.id === mallory.id)
    expect(foreign.map(({ body, editor, minimized }) => ({ body, editor, minimized }))).toEqual([
      { body: forged, editor: null, minimized: null },
      { body: forged, editor: null, minimized: null }
    ])
    expect((await stickyComment(clientOf(fake), here(), 'prod'))?.marker.digest).toBe('sha256:1')
  })

  test('nor what ours quote below the first line', async () => {
    const quoting = addComment(fake.store, number, actionsBot, `> quoted\n${commentText({ head: first })}`)
    await upsert()
    expect(fake.store.comments).toHaveLength(2)
    expect(quoting.editor).toBeNull()
  })

  test('the comments of another account of ours are another’s', async () => {
    const app: Token = {
      token: 'ghs_app',
      actor: { id: 555, login: 'planner[bot]', type: 'Bot' },
      installation: true,
      permissions: { issues: 'write', pull_requests: 'read' }
    }
    fake.store.tokens.push(app)
    await upsert()
    expect(await upsertComment(clientOf(fake, app), here(), draft())).toMatchObject({ kind: 'created' })
    expect(fake.store.comments).toHaveLength(2)
  })
})

describe('as a witness', () => {
  test('a comment is taken at its word until somebody else edits it', async () => {
    expect(await stickyComment(clientOf(fake), here(), 'prod')).toBeUndefined()
    await upsert()
    expect(await stickyComment(clientOf(fake), here(), 'prod')).toMatchObject({ editedBy: undefined, marker: { digest: 'sha256:1' } })
    await upsert({ body: commentText({ head: first, digest: 'sha256:2' }) })
    expect(await stickyComment(clientOf(fake), here(), 'prod')).toMatchObject({ editedBy: undefined, marker: { digest: 'sha256:2' } })
    editComment(fake.store, onlyComment(fake), mallory, commentText({ head: first, digest: 'sha256:evil' }))
    expect(await stickyComment(clientOf(fake), here(), 'prod')).toMatchObject({ editedBy: 'mallory', marker: { digest: 'sha256:evil' } })
    // A person may call himself what a bot is called without its suffix.
    editComment(
      fake.store,
      onlyComment(fake),
      { id: 667, login: 'github-actions', type: 'User' },
      commentText({ head: first, digest: 'sha256:evil' })
    )
    expect(await stickyComment(clientOf(fake), here(), 'prod')).toMatchObject({ editedBy: 'github-actions' })
  })

  test('the one for the commit that the pull request is at speaks', async () => {
    pushTo(fake.store, number, second)
    addComment(fake.store, number, actionsBot, commentText({ head: second, digest: 'sha256:now' }))
    addComment(fake.store, number, actionsBot, commentText({ head: first, digest: 'sha256:late' }))
    expect((await stickyComment(clientOf(fake), here(), 'prod'))?.marker.digest).toBe('sha256:now')
  })
})

describe('outdated', () => {
  test('comments of earlier commits say so, once', async () => {
    await upsert()
    await upsert({ label: 'dev', body: commentText({ label: 'dev', head: second }) })
    const [old, current] = fake.store.comments
    expect(await markOutdated(clientOf(fake), here(), { head: second })).toEqual([old?.id])
    expect([old, current].map(comment => isOutdatedBody(comment?.body ?? ''))).toEqual([true, false])
    expect(parseMarker(old?.body ?? '')).toMatchObject({ head: first, label: 'prod' })
    expect(await markOutdated(clientOf(fake), here(), { head: second })).toEqual([])
    // The newest names the newest commit.
    expect(await markOutdated(clientOf(fake), here(), { head: '3'.repeat(40), label: 'prod' })).toEqual([old?.id])
    expect(old?.body).toContain('3333333')
  })

  test('with one label only, when one is given', async () => {
    await upsert()
    await upsert({ label: 'dev', body: commentText({ label: 'dev', head: first }) })
    expect(await markOutdated(clientOf(fake), here(), { head: second, label: 'dev' })).toHaveLength(1)
    expect(isOutdatedBody(fake.store.comments[0]?.body ?? '')).toBe(false)
  })

  test('does not put our name under what somebody else wrote into ours', async () => {
    await upsert()
    const tampered = commentText({ head: first, digest: 'sha256:evil' })
    editComment(fake.store, onlyComment(fake), mallory, tampered)
    expect(await markOutdated(clientOf(fake), here(), { head: second })).toEqual([])
    expect(onlyComment(fake)).toMatchObject({ body: tampered, editor: mallory })
  })
})
