import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, parseAllDocuments, type YAMLMap, type Node as YamlNode } from 'yaml'
import type { Problem } from './problem.ts'
import type { Source, Span } from './source.ts'
import type { Entry, Node, Scalar } from './tree.ts'

/** Aliases let a few lines stand for billions of nodes. No topology is near this many. */
const nodesMax = 200_000
const depthMax = 100

/** After so many the text is none, and what more is said of it helps nobody. */
const issuesMax = 200

/** The parser takes a time that grows with the square of what is open, and is not asked where that is absurd. */
const openMax = 1_000

export interface Parsed {
  readonly root: Node | undefined
  readonly problems: readonly Problem[]
}

/** Reads one YAML 1.2 document. What is wrong with it is returned beside as much of it as could be read. */
export function parse(source: Source): Parsed {
  try {
    return parsed(source)
  } catch (error) {
    // The parser calls itself for what is in one another: tags, dashes and explicit keys nest without a bracket.
    if (!(error instanceof RangeError)) throw error
    return { root: undefined, problems: [tooMuch({ source, start: 0, end: 1 })] }
  }
}

function parsed(source: Source): Parsed {
  const problems: Problem[] = []
  const deep = tooDeep(source.text)
  if (deep !== undefined) return { root: undefined, problems: [tooMuch({ source, start: deep, end: deep + 1 })] }
  const documents = parseAllDocuments(source.text, { version: '1.2', uniqueKeys: false, prettyErrors: false, keepSourceTokens: false })
  if ('empty' in documents) return { root: undefined, problems: [emptyFile(source)] }
  const [first, second] = documents
  if (second) {
    // The range of a document begins behind its marker; what should not be there is the marker.
    const start = Math.max(0, source.text.lastIndexOf('---', second.contents?.range?.[0] ?? second.range[0]))
    problems.push({
      rule: 'PGL907',
      span: { source, start, end: start + 3 },
      summary: `the file holds ${documents.length} YAML documents; a topology is one`
    })
  }
  if (!first) return { root: undefined, problems: [emptyFile(source)] }
  for (const issue of [...first.errors, ...first.warnings].slice(0, issuesMax)) problems.push(syntaxProblem(source, issue))
  const reader = new Reader(source, first, problems)
  const root = first.contents ? reader.node(first.contents, 0) : undefined
  if (root && root.kind === 'scalar' && root.value === null) return { root: undefined, problems: [...problems, emptyFile(source)] }
  return { root: root ?? undefined, problems: root || problems.length > 0 ? problems : [emptyFile(source)] }
}

/** Where more brackets are open than any topology has, whatever they stand in. */
function tooDeep(text: string): number | undefined {
  let open = 0
  for (const { 0: bracket, index } of text.matchAll(/[[{\]}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(0, open - 1)
    if (open > openMax) return index
  }
  return undefined
}

const tooMuch = (span: Span): Problem => ({
  rule: 'PGL909',
  span,
  summary: `aliases and nesting make this more than ${nodesMax} values or ${depthMax} levels`
})

const emptyFile = (source: Source): Problem => ({
  rule: 'PGL904',
  span: { source, start: 0, end: 0 },
  summary: 'the file is empty'
})

interface Issue {
  readonly code: string
  readonly message: string
  readonly pos: readonly [number, number]
}

function syntaxProblem(source: Source, { code, message, pos }: Issue): Problem {
  const start = Math.min(pos[0], source.text.length)
  const end = Math.max(start, Math.min(pos[1], source.text.length))
  const isTab = code === 'TAB_AS_INDENT' || (source.text[start] === '\t' && message.includes('tab'))
  if (isTab) return { rule: 'PGL908', span: { source, start, end }, summary: 'a tab stands where YAML wants spaces' }
  return { rule: 'PGL905', span: { source, start, end }, summary: lowerFirst(message.replace(/\s+/g, ' ').trim()) }
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

/** One pass over one document; it counts what it has made, aliases included. */
class Reader {
  readonly #source: Source
  readonly #document: Document.Parsed
  readonly #problems: Problem[]
  #count = 0
  #gaveUp = false
  /** The alias of the file that is being followed: what to point at when it leads too far. */
  #following: Span | undefined

  constructor(source: Source, document: Document.Parsed, problems: Problem[]) {
    this.#source = source
    this.#document = document
    this.#problems = problems
  }

  node(yaml: YamlNode, depth: number): Node | undefined {
    const at = this.#span(yaml)
    if (this.#gaveUp || ++this.#count > nodesMax || depth > depthMax) return this.#giveUp(at)
    if (isAlias(yaml)) return this.#alias(yaml, at, depth)
    if (isMap(yaml)) return { kind: 'map', at, entries: this.#entries(yaml, depth) }
    if (isSeq(yaml)) {
      const items = yaml.items.map(item => this.node(item as YamlNode, depth + 1))
      return { kind: 'list', at, items: items.filter(item => item !== undefined) }
    }
    if (isScalar(yaml)) return { kind: 'scalar', at, value: scalarValue(yaml.value) }
    return undefined
  }

  #alias(yaml: Alias, at: Span, depth: number): Node | undefined {
    const target = yaml.resolve(this.#document)
    if (!target) {
      this.#problems.push({ rule: 'PGL905', span: at, summary: `there is no anchor ${yaml.source} above this` })
      return undefined
    }
    const outer = this.#following
    this.#following ??= at
    const node = this.node(target, depth + 1)
    this.#following = outer
    return node && { ...node, at }
  }

  #entries(yaml: YAMLMap, depth: number): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>()
    for (const pair of yaml.items) {
      const key = pair.key as YamlNode | null
      const span = key?.range ? this.#span(key) : this.#span(yaml)
      if (!key || !isScalar(key) || key.value === null || typeof key.value === 'object') {
        this.#problems.push({ rule: 'PGL905', span, summary: 'a key must be plain text' })
        continue
      }
      const name = String(key.value)
      const first = entries.get(name)
      if (first) {
        this.#problems.push({
          rule: 'PGL906',
          span,
          summary: `the key ${name} stands here twice`,
          related: [{ message: 'it stands here first', span: first.key }]
        })
        continue
      }
      const value = pair.value ? this.node(pair.value as YamlNode, depth + 1) : undefined
      entries.set(name, { key: span, value: value ?? { kind: 'scalar', at: { ...span, start: span.end }, value: null } })
    }
    return entries
  }

  #giveUp(at: Span): undefined {
    if (!this.#gaveUp) {
      this.#problems.push(tooMuch(this.#following ?? at))
    }
    this.#gaveUp = true
  }

  #span(yaml: YamlNode): Span {
    const [start, end] = yaml.range ?? [0, 0]
    // A block collection ends at the first character that is not part of it, after line ends and comments.
    const text = this.#source.text.slice(start, end).trimEnd()
    return { source: this.#source, start, end: start + text.length }
  }
}

function scalarValue(value: unknown): Scalar {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value
    case 'bigint':
      return Number(value)
    default:
      return null
  }
}
