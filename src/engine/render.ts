import { Document, isCollection, isMap, isPair, isScalar, type Pair, Scalar, visit } from 'yaml'
import { isQuoted, spelt } from '../import/yaml.ts'
import { positionOf } from '../model/diagnostic.ts'
import { type Body, isBody, type Json } from '../model/json.ts'
import { at } from '../model/naming.ts'
import { withoutSecrets } from '../model/redact.ts'
import type { Position } from '../model/resource.ts'
import { textOf } from '../topology/format.ts'
import { rangeOf, type Span } from '../topology/source.ts'
import type { Node } from '../topology/tree.ts'

/** A topology with all that is laid over one another and put in, and the origin of each part. */
export interface Rendered {
  readonly topology: Json
  /** By the JSON pointer of the part: where it is written, or that the schema says it where no file does. */
  readonly origins: ReadonlyMap<string, Position | 'default'>
}

type Origins = Map<string, Position | 'default'>

const below = (pointer: string, key: string | number): string => `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

/**
 * @param root of a sound topology, a map
 * @param schema of a topology, whose defaults are filled into the maps that are there
 */
export function renderedOf(root: Node, schema: Json): Rendered {
  const origins: Origins = new Map()
  const { extends: _, ...topology } = written(root, '', origins) as Body
  origins.delete('/extends')
  return { topology: withDefaults(topology, schema, { schema, origins, pointer: '' }), origins }
}

function written(node: Node, pointer: string, origins: Origins): Json {
  const place = (span: Span): Position => positionOf(rangeOf(span))
  switch (node.kind) {
    case 'scalar': {
      const { value, unset, secret } = node
      // The value of a variable is no longer one: `${` in it would be read as the beginning of another.
      return typeof value === 'string' && unset === undefined && secret === undefined ? value.replaceAll(`\${`, () => `$\${`) : value
    }
    case 'list':
      return node.items.map((item, index) => {
        origins.set(below(pointer, index), place(item.at))
        return written(item, below(pointer, index), origins)
      })
    case 'map': {
      const pairs = [...node.entries].map(([key, { key: span, value }]) => {
        const here = below(pointer, key)
        origins.set(here, place(span))
        return [key, written(value, here, origins)] as const
      })
      return Object.fromEntries(pairs)
    }
  }
}

interface Filling {
  readonly schema: Json
  readonly origins: Origins
  readonly pointer: string
}

function withDefaults(value: Json, part: Json | undefined, filling: Filling): Json {
  const { origins, pointer } = filling
  const within = (one: Json, key: string | number, of: Json | undefined): Json =>
    withDefaults(one, of, { ...filling, pointer: below(pointer, key) })
  const meant = alternative(part, value, filling.schema)
  if (Array.isArray(value)) return value.map((item, index) => within(item, index, meant['items']))
  if (!isBody(value)) return value
  const properties = bodyIn(meant, 'properties')
  const filled = Object.entries(value).map(
    ([key, one]) => [key, within(one, key, properties[key] ?? meant['additionalProperties'])] as const
  )
  // The rest of what is only referred to is not ours to say.
  const missing = Object.entries('id' in value || value['existing'] === true ? {} : properties).flatMap(([key, one]) => {
    const usual = isBody(one) ? one['default'] : undefined
    if (usual === undefined || key in value) return []
    origins.set(below(pointer, key), 'default')
    return [[key, usual] as const]
  })
  return Object.fromEntries([...filled, ...missing])
}

const bodyIn = (body: Body, key: string): Body => {
  const found = body[key]
  return isBody(found) ? found : {}
}

/** The part of the schema that describes a value: of several it is that of its type, or the first whose first required key is there. */
function alternative(part: Json | undefined, value: Json, schema: Json): Body {
  const here = followed(part, schema)
  const several = here['anyOf']
  if (!Array.isArray(several)) return here
  const all = several.map(one => followed(one, schema))
  const typeOf = (one: Body): Json | undefined => bodyIn(bodyIn(one, 'properties'), 'type')['const']
  const fits = (one: Body): boolean => {
    const [first] = Array.isArray(one['required']) ? one['required'] : []
    return isBody(value) && (typeOf(one) === undefined ? String(first) in value : typeOf(one) === value['type'])
  }
  const objects = all.filter(one => one['type'] === 'object')
  return objects.find(fits) ?? objects.findLast(one => typeOf(one) === undefined) ?? {}
}

function followed(part: Json | undefined, schema: Json): Body {
  if (!isBody(part)) return {}
  const name = typeof part['$ref'] === 'string' ? part['$ref'].split('/').at(-1) : undefined
  const target = name === undefined ? undefined : bodyIn(bodyIn(schema as Body, '$defs'), name)
  return target ?? part
}

/** No topology has it, so that a comment of ours is found again. */
const mark = '\u0001'

/** The column from which on comments stand below one another, unless their line is longer. */
const columnMax = 70

/** As YAML, a comment at the end of each line that has an origin. */
export function renderedText({ topology, origins }: Rendered): string {
  const document = new Document(topology)
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && isQuoted(node.value)) node.type = Scalar.QUOTE_DOUBLE
    },
    Collection(_, node) {
      node.flow = node.items.length === 0 || (!isMap(node) && node.items.every(isScalar))
    }
  })
  visit(document, {
    Pair(_, pair, path) {
      const keys = [...path, pair].flatMap((one, index, all) => keysOf(one, all[index + 1]))
      const origin = origins.get(keys.reduce<string>(below, ''))
      if (origin === undefined || !isScalar(pair.key)) return
      const comment = `${mark} ${origin === 'default' ? origin : at(origin)}`
      if (isCollection(pair.value) && !pair.value.flow) pair.key.comment = comment
      else if (isScalar(pair.value) || isCollection(pair.value)) pair.value.comment = comment
    }
  })
  // The library puts an empty map that has a comment on a line of its own, and the comment on another.
  const text = textOf(document).replace(new RegExp(`:\\n +(\\{\\})\\n +(#${mark}.*)$`, 'gm'), ': $1 $2')
  const lines = text.split('\n').map(line => line.split(`#${mark}`))
  const width = Math.min(columnMax, Math.max(...lines.map(([line = '']) => line.length)))
  const aligned = lines.map(([line = '', origin]) => (origin === undefined ? line : `${line.trimEnd().padEnd(width - 1)} #${origin}`))
  return withoutSecrets(spelt(aligned.join('\n')))
}

/** The key of a pair, or the place of an item in a list. */
function keysOf(node: unknown, next: unknown): readonly (string | number)[] {
  if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)]
  return isCollection(node) && !isMap(node) ? [node.items.indexOf(next as Pair)] : []
}
