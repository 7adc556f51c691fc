import { Buffer, isUtf8 } from 'node:buffer'
import type { Point, Range, Snippet } from '../model/diagnostic.ts'
import type { Position } from '../model/resource.ts'

/** One file as it was read. */
export interface Source {
  readonly file: string
  readonly text: string
  /** The offset at which each line begins. */
  readonly lines: readonly number[]
}

/** A stretch of a source, by offsets. */
export interface Span {
  readonly source: Source
  readonly start: number
  readonly end: number
}

/** For all files of one topology together: a thousand data factories, each with a server and its way there, take less than a third as JSON. */
export const bytesMax = 8 * 1024 * 1024

export function sourceOf(file: string, text: string): Source {
  const lines = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.push(at + 1)
  return { file, text, lines }
}

/** The problem with the bytes, or the text without its byte order mark. */
export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly byte: number; readonly span: Span; readonly isUtf16: boolean }

export function decode(file: string, bytes: Uint8Array): Decoded {
  if (!isUtf8(bytes)) {
    const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
    const byte = firstInvalidByte(bytes)
    const text = new TextDecoder('utf-8')
    const start = text.decode(bytes.subarray(0, byte)).length
    return { ok: false, byte, span: { source: sourceOf(file, text.decode(bytes)), start, end: start + 1 }, isUtf16 }
  }
  return { ok: true, text: new TextDecoder('utf-8').decode(bytes) }
}

function firstInvalidByte(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at] ?? 0)
    if (length === 0 || !isUtf8(bytes.subarray(at, at + length))) return at
    at += length
  }
  return at
}

/** How many bytes the character takes that begins with this one; 0 when none does. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  return lead < 0xf5 ? 4 : 0
}

/** Where a span begins. */
export const positionAt = ({ source, start }: Span): Position => ({ file: source.file, ...lineAt(source, start) })

function lineAt(source: Source, offset: number): Omit<Point, 'byte'> {
  let low = 0
  let high = source.lines.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((source.lines[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (source.lines[low] ?? 0) + 1 }
}

/** The bytes before it are counted from the beginning of its line, which a file in one line makes as long as all of it. */
function pointAt(source: Source, offset: number): Point {
  const { line, column } = lineAt(source, offset)
  return { line, column, byte: byteOf(source, line - 1) + Buffer.byteLength(source.text.slice(offset - column + 1, offset)) }
}

/** Where each line of a source begins, in bytes: a file can have as many problems as lines. */
const lineBytes = new WeakMap<Source, readonly number[]>()

function byteOf(source: Source, line: number): number {
  const known = lineBytes.get(source) ?? startsOf(source)
  lineBytes.set(source, known)
  return known[line] ?? 0
}

function startsOf({ text, lines }: Source): number[] {
  let byte = 0
  return lines.map((start, index) => {
    byte += index === 0 ? 0 : Buffer.byteLength(text.slice(lines[index - 1], start))
    return byte
  })
}

export const rangeOf = ({ source, start, end }: Span): Range => ({
  file: source.file,
  start: pointAt(source, start),
  end: pointAt(source, end)
})

const lineMax = 200

/**
 * The first line of the span with the part of it that is meant; a span of no length marks one character. The part in
 * `hidden` is starred out: a secret that was written into the file must not reach a log by way of its own error.
 */
export function snippetOf({ source, start, end }: Span, hidden: readonly Span[]): Snippet {
  const { line } = lineAt(source, start)
  const begin = source.lines[line - 1] ?? 0
  const written = source.text.slice(begin, (source.lines[line] ?? source.text.length + 1) - 1).replace(/\r$/, '')
  // A line too long to read is cut to the text around the place: a file can have as many problems as such a line has characters.
  const from = written.length <= lineMax ? 0 : Math.max(0, Math.min(start - begin, written.length) - lineMax / 2)
  const shown = written.slice(from, from + lineMax)
  const part = hidden
    .filter(span => span.source === source)
    .reduce((text, span) => starred(text, span.start - begin - from, span.end - begin - from), shown)
  const highlightStart = Math.min(start - begin - from, part.length)
  const highlightEnd = Math.max(highlightStart + 1, Math.min(end - begin - from, part.length))
  return { code: part, startLine: line, highlightStart, highlightEnd }
}

function starred(text: string, start: number, end: number): string {
  const from = Math.max(0, start)
  const to = Math.min(end, text.length)
  return to <= from ? text : text.slice(0, from) + '*'.repeat(to - from) + text.slice(to)
}
