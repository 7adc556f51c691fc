import type { Restored } from '../locks/index.ts'
import { type Ending, endingOfSignal, type Signal, worst } from '../model/ending.ts'
import type { ResourceId } from '../model/id.ts'
import { type MarkedLock, saidLockOf } from '../model/marker.ts'
import type { Lock } from '../model/resource.ts'
import { agreeToJournal } from './bringing.ts'
import { alone } from './exclusive.ts'
import type { Host } from './host.ts'
import { leftBehind, notOurs } from './journals.ts'
import { locksAround, straysOf } from './lockList.ts'
import type { Outcome } from './outcomes.ts'
import { isLeftover, offNow, recover, restoredEnding } from './recovery.ts'
import { oneByOne, type Session } from './session.ts'
import type { RestoreOptions } from './settings.ts'
import { Interrupted } from './stop.ts'

/** The locks of one topology that were owed, and what became of each. */
export interface RestoredLocks {
  readonly ending: Ending
  readonly session: Session
  readonly restored: readonly Restored[]
  /** A sentence for each thing that would say what is owed, and cannot be read. */
  readonly unread: readonly string[]
  /** Scopes whose locks this login may not list. */
  readonly forbidden: readonly ResourceId[]
  /** The signal that interrupted it: no later topology is begun. */
  readonly signal: Signal | undefined
}

/**
 * Restores what the journals of each topology, or markers in Azure, say was lifted.
 *
 * @throws Stop where nothing could be begun
 */
export const restore = (options: RestoreOptions, host: Host): Promise<Outcome<RestoredLocks>> =>
  oneByOne(
    options,
    host,
    async session => {
      const done = await alone(session, () => restoreIn(session))
      host.notify({ type: 'locks restored', done })
      return done
    },
    ({ signal }) => signal !== undefined
  )

/** Restores the locks of one topology. An interrupt ends the waits: a lock that can be restored at once is. */
export async function restoreIn(session: Session): Promise<RestoredLocks> {
  const stopping = new AbortController()
  const stopped: { signal: Signal | undefined; marked: readonly MarkedLock[] } = { signal: undefined, marked: [] }
  const ignore = session.host.onInterrupt({
    during: 'restore',
    session,
    stop(signal) {
      stopped.signal = signal
      stopping.abort(new Interrupted(signal, 'Interrupted while waiting.'))
    },
    off: () => offNow([session.journals], stopped.marked)
  })
  try {
    const done = await restoredIn(session, stopping.signal, found => {
      stopped.marked = found
    })
    const { signal } = stopped
    const endings: readonly Ending[] = [
      done.unread.length > 0 ? 'lockNotRestored' : restoredEnding(done.restored),
      done.forbidden.length > 0 ? 'waiting' : 'ok',
      signal === undefined ? 'ok' : endingOfSignal(signal)
    ]
    return { ...done, session, signal, ending: worst(endings) }
  } finally {
    ignore()
  }
}

async function restoredIn(
  session: Session,
  signal: AbortSignal,
  found: (marked: readonly MarkedLock[]) => void
): Promise<Pick<RestoredLocks, 'restored' | 'unread' | 'forbidden'>> {
  const { prepared, connection, journals, host } = session
  const others = notOurs(prepared, journals)
  if (others.length > 0) host.notify({ type: 'others', others, session })
  const { leftover } = leftBehind(journals)
  const inAzure = await locksAround(prepared, connection.open('reading'))
  const damage = [...journals.damage(), ...inAzure.damaged.map(damagedSaid)]
  if (damage.length > 0) host.notify({ type: 'damaged', said: damage })
  const forbidden = inAzure.unreadable
  if (forbidden.length > 0) host.notify({ type: 'unlisted', scopes: forbidden })
  const unread = [...damage, ...others.flatMap(one => one.damaged ?? [])]
  // Their run may go on, so that its lease is waited for.
  const strays = straysOf(session).map(({ lock, how, lease }) => ({ lock, how, lease, markers: [] }))
  const marked = [...inAzure.marked, ...strays]
  found(marked.filter(one => !isLeftover(one, leftover)))
  await agreeToJournal(session, marked)
  const optional = leftBehind(journals).running.length === 0
  const say = (what: string): void => host.notify({ type: 'waiting', what, optional })
  return { restored: await recover(session, { marked, say, signal }), unread, forbidden }
}

function damagedSaid(marker: Lock): string {
  const of = saidLockOf(marker)
  return `${marker.path} is a marker of pglink that cannot be read whole: see whether ${of === undefined ? 'a lock' : `the lock ${of}`} is missing, restore it, and delete the marker.`
}
