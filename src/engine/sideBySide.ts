import type { Session } from './session.ts'

/** More would only wait for one another: the topologies of each lane have several reads in flight. */
const lanesMax = 10

interface Work<Looked, Done> {
  /** Reads, while others are read. */
  readonly look: (session: Session) => Promise<Looked>
  /** Goes on from that, one after the other and in the order of the sessions. */
  readonly goOn: (looked: Looked, session: Session) => Promise<Done>
}

/** A topology that was not begun with, since another one failed. */
class NotBegun extends Error {}

/**
 * Looks at topologies of the same subscriptions one after the other, and side by side at those of others: each subscription has limits of its
 * own, and while the reads of one wait for their turn those of another go on. After an error no other is begun.
 *
 * @throws the first error in the order of the sessions, once all that was begun has come to its end
 */
export async function sideBySide<Looked, Done>(sessions: readonly Session[], { look, goOn }: Work<Looked, Done>): Promise<readonly Done[]> {
  const tails = new Map<number, Promise<unknown>>()
  const laneOf = lanesIn(sessions)
  tellLooked(sessions, 0)
  let done = 0
  let failed = false
  const looks = sessions.map(session => {
    const lane = laneOf(session)
    const own = Promise.resolve(tails.get(lane)).then(async () => {
      if (failed) throw new NotBegun()
      const looked = await look(session).catch(error => {
        failed = true
        throw error
      })
      done += 1
      tellLooked(sessions, done, session)
      return looked
    })
    tails.set(
      lane,
      own.catch(() => undefined)
    )
    return own
  })
  const ended = Promise.allSettled(looks)
  try {
    const all: Done[] = []
    for (const [index, session] of sessions.entries()) all.push(await goOn((await looks[index]) as Looked, session))
    return all
  } catch (error) {
    failed = true
    const reasons = (await ended).flatMap(one => (one.status === 'rejected' ? [one.reason] : []))
    throw error instanceof NotBegun ? reasons.find(reason => !(reason instanceof NotBegun)) : error
  }
}

/** Where there are several: how many of them have been looked at, this one last. */
function tellLooked(sessions: readonly Session[], done: number, last?: Session): void {
  if (sessions.length < 2) return
  sessions[0]?.host.notify({ type: 'looked', done, of: sessions.length, ...(last && { prepared: last.prepared }) })
}

/** Those that lie in the same subscriptions are in one lane. */
function lanesIn(sessions: readonly Session[]): (session: Session) => number {
  const keyOf = ({ prepared: { resolved } }: Session): string => [...resolved.subscriptions].sort().join(' ').toLowerCase()
  const keys = [...new Set(sessions.map(keyOf))]
  return session => keys.indexOf(keyOf(session)) % lanesMax
}
