import type { Json } from './json.ts'
import type { Position } from './resource.ts'

/** A place in a text. One-based as editors count, `byte` from 0 as tools count that read the file themselves. */
export interface Point {
  readonly line: number
  readonly column: number
  readonly byte: number
}

/** A stretch of one file; `end` is just behind the last character. */
export interface Range {
  readonly file: string
  readonly start: Point
  readonly end: Point
}

/** The line as written, and which characters of it are meant (from 0, the end excluded). */
export interface Snippet {
  readonly code: string
  readonly startLine: number
  readonly highlightStart: number
  readonly highlightEnd: number
}

/** The other end of what is wrong: what a name was compared with, where a thing was said first. */
export interface Related {
  readonly message: string
  readonly range: Range
  readonly snippet: Snippet
}

/** One thing wrong with the user's file. Collected and reported together, never thrown. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** The id that `pglink explain` takes. */
  readonly rule: string
  /** The rule's name in words, such as `unknown-reference`. */
  readonly name: string
  readonly summary: string
  readonly detail?: string
  readonly fix?: string
  /** The value that is meant without a doubt, or the key, and where it belongs. */
  readonly repair?: { readonly aim: 'key' | 'value'; readonly path: readonly (string | number)[]; readonly instead: Json }
  /** The address of what is wrong. */
  readonly address: string
  /** Absent when there is no file to point into: it is missing, or no text. */
  readonly range?: Range
  readonly snippet?: Snippet
  readonly related: readonly Related[]
}

export const positionOf = ({ file, start }: Range): Position => ({ file, line: start.line, column: start.column })
