import { readdirSync, readFileSync } from 'node:fs'
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parse, parseDocument } from 'yaml'
import { meanings } from '../../src/host/exitCodes.ts'
import { rules } from '../../src/topology/rules/index.ts'

interface Schema {
  readonly title?: string
  readonly description?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly defaultSnippets?: readonly { readonly body?: unknown }[]
  readonly secret?: boolean
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

const schema = JSON.parse(readFileSync('schema/topology.schema.json', 'utf8')) as Schema
const defs = schema.$defs ?? {}
const nameIn = ({ $ref }: Schema): string | undefined => $ref?.split('/').at(-1)
const resolved = (node: Schema): Schema => (node.$ref === undefined ? node : { ...defs[nameIn(node) ?? ''], ...node })
const titles = new Map([['Topology', schema] as const, ...Object.entries(defs)])
const isSection = (node: Schema): boolean => node.properties !== undefined

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
const anchorOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-')
const headingOf = (name: string): string => titles.get(name)?.title ?? name

/** The values of a key, in a reader's words. */
function takes(node: Schema): string {
  const name = nameIn(node)
  const whole = resolved(node)
  if (name !== undefined && isSection(whole)) return `[${headingOf(name)}](#${anchorOf(headingOf(name))})`
  if (whole.const !== undefined) return code(String(whole.const))
  if (whole.enum) return whole.enum.map(one => code(String(one))).join(', ')
  if (whole.anyOf) return [...new Set(whole.anyOf.map(takes))].join(' or ')
  if (whole.type === 'array') return `list of: ${whole.items ? takes(whole.items) : 'anything'}`
  if (whole.type === 'object' && typeof whole.additionalProperties === 'object') return `by name: ${takes(whole.additionalProperties)}`
  if (whole.type === 'object' && whole.properties) return `map of ${Object.keys(whole.properties).map(code).join(', ')}`
  if (whole.secret) return 'a variable'
  const words: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number', boolean: '`true`, `false`' }
  return words[whole.type ?? ''] ?? whole.type ?? 'anything'
}

/** The default of a key: required, what its description says, or nothing. */
function defaultOf(node: Schema, isRequired: boolean): string {
  if (isRequired) return 'required'
  const { default: given, description = '' } = resolved(node)
  if (given !== undefined) return code(JSON.stringify(given))
  return /\b[Bb]y default ([^.]*(?:\.(?=\S)[^.]*)*)/.exec(description)?.[1] ?? 'none'
}

/** A text of a snippet as an editor leaves it: its first choice, without the quotes that it brings along. */
const written = (text: string): string =>
  text
    .replace(/(?<!\\)\$\{\d+:([^}]*)\}/g, '$1')
    .replace(/\\([$}])/g, '$1')
    .replace(/^"(.*)"$/, '$1')

const exampleOf = (node: Schema): string => {
  const { examples = [], defaultSnippets = [] } = resolved(node)
  const [example] = [...examples, ...defaultSnippets.map(({ body }) => body)]
  return example === undefined
    ? ''
    : code(JSON.stringify(example, (_, value: unknown) => (typeof value === 'string' ? written(value) : value)))
}

/** By `section.key`, the rules that a file can break there: where the cases of the rules point. */
function rulesByKey(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  const folder = 'test/topology/cases'
  for (const file of readdirSync(folder).filter(name => name.endsWith('.yaml'))) {
    const one = parse(readFileSync(`${folder}/${file}`, 'utf8')) as Case & { readonly more?: readonly Case[] }
    for (const { wrong, expected = '' } of [one, ...(one.more ?? [])])
      for (const [, line = '', column = '', rule = ''] of expected.matchAll(/^topology\.yaml:(\d+):(\d+) \w+ (PGL\d+)/gm)) {
        const key = wrong === undefined ? undefined : keyAt(wrong, Number(line), Number(column))
        if (key !== undefined) found.set(key, (found.get(key) ?? new Set()).add(rule))
      }
  }
  return found
}

interface Case {
  readonly wrong?: string
  readonly expected?: string
}

function keyAt(text: string, line: number, column: number): string | undefined {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const offset = (counter.lineStarts[line - 1] ?? 0) + column - 1
  return document.errors.length > 0 ? undefined : keyOf(pathTo(document.contents, offset))
}

/** The keys that lead to what stands at an offset. */
function pathTo(node: unknown, offset: number): readonly string[] {
  if (isMap(node))
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue
      const value = pair.value as Node | null
      const end = value?.range?.[1] ?? pair.key.range?.[1] ?? -1
      if ((pair.key.range?.[0] ?? Infinity) <= offset && offset <= end)
        return [String(pair.key.value), ...(value && !isAlias(value) ? pathTo(value, offset) : [])]
    }
  if (isSeq(node))
    for (const item of node.items as Node[])
      if ((item.range?.[0] ?? Infinity) <= offset && offset <= (item.range?.[1] ?? -1)) return ['', ...pathTo(item, offset)]
  return []
}

/** The last key of the path that a section has. */
function keyOf(path: readonly string[]): string | undefined {
  let [at, section, last]: [readonly Schema[], string, string | undefined] = [[schema], 'Topology', undefined]
  for (const key of path) {
    const wholes = at.flatMap(node => alternatives(node, section))
    const holder = wholes.find(({ node }) => node.properties?.[key] !== undefined)
    const next = holder?.node.properties?.[key]
    if (holder && next) {
      last = `${holder.section}.${key}`
      at = [next]
      section = holder.section
      continue
    }
    at = wholes.flatMap(({ node }) => (typeof node.additionalProperties === 'object' ? node.additionalProperties : (node.items ?? [])))
  }
  return last
}

function alternatives(node: Schema, section: string): { readonly node: Schema; readonly section: string }[] {
  const own = nameIn(node) ?? section
  const whole = resolved(node)
  return [{ node: whole, section: own }, ...(whole.anyOf ?? []).flatMap(one => alternatives(one, own))]
}

function sectionText(name: string, node: Schema, broken: ReadonlyMap<string, ReadonlySet<string>>): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, value]) => {
    const ids = [...(broken.get(`${name}.${key}`) ?? [])].sort().map(id => `[${id}](#${id.toLowerCase()})`)
    const about = cell(resolved(value).description ?? '')
    return `| ${code(key)} | ${takes(value)} | ${cell(defaultOf(value, node.required?.includes(key) ?? false))} | ${about} | ${exampleOf(value)} | ${ids.join(' ')} |`
  })
  const heading = `## ${headingOf(name)}\n\n${node.description ?? ''}`
  return `${heading}\n\n| key | takes | default | about | example | rules |\n|---|---|---|---|---|---|\n${rows.join('\n')}`
}

const ruleText = ({ id, name, severity, lowerable, seenBy, summary, why }: (typeof rules)[number]): string => {
  const marks = [severity, ...(lowerable ? ['may be lowered'] : []), ...(seenBy === 'plan' ? ['seen by a plan'] : [])]
  return `### ${id}\n\n${name}, ${marks.join(', ')}. ${summary} ${why}`
}

/** `schema/README.md`: every key with its default, an example and the rules that hold there; every rule; the exit codes. */
export function referenceText(): string {
  const broken = rulesByKey()
  const sections = [...titles].filter(([, node]) => isSection(node))
  const codes = Object.entries(meanings).map(([number, meaning]) => `| ${number} | ${cell(meaning)} |`)
  return `${[
    '# Every key of a topology',
    'Made from `topology.schema.json`, the rules and their cases: `npx vitest run test/schemaReference.test.ts -u` makes it anew. The other schemas of this folder describe documents that pglink writes: plan, apply, drift and verify.',
    ...sections.map(([name, node]) => sectionText(name, node, broken)),
    '## Rules',
    '`pglink explain RULE` has the fix and the source, too. A rule that may be lowered is set on what Azure itself would accept: `rules:` in the file takes it less seriously, with a reason.',
    ...rules.map(ruleText),
    '## Exit codes',
    `| code | means |\n|---|---|\n${codes.join('\n')}`
  ].join('\n\n')}\n`
}
