import { didYouMean } from '../../model/suggest.ts'
import type { Collection } from '../collections.ts'
import type { Path } from '../tree.ts'
import { collectionsBelow } from './entries.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'
import { itemsOf, repeated } from './walk.ts'

type Collections = readonly Collection[]
const collections = collectionsBelow(undefined)

/** Where an address stops leading anywhere: what is not there, and in what. */
interface DeadEnd {
  readonly key: string
  readonly among: Path
}

/** Follows an address as far as it names entries; what comes after them is a setting or something Azure adds. */
function deadEnd(ctx: RuleContext, keys: readonly string[], among: Path = [], below: Collections = collections): DeadEnd | undefined {
  const collection = collectionIn(below, keys)
  const key = collection && keys[collection.keys.length]
  if (!collection || key === undefined) return undefined
  const at = [...among, ...collection.keys]
  if (!ctx.declared([...at, key])) return { key, among: at }
  return deadEnd(ctx, keys.slice(collection.keys.length + 1), [...at, key], collectionsBelow(collection))
}

const isId = (address: string): boolean => address.startsWith('/')
const firstKeys = [...collections.flatMap(({ keys }) => keys), 'resourceGroups']

interface Written {
  readonly path: Path
  readonly text: string
}

function* items(ctx: RuleContext, list: string, ...setting: string[]): Generator<Written> {
  for (const item of itemsOf(ctx, [list])) {
    const path = [...item, ...setting]
    const text = ctx.text(path)
    if (text !== undefined && !isId(text)) yield { path, text }
  }
}

function* unknownAddresses(ctx: RuleContext): Generator<Finding> {
  const present = [...items(ctx, 'driftIgnore', 'path'), ...items(ctx, 'moved', 'to')]
  const all = [...present, ...items(ctx, 'removed'), ...items(ctx, 'moved', 'from')]
  for (const { path, text } of all) {
    const [first = '', second] = text.split('/')
    if (firstKeys.includes(first) && second !== undefined && second !== '') continue
    const fix = firstKeys.includes(first) ? undefined : didYouMean(first, firstKeys)
    const wanted = `an address begins with ${firstKeys.join(', ')} and a key of it`
    yield { path, summary: `${text} is not an address`, fix: fix ?? wanted }
  }
  for (const { path, text } of present) {
    const end = deadEnd(ctx, text.split('/'))
    if (end && end.key !== '') yield { path, summary: `${text} leads nowhere: there is no ${end.key} in ${end.among.join('/')}` }
  }
}

/** Whether every part of an address stands in the file. */
const isDeclared = (ctx: RuleContext, address: string): boolean => ctx.declared(address.split('/'))

const standsAt = (address: string): NonNullable<Finding['related']> => [{ path: address.split('/'), aim: 'key', message: 'it stands here' }]

function* removedButDeclared(ctx: RuleContext): Generator<Finding> {
  for (const { path, text } of items(ctx, 'removed'))
    if (isDeclared(ctx, text)) yield { path, summary: `${text} is to be removed, but still declared`, related: standsAt(text) }
}

function* contradictoryMoves(ctx: RuleContext): Generator<Finding> {
  const froms = [...items(ctx, 'moved', 'from')]
  const tos = [...items(ctx, 'moved', 'to')]
  const toOf = new Map(tos.map(to => [to.path[1], to]))
  for (const { path, text } of froms) {
    if (isDeclared(ctx, text)) yield { path, summary: `${text} has moved, but is still declared`, related: standsAt(text) }
    const to = toOf.get(path[1])
    if (to && collectionOf(to.text) !== collectionOf(text))
      yield { path: to.path, summary: `${text} cannot become ${to.text}: it would not be the same resource` }
  }
  for (const list of [froms, tos])
    for (const [{ path, text }, other] of repeated(list, one => one.text))
      yield { path, summary: `${text} is moved twice`, related: [{ path: other.path, message: 'the other move' }] }
}

/** An address without its keys of the user's own: entries may change their key and their parents', not what they are. */
const collectionOf = (address: string): string => {
  const path: string[] = []
  let keys = address.split('/')
  let below: Collections = collections
  for (let collection = collectionIn(below, keys); collection; collection = collectionIn(below, keys)) {
    path.push(...collection.keys)
    keys = keys.slice(collection.keys.length + 1)
    below = collectionsBelow(collection)
  }
  return [...path, ...keys].join('/')
}

const collectionIn = (below: Collections, keys: readonly string[]): Collection | undefined =>
  below.find(one => one.keys.every((key, index) => keys[index] === key))

const moved = 'https://developer.hashicorp.com/terraform/language/moved'

export const addressRules: readonly RuleText[] = [
  {
    id: 'PGL058',
    name: 'unknown-address',
    source: 'schema/topology.schema.json (Address, driftIgnore, moved, removed)',
    summary: 'Addresses under driftIgnore, moved and removed are well-formed; those of what is still there lead to an entry.',
    why: 'An address that leads nowhere would be ignored without a word: drift would be reported that was not to be, and a moved entry be made anew.',
    fix: 'write the keys from the top of the file, joined by /',
    check: unknownAddresses
  },
  {
    id: 'PGL059',
    name: 'removed-but-declared',
    source: 'https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources, schema/topology.schema.json (removed)',
    summary: 'An entry of removed is not declared.',
    why: 'It would be deleted and made again at every run.',
    fix: 'take it out of one of the two places',
    check: removedButDeclared
  },
  {
    id: 'PGL060',
    name: 'contradictory-move',
    source: `${moved}, schema/topology.schema.json (moved)`,
    summary: 'An entry that has moved no longer stands where it was, is of one collection before and after, and moves once.',
    why: 'A move says that two keys mean one resource. It cannot mean two, or change what it is.',
    fix: 'take the old entry or the move out',
    check: contradictoryMoves
  }
]
