import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kinds } from '../../src/kinds/index.ts'
import { settingOf } from '../../src/topology/settings.ts'

/* Where a kind says that its entries and its settings stand, the schema has to know them: one of the two would be a slip of the pen. */

type Schema = { readonly [member: string]: unknown }

const schema = JSON.parse(readFileSync(new URL('../../schema/topology.schema.json', import.meta.url), 'utf8')) as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>
}

/** A schema and all that it may stand for. */
function forms(one: unknown): Schema[] {
  if (typeof one !== 'object' || one === null) return []
  const { $ref, anyOf, oneOf, allOf, then } = one as { readonly [member: string]: unknown; readonly $ref?: string }
  const referred = $ref === undefined ? [] : [schema.$defs[$ref.replace('#/$defs/', '')]]
  return [one as Schema, ...[...referred, anyOf, oneOf, allOf, then].flat().flatMap(forms)]
}

/** The schemas of what stands at a path below; `*` is any key, and `#` any place in a list. */
const at = (all: readonly Schema[], path: readonly string[]): Schema[] =>
  path.reduce<Schema[]>(
    (found, key) =>
      found.flatMap(one => {
        const { properties, additionalProperties, items } = one as { readonly [member: string]: unknown; readonly properties?: Schema }
        return forms(key === '*' ? additionalProperties : key === '#' ? items : properties?.[key])
      }),
    [...all]
  )

const declared = kinds.flatMap(({ name, inFile, fields }) => (inFile === undefined ? [] : [{ name, inFile, fields }]))

test('the schema has the entries of each kind where the kind says', () => {
  const everyEntry = declared.filter(({ inFile }) => inFile.at.endsWith('*') && !inFile.at.startsWith('**')).map(({ inFile }) => inFile.at)
  const lost = declared.flatMap(({ name, inFile }) => {
    const [first = '', ...rest] = inFile.at.split('/')
    const places = first === '**' ? everyEntry.filter(place => at(forms(schema), [...place.split('/'), ...rest]).length > 0).length : 0
    return places > 0 || at(forms(schema), [first, ...rest]).length > 0 ? [] : [`${name}: ${inFile.at}`]
  })
  expect(lost).toEqual([])
})

test('the schema has each setting that a field comes from', () => {
  const lost = declared.flatMap(({ name, inFile, fields }) => {
    const entry = at(forms(schema), inFile.at.replace('**/resourceGroup', 'resourceGroup').replace('**', 'servers/*').split('/'))
    return Object.keys(fields).flatMap(field => {
      const path = settingOf(name, field)?.path.map(String) ?? []
      return at(entry, path).length > 0 ? [] : [`${name}: ${path.join('/')}`]
    })
  })
  expect(lost).toEqual([])
})

test('a collection of the file belongs to one kind', () => {
  const places = declared.map(({ inFile }) => inFile.at)
  expect(places).toEqual([...new Set(places)])
  // Whatever may bear a lock is a resource.
  const collections = Object.entries(schema['properties'] as Schema).filter(([, one]) => at(forms(one), ['*', 'locks']).length > 0)
  expect(collections.map(([key]) => `${key}/*`).filter(place => !places.includes(place))).toEqual([])
})
