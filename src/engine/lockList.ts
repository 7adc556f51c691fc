import { readAllLocks } from '../azure/allLocks.ts'
import type { Azure } from '../azure/azure.ts'
import type { Ending } from '../model/ending.ts'
import type { ResourceId } from '../model/id.ts'
import { isSame } from '../model/lockBody.ts'
import type { MarkedLock } from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'
import { matters } from './claims.ts'
import type { Host } from './host.ts'
import { leftBehind, type NotOurs, notOurs } from './journals.ts'
import { locksNow, type Off as OffNow } from './locksOff.ts'
import type { DriftOptions } from './options.ts'
import type { Outcome } from './outcomes.ts'
import { isLeftover, standsAsDeclared } from './recovery.ts'
import { oneByOne, type Session } from './session.ts'
import type { Prepared } from './topology.ts'

/** A lock that is off: who has it off, and since when. */
interface Off extends OffNow {
  readonly since: string | undefined
}

export interface ListedLocks {
  readonly locks: readonly Lock[]
  readonly off: readonly Off[]
  /** Restored by a person; what remembers them is still there. */
  readonly back: readonly Lock[]
  readonly damaged: readonly Lock[]
  /** Markers of locks that are back, which could not be deleted. */
  readonly left: readonly Lock[]
  /** Journals whose locks are not restored from here. */
  readonly others: readonly NotOurs[]
  /** A sentence for each journal line that cannot be read. */
  readonly damage: readonly string[]
  /** Scopes whose locks this login may not list: one that is off may be among them. */
  readonly unreadable: readonly ResourceId[]
  readonly ending: Ending
  readonly session: Session
}

/** Lists the locks that can matter to each topology, and those that some run has off: then it ends as `lockNotRestored`. */
export const listLocks = (options: DriftOptions, host: Host): Promise<Outcome<ListedLocks>> =>
  oneByOne(options, host, async session => {
    const listed = await listIn(session)
    host.notify({ type: 'locks', listed })
    return listed
  })

async function listIn(session: Session): Promise<ListedLocks> {
  const { prepared, host, connection, journals, run } = session
  const { workflowEnded } = host
  const known = leftBehind(journals)
  const damage = journals.damage()
  if (damage.length > 0) host.notify({ type: 'damaged', said: damage })
  const left = { ...known, owed: [...known.owed, ...straysOf(session)] }
  const azure = connection.open('reading')
  const { raw, marked, damaged, unreadable } = await locksAround(prepared, azure)
  if (unreadable.length > 0) host.notify({ type: 'unlisted', scopes: unreadable })
  const read = [journals.entries(), ...journals.atIt().map(one => one.entries())]
  // It may have been off before, and back.
  const since = (path: string): string | undefined =>
    read
      .map(entries => entries.findLast(entry => entry.type === 'unlocking' && isAt(entry.lock, path))?.at)
      .findLast(at => at !== undefined)
  const looks = { journals, left, marked, listed: raw, desired: prepared.resolved.desired, now: azure.clock.now(), run, workflowEnded }
  const { off, back } = await locksNow(looks)
  const apart = new Set([...off, ...back].map(({ lock }) => lock.path.toLowerCase()))
  const markers = new Set([...marked.flatMap(one => one.markers), ...damaged].map(({ path }) => path.toLowerCase()))
  const locks = raw.filter(({ path }) => !apart.has(path.toLowerCase()) && !markers.has(path.toLowerCase()))
  const leftover = marked.filter(one => isLeftover(one, left.leftover)).flatMap(one => one.markers)
  const others = notOurs(prepared, journals)
  // A lock that one of those owes concerns the topology, and is not on.
  const otherOff = others.some(
    one => one.damaged !== undefined || one.owed.some(({ lock }) => concerns(lock, prepared) && !isOn(lock, raw))
  )
  const isOff = otherOff || off.length + damage.length + damaged.length > 0
  return {
    session,
    locks,
    off: off.map(one => ({ ...one, since: since(one.lock.path) })),
    back: back.map(({ lock }) => lock),
    damaged,
    left: [...leftover, ...back.flatMap(one => one.markers)],
    others,
    damage,
    unreadable,
    ending: isOff ? 'lockNotRestored' : unreadable.length > 0 ? 'waiting' : 'ok'
  }
}

const concerns = ({ scope }: Lock, { resolved }: Prepared): boolean => matters(scope, resolved.desired)

const isOn = ({ path, properties }: Lock, there: readonly Lock[]): boolean =>
  there.some(one => isAt(one, path) && isSame(one.properties, properties))

const isAt = (lock: Pick<Lock, 'path'>, path: string): boolean => lock.path.toLowerCase() === path.toLowerCase()

/** The locks on, above and beneath what a topology names. */
export async function locksAround({ resolved }: Prepared, azure: Azure) {
  const { desired, subscriptions } = resolved
  const read = await readAllLocks(azure, {
    subscriptions,
    scopes: [...desired.keys()],
    isDeclared: lock => standsAsDeclared(lock, desired)
  })
  const near = ({ scope }: Lock): boolean => matters(scope, desired)
  return {
    raw: read.raw.filter(near),
    marked: read.marked.filter(({ lock }: MarkedLock) => near(lock)),
    damaged: read.damaged.filter(near),
    unreadable: read.unreadable
  }
}

/** Locks on what concerns the topology that are owed by journals which do not say whose they are. */
export const straysOf = ({ journals, prepared }: Session) => journals.strays().filter(({ lock }) => concerns(lock, prepared))
