import { isNotFound, isUnreadable } from '../azure/error.ts'
import { kindNamed, kindOfType } from '../kinds/index.ts'
import type { Kind, Read } from '../kinds/kind.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { nameOf, type ResourceId, resourceId, scopesOf, typeOf } from '../model/id.ts'
import type { Desired, Lock, LookedFor, Sought } from '../model/resource.ts'
import { lockAt } from './placeLocks.ts'
import type { Reading } from './reading.ts'

interface Around {
  /** Everything that is read in any case. */
  readonly all: Desired
  readonly locks: readonly Lock[]
}

/** Looks for what `removed` names and nothing else of this run asks for: only what was looked for can be called gone. */
export async function lookFor(sought: readonly Sought[], reading: Reading, around: Around): Promise<readonly LookedFor[]> {
  const looked: LookedFor[] = []
  for (const one of sought) looked.push(await lookForOne(one, reading, around))
  return looked
}

async function lookForOne({ address, at }: Sought, reading: Reading, { all, locks }: Around): Promise<LookedFor> {
  const known = [...all.values()].find(one => one.address === address)
  const kind = kindNamed.get(known?.kind ?? at?.kind ?? '')
  const path = known?.path ?? at?.path
  if (kind === undefined || path === undefined) return { address, as: 'nowhere' }
  if (known !== undefined || all.has(resourceId(path))) return seenAs(address, resourceId(path), path, reading)
  const listed = locks.find(one => resourceId(one.path) === resourceId(path))
  const read = kind === managementLock ? lockAt(path, listed) : await found(kind, path, reading)
  const id = resourceId(read.path)
  if (!reading.resources.has(id)) reading.resources.set(id, { kind: kind.name, path: read.path, observed: read.observed })
  if (!kind.taggable) await readOwner(id, reading)
  return seenAs(address, id, read.path, reading)
}

function seenAs(address: string, id: ResourceId, path: string, { resources }: Reading): LookedFor {
  const observed = resources.get(id)?.observed ?? { state: 'absent' }
  if (observed.state === 'unreadable') return { address, as: 'unreadable', path, reason: observed.reason }
  return observed.state === 'absent' ? { address, as: 'absent', path } : { address, as: 'there', id, path }
}

type Seen = Pick<Read, 'path' | 'observed'>

const ambiguous = (all: readonly (Seen | undefined)[]): string =>
  `${all.length} of them have this name, and a name does not tell which is meant: write the ARM id of one, ${all.map(one => one?.path).join(' or ')}`

/** The names that the last key of an address stands for are the kind's to know where Azure gives a name of its own. */
async function found(kind: Kind, path: string, reading: Reading): Promise<Seen> {
  const under = path.split('/').slice(0, -2).join('/')
  try {
    if (!kind.answersTo) return await kind.observe(reading.azure, path)
    const body = reading.bodies.get(resourceId(under))
    const among = kind.embedded && body !== undefined ? kind.embedded(body) : await kind.list(reading.azure, under)
    const key = nameOf(path)
    const [one, ...more] = among.filter(({ observed }) => observed.state === 'present' && kind.answersTo?.(key, observed.props))
    if (more.length > 0) return { path, observed: { state: 'unreadable', reason: ambiguous([one, ...more]) } }
    return one ?? { path, observed: { state: 'absent' } }
  } catch (error) {
    if (isNotFound(error)) return { path, observed: { state: 'absent' } }
    if (!isUnreadable(error)) throw error
    return { path, observed: { state: 'unreadable', reason: `not readable: ${(error as Error).message}` } }
  }
}

/** The owner of a resource without tags is said by the nearest one above it that has some. */
async function readOwner(id: ResourceId, reading: Reading): Promise<void> {
  for (const scope of scopesOf(id).slice(1)) {
    const kind = kindOfType.get(typeOf(scope))
    if (kind?.taggable !== true) continue
    if (!reading.resources.has(scope)) {
      const { path, observed } = await found({ ...kind, answersTo: undefined }, scope, reading)
      reading.resources.set(scope, { kind: kind.name, path, observed })
    }
    return
  }
}
