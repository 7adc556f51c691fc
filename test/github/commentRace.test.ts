import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CommentDraft, type CommentMode, type CommentOutcome, upsertComment } from '../../src/github/comment.ts'
import { parseMarker } from '../../src/report/planMarker.ts'
import type { FakeGitHub } from './fake.ts'
import { bodiesOf, clientOf, commentText, draft, first, onlyComment, second, withFake } from './fakeClient.ts'
import { actionsBot, addComment, mallory, openPull, pushTo } from './fakeStore.ts'

let fake: FakeGitHub
let number: number
withFake(one => {
  fake = one
  number = openPull(one.store, { sha: first })
})

const here = () => ({ owner: fake.owner, repo: fake.repo, number })
const upsert = (more: Partial<CommentDraft>): Promise<CommentOutcome> => upsertComment(clientOf(fake), here(), draft(more))

describe('two runs at the same time', () => {
  test.each(['update', 'recreate'] satisfies CommentMode[])('leave one comment (%s)', async mode => {
    fake.together(/^GET .*\/comments/, 2)
    const outcomes = await Promise.all(['one', 'two'].map(text => upsert({ mode, body: commentText({ head: first }, text) })))
    // Both found nothing and both wrote.
    expect(fake.asked(/^POST .*comments/)).toHaveLength(2)
    await upsert({ mode, body: commentText({ head: first }, 'next') })
    expect(onlyComment(fake).body).toContain('next')
    expect(outcomes.map(({ kind }) => kind)).toEqual(['created', 'created'])
  })

  test('leave one that is not folded away', async () => {
    fake.together(/^GET .*\/comments/, 2)
    await Promise.all(['one', 'two'].map(text => upsert({ mode: 'hide-and-new', body: commentText({ head: first }, text) })))
    await upsert({ mode: 'hide-and-new', body: commentText({ head: first }, 'next') })
    expect(fake.store.comments.filter(({ minimized }) => minimized === null).map(({ body }) => body)).toEqual([
      commentText({ head: first }, 'next')
    ])
  })

  test('duplicates go even when there is nothing new to say', async () => {
    for (const text of ['old', 'same']) addComment(fake.store, number, actionsBot, commentText({ head: first }, text))
    expect(await upsert({ body: commentText({ head: first }, 'same') })).toMatchObject({ kind: 'unchanged' })
    expect(onlyComment(fake).body).toContain('same')
  })

  test('a run that was overtaken does not write over what the newer commit says', async () => {
    pushTo(fake.store, number, second)
    const newer = commentText({ head: second }, 'newer')
    await upsert({ body: newer })
    expect(await upsert({ body: commentText({ head: first }, 'late') })).toMatchObject({
      kind: 'overtaken',
      head: second,
      id: onlyComment(fake).id
    })
    expect(bodiesOf(fake)).toEqual([newer])
  })

  test('and one that wrote beside it takes its own away', async () => {
    pushTo(fake.store, number, second)
    fake.together(/^GET .*\/comments/, 2)
    const [newer, late] = [commentText({ head: second }, 'newer'), commentText({ head: first }, 'late')]
    await Promise.all([upsert({ body: newer }), upsert({ body: late })])
    await upsert({ body: newer })
    expect(bodiesOf(fake)).toEqual([newer])
  })
})

describe('whatever runs meet', () => {
  const modes = ['update', 'recreate', 'hide-and-new'] as const
  const someRun = fc.record({ late: fc.boolean(), label: fc.constantFrom('prod', 'dev'), mode: fc.constantFrom(...modes), text: fc.nat(3) })
  const broken = fc.record({ method: fc.constantFrom('POST', 'PATCH', 'DELETE'), carriedOut: fc.boolean() })

  test('one comment of a label is to be seen in the end, with what the last run said, and nothing of others is touched', async () => {
    const bot = clientOf(fake)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(someRun, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        fc.array(broken, { maxLength: 2 }),
        async (rounds, faults) => {
          fake.store.comments.length = 0
          pushTo(fake.store, number, second)
          const forged = commentText({ head: second }, 'forged')
          const foreign = addComment(fake.store, number, mallory, forged)
          for (const { method, carriedOut } of faults) fake.fault({ method, path: /comments/, status: 502, carriedOut })
          for (const round of rounds)
            await Promise.all(
              round.map(({ late, label, mode, text }) =>
                upsertComment(bot, here(), { label, mode, body: commentText({ label, head: late ? first : second }, `${text}`) })
              )
            )
          for (const label of ['prod', 'dev']) {
            const body = commentText({ label, head: second }, 'last')
            await upsertComment(bot, here(), { label, mode: 'hide-and-new', body })
            const seen = fake.store.comments.filter(
              comment => comment.author === actionsBot && parseMarker(comment.body)?.label === label && comment.minimized === null
            )
            expect(seen.map(comment => comment.body)).toEqual([body])
          }
          expect(foreign).toMatchObject({ body: forged, editor: null, minimized: null })
          expect(fake.store.comments).toContain(foreign)
        }
      ),
      { seed: 11, numRuns: 8 }
    )
  })
})
