import { Buffer } from 'node:buffer'
import { withCommas } from './markdownText.ts'

/** No text is longer in characters or in UTF-16 units than in bytes of UTF-8, so that a limit in bytes holds in all three. */
export const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8')

/** A piece's text, and in words the things that it had no room for. */
export interface Fitted {
  readonly text: string
  readonly leftOut: readonly string[]
}

/** A part of a text that may shrink. */
export interface Piece {
  /** Pieces of a lower rank are given room first; those of one rank share it. */
  readonly rank: number
  /** The text that stands however little room there is; may be empty. */
  readonly least: Fitted
  /** The part of the room that it may take when not everything can be whole; all of it when absent. */
  readonly share?: number
  /** The most that fits into so many bytes, which are never fewer than `least` has. */
  within(bytesMax: number): Fitted
}

const separator = '\n\n'

/** The bytes that {@link layOut} needs at the least. */
export const leastOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { least }) => sum + bytesOf(least.text) + separator.length, 0)

/** The pieces in their order, whole if there is room for all, else each with what its rank leaves it. Never longer than `bytesMax` if {@link leastOf} is not. */
export function layOut(pieces: readonly Piece[], bytesMax: number): Fitted {
  const wholes = new Map(pieces.map(piece => [piece, piece.within(Number.POSITIVE_INFINITY)]))
  const size = [...wholes.values()].reduce((sum, { text }) => sum + bytesOf(text) + separator.length, 0)
  const fitted = size <= bytesMax ? wholes : shared(wholes, bytesMax - leastOf(pieces))
  const inOrder = pieces.map(piece => fitted.get(piece) ?? piece.least)
  return {
    text: inOrder.flatMap(({ text }) => (text === '' ? [] : [text])).join(separator),
    leftOut: inOrder.flatMap(({ leftOut }) => leftOut)
  }
}

/** Divides what is free beside the least of each. */
function shared(wholes: ReadonlyMap<Piece, Fitted>, bytesFree: number): ReadonlyMap<Piece, Fitted> {
  let free = bytesFree
  const fitted = new Map<Piece, Fitted>()
  for (const rank of [...new Set([...wholes.keys()].map(piece => piece.rank))].sort((a, b) => a - b)) {
    const some = [...wholes]
      .filter(([piece]) => piece.rank === rank)
      .map(([piece, whole]) => ({ piece, whole, size: bytesOf(whole.text), least: bytesOf(piece.least.text) }))
      .sort((a, b) => a.size - b.size)
    // The smallest first: what it does not need of its share is the others'.
    for (const [index, { piece, whole, size, least }] of some.entries()) {
      const share = least + Math.max(0, Math.floor((free / (some.length - index)) * (piece.share ?? 1)))
      const made = size <= share ? whole : best(piece, share)
      fitted.set(piece, made)
      free -= bytesOf(made.text) - least
    }
  }
  return fitted
}

/** A piece that can do no better than its least may say less of it: what it says at the least stands. */
function best(piece: Piece, bytesMax: number): Fitted {
  const made = piece.within(bytesMax)
  return bytesOf(made.text) > bytesMax || made.text === '' ? piece.least : made
}

export interface MarkdownReport {
  readonly text: string
  readonly truncated: boolean
  /** In words, what there was no room for. */
  readonly leftOut: readonly string[]
}

/** A report of pieces, laid out in `bytesMax`, with what was left out and the footer below them. */
export function reportOf(
  pieces: readonly Piece[],
  bytesMax: number,
  below: (leftOut: readonly string[]) => readonly string[]
): MarkdownReport {
  const { text, leftOut } = layOut(pieces, bytesMax)
  const parts = [text, ...below(leftOut)].filter(part => part !== '')
  return { text: `${parts.join('\n\n')}\n`, truncated: leftOut.length > 0, leftOut }
}

/** A piece that is there, whole. */
export const always = (text: string): Piece => {
  const whole = { text, leftOut: [] }
  return { rank: 0, least: whole, within: () => whole }
}

/** One of a list: a resource, a row. */
export interface Item {
  readonly text: string
  /** Stands for the text where that alone would take the room of many. */
  readonly brief?: string
  /** Lower ones are kept, as those without one; of equal ones those that come first. */
  readonly weight?: number
}

export interface ListPiece {
  readonly rank: number
  readonly items: readonly Item[]
  /** The most bytes of the whole; nothing is left out where there is room. */
  readonly max?: number
  readonly share?: number
  /** The text where no item fits; none when absent. */
  readonly least?: string
  /** Puts the items that are shown together; `left` are the others. */
  frame(items: readonly string[], left: number): string
  /** The plural of what the items are, to say how many of them are left out. */
  readonly what: string
  /** How many are not among the items at all. */
  readonly beside?: number
}

/** An item that would take more of the room than this for itself is shortened rather than left out with all that follow it. */
const largePart = 0.25

/** A list of which the last ones go first, as wholes; nothing where there is no item. */
export function listPiece(list: ListPiece): Piece[] {
  const { rank, items, max = Number.POSITIVE_INFINITY, share = 1, least = '', frame, what, beside = 0 } = list
  const all = items.length
  if (all === 0) return []
  const missing = (left: number): string => `${withCommas(left + beside)} of ${withCommas(all + beside)} ${what}`
  const order = [...items.keys()].sort((a, b) => (items[a]?.weight ?? 0) - (items[b]?.weight ?? 0) || a - b)
  const result = (chosen: ReadonlyMap<number, string>, briefs: number): Fitted => {
    const texts = [...items.keys()].flatMap(index => chosen.get(index) ?? [])
    const left = all - texts.length
    const lost = left + briefs
    return { text: frame(texts, left), leftOut: lost === 0 ? [] : [missing(lost)] }
  }
  const some = (bytesMax: number): Fitted => {
    let free = bytesMax - bytesOf(frame([], all))
    const chosen = new Map<number, string>()
    let briefs = 0
    for (const index of order.slice(0, max)) {
      const { text = '', brief } = items[index] ?? {}
      const isLarge = bytesOf(text) > bytesMax * largePart
      const fits = [text, ...(brief !== undefined && isLarge ? [brief] : [])].find(one => bytesOf(one) + 1 <= free)
      if (fits === undefined) break
      chosen.set(index, fits)
      if (fits !== text) briefs += 1
      free -= bytesOf(fits) + 1
    }
    return chosen.size === 0 ? { text: least, leftOut: [missing(all)] } : result(chosen, briefs)
  }
  const whole = all <= max ? result(new Map(items.map(({ text }, index) => [index, text])), 0) : undefined
  const size = whole && bytesOf(whole.text)
  const within = (bytesMax: number): Fitted => (whole && size !== undefined && size <= bytesMax ? whole : some(bytesMax))
  return [{ rank, share, least: { text: least, leftOut: [missing(all)] }, within }]
}

/** The first of several texts that fits, from the fullest on. They are made only when they are tried. */
export function firstPiece(rank: number, share: number, variants: readonly (() => Fitted)[], missing: string): Piece {
  const made = new Map<number, Fitted>()
  const variant = (index: number): Fitted => {
    const known = made.get(index) ?? variants[index]?.() ?? { text: '', leftOut: [missing] }
    made.set(index, known)
    return known
  }
  return {
    rank,
    share,
    least: { text: '', leftOut: [missing] },
    within: bytesMax => {
      for (const index of variants.keys()) {
        const one = variant(index)
        if (bytesOf(one.text) <= bytesMax) return one
      }
      return { text: '', leftOut: [missing] }
    }
  }
}
