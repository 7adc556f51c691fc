import { isAbsolute, posix, relative, resolve, sep } from 'node:path'
import { type AnnotationProperties, error, notice, warning } from '@actions/core'
import type { Diagnostic, Range } from '../model/diagnostic.ts'
import { printable } from '../model/printable.ts'

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly properties: AnnotationProperties
}

/** Something to be said at a place in a file: a diagnostic, or a drift entry with the position of its resource. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly title: string
  readonly message: string
  readonly place?: Place
}

export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Just behind the last character; absent where only the beginning is known. */
  readonly end?: { readonly line: number; readonly column: number }
}

export interface Folders {
  /** `GITHUB_WORKSPACE`: GitHub looks for files beneath it. */
  readonly workspace: string
  /** The folder that the paths of findings are relative to. */
  readonly directory: string
}

/** [GH docs, actions/toolkit: problem matchers, limitations] Of each kind in one step; the runner drops further ones without a word. */
const kindMax = 10

/** The runner cuts a message there [GH actions/runner, ExecutionContext.cs]. */
const messageMax = 4_096
const titleMax = 200

export const findingOf = ({ severity, rule, name, summary, detail, fix, range, related }: Diagnostic): Finding => ({
  severity,
  title: `${rule} ${name}`,
  message: [
    summary,
    ...(detail === undefined ? [] : [detail]),
    ...(fix === undefined ? [] : [`Fix: ${fix}`]),
    ...related.map(other => `${other.message} (${other.range.file}:${other.range.start.line}:${other.range.start.column})`),
    `More: pglink explain ${rule}`
  ].join('\n'),
  ...(range && { place: placeOf(range) })
})

const placeOf = ({ file, start, end }: Range): Place => ({ file, line: start.line, column: start.column, end })

/**
 * The annotations at the lines of the files: as many errors and warnings as GitHub shows of one step, each where it is, and
 * one notice with the number of the others.
 */
export function annotationsOf(findings: readonly Finding[], folders: Folders): readonly Annotation[] {
  const of = (severity: Finding['severity']): readonly Finding[] => findings.filter(finding => finding.severity === severity)
  const shown = [...of('error').slice(0, kindMax), ...of('warning').slice(0, kindMax)]
  const left = (['error', 'warning'] as const).flatMap(severity => {
    const count = of(severity).length - kindMax
    return count > 0 ? [`${count} more ${severity}${count === 1 ? '' : 's'}`] : []
  })
  const rest: Annotation = {
    level: 'notice',
    message: `${left.join(' and ')}: GitHub shows ${kindMax} of each kind for a step. All of them are in the log.`,
    properties: { title: 'pglink' }
  }
  return [...shown.map(finding => annotationOf(finding, folders)), ...(left.length > 0 ? [rest] : [])]
}

/**
 * Prints them as workflow commands. The package escapes what would end one: `%` and line ends, in properties `:` and `,`
 * as well. They have to begin at the beginning of a line of the standard output.
 */
export function annotate(annotations: readonly Annotation[]): void {
  const print = { error, warning, notice }
  for (const { level, message, properties } of annotations) print[level](message, properties)
}

function annotationOf({ severity, title, message, place }: Finding, folders: Folders): Annotation {
  const file = place && pathIn(place.file, folders)
  // Outside of the workspace GitHub has no line to show it at.
  const text = place && file === undefined ? `${place.file}:${place.line}:${place.column}: ${message}` : message
  return {
    level: severity,
    message: cut(text.split('\n').map(printable).join('\n'), messageMax),
    properties: { title: cut(printable(title), titleMax), ...(place && file !== undefined && { file, ...linesOf(place) }) }
  }
}

/** As in the repository: beneath the workspace, with slashes. */
function pathIn(file: string, { workspace, directory }: Folders): string | undefined {
  const path = relative(workspace, resolve(directory, file))
  if (path === '' || isAbsolute(path) || path.split(sep)[0] === '..') return undefined
  return path.split(sep).join(posix.sep)
}

/** [GH docs, REST: check run annotations] Columns are for one line only, and the end counts in; with several lines they are refused. */
function linesOf({ line, column, end }: Place): Pick<AnnotationProperties, 'startLine' | 'endLine' | 'startColumn' | 'endColumn'> {
  if (!end || end.line <= line)
    return { startLine: line, endLine: line, startColumn: column, endColumn: Math.max(column, (end?.column ?? 0) - 1) }
  // A stretch that ends before the first character of a line does not reach into it.
  const last = end.column <= 1 ? end.line - 1 : end.line
  return last === line ? { startLine: line, endLine: line, startColumn: column } : { startLine: line, endLine: last }
}

function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text
  // Back to the last character that is whole.
  const short = text.slice(0, lengthMax - 1)
  return `${/[\ud800-\udbff]$/.test(short) ? short.slice(0, -1) : short}…`
}
