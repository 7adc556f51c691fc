import { groupNameOf, nameOf } from './armPath.ts'
import { isObject, type Json, objectAt, valueAt } from './json.ts'
import type { StoredResource } from './state.ts'

/** The `$filter` of one of ARM's own lists. */
export interface ListFilter {
  matches(one: StoredResource): boolean
  /** Whether it names both a tag and its value: then ARM leaves the tags out of what it lists. */
  readonly byTagValue: boolean
}

type Test = (one: StoredResource) => boolean

/** The tokens of a filter: `and` binds closer than `or`, and brackets closer than either. */
const tokens = /\s*(\(|\)|,|'(?:[^']|'')*'|[\w/.]+)/gy

/** @returns undefined for what is no filter */
export function parseFilter(text: string): ListFilter | undefined {
  const words = wordsOf(text)
  if (words === undefined) return undefined
  const reader = { words, at: 0 }
  const matches = either(reader)
  if (matches === undefined || reader.at < words.length) return undefined
  return { matches, byTagValue: words.some(word => word.toLowerCase() === 'tagvalue') }
}

function wordsOf(text: string): string[] | undefined {
  const found = [...text.matchAll(tokens)]
  const length = found.reduce((sum, [whole]) => sum + whole.length, 0)
  return text.slice(length).trim() === '' && found.length > 0 ? found.map(([, word = '']) => word) : undefined
}

interface Reader {
  readonly words: readonly string[]
  at: number
}

const next = (reader: Reader): string => reader.words[reader.at++] ?? ''

function took(reader: Reader, word: string): boolean {
  if (reader.words[reader.at]?.toLowerCase() !== word) return false
  reader.at += 1
  return true
}

function either(reader: Reader): Test | undefined {
  let test = both(reader)
  while (test !== undefined && took(reader, 'or')) {
    const [one, other] = [test, both(reader)]
    test = other && (resource => one(resource) || other(resource))
  }
  return test
}

function both(reader: Reader): Test | undefined {
  let test = single(reader)
  while (test !== undefined && took(reader, 'and')) {
    const [one, other] = [test, single(reader)]
    test = other && (resource => one(resource) && other(resource))
  }
  return test
}

function single(reader: Reader): Test | undefined {
  if (took(reader, '(')) {
    const inner = either(reader)
    return took(reader, ')') ? inner : undefined
  }
  const first = next(reader)
  switch (first.toLowerCase()) {
    case 'substringof':
      return ofTwo(reader, (value, key) => one => textOf(one, key).includes(value.toLowerCase()))
    case 'startswith':
      return ofTwo(reader, (value, key) =>
        key === 'tagname' ? tagged(name => name.startsWith(value.toLowerCase())) : one => textOf(one, key).startsWith(value.toLowerCase())
      )
    default:
      return comparison(reader, first.toLowerCase())
  }
}

/** A function's two arguments, one quoted and one a property, in either order: OData has them differ. */
function ofTwo(reader: Reader, make: (value: string, key: string) => Test): Test | undefined {
  const [open, one, comma, other, close] = [next(reader), next(reader), next(reader), next(reader), next(reader)]
  const [quoted, key] = one.startsWith("'") ? [one, other] : [other, one]
  const value = unquoted(quoted)
  if (open !== '(' || comma !== ',' || close !== ')' || value === undefined || !/^[\w/]+$/.test(key)) return undefined
  return make(value, key.toLowerCase())
}

function comparison(reader: Reader, key: string): Test | undefined {
  const operator = next(reader).toLowerCase()
  const value = unquoted(next(reader))
  if (!/^[\w/]+$/.test(key) || value === undefined || (operator !== 'eq' && operator !== 'ne')) return undefined
  const equal = equality(reader, key, value)
  return operator === 'eq' ? equal : one => !equal(one)
}

function equality(reader: Reader, key: string, value: string): Test {
  const wanted = value.toLowerCase()
  switch (key) {
    case 'tagname':
      return tagged(name => name === wanted)
    case 'tagvalue': {
      // The same filter names the tag. Names are the same in any case, values are not [DOC].
      const names = reader.words.flatMap((word, at) =>
        word.toLowerCase() === 'tagname' ? [unquoted(reader.words[at + 2] ?? '')?.toLowerCase()] : []
      )
      return tagged((name, is) => is === value && (names.length === 0 || names.includes(name)))
    }
    default:
      return one => textOf(one, key) === wanted
  }
}

const tagged =
  (is: (name: string, value: Json) => boolean): Test =>
  one =>
    Object.entries(objectAt(one.body, 'tags')).some(([name, value]) => is(name.toLowerCase(), value))

/** In lower case, as everything but a tag's value is compared. */
function textOf(one: StoredResource, key: string): string {
  switch (key) {
    case 'name':
      return nameOf(one.id).toLowerCase()
    case 'resourcetype':
      return one.type.toLowerCase()
    case 'resourcegroup':
      return groupNameOf(one.id).toLowerCase()
    default: {
      const found = valueAt(lowered(one.body), ...key.split('/'))
      return typeof found === 'string' ? found.toLowerCase() : ''
    }
  }
}

/** Keys of an object and of those in it one level down, which is as deep as filters go: `identity/principalId`. */
const lowered = (body: Json): Json =>
  isObject(body)
    ? Object.fromEntries(Object.entries(body).map(([key, value]) => [key.toLowerCase(), key === 'properties' ? null : lowered(value)]))
    : body

const unquoted = (word: string): string | undefined => (/^'.*'$/s.test(word) ? word.slice(1, -1).replaceAll("''", "'") : undefined)
