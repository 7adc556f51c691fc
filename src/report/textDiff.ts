import { printable } from './printable.ts'
import type { Style } from './style.ts'

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

const context = 2

/** Beyond this the table of what is common would take more room than it is worth; all of the middle is then shown as changed. */
const cellsMax = 4_000_000

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
  const lines = compared(linesOf(before ?? ''), linesOf(after ?? ''))
  const paint = { ' ': (text: string) => text, '-': colors.red, '+': colors.green }
  const shown = [
    `--- ${before === undefined ? '/dev/null' : nameIn('a', file)}`,
    `+++ ${after === undefined ? '/dev/null' : nameIn('b', file)}`
  ]
  for (const hunk of hunksOf(lines)) {
    shown.push(colors.cyan(hunk.title))
    for (const { sign, text } of hunk.lines) {
      const [line = '', ...more] = shownLine(`${sign}${text}`)
      shown.push(paint[sign](line), ...more)
    }
  }
  return `${shown.join('\n')}\n`
}

const unended = '\n\\ No newline at end of file'

/** A line that ends otherwise is another one. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  return last === '' ? lines : [...lines, `${last}${unended}`]
}

/** As Git writes a name: between quotes where it holds what ends it or cannot be seen, and with a tab behind blanks. */
function nameIn(side: 'a' | 'b', file: string): string {
  const name = `${side}/${file}`
  if (printable(name) === name && !/["\\]/.test(name)) return name.includes(' ') ? `${name}\t` : name
  return `"${[...name].map(character => (/^[\w ./-]$/.test(character) ? character : octal(character))).join('')}"`
}

const octal = (character: string): string => [...Buffer.from(character)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')

/** A tab, a byte order mark at the beginning and the end of a line of Windows do nothing to a terminal, and Git looks at them. */
function shownLine(line: string): readonly string[] {
  const [, mark = '', text = '', end = '', more] = /^([ +-]\ufeff?)(.*?)(\r?)(?:\n(.*))?$/su.exec(line) ?? []
  const shown = text.split('\t').map(printable).join('\t')
  return [`${mark}${shown}${end}`, ...(more === undefined ? [] : [more])]
}

function compared(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const same = (text: string): Line => ({ sign: ' ', text })
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same)
  ]
}

/** By the longest common subsequence. */
function middle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1
  if (before.length * after.length > cellsMax)
    return [...before.map((text): Line => ({ sign: '-', text })), ...after.map((text): Line => ({ sign: '+', text }))]
  const longest = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      longest[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ sign: ' ', text: before[i++] ?? '' })
      j += 1
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) lines.push({ sign: '-', text: before[i++] ?? '' })
    else lines.push({ sign: '+', text: after[j++] ?? '' })
  }
  return lines
}

interface Hunk {
  readonly title: string
  readonly lines: readonly Line[]
}

function hunksOf(lines: readonly Line[]): Hunk[] {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== ' '))
  const hunks: Hunk[] = []
  for (let from = 0; from < lines.length; from++) {
    if (!near[from]) continue
    let to = from
    while (near[to]) to += 1
    const part = lines.slice(from, to)
    const line = (sign: '-' | '+'): number => 1 + lines.slice(0, from).filter(one => one.sign !== sign).length
    const range = (sign: '-' | '+'): string => {
      const count = part.filter(one => one.sign !== sign).length
      return `${count === 0 ? line(sign) - 1 : line(sign)},${count}`
    }
    hunks.push({ title: `@@ -${range('+')} +${range('-')} @@`, lines: part })
    from = to
  }
  return hunks
}
