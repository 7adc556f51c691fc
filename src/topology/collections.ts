import { kinds } from '../kinds/index.ts'
import type { InFile } from '../kinds/inFile.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Path } from './tree.ts'

/** Where the entries of a kind stand below those they lie in. */
export interface Collection {
  readonly kind: Kind
  readonly inFile: InFile<unknown>
  /** The keys below the entry above, without the entry's own. */
  readonly keys: readonly string[]
  readonly entries: 'map' | 'list' | 'one'
  /** The part of an id between what it lies in and its name. */
  readonly under: string
  /** It lies in a group of its own choosing, and not in the resource above. */
  readonly inGroup: boolean
  readonly below: readonly Collection[]
}

const anywhere = '**/'
const declared = kinds.flatMap(kind => (kind.inFile === undefined ? [] : [{ kind, inFile: kind.inFile, at: kind.inFile.at }]))
type Declared = (typeof declared)[number]

const isBelow = ({ at }: Declared, above: Declared): boolean => at.startsWith(`${above.at}/`)

/** The nearest one that it stands in. */
const aboveOf = (one: Declared): Declared | undefined =>
  declared.filter(other => isBelow(one, other)).toSorted((a, b) => b.at.length - a.at.length)[0]

function collectionOf(one: Declared, above: Declared | undefined): Collection {
  const { kind, inFile, at } = one
  const parts = at.slice(above === undefined ? 0 : above.at.length + 1).split('/')
  const inGroup = above === undefined || !kind.type.startsWith(`${above.kind.type}/`)
  return {
    kind,
    inFile,
    keys: parts.filter(part => !/^\*+$|^#$/.test(part)),
    entries: parts.at(-1) === '*' ? 'map' : parts.at(-1) === '#' ? 'list' : 'one',
    under: inFile.under ?? (inGroup ? `providers/${kind.type}` : kind.type.slice(above.kind.type.length + 1)),
    inGroup,
    below: declared.filter(other => aboveOf(other) === one).map(other => collectionOf(other, one))
  }
}

const all = declared.filter(one => aboveOf(one) === undefined)

/** The file's own, in the order of the registry. */
export const collections: readonly Collection[] = all.filter(({ at }) => !at.startsWith(anywhere)).map(one => collectionOf(one, undefined))

/** Those that may stand on an entry of any kind, as locks do. */
export const onAny: readonly Collection[] = all
  .filter(({ at }) => at.startsWith(anywhere) && at.endsWith('*'))
  .map(one => ({ ...collectionOf(one, undefined), inGroup: false }))

/** The entries that an entry stands under, by their paths from the top of the file, outermost first. */
export function entriesAbove(path: Path): readonly Path[] {
  const found: Path[] = []
  const leadsTo = (at: Path): Collection | undefined =>
    [...(found.length === 0 ? collections : below), ...onAny].find(({ keys }) => keys.every((key, index) => at[index] === key))
  let below: readonly Collection[] = []
  for (let from = 0, next = leadsTo(path); next !== undefined; next = leadsTo(path.slice(from))) {
    from += next.keys.length + (next.entries === 'one' ? 0 : 1)
    if (from >= path.length) break
    found.push(path.slice(0, from))
    below = next.below
  }
  return found
}
