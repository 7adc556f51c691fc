import canonicalize from 'canonicalize'
import { type Document, isCollection, isMap, isScalar, Lexer, type Pair, parseDocument, visit, YAMLMap, YAMLSeq } from 'yaml'

/** A map or list that was written over several lines is opened where it would not fit into one. */
const widthMax = 140

/** A comment that the library moves once stays there. */
const passesMax = 4

const read = (text: string): Document.Parsed => parseDocument(text, { version: '1.2', uniqueKeys: false, prettyErrors: false })

export type Formatted = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

/**
 * The text in the one form that the examples have: two spaces a level, `{ a: b }` and `[a, b]` on a line, one blank line where there
 * were some. Quotes, anchors, comments, line ends and the order of keys stay. A text that would mean anything else then is refused.
 *
 * @param text of one sound document
 */
export function formatted(text: string, isJson: boolean): Formatted {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  let before = text.replaceAll('\r\n', '\n')
  for (let pass = 0; pass < passesMax; pass++) {
    const after = isJson ? jsonInForm(before) : inForm(before)
    if (after === undefined) return { ok: false, reason: 'it is YAML in a file that is called .json' }
    if (canonicalize(meaning(before)) !== canonicalize(meaning(after)))
      return { ok: false, reason: 'it would not mean the same any more, or lose a comment' }
    if (after === before) return { ok: true, text: before.replaceAll('\n', end) }
    before = after
  }
  return { ok: false, reason: 'it has no form that stays as it is' }
}

function jsonInForm(text: string): string | undefined {
  try {
    return `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`
  } catch {
    return undefined
  }
}

function inForm(text: string): string {
  const document = read(text)
  visit(document, {
    Collection(_, node) {
      const [start, end] = node.range ?? [0, 0]
      const written = text.slice(start, end)
      const indent = start - (text.lastIndexOf('\n', start) + 1)
      const isLong = written.includes('\n') && indent + written.replace(/\s+/g, ' ').length > widthMax
      if (node.flow && isLong && !/(^|\s)#/.test(written)) node.flow = false
    },
    Pair(_, pair) {
      keepBesideKey(pair, text)
    }
  })
  return textOf(document)
}

/** The library takes `key: # comment` for a comment on the first line below. */
function keepBesideKey({ key, value }: Pair, text: string): void {
  if (!isScalar(key) || !key.range || !isCollection(value) || value.flow || !value.commentBefore) return
  if (!/^\s*:[^#\n]*\s#/.test(text.slice(key.range[1]).split('\n', 1)[0] ?? '')) return
  const [first = '', ...rest] = value.commentBefore.split('\n')
  key.comment = first
  value.commentBefore = rest.join('\n')
}

/** The text of a document as a person writes it: maps on one line have blanks inside their braces, lists have none. */
export function textOf(document: Document): string {
  visit(document, {
    Collection(_, node) {
      const type = isMap(node) ? YAMLMap : YAMLSeq
      const flowCollectionPadding = isMap(node) ? ' ' : ''
      node.toString = (ctx, ...rest) => type.prototype.toString.call(node, ctx && { ...ctx, flowCollectionPadding }, ...rest)
    }
  })
  return document.toString({ lineWidth: 0 })
}

/** All that must stay: the value, and the comments, anchors, aliases and tags in their order. */
function meaning(text: string): unknown {
  const tokens = [...new Lexer().lex(text)]
  const marks = tokens.filter((token, index) => /^[#&*!]/.test(token) && tokens[index - 1] !== '\u001f')
  return { value: read(text).toJS({ maxAliasCount: -1 }), marks: marks.map(mark => mark.trimEnd()) }
}
