import { structuredPatch } from 'diff'
import { printable } from '../model/printable.ts'
import type { Style } from './style.ts'

const context = 2

/** The file as it was and as it is, each with every character; nothing where there is none. */
export interface Versions {
  readonly before: string | undefined
  readonly after: string | undefined
}

/**
 * The changes of a text in the form of `git diff`, which `git apply` takes in the folder that the file is named from; empty where there are
 * none. Ends in a newline. Only a line that would do something to a terminal or a log is shown otherwise than it is.
 */
export function textDiff(file: string, { before, after }: Versions, { colors }: Style): string {
  if (before === after) return ''
  const shown = [
    `--- ${before === undefined ? '/dev/null' : nameIn('a', file)}`,
    `+++ ${after === undefined ? '/dev/null' : nameIn('b', file)}`
  ]
  const paint: Readonly<Record<string, (text: string) => string>> = { '-': colors.red, '+': colors.green }
  for (const { lines, ...range } of structuredPatch('', '', before ?? '', after ?? '', '', '', { context }).hunks) {
    shown.push(colors.cyan(`@@ -${rangeOf(range.oldStart, range.oldLines)} +${rangeOf(range.newStart, range.newLines)} @@`))
    for (const line of lines) shown.push((paint[line[0] ?? ''] ?? same)(shownLine(line)))
  }
  return `${shown.join('\n')}\n`
}

const same = (text: string): string => text

/** No lines stand behind the line before them. */
const rangeOf = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`

/** As Git writes a name: between quotes where it holds what ends it or cannot be seen, and with a tab behind blanks. */
function nameIn(side: 'a' | 'b', file: string): string {
  const name = `${side}/${file}`
  if (printable(name) === name && !/["\\]/.test(name)) return name.includes(' ') ? `${name}\t` : name
  return `"${[...name].map(character => (/^[\w ./-]$/.test(character) ? character : octal(character))).join('')}"`
}

const octal = (character: string): string => [...Buffer.from(character)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')

/** A tab, a byte order mark at the beginning and the end of a line of Windows do nothing to a terminal, and Git looks at them. */
function shownLine(line: string): string {
  const [, mark = '', text = '', end = ''] = /^([ +\\-]\ufeff?)(.*?)(\r?)$/su.exec(line) ?? []
  return `${mark}${text.split('\t').map(printable).join('\t')}${end}`
}
