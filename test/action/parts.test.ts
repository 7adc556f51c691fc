import { describe, expect, test } from 'vitest'
import { baseOf, contextOf, earlierRunOf, pullRequestOf, queuedPullRequest } from '../../src/action/event.ts'
import { secondsFor, tokenWarning } from '../../src/action/plans.ts'
import { logOf } from '../../src/action/runnerTerminal.ts'
import { verdictOf } from '../../src/action/verdict.ts'
import type { PlanDocument, PlanStep } from '../../src/document/plan.generated.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import type { Ending } from '../../src/model/ending.ts'
import { pullEvent } from './github.ts'

const endings = Object.keys(exitCodes) as Ending[]

describe('when a step fails', () => {
  const failing = (failOn: Parameters<typeof verdictOf>[1]): number[] =>
    endings.filter(ending => verdictOf(ending, failOn).failed).map(ending => exitCodes[ending])

  test.each([
    ['error', [1, 4, 5, 6, 7, 8, 9, 64, 130, 143]],
    ['changes', [1, 2, 4, 5, 6, 7, 8, 9, 64, 130, 143]],
    ['drift', [1, 3, 4, 5, 6, 7, 8, 9, 64, 130, 143]],
    // A lock that is off, and a step that is written wrongly.
    ['never', [9, 64]]
  ] as const)('fail-on: %s', (failOn, codes) => expect(failing(failOn).sort((one, other) => one - other)).toEqual(codes))

  test('every code but 0 has a reason and something to say', () => {
    for (const ending of endings) {
      const { reason, message } = verdictOf(ending, 'error')
      expect([reason === '', message === '']).toEqual([ending === 'ok', ending === 'ok'])
    }
    expect(verdictOf('stale', 'error', 'The estate moved.')).toEqual({ failed: true, reason: 'plan-changed', message: 'The estate moved.' })
  })
})

describe('the log', () => {
  const written = (...texts: readonly string[]): string => {
    let all = ''
    const log = logOf(text => {
      all += text
    })
    for (const text of texts) log(text)
    return all
  }

  test('has no line that the runner would carry out', () => {
    expect(written('::error::no\n', '  ::add-mask::x\n', '\u00a0::warning::y\n')).toBe(
      '\\u003a:error::no\n  \\u003a:add-mask::x\n\u00a0\\u003a:warning::y\n'
    )
  })

  test('has none in the older form, which may be anywhere in a line', () =>
    expect(written('a ##[add-mask]b\n')).toBe('a #\\u0023[add-mask]b\n'))

  test('has none that was put together of parts', () => {
    expect(written('a\n', ':', ':error::no')).not.toMatch(/^\s*::/m)
    for (const parts of [
      ['a #', '#[add-mask]b\n'],
      ['a ##', '[add-mask]b\n'],
      ['#', '#', '[add-mask]b\n']
    ])
      expect(written(...parts)).not.toContain('##[')
  })

  test('is otherwise as it was said', () => expect(written('a :: b\n', 'c', '::d\n# e #', '1 ##\n')).toBe('a :: b\nc::d\n# e #1 ##\n'))
})

describe('the event', () => {
  const context = (event: string, payload: object) => ({
    ...contextOf({ GITHUB_REPOSITORY: 'acme/estate' }, '/'),
    event,
    payload: { ...payload }
  })

  test('for a pull request tells a fork by the repository of its commit', () => {
    expect(pullRequestOf(context('pull_request', pullEvent(7, 'a')))).toMatchObject({ number: 7, head: 'a', fork: false })
    expect(pullRequestOf(context('pull_request', pullEvent(7, 'a', { from: 'Acme/Estate' })))).toMatchObject({ fork: false })
    expect(pullRequestOf(context('pull_request', pullEvent(7, 'a', { from: 'mallory/estate' })))).toMatchObject({ fork: true })
    expect(pullRequestOf(context('pull_request', { pull_request: { number: 7, head: { sha: 'a', repo: null } } }))).toMatchObject({
      fork: true
    })
    expect(pullRequestOf(context('push', pullEvent(7, 'a')))).toBeUndefined()
  })

  test.each([
    ['refs/heads/gh-readonly-queue/main/pr-12-0123456789abcdef0123456789abcdef01234567', 12],
    ['refs/heads/gh-readonly-queue/release/pr-1-x/pr-34-0123456789abcdef0123456789abcdef01234567', 34],
    ['refs/heads/main', undefined]
  ])('for a merge queue on %s is about %s', (ref, number) =>
    expect(queuedPullRequest(context('merge_group', { merge_group: { head_ref: ref } }))).toBe(number)
  )

  test.each([
    ['push', { before: 'a' }, 'a'],
    ['push', { before: '0'.repeat(40) }, ''],
    ['merge_group', { merge_group: { base_sha: 'b' } }, 'b'],
    ['pull_request', pullEvent(1, 'x', { base: 'c' }), 'c'],
    ['schedule', { before: 'a' }, '']
  ])('for %s tells what it is upon', (event, payload, base) => expect(baseOf(context(event, payload))).toBe(base))

  test('for nothing known is about nothing', () => {
    expect(earlierRunOf(context('push', {}))).toBeUndefined()
    expect(earlierRunOf(context('workflow_run', { workflow_run: 'x' }))).toMatchObject({ event: '', sha: '', owner: '' })
  })
})

describe('for how long an apply goes on', () => {
  const step = (n: number, seconds: number, before: readonly number[], settles: readonly number[] = []): PlanStep => ({
    n,
    id: `${n}`,
    wave: 1,
    op: 'create',
    subject: '',
    says: '',
    why: '',
    depends_on: before,
    settles,
    interrupts: false,
    unproven: false,
    seconds,
    lines: []
  })

  test('is the longest way through its steps', () => {
    expect(secondsFor([])).toBe(0)
    expect(secondsFor([step(1, 10, []), step(2, 20, []), step(3, 5, [1, 2]), step(4, 1, [], [3])])).toBe(26)
  })

  test('is compared with the login only where nothing renews that', () => {
    const documents = [{ steps: [step(1, 3_600, [])] } as unknown as PlanDocument]
    expect(tokenWarning(documents, undefined, 0)).toBeUndefined()
    expect(tokenWarning(documents, 3_600_000, 0)).toBeUndefined()
    expect(tokenWarning(documents, 3_599_000, 0)).toMatch(/takes about 60 min, and the login is good for 60 min more/)
  })
})
