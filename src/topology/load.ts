import { dirname, isAbsolute, join, relative, win32 } from 'node:path'
import { messageOf } from '../model/message.ts'
import type { Worded } from '../model/option.ts'
import { interpolate, type Purpose, type Variables } from './interpolate.ts'
import { marksMax, parse } from './parse.ts'
import type { Problem } from './problem.ts'
import { secretAt } from './schema.ts'
import { bytesMax, decode, type Source, type Span, sourceOf } from './source.ts'
import { type Node, nodeAt, overlay, type ScalarNode } from './tree.ts'

export interface LoadOptions extends Worded {
  readonly file: string
  /** `prod` lays `topology.prod.yaml` over `topology.yaml`. */
  readonly env?: string
  /** Rejects with an error that has a `code`, as node's own readFile does, when there is nothing to read. */
  readonly readFile: (file: string) => Promise<Uint8Array>
  readonly variables: Variables
  readonly purpose: Purpose
  /** For entries that name none. */
  readonly subscription?: string | undefined
}

/** The document with overlays laid on and variables put in, not yet checked against the schema. */
export interface LoadedDocument {
  readonly root: Node | undefined
  /** The same tree once more, made of the sources, with the names of the variables in it. Only where there is a `root`. */
  readonly treeAnew: () => Node
  readonly sources: readonly Source[]
  readonly problems: readonly Problem[]
  /** Where secrets stand in the files in clear: no line of them is quoted as it is. */
  readonly inClear: readonly Span[]
}

/** After one of these a document has no shape that could be looked at: more that is wrong may only follow from it. */
export const isUnread = ({ rule }: Pick<Problem, 'rule'>): boolean => /^PGL90[1-5]$|^PGL90[7-9]$|^PGL910$|^PGL926$/.test(rule)

const extendsMax = 16

export async function loadDocument(options: LoadOptions): Promise<LoadedDocument> {
  const reader = new DocumentReader(options.readFile)
  let root = await reader.withBases(options.file, [])
  const { length } = reader.sources
  if (options.env !== undefined) {
    const over = await reader.withBases(overlayFile(options.file, options.env), [])
    root = root && over ? overlay(root, over) : undefined
  }
  const { sources, problems } = reader
  const treeAnew = treeOf([sources.slice(0, length), sources.slice(length)])
  if (!root) return { root, treeAnew, sources, problems, inClear: [] }
  const put = interpolate(root, options.variables, options.purpose, secretAt)
  const unquoted = new Set(problems.flatMap(({ rule, span }) => (rule === 'PGL926' ? [span?.start] : [])))
  const inClear = put.problems.flatMap(({ rule, span }) => (rule === 'PGL913' && span && !unquoted.has(span.start) ? [span] : []))
  if (problems.some(isUnread)) return { root, treeAnew, sources, problems, inClear }
  return { root: put.root, treeAnew, sources, problems: [...problems, ...put.problems], inClear }
}

/** @param layers the lower first; in each a file comes before the one that it extends */
const treeOf = (layers: readonly (readonly Source[])[]) => (): Node =>
  layers
    .filter(files => files.length > 0)
    .map(files => files.map(file => parse(file, marksMax).root as Node).reduceRight((under, over) => overlay(under, over)))
    .reduce((under, over) => overlay(under, over))

/** `dir/topology.yaml` and `prod` make `dir/topology.prod.yaml`; so does `dir/topology.json`, since what one file names of another is YAML. */
export const overlayFile = (file: string, env: string): string =>
  file.replace(/(\.ya?ml|\.json)?$/i, extension => `.${env}${/^\.ya?ml$/i.test(extension) ? extension : '.yaml'}`)

class DocumentReader {
  readonly sources: Source[] = []
  readonly problems: Problem[] = []
  readonly #readFile: LoadOptions['readFile']
  #bytesRead = 0
  #marksRead = 0

  constructor(readFile: LoadOptions['readFile']) {
    this.#readFile = readFile
  }

  /** The file over the one it extends, and so on down. */
  async withBases(file: string, above: readonly string[], asked?: ScalarNode): Promise<Node | undefined> {
    if (above.includes(file) || above.length >= extendsMax) {
      const summary = above.includes(file)
        ? `${file} extends itself, by way of ${[...above, file].join(' → ')}`
        : `more than ${extendsMax} files extend one another`
      return this.#refuse({ rule: 'PGL910', path: ['extends'], summary, ...(asked && { span: asked.at }) })
    }
    const own = await this.#read(file, asked)
    const base = own && nodeAt(own, ['extends'])
    if (!own || base?.kind !== 'scalar' || typeof base.value !== 'string') return own
    if (base.value.includes('${')) return own
    const under = join(dirname(file), base.value)
    const place = { path: ['extends'], span: base.at }
    const outside = leadsOut(base.value, relative(dirname(above[0] ?? file), under))
    if (outside !== undefined) return this.#refuse({ ...place, rule: 'PGL916', summary: `extends leads out: ${base.value} ${outside}` })
    const lower = await this.withBases(under, [...above, file], base)
    if (lower && lower.kind !== 'map')
      return this.#refuse({ ...place, rule: 'PGL922', summary: `${under} holds no map, and nothing can be laid over it` })
    return lower && overlay(lower, own)
  }

  #refuse(problem: Problem): undefined {
    this.problems.push(problem)
  }

  async #read(file: string, asked?: ScalarNode): Promise<Node | undefined> {
    const place = asked ? { span: asked.at, path: ['extends'] } : {}
    const bytes = await this.#bytes(file, place)
    if (!bytes) return undefined
    this.#bytesRead += bytes.length
    if (this.#bytesRead > bytesMax) {
      const has = this.#bytesRead === bytes.length ? `has ${bytes.length} bytes` : `brings the files together to ${this.#bytesRead} bytes`
      return this.#refuse({ ...place, rule: 'PGL903', summary: `${file} ${has}; the most that is read is ${bytesMax}` })
    }
    const decoded = decode(file, bytes)
    if (!decoded.ok) {
      const summary = decoded.isUtf16
        ? `${file} is UTF-16, not UTF-8`
        : `${file} is not UTF-8: byte ${decoded.byte} does not begin or continue a character`
      return this.#refuse({ rule: 'PGL902', span: decoded.span, summary })
    }
    const source = sourceOf(file, decoded.text)
    this.sources.push(source)
    const { root, problems, marks } = parse(source, marksMax - this.#marksRead)
    this.#marksRead += marks
    for (const problem of problems) this.problems.push(problem)
    return root
  }

  async #bytes(file: string, place: Pick<Problem, 'span' | 'path'>): Promise<Uint8Array | undefined> {
    try {
      return await this.#readFile(file)
    } catch (error) {
      if (error instanceof UnfitFile) return this.#refuse(unfitProblem(file, error, place))
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      const why = reasons[code] ?? messageOf(error)
      return this.#refuse({ ...place, rule: 'PGL901', summary: `${file} cannot be read: ${why}` })
    }
  }
}

/** Said at what asked for the file, and without a line of it. */
const unfitProblem = (file: string, { message }: UnfitFile, place: Pick<Problem, 'span' | 'path'>): Problem =>
  place.span
    ? { ...place, rule: 'PGL916', summary: `extends leads out: ${file} ${message}` }
    : { rule: 'PGL901', summary: `${file} cannot be read: it ${message}` }

/** Thrown by a reader of files for one that is there and may not be read; the message goes on after the file's name. */
export class UnfitFile extends Error {}

/**
 * Why a file is none that a topology may name, by its path from the folder of the topology. A checkout holds tokens and passwords beside
 * the topology, and what a file names is quoted in messages where something is wrong with it.
 */
export function unfit(path: string): string | undefined {
  return isYaml(path) ? unfitFolder(path) : 'is no .yaml or .yml file'
}

/** As {@link unfit}, of a file of any kind or a folder. */
export function unfitFolder(path: string): string | undefined {
  const hidden = path.split(/[\\/]/).find(part => part.toLowerCase() === 'node_modules' || (part.startsWith('.') && !/^\.\.?$/.test(part)))
  if (hidden === undefined) return undefined
  return hidden.startsWith('.') ? `is not read, since ${hidden} is hidden` : 'lies in node_modules'
}

export const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path)

export const isAddress = (path: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(path)

/** Why a path is not one within the folder of the topology; `fromTop` is where it leads from there. */
function leadsOut(path: string, fromTop: string): string | undefined {
  if (isAddress(path)) return 'is an address and no path'
  if (isAbsolute(path) || win32.isAbsolute(path) || path.startsWith('~')) return 'is an absolute path'
  const out = path.includes('\\') || path.includes('\0') || /^\.\.(\/|$)/.test(fromTop.replaceAll('\\', '/')) || isAbsolute(fromTop)
  return out ? 'is not in the folder of the topology, or below it' : unfit(fromTop)
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read by this user',
  ELOOP: 'it is a symbolic link that leads out of the folder of the topology'
}
