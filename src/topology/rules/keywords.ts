import { kinds } from '../../kinds/index.ts'
import { isMap } from '../../model/json.ts'
import { didYouMean } from '../../model/suggest.ts'
import { type CollectionPath, entryNames, findEntry } from '../address.ts'
import { type Node, nodeAt, type Path, pathOf } from '../tree.ts'
import { exclusiveKeys } from './exclusive.ts'
import { placeDifference } from './placement.ts'
import type { KeywordFinding } from './rule.ts'

/** The compiled validator hands this to each keyword as `this`. */
export interface KeywordContext {
  readonly root: Node
}

export type ReferenceConfig = CollectionPath | readonly CollectionPath[] | { readonly keysOf: CollectionPath; readonly unless: string }

/** Schema keyword: the text names an entry of a collection. An id beside it is not looked at: it names what is not in the file. */
export function reference(this: KeywordContext, config: ReferenceConfig, data: unknown, pointer: string): KeywordFinding[] {
  const path = pathOf(pointer)
  if (typeof config === 'object' && 'keysOf' in config) {
    const entries = isMap(data) ? Object.entries(data) : []
    const unnamed = entries.filter(([, entry]) => !isMap(entry) || !(config.unless in entry || 'id' in entry))
    return unnamed.flatMap(([key]) => unknownReference(this.root, [config.keysOf], key, [...path, key], 'key'))
  }
  const node = nodeAt(this.root, path)
  if (typeof data !== 'string' || data === '' || (node?.kind === 'scalar' && node.unset)) return []
  return unknownReference(this.root, typeof config === 'string' ? [config] : config, data, path, 'value')
}

function unknownReference(
  root: Node,
  collections: readonly CollectionPath[],
  text: string,
  path: Path,
  aim: 'key' | 'value'
): KeywordFinding[] {
  if (collections.some(collection => findEntry(root, collection, text, path))) return []
  const what = collections.map(wordFor).join(' or ')
  if (text.startsWith('/')) {
    return [{ rule: 'PGL930', path, aim, summary: `${text} is not the address of a ${what}`, fix: 'write an ARM id as {id: …}' }]
  }
  // With several collections their short forms could be mixed up, so they are shown whole.
  const names = collections.flatMap(collection => {
    const { short, whole } = entryNames(root, collection, path)
    return (collections.length > 1 ? whole : short).slice(0, namesLooked)
  })
  const shown = names.slice(0, 8).join(', ')
  const detail =
    names.length === 0
      ? `the file has no ${what} of its own`
      : `there ${names.length === 1 ? 'is' : 'are'} ${shown}${names.length > 8 ? ' …' : ''}`
  return [{ rule: 'PGL930', path, aim, summary: `there is no ${what} ${text}`, detail, fix: () => didYouMean(text, names) }]
}

/** Among so many entries of one collection the one that was meant is looked for. */
const namesLooked = 1_000

/** As a reader of the file knows what a collection has. */
function wordFor(collection: CollectionPath): string {
  const at = `${collection.replace('{this}', '*')}/*`
  const kind = kinds.find(({ inFile }) => inFile?.at === at)
  return kind?.inFile?.word ?? kind?.title ?? 'entry'
}

export interface SameConfig {
  readonly with: 'server' | 'endpoint'
  readonly rule: string
}

/** Schema keyword: the network of the subnet is in the same region as the server or the endpoint. */
export function sameRegion(this: KeywordContext, config: readonly SameConfig[], _data: unknown, pointer: string): KeywordFinding[] {
  return config.flatMap(same => placeDifference(this.root, same, 'location', pathOf(pointer)))
}

/** Schema keyword: the network of the subnet is in the same subscription as the server or the endpoint. */
export function sameSubscription(this: KeywordContext, config: readonly SameConfig[], _data: unknown, pointer: string): KeywordFinding[] {
  return config.flatMap(same => placeDifference(this.root, same, 'subscription', pathOf(pointer)))
}

/** Schema keyword: which keys cannot stand side by side. */
export function exclusive(
  this: KeywordContext,
  config: Parameters<typeof exclusiveKeys>[0],
  data: unknown,
  pointer: string
): KeywordFinding[] {
  return exclusiveKeys(config, data, pathOf(pointer))
}

/** The length of a text in characters, as JSON Schema counts it. */
export const characters = (text: string): number => [...text].length

/** The formats the schema uses. */
export const formats = {
  date: (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text
}
