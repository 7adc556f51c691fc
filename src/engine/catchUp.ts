import { poll } from '../azure/poll.ts'
import { pathsOf } from '../proof/path.ts'
import type { ReadFor } from './look.ts'
import { type Planned, planIn } from './look.ts'
import type { Session } from './session.ts'

/** Data Factory notices an approval after up to ten minutes [HOWTO-ADF]. */
const limitMs = 15 * 60_000

/**
 * Reads again while all that is missing of a path is that one end of an approved connection has not noticed it yet, or that a link which
 * stands does not work yet: Azure is still working on that, and no person has to decide anything. We do not wait for a path that waits for a
 * person, or is wrong.
 */
export async function caughtUp(session: Session, first: Planned, how?: ReadFor): Promise<Planned> {
  const { clock } = session.connection.open('reading')
  let planned = first
  await poll({ clock, limitMs }, async (elapsedMs, looks) => {
    if (looks > 1) planned = await planIn(session, how)
    const late = lateIn(session, planned)
    if (late === undefined) return true
    if (elapsedMs < limitMs) session.host.notify({ type: 'late', what: late })
    return undefined
  })
  return planned
}

function lateIn({ prepared: { resolved } }: Session, { live }: Planned): string | undefined {
  const open = pathsOf({ desired: resolved.desired, live, endpoints: resolved.endpoints }).filter(
    ({ as }) => as !== 'whole' && as !== 'unknown'
  )
  const late = open.flatMap(({ hops }) => {
    const first = hops.find(({ as }) => as === 'waiting' || as === 'broken')
    const isLate = first?.as === 'waiting' && (first.hop === 'link' || (first.hop === 'connection' && first.of !== 'approval'))
    return isLate ? [first] : []
  })
  return late.length === open.length ? late[0]?.message : undefined
}
