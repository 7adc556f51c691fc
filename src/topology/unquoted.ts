import { Lexer } from 'yaml'
import type { Problem } from './problem.ts'
import type { Source } from './source.ts'

/** Tokens of the lexer that are no part of the text: these have no length in it. */
const markers = new Set(['\u0002', '\u0018', '\u001f'])

const reference = /^\$\{(?:env:)?[^{}\n]*\}/

/**
 * Variables without quotes inside `{ }` or `[ ]`. YAML ends a plain text before a brace there, so that `${env:X}` falls apart into `$`, a
 * map and what follows, and every key after it is an error of its own. `text` is the same text, as long, with parentheses in place of the
 * braces: the parser then reads the rest as it was meant.
 */
export function withoutUnquoted(source: Source): { readonly text: string; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  let text = source.text
  for (const start of brokenReferences(source.text)) {
    const [written = ''] = reference.exec(source.text.slice(start)) ?? []
    if (written === '') continue
    const end = start + written.length
    text = `${text.slice(0, start + 1)}(${text.slice(start + 2, end - 1)})${text.slice(end)}`
    problems.push({
      rule: 'PGL926',
      span: { source, start, end },
      summary: `${written} stands without quotes inside { } or [ ], where YAML takes its brace for the beginning of a map`,
      fix: `quote the whole value: "${wordAround(source.text, start, end)}"`
    })
  }
  return { text, problems }
}

/** Where a `$` is the end of a plain text that a brace of YAML follows at once. */
function* brokenReferences(text: string): Generator<number> {
  if (!text.includes('${')) return
  let offset = 0
  let before = ''
  for (const token of new Lexer().lex(text)) {
    if (token === '{' && before.endsWith('$') && text[offset - 1] === '$') yield offset - 1
    if (markers.has(token)) continue
    before = token
    offset += token.length
  }
}

/** The value that the reference is a part of, as far as it is one word. */
function wordAround(text: string, start: number, end: number): string {
  const [head = ''] = /[^\s,[\]{}"':#]*$/.exec(text.slice(Math.max(0, start - 100), start)) ?? []
  const [tail = ''] = /^(?:\$\{[^{}\n]*\}|[^\s,[\]{}"'#])*/.exec(text.slice(end, end + 100)) ?? []
  return `${head}${text.slice(start, end)}${tail}`
}
