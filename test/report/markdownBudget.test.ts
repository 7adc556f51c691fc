import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { always, bytesOf, firstPiece, layOut, leastOf, listPiece, type Piece } from '../../src/report/budget.ts'

interface Asked {
  readonly rank?: number
  readonly share?: number
  readonly least?: string
  readonly texts: readonly string[]
  readonly weights?: readonly number[]
}

const list = ({ rank = 1, share = 1, least = '', texts, weights = [] }: Asked): Piece[] =>
  listPiece({
    rank,
    share,
    least,
    items: texts.map((text, index) => ({ text, weight: weights[index] ?? 0 })),
    frame: (shown, left) => ['(', ...shown, ...(left > 0 ? [`${left} more`] : []), ')'].join('\n'),
    what: 'items'
  })

const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), { maxLength: 30 })
const piece = fc.record({ rank: fc.nat({ max: 3 }), share: fc.constantFrom(0.2, 1), least: fc.constantFrom('', 'least'), texts }).map(list)

test('never longer than there is room for, and whole where there is', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.nat({ max: 3_000 }), (lists, room) => {
      const pieces = lists.flat()
      const bytesMax = Math.max(room, leastOf(pieces))
      const { text, leftOut } = layOut(pieces, bytesMax)
      expect(bytesOf(text)).toBeLessThanOrEqual(bytesMax)
      const whole = layOut(pieces, Number.POSITIVE_INFINITY)
      expect(whole.leftOut).toEqual([])
      if (leftOut.length === 0) expect(text).toBe(whole.text)
      else expect(bytesOf(whole.text) + 2).toBeGreaterThan(bytesMax - 2 * pieces.length)
    }),
    { seed: 1, numRuns: 1_000 }
  )
})

describe('parts that are left out', () => {
  const ten = Array.from({ length: 10 }, (_, index) => `item ${index}`)

  test('is the last, whole, and counted', () => {
    expect(layOut([...list({ texts: ten })], 40)).toEqual({ text: '(\nitem 0\nitem 1\nitem 2\n7 more\n)', leftOut: ['7 of 10 items'] })
  })

  test('is what weighs more before what comes later', () => {
    const weights = ten.map((_, index) => (index === 9 ? 0 : 1))
    expect(layOut([...list({ texts: ten, weights })], 40).text).toBe('(\nitem 0\nitem 1\nitem 9\n7 more\n)')
  })

  test('is of the higher rank', () => {
    const { text } = layOut([...list({ rank: 2, texts: ten, least: 'second' }), ...list({ rank: 1, texts: ten })], 90)
    expect(text).toBe(`second\n\n(\n${ten.join('\n')}\n)`)
  })

  test('is of the larger one of a rank, when the smaller needs less than its half', () => {
    const { text } = layOut([...list({ texts: [...ten, ...ten] }), ...list({ texts: ten.slice(0, 5) })], 120)
    expect(text.split('\n\n')[1]).toBe(`(\n${ten.slice(0, 5).join('\n')}\n)`)
    expect(text.split('\n\n')[0]).toMatch(/\d+ more/)
  })
})

test('a picture takes no more than its part, and the largest that fits', () => {
  const drawn = [90, 40, 10].map(size => () => ({ text: 'p'.repeat(size), leftOut: [] }))
  const picture = (): Piece => firstPiece(1, 0.5, drawn, 'the picture')
  expect(layOut([picture()], 100).text).toHaveLength(90)
  const { text, leftOut } = layOut([picture(), ...list({ rank: 2, texts: ['x'.repeat(200)] })], 100)
  expect({ text, leftOut }).toEqual({ text: 'p'.repeat(40), leftOut: ['1 of 1 items'] })
  expect(layOut([always('a'), firstPiece(1, 1, [() => ({ text: 'p'.repeat(90), leftOut: [] })], 'the picture')], 20)).toEqual({
    text: 'a',
    leftOut: ['the picture']
  })
})
