import { type Alias, isAlias, isMap, isScalar, isSeq, parseAllDocuments, type YAMLMap, type Node as YamlNode } from 'yaml'
import { aliasTargets } from './anchors.ts'
import type { Problem } from './problem.ts'
import type { Source, Span } from './source.ts'
import type { Entry, Node, Scalar } from './tree.ts'
import { withoutUnquoted } from './unquoted.ts'

/** Aliases let a few lines stand for billions of nodes. A thousand data factories, each with a server and its way there, are a third of this. */
const nodesMax = 300_000
const charactersMax = 8_000_000
const depthMax = 100

/** A key stands in the address of everything below it. The longest there are, ids in place of names, have some hundred characters. */
const keyMax = 1_000

/**
 * The parser makes several objects of each of these, and few of all the text between them. Those thousand data factories have four fifths of
 * this as JSON with a value a line, and a quarter as YAML.
 */
export const marksMax = 600_000
const marks = /[[\]{},"'&*!|>%\n]|[-?:](?=[\s,[\]{}]|$)|(?<!\S)#/g

/** It makes an error of each bracket that closes nothing, and of each comma or quote right behind another one. */
const straysMax = 100_000

/** The parser takes a time that grows with the square of what is open, and is not asked where that is absurd. */
const openMax = 1_000

export interface Parsed {
  readonly root: Node | undefined
  readonly problems: readonly Problem[]
  /** How many of the marks that may be read are in it. */
  readonly marks: number
}

/** Reads one YAML 1.2 document. Its problems are returned beside as much of it as could be read. */
export function parse(source: Source, marksLeft: number): Parsed {
  const { count, problem } = measured(source, marksLeft)
  if (problem) return { root: undefined, problems: [problem], marks: count }
  try {
    return { ...parsed(source), marks: count }
  } catch (error) {
    // The parser calls itself for what is in one another: tags, dashes and explicit keys nest without a bracket.
    if (!(error instanceof RangeError)) throw error
    return { root: undefined, problems: [tooMuch({ source, start: 0, end: 1 })], marks: count }
  }
}

function parsed(source: Source): Omit<Parsed, 'marks'> {
  const problems: Problem[] = []
  const { text, problems: unquoted } = withoutUnquoted(source)
  const documents = parseAllDocuments(text, { version: '1.2', uniqueKeys: false, prettyErrors: false, keepSourceTokens: false })
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
  const [error] = first.errors.toSorted((a, b) => a.pos[0] - b.pos[0])
  for (const issue of first.warnings) problems.push(syntaxProblem(source, issue))
  const root = first.contents ? new Reader(source, aliasTargets(first.contents), problems).node(first.contents, 0) : undefined
  // A parser that has lost its way finds more that is wrong, and none of it has to be.
  if (error || unquoted.length > 0) return { root, problems: [...unquoted, ...(error ? [syntaxProblem(source, error)] : [])] }
  if (root && root.kind === 'scalar' && root.value === null) return { root: undefined, problems: [...problems, emptyFile(source)] }
  return { root: root ?? undefined, problems: root || problems.length > 0 ? problems : [emptyFile(source)] }
}

/** Counts what the parser has to work on, whatever it stands in, up to where there is more of it than any topology has. */
function measured(source: Source, marksLeft: number): { readonly count: number; readonly problem?: Problem } {
  let count = 0
  let open = 0
  let strays = 0
  let last = { mark: '', start: -1 }
  for (const { 0: mark, index: start } of source.text.matchAll(marks)) {
    const span = { source, start, end: start + 1 }
    if (++count > marksLeft) return { count, problem: tooManyMarks(span) }
    const closes = mark === ']' || mark === '}'
    if ((closes && open === 0) || (/[,"']/.test(mark) && mark === last.mark && start === last.start + 1)) strays += 1
    if (strays > straysMax) return { count, problem: tooManyMarks(span) }
    last = { mark, start }
    if (mark === '[' || mark === '{') open += 1
    else if (closes) open = Math.max(0, open - 1)
    if (open > openMax) return { count, problem: tooMuch(span) }
  }
  return { count }
}

const tooManyMarks = (span: Span): Problem => ({
  rule: 'PGL903',
  span,
  summary: `there are more than ${marksMax}, or more than ${straysMax} that stand for nothing, of brackets, quotes, commas, colons, lines and other marks of YAML up to here`
})

const tooMuch = (span: Span): Problem => ({
  rule: 'PGL909',
  span,
  summary: `aliases and nesting make this more than ${nodesMax} values, ${charactersMax} characters or ${depthMax} levels`
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
  readonly #targets: ReadonlyMap<Alias, YamlNode>
  readonly #problems: Problem[]
  #count = 0
  #characters = 0
  #gaveUp = false
  /** The alias of the file that is being followed: what to point at when it leads too far. */
  #following: Span | undefined

  constructor(source: Source, targets: ReadonlyMap<Alias, YamlNode>, problems: Problem[]) {
    this.#source = source
    this.#targets = targets
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
    return isScalar(yaml) ? this.#scalar(yaml.value, at) : undefined
  }

  #scalar(written: unknown, at: Span): Node | undefined {
    const value = scalarValue(written)
    if (typeof value !== 'string') return { kind: 'scalar', at, value }
    if (this.#isTooLong(value)) return this.#giveUp(at)
    if (!isWellFormed(value)) this.#say({ rule: 'PGL924', span: at, summary: `the text ${halfCharacter}`, fix: wholeCharacter })
    return { kind: 'scalar', at, value }
  }

  #isTooLong(text: string): boolean {
    this.#characters += text.length
    return this.#characters > charactersMax
  }

  #alias(yaml: Alias, at: Span, depth: number): Node | undefined {
    const target = this.#targets.get(yaml)
    if (!target) {
      this.#say({ rule: 'PGL905', span: at, summary: `there is no anchor ${yaml.source} above this` })
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
        this.#say({ rule: 'PGL905', span, summary: 'a key must be plain text' })
        continue
      }
      const name = String(key.value)
      if (this.#isTooLong(name)) this.#giveUp(span)
      const wrong = wrongKey(name)
      if (wrong) {
        this.#say({ ...wrong, rule: 'PGL924', span })
        continue
      }
      const first = entries.get(name)
      if (first) {
        this.#say({
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

  /** A problem behind an alias was said where it is written. */
  #say(problem: Problem): void {
    if (!this.#following) this.#problems.push(problem)
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

/** Node 20 has it; the library of types that is chosen for it does not. */
const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text)
const halfCharacter = 'holds one half of a character that is written in two'
const wholeCharacter = 'write the character itself, or both halves of it'

/** Why a key is not one that could be looked up, sent and found again. */
function wrongKey(name: string): Pick<Problem, 'summary' | 'fix'> | undefined {
  // A value assigned to it sets the prototype of an object, here and wherever the key travels.
  if (name === '__proto__') return { summary: 'no key can be __proto__: it would be lost on the way', fix: 'use another key' }
  if (name.length > keyMax)
    return { summary: `a key has at most ${keyMax} characters, and this one ${name.length}`, fix: 'use a shorter key' }
  return isWellFormed(name) ? undefined : { summary: `the key ${halfCharacter}`, fix: wholeCharacter }
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
