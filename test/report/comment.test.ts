import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CommentContext, commentBody, commentMax, isOutdatedBody, markOutdatedBody, summaryBody } from '../../src/report/comment.ts'
import { type Marker, markerLine, parseMarker, plansOf } from '../../src/report/planMarker.ts'
import { hostile, planDocuments } from '../report/markdownDocuments.ts'
import { activeParts, expectBalanced, expectInert } from '../report/markdownSafety.ts'
import { runs } from '../support/parts.ts'

const context: CommentContext = {
  label: 'prod',
  head: '0123456789abcdef0123456789abcdef01234567',
  run: 'https://github.com/octo/orders/actions/runs/1',
  artifactUrl: 'https://github.com/octo/orders/actions/runs/1/artifacts/2',
  exit: 0
}
const ours = [context.run, context.artifactUrl ?? '']

function expectSound(body: string): void {
  expect(body.length, 'in UTF-16 units').toBeLessThan(commentMax)
  expect(Buffer.byteLength(body), 'in bytes').toBeLessThan(commentMax)
  expect(body.match(/<!--/g)).toHaveLength(1)
  expect(parseMarker(body)).toMatchObject({ v: 1, label: 'prod', head: context.head })
  expectBalanced(body)
  expectInert(body)
  expect(activeParts(body, ours)).toEqual([])
}

describe('with anything in it', () => {
  test('a comment has one marker, is balanced and inert, and is short enough', () => {
    fc.assert(
      fc.property(fc.array(planDocuments(6), { minLength: 1, maxLength: 3 }), documents => expectSound(commentBody(documents, context))),
      { seed: 5, numRuns: runs(50, 15) }
    )
  }, 120_000)

  test('so has one of a long plan', () => {
    fc.assert(
      fc.property(planDocuments(400), document => expectSound(commentBody([document], context))),
      { seed: 6, numRuns: 6, endOnFailure: true }
    )
  }, 120_000)

  test('so has one of very many topologies', () => {
    const [document] = fc.sample(planDocuments(3), { seed: 7, numRuns: 1 })
    if (document === undefined) return expect.unreachable()
    for (const count of [40, 800])
      expectSound(
        commentBody(
          Array.from({ length: count }, () => document),
          context
        )
      )
  }, 120_000)

  test('marked as outdated it is as sound, and only the banner is new', () => {
    fc.assert(
      fc.property(fc.array(planDocuments(4), { minLength: 1, maxLength: 2 }), documents => {
        const body = commentBody(documents, context)
        const outdated = markOutdatedBody(body, 'fedcba9876543210')
        expectSound(outdated)
        expect(parseMarker(outdated)).toEqual(parseMarker(body))
        expect(isOutdatedBody(body)).toBe(false)
        expect(isOutdatedBody(outdated)).toBe(true)
        const added = outdated.split('\n').slice(1, 4)
        expect(added.join('\n')).toBe(
          '> [!WARNING]\n> **Outdated.** The pull request has moved on to `fedcba9876543210` since this plan was made. It can no longer be applied.\n'
        )
        expect([...outdated.split('\n').slice(0, 1), ...outdated.split('\n').slice(4)].join('\n')).toBe(body)
        expect(markOutdatedBody(outdated, 'fedcba9876543210')).toBe(outdated)
      }),
      { seed: 8, numRuns: runs(20, 5) }
    )
  }, 120_000)

  test('the summary of a job is as inert, holds no marker, and is shorter than GitHub allows', () => {
    fc.assert(
      fc.property(planDocuments(1_500), document => {
        const { text } = summaryBody([document], context)
        expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024)
        expect(text).not.toContain('<!--')
        expectBalanced(text)
        expectInert(text)
        expect(activeParts(text, ours)).toEqual([])
      }),
      { seed: 9, numRuns: 2, endOnFailure: true }
    )
  }, 120_000)
})

const marker: Marker = {
  v: 1,
  label: 'prod',
  file: 'infra/topology.yaml',
  head: context.head,
  digest: `sha256:${'3f9a'.repeat(16)}`,
  exit: 2,
  truncated: false,
  run: context.run
}

describe('a marker', () => {
  test('is one line of HTML that says what the comment is about', () => {
    expect(markerLine({ ...marker, digest: 'sha256:3f9a' })).toBe(
      `<!-- pglink {"v":1,"label":"prod","file":"infra/topology.yaml","head":"${context.head}","digest":"sha256:3f9a","exit":2,"truncated":false,"run":"${context.run}"} -->`
    )
  })

  test('is read as it was written, whatever the names in it', () => {
    const name = fc.oneof(
      fc.constantFrom(...hostile).map(text => text.slice(0, 1_000)),
      fc.string({ unit: 'binary', maxLength: 40 })
    )
    fc.assert(
      fc.property(name, name, name, (label, file, digest) => {
        const written: Marker = { ...marker, label, file, digest, also: [{ file: label, digest: null }] }
        const line = markerLine(written)
        expect(line.slice(4, -3)).not.toMatch(/--|[<>]/)
        expect(line).not.toContain('\n')
        expect(parseMarker(`${line}\r\nthe plan`)).toEqual(written)
      }),
      { seed: 10, numRuns: runs(100, 40) }
    )
  })

  test('counts in the first line alone, and whole', () => {
    const line = markerLine(marker)
    expect(parseMarker(`${line}\ntext`)).toEqual(marker)
    for (const body of [
      `\n${line}`,
      ` ${line}`,
      `text ${line}`,
      `${line} text`,
      line.replace('"v":1', '"v":2'),
      line.replace('"exit":2', '"exit":"2"'),
      ''
    ])
      expect(parseMarker(body), body).toBeUndefined()
  })

  test('names every topology of the comment, and none of a plan that nobody can approve', () => {
    const [one, other, third] = fc.sample(planDocuments(1), { seed: 11, numRuns: 3 })
    if (!one || !other || !third) return expect.unreachable()
    const named = (path: string, rest: object): typeof one => ({
      ...one,
      errored: false,
      source: 'azure',
      digest: `d-${path}`,
      topology: { name: path, path, env: null, flags: {} },
      ...rest
    })
    const body = commentBody([named('a', {}), named('b', { errored: true }), named('c', { source: 'base branch' })], context)
    const read = parseMarker(body)
    expect(read && plansOf(read)).toEqual([
      { file: 'a', digest: 'd-a' },
      { file: 'b', digest: null },
      { file: 'c', digest: null }
    ])
  })

  test('leaves out what it has no room for rather than cutting it', () => {
    const long = parseMarker(markerLine({ ...marker, file: 'x'.repeat(5_000) }))
    expect(long).toMatchObject({ file: '', digest: null })
    const many = parseMarker(
      markerLine({ ...marker, also: Array.from({ length: 1_000 }, (_, n) => ({ file: `f${n}`, digest: marker.digest })) })
    )
    expect(many?.also?.length).toBeGreaterThan(100)
    expect(many?.also?.length).toBeLessThan(1_000)
    expect(() => markerLine({ ...marker, label: 'x'.repeat(5_000) })).toThrow(RangeError)
  })
})

test('a body that is none of ours is not marked as outdated', () => {
  expect(markOutdatedBody('Looks good to me.')).toBe('Looks good to me.')
})

test('a body that came back with other line ends is marked once', () => {
  const [document] = fc.sample(planDocuments(1), { seed: 12, numRuns: 1 })
  if (document === undefined) return expect.unreachable()
  const outdated = markOutdatedBody(commentBody([document], context))
  const again = markOutdatedBody(outdated.replaceAll('\n', '\r\n'))
  expect(again.match(/\*\*Outdated\.\*\*/g)).toHaveLength(1)
})
