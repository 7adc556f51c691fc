import type { Reference } from '../kinds/kind.ts'
import { invariant } from '../model/invariant.ts'
import type { Declared } from './declared.ts'

/** The collection that a reference to a kind leads into; `*` is what a short reference says. */
const collections: Readonly<Record<string, string>> = {
  virtualNetwork: 'networks/*',
  subnet: 'networks/*/subnets/*',
  privateDnsZone: 'privateDnsZones/*',
  flexibleServer: 'servers/*',
  dataFactory: 'dataFactories/*'
}

/** These are looked up in the factory that the reference stands in. */
const inFactory: Readonly<Record<string, string>> = { integrationRuntime: 'integrationRuntimes', linkedService: 'linkedServices' }

/** The entry's address in full: a reference may leave out what the schema fixes. */
function fullAddress(kind: string, text: string, from: string): string {
  const factory = from.split('/').slice(0, 2).join('/')
  const nested = inFactory[kind]
  const pattern = nested === undefined ? collections[kind] : `${factory}/${nested}/*`
  const keys = text.split('/')
  if (pattern === undefined) return text
  const parts = pattern.split('/')
  if (keys.length === parts.length) return text
  const open = [...keys]
  return parts.map(part => (part === '*' ? (open.shift() ?? '') : part)).join('/')
}

/** Gives the ARM path that a reference leads to, in the case it is written in. @throws when a name leads nowhere, which validation has ruled out. */
export type Follow = (kind: string, reference: Reference, from: string) => string

export const followIn =
  (declared: ReadonlyMap<string, Declared>): Follow =>
  (kind, reference, from) => {
    if (typeof reference !== 'string') return reference.id
    const found = declared.get(fullAddress(kind, reference, from))
    invariant(found !== undefined, `${from} refers to ${reference}, which is not declared`)
    return found.path
  }
