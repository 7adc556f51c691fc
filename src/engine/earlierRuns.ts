import { leftOff, onInterrupts } from '../cli/interrupts.ts'
import { restoreCommand } from '../cli/restoreCommand.ts'
import { styleFor, type Terminal } from '../cli/terminal.ts'
import { atRest } from '../locks/index.ts'
import { duration } from '../model/duration.ts'
import type { Signal } from '../model/ending.ts'
import { type Ending, worst } from '../model/ending.ts'
import { namingFrom } from '../model/naming.ts'
import { printed } from '../model/printable.ts'
import { agreeToJournal } from './bringing.ts'
import { matters } from './claims.ts'
import { isLeftover, offNow, owes, owesLocks, patienceMs, recover, restoredCode, restoredText } from './recovery.ts'
import { type Planned, planIn, type ReadFor, type Session } from './session.ts'
import { Interrupted, Stop } from './stop.ts'
import { workflowIn } from './workflow.ts'

export interface Begun {
  readonly planned: Planned
  /** With which the run ends at least: 7 where Azure is still at something of the topology, 8 where a lock was restored over that. */
  readonly code: Ending
}

/**
 * The plan of what is left to do once what runs before this one left off, or going, has come to its end.
 *
 * @throws Stop where a lock cannot be restored, Interrupted where somebody stops a wait
 */
export async function afterEarlierRuns(session: Session, terminal: Terminal, say: (text: string) => void, how?: ReadFor): Promise<Begun> {
  const { planned, code } = await recovered(await planIn(session, how), session, terminal, say)
  const begun = await restoredFirst(planned, session, terminal)
  return { ...begun, code: worst([code, begun.code]) }
}

/** Restores what is owed, and plans anew where something was. @throws Stop where a lock cannot be restored */
export async function recovered(planned: Planned, session: Session, terminal: Terminal, say: (text: string) => void): Promise<Begun> {
  const { prepared, baseline, connection, journals, run, flags } = session
  const { file, resolved } = prepared
  const { marked } = planned.live
  if (!owes(planned.left, marked, resolved.desired)) {
    journals.conclude()
    return { planned, code: 'ok' }
  }
  const restoreLine = (...more: readonly string[]): string => restoreCommand(file, flags, more)
  await agreeToJournal(
    session,
    marked.filter(one => matters(one.lock.scope, resolved.desired)),
    terminal
  )
  const naming = namingFrom(resolved.desired)
  const put = 'No more is waited for: the locks that an earlier run left off are restored where they can be, and nothing else is begun.'
  const inAzure = marked.filter(one => matters(one.lock.scope, resolved.desired) && !isLeftover(one, planned.left.leftover))
  const second = (): string => leftOff(offNow([journals], naming, inAzure), restoreLine())
  const code = await interruptibly(terminal, { first: put, second }, async signal => {
    const leases = [...planned.left.owed, ...inAzure].map(({ lease }) => lease?.run)
    const isOwn = leases.length > 0 && leases.every(one => one === run)
    if (planned.left.unfinished || owesLocks(planned.left, marked, resolved.desired))
      say(
        printed`${isOwn ? 'A topology before this one' : 'An earlier run'} did not come to its end. The locks that it left off are restored first.\n`
      )
    const azure = connection.open('writing')
    const waits = (what: string): void => terminal.err(printed`Waiting for ${what}\n`)
    const asked = { resume: flags.resume, keep: [], atOnce: false, flags, baseline, ...workflowIn(terminal.env) }
    const restored = await recover({ prepared, azure, journals, marked, run, say: waits, restoreLine, signal, ...asked })
    say(restoredText(restored, restoreLine(), naming, styleFor(terminal, flags.noColor)))
    const any = (...outcomes: readonly string[]): boolean => restored.some(({ outcome }) => outcomes.includes(outcome))
    if (any('failed')) throw new Stop('lockNotRestored', `Nothing else was changed. Restore them first: ${restoreLine()}`)
    if (signal.aborted && any('restored'))
      throw new Interrupted(signal.reason.signal, 'Interrupted while waiting. Nothing else was changed.')
    return restoredCode(restored)
  })
  return { planned: await planIn(session), code }
}

/**
 * Waits for what Azure is still doing to the topology's resources, whoever began it: before its end nobody can tell what is left to do.
 * Not where the plan is refused for other reasons, which no waiting mends.
 */
async function restoredFirst(planned: Planned, session: Session, terminal: Terminal): Promise<Begun> {
  const { prepared, connection } = session
  const { clock } = connection.open('reading')
  const from = clock.now()
  for (let now = planned; ; now = await planIn(session)) {
    const busy = busyIn(now, prepared.resolved.desired)
    if (busy.length === 0 || now.plan.refusals.some(({ code }) => code !== 'unreadable')) return { planned: now, code: 'ok' }
    const left = busy.map(one => ({ ...one, limitMs: one.limitMs - (clock.now() - from) }))
    const still = await interruptibly(terminal, waiting, signal =>
      atRest(left, { azure: connection.open('reading'), signal }, ({ address }, state, elapsedMs) =>
        terminal.err(printed`Waiting for ${address}: Azure is still at it (${state}) [${duration(elapsedMs)} elapsed]\n`)
      )
    )
    connection.answers.clear()
    if (still.length > 0) return { planned: now, code: 'waiting' }
  }
}

const busyIn = ({ live }: Planned, desired: Session['prepared']['resolved']['desired']) =>
  [...desired.values()].flatMap(resource => {
    const found = live.resources.get(resource.id)
    if (found?.observed.state !== 'unreadable' || found.observed.busy === undefined) return []
    return [{ address: resource.address, found, limitMs: patienceMs(resource) }]
  })

type Said = Omit<Parameters<typeof onInterrupts>[1], 'stop'>

const waiting: Said = { first: 'It is not waited for any longer.', second: () => 'nothing was changed by this run.' }

/** A wait before anything of this run is off: whoever interrupts it is not kept waiting. @throws Interrupted */
async function interruptibly<T>(terminal: Terminal, said: Said, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController()
  const stop = (signal: Signal): void =>
    stopping.abort(new Interrupted(signal, 'Interrupted while waiting. Nothing was changed by this run.'))
  const ignore = onInterrupts(terminal, { ...said, stop })
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
