import { stringify } from 'yaml'
import { isMap, type Json } from '../model/json.ts'
import { didYouMean, onlyNear } from '../model/suggest.ts'
import type { KeywordFinding } from './rules/rule.ts'
import { exampleFor } from './schema.ts'
import { type Node, nodeAt, type Path, pathOf } from './tree.ts'

/** An error of the compiled validator, which is made with `verbose`. */
export interface ShapeError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly schema?: unknown
  readonly parentSchema?: Readonly<Record<string, unknown>>
  readonly data?: unknown
  readonly propertyName?: string
  readonly message?: string
}

/** A schema error, in words for the person who wrote the file. */
export interface ShapeProblem extends KeywordFinding {
  /** The value would break the promise of the generated types, and so must be kept from the rules. */
  readonly isUnsound?: true
}

/** A value that is still open can break no rule about its content, only about being a text. */
const aboutContent = new Set(['enum', 'const', 'pattern', 'format', 'minLength', 'maxLength'])

export function shapeProblems(root: Node, error: ShapeError): ShapeProblem[] {
  const path = pathOf(error.instancePath)
  const node = nodeAt(root, path)
  if (node?.kind === 'scalar' && node.unset && aboutContent.has(error.keyword)) return []
  // A number that is none of the texts allowed is of the wrong type, which is said already.
  if (error.keyword === 'enum' && error.parentSchema?.['type'] === 'string' && typeof error.data !== 'string') return []
  if (error.propertyName !== undefined) return keyProblem(error, [...path, error.propertyName])
  const findings = error.params['findings']
  if (Array.isArray(findings)) return findings
  const problem = ordinaryProblem(error, path)
  return problem ? [problem] : []
}

function keyProblem(error: ShapeError, path: Path): ShapeProblem[] {
  if (error.keyword !== 'pattern') return []
  const summary = sentence(error.parentSchema?.['patternErrorMessage'], 'this key is malformed')
  return [{ rule: 'PGL924', path, aim: 'key', summary, isUnsound: true }]
}

function ordinaryProblem(error: ShapeError, path: Path): ShapeProblem | undefined {
  const { keyword, params, parentSchema = {}, schema, data } = error
  const subject = path.length === 0 ? 'the topology' : String(path.at(-1))
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(String(params['additionalProperty']), parentSchema, path, data)
    case 'required':
      return {
        rule: 'PGL921',
        path,
        aim: 'key',
        summary: `${subject} has no ${params['missingProperty']}`,
        ...fixed(exampleFix('add', [...path, String(params['missingProperty'])]))
      }
    case 'type':
      return wrongType(subject, schema, data, path)
    case 'enum':
      return notAllowed(subject, Array.isArray(schema) ? schema : [], data, path)
    case 'const':
      return notAllowed(subject, [schema], data, path)
    case 'pattern': {
      const summary = sentence(parentSchema['patternErrorMessage'], `${subject} is malformed`)
      return { rule: 'PGL924', path, summary, ...fixed(typeof data === 'string' ? blankFix(data) : undefined) }
    }
    case 'format':
      return { rule: 'PGL924', path, summary: `${subject} is not a ${schema}`, fix: 'write it as 2027-06-30' }
    default:
      return outOfRange(error, subject, path)
  }
}

const blankFix = (text: string): string | undefined =>
  text === text.trim()
    ? undefined
    : `take the ${/[\r\n]/.test(text) ? 'line break' : 'space'} at its ${text === text.trimEnd() ? 'beginning' : 'end'} away`

const sentence = (text: unknown, otherwise: string): string =>
  typeof text === 'string' ? `${text.slice(0, 1).toLowerCase()}${text.slice(1).replace(/\.$/, '')}` : otherwise

function unknownKey(key: string, parent: Readonly<Record<string, unknown>>, path: Path, data: unknown): ShapeProblem {
  const known = Object.keys(isMap(parent['properties']) ? parent['properties'] : {})
  const meant = key === '<<' ? 'YAML 1.2 has no merge keys: write the keys out, or use extends' : didYouMean(key, known)
  const fix = meant ?? `the keys here are ${known.join(', ')}`
  const only = onlyNear(key, known)
  const isFree = only !== undefined && isMap(data) && !(only in data)
  return {
    rule: 'PGL920',
    path: [...path, key],
    aim: 'key',
    summary: `there is no key ${key} here`,
    fix,
    ...(isFree && { instead: only }),
    isUnsound: true
  }
}

const fixed = (fix: string | undefined): Pick<ShapeProblem, 'fix'> => (fix === undefined ? {} : { fix })

function wrongType(subject: string, schema: unknown, data: unknown, path: Path): ShapeProblem {
  const wanted = (Array.isArray(schema) ? schema : [schema]).map(type => typeNames[String(type)] ?? String(type)).join(' or ')
  const summary = data === null ? `${subject} has no value; it takes ${wanted}` : `${subject} takes ${wanted}, not ${typeOf(data)}`
  const { fix = exampleFix('write', path), ...instead } = wrongTypeFix(schema, data)
  return { rule: 'PGL922', path, summary, ...fixed(fix), ...instead, isUnsound: true }
}

/** The key as the schema's first example writes it. */
function exampleFix(verb: string, path: Path): string | undefined {
  const example = exampleFor(path)
  const key = String(path.at(-1))
  return example === undefined
    ? undefined
    : `${verb} it, as in \`${key}: ${stringify(example, { collectionStyle: 'flow', lineWidth: 0 }).trim()}\``
}

function wrongTypeFix(schema: unknown, data: unknown): { readonly fix?: string; readonly instead?: Json } {
  if (schema === 'string' && (typeof data === 'number' || typeof data === 'boolean')) {
    // Digits behind the point may be lost: 1.10 is the number 1.1.
    return { fix: `write "${data}" in quotes`, ...((typeof data === 'boolean' || Number.isInteger(data)) && { instead: String(data) }) }
  }
  if (typeof data !== 'string') return {}
  if (schema === 'boolean' && /^(yes|no|on|off)$/i.test(data)) {
    const instead = /^(yes|on)$/i.test(data)
    return { fix: `write ${instead}: YAML 1.2 has no other words for it`, instead }
  }
  if (schema === 'boolean' && /^(true|false)$/i.test(data)) return { fix: 'write it without quotes', instead: /^true$/i.test(data) }
  const isNumber = (schema === 'integer' || schema === 'number') && data !== '' && Number.isFinite(Number(data))
  return isNumber ? { fix: 'write it without quotes', instead: Number(data) } : {}
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list'
}

function typeOf(data: unknown): string {
  if (Array.isArray(data)) return 'a list'
  if (typeof data === 'number' && !Number.isInteger(data)) return `the number ${data}`
  if (typeof data === 'boolean' || typeof data === 'number') return String(data)
  if (typeof data === 'string') return `the text ${JSON.stringify(data.length > 40 ? `${data.slice(0, 40)}…` : data)}`
  return typeNames[typeof data] ?? typeof data
}

function notAllowed(subject: string, allowed: readonly unknown[], data: unknown, path: Path): ShapeProblem {
  const list = allowed.join(', ')
  const isNear = typeof data === 'string' ? didYouMean(data, allowed.map(String)) : undefined
  const quoted = typeof data !== 'string' && allowed.includes(String(data)) ? `write "${data}" in quotes` : undefined
  const summary = `${subject} cannot be ${JSON.stringify(data)}; it takes ${list}`
  const cased = allowed.filter(one => typeof data === 'string' && String(one).toLowerCase() === data.toLowerCase())
  const instead = quoted === undefined ? (cased.length === 1 ? String(cased[0]) : undefined) : String(data)
  return { rule: 'PGL923', path, summary, ...fixed(isNear ?? quoted), ...(instead !== undefined && { instead }), isUnsound: true }
}

function outOfRange({ keyword, schema, data }: ShapeError, subject: string, path: Path): ShapeProblem | undefined {
  const limits: Readonly<Record<string, string>> = {
    minimum: `at least ${schema}`,
    maximum: `at most ${schema}`,
    minLength: schema === 1 ? 'not empty' : `at least ${schema} characters long`,
    maxLength: `at most ${schema} characters long`,
    minItems: schema === 1 ? 'not empty' : `at least ${schema} items long`,
    maxItems: `at most ${schema} items long`,
    maxProperties: `at most ${schema} keys long`
  }
  const limit = limits[keyword]
  if (limit === undefined) return undefined
  const has = typeof data === 'string' ? ` (it has ${[...data].length})` : typeof data === 'number' ? ` (it is ${data})` : ''
  return { rule: 'PGL925', path, summary: `${subject} must be ${limit}${has}` }
}
