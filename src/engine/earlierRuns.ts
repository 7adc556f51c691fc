import { atRest } from '../locks/index.ts'
import { type Ending, type Signal, worst } from '../model/ending.ts'
import { agreeToJournal } from './bringing.ts'
import { matters } from './claims.ts'
import type { Interruptible } from './host.ts'
import { type Planned, planIn } from './look.ts'
import { isLeftover, offNow, owes, owesLocks, patienceMs, recover, restoredEnding } from './recovery.ts'
import type { Session } from './session.ts'
import { Interrupted, Stop } from './stop.ts'

export interface Begun {
  readonly planned: Planned
  /** How the run ends at least: `waiting` where Azure is still at something of the topology, `partial` where a lock was restored over that. */
  readonly ending: Ending
}

/**
 * The plan of what is left to do once what runs before this one left off, or in flight, has come to its end.
 *
 * @throws Stop where a lock cannot be restored, Interrupted where the user stops a wait
 */
export async function afterEarlierRuns(session: Session, now: Planned): Promise<Begun> {
  const { planned, ending } = await recovered(now, session)
  const begun = await restoredFirst(planned, session)
  return { ...begun, ending: worst([ending, begun.ending]) }
}

/** Restores what is owed, and plans anew where something was. @throws Stop where a lock cannot be restored */
export async function recovered(planned: Planned, session: Session): Promise<Begun> {
  const { journals, run, host } = session
  const { resolved } = session.prepared
  const { marked } = planned.live
  if (!owes(planned.left, marked, resolved.desired)) {
    journals.conclude()
    return { planned, ending: 'ok' }
  }
  const inAzure = marked.filter(one => matters(one.lock.scope, resolved.desired))
  await agreeToJournal(session, inAzure)
  const open = inAzure.filter(one => !isLeftover(one, planned.left.leftover))
  const work = { during: 'restore first', off: () => offNow([journals], open) } as const
  const ending = await interruptibly(session, work, async signal => {
    const leases = [...planned.left.owed, ...open].map(({ lease }) => lease?.run)
    const isOwn = leases.length > 0 && leases.every(one => one === run)
    if (planned.left.unfinished || owesLocks(planned.left, marked, resolved.desired))
      host.notify({ type: 'restoring', left: isOwn ? 'by a topology before' : 'by an earlier run' })
    const say = (what: string): void => host.notify({ type: 'waiting', what })
    const restored = await recover(session, { marked, say, signal })
    host.notify({ type: 'restored', restored, session })
    const some = (...outcomes: readonly string[]): boolean => restored.some(({ outcome }) => outcomes.includes(outcome))
    if (some('failed')) throw new Stop('lockNotRestored', `Nothing else was changed. Restore them first: ${session.restoreLine()}`)
    if (signal.aborted && some('restored'))
      throw new Interrupted(signal.reason.signal, 'Interrupted while waiting. Nothing else was changed.')
    return restoredEnding(restored)
  })
  return { planned: await planIn(session), ending }
}

/**
 * Waits for what Azure is still doing to the topology's resources, also what others began: before its end we cannot tell what is left to do.
 * Not where the plan is refused for other reasons, which no waiting mends.
 */
async function restoredFirst(planned: Planned, session: Session): Promise<Begun> {
  const { prepared, connection, host } = session
  const { clock } = connection.open('reading')
  const from = clock.now()
  for (let now = planned; ; now = await planIn(session)) {
    const busy = busyIn(now, prepared.resolved.desired)
    if (busy.length === 0 || now.plan.refusals.some(({ code }) => !mended.includes(code))) return { planned: now, ending: 'ok' }
    const left = busy.map(one => ({ ...one, limitMs: one.limitMs - (clock.now() - from) }))
    const still = await interruptibly(session, { during: 'wait' }, signal =>
      atRest(left, { azure: connection.open('reading'), signal }, ({ address }, state, elapsedMs) =>
        host.notify({ type: 'busy', address, state, elapsedMs })
      )
    )
    if (still.length > 0) return { planned: now, ending: 'waiting' }
    connection.answers.clear()
  }
}

/**
 * The refusals that a wait may mend: what is in a zone cannot be told to be a server's own while that is not at rest, nor that a new path is
 * sure to come whose parts are not.
 */
const mended: readonly string[] = ['unreadable', 'holds-others', 'migration-without-endpoint', 'PGL101']

const busyIn = ({ live }: Planned, desired: Session['prepared']['resolved']['desired']) =>
  [...desired.values()].flatMap(resource => {
    const found = live.resources.get(resource.id)
    if (found?.observed.state !== 'unreadable' || found.observed.busy === undefined) return []
    return [{ address: resource.address, found, limitMs: patienceMs(resource) }]
  })

/** A wait before anything of this run is off: a user who interrupts it is not kept waiting. @throws Interrupted */
async function interruptibly<T>(
  session: Session,
  work: Omit<Interruptible, 'session' | 'stop'>,
  wait: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const stopping = new AbortController()
  const stop = (signal: Signal): void =>
    stopping.abort(new Interrupted(signal, 'Interrupted while waiting. Nothing was changed by this run.'))
  const ignore = session.host.onInterrupt({ ...work, session, stop })
  try {
    const done = await wait(stopping.signal)
    stopping.signal.throwIfAborted()
    return done
  } catch (error) {
    // The clients' error of an interrupted wait says no more than that it was.
    throw stopping.signal.aborted && !(error instanceof Stop) && !(error instanceof Interrupted) ? stopping.signal.reason : error
  } finally {
    ignore()
  }
}
