import { apply } from '../apply/apply.ts'
import { writtenBy } from '../apply/writtenBy.ts'
import type { Entry, Journal, Left } from '../locks/journal.ts'
import type { Plan, Step } from '../model/change.ts'
import type { ApplyEvent, ApplyResult } from '../model/events.ts'
import { scopesOf } from '../model/id.ts'
import { joined } from '../plan/joined.ts'
import { prover } from '../proof/endpoint.ts'
import { errorLine } from '../report/errorText.ts'
import { printable, printed } from '../report/printable.ts'
import { addressesIn, type Naming, namingFrom } from '../report/step.ts'
import type { Signal } from './exitCodes.ts'
import { leftOff, onInterrupts } from './interrupts.ts'
import { lines, live, type Progress, type Showing } from './progress.ts'
import { offNow } from './recovery.ts'
import { requestLog } from './requestLog.ts'
import { restoreCommand } from './restoreCommand.ts'
import { permissionsOf } from './rights.ts'
import type { Planned, Session } from './session.ts'
import type { Terminal } from './terminal.ts'
import { workflowIn } from './workflow.ts'

const stepsAtOnce = 10

/** Narrower than this, a list that is drawn over is not readable any more. */
const columnsMin = 40

/** One topology with the plan that is to be carried out. */
export interface Member {
  readonly session: Session
  readonly planned: Planned
}

export interface CarriedOut {
  /** The outcome of each member's own steps, in the members' order. */
  readonly results: readonly ApplyResult[]
  /** The signal that interrupted it. */
  readonly signal: Signal | undefined
  /** Whether something of it could not be written to the journal, which was said then. */
  readonly unwritten: boolean
}

/**
 * Runs the steps of the plans to their end, or to where somebody stops it: locks are restored either way. Several plans are run as
 * one, and are of one estate: they share what may be written to one at a time, and the windows of the locks they lift.
 *
 * @param heard is told of each event, beside whoever watches the terminal
 */
export async function carryOut(
  members: readonly [Member, ...Member[]],
  terminal: Terminal,
  heard: (event: ApplyEvent) => void
): Promise<CarriedOut> {
  const [{ session }] = members
  const { connection, flags, run } = session
  const azure = connection.open('writing')
  const plan = joined(members.map(({ planned }) => planned.plan))
  const journal = journalOfAll(members)
  const naming = namingOf(members)
  const progress = await progressOf(plan.steps, flags, terminal, { err: terminal.err, naming, whose: whoseOf(members) })
  const stopping = new AbortController()
  const stopped: { signal: Signal | undefined } = { signal: undefined }
  const files = members.map(one => one.session.prepared.file)
  const restoreLine = (...more: readonly string[]): string => restoreCommand(files, flags, more)
  const ignore = onInterrupts(
    { ...terminal, err: progress.say },
    {
      first: 'Nothing new is started, what is in flight finishes, and the locks go back.',
      stop(signal) {
        stopped.signal = signal
        stopping.abort()
      },
      second() {
        progress.end()
        return leftOff(
          offNow(
            members.map(one => one.session.journals),
            naming
          ),
          restoreLine()
        )
      }
    }
  )
  const noted = noting(journal, progress.say)
  const watch = azure.onOperation(({ path, url }) => noted.append({ type: 'operation', path, url, at: now() }))
  try {
    const most = members.map(one => one.session.prepared.resolved.safety.maxUnlockedSeconds)
    const maxUnlockedMs = Math.min(...most) * 1_000
    const parallelism = flags.parallelism ?? stepsAtOnce
    const desired = new Map(members.flatMap(one => [...one.session.prepared.resolved.desired]))
    const beside = { permissions: permissionsOf(session), ...workflowIn(terminal.env) }
    const executor = { azure, journal, desired, prove: prover(desired), run, ...beside, parallelism, maxUnlockedMs, restoreLine }
    const told = (event: ApplyEvent): void => {
      progress.on(event)
      heard(event)
    }
    const result = await apply(plan, executor, told, stopping.signal)
    await noted.append({ type: 'ended', at: now() })
    if (!noted.failed()) for (const one of members) one.session.journals.settle()
    const results = members.length === 1 ? [result] : members.map(member => partOf(result, member))
    return { results, signal: stopped.signal, unwritten: noted.failed() }
  } finally {
    watch()
    ignore()
    progress.end()
  }
}

const progressOf = async (steps: readonly Step[], flags: Session['flags'], terminal: Terminal, shown: Showing): Promise<Progress> =>
  terminal.interactive && terminal.columns >= columnsMin && !flags.json && requestLog(flags, terminal) === undefined
    ? await live(steps, shown)
    : lines(flags.json ? terminal.err : terminal.out, shown)

/** The outcome of the member's own steps. The time without locks is the whole run's, since they are off for all at once. */
function partOf(result: ApplyResult, { planned: { plan } }: Member): ApplyResult {
  const own = new Set(plan.steps.map(({ id }) => id))
  const outcomes = new Map([...result.outcomes].filter(([id]) => own.has(id)))
  return { ...result, outcomes, owed: result.owed.filter(({ path }) => own.has(`relock ${path}`)) }
}

/** As the first topology that knows it calls it. */
const namingOf = (members: readonly Member[]): Naming => {
  const all = members.map(({ session, planned }) => addressesIn(session.prepared.resolved.desired, planned.plan))
  return id => namingFrom(all.find(known => scopesOf(id).some(scope => known.has(scope))) ?? new Map())(id)
}

/** In a run of several topologies an address alone does not say whose it is. */
const whoseOf =
  (members: readonly Member[]) =>
  ({ id }: Step): string => {
    const names = members.flatMap(({ session, planned: { plan } }) =>
      plan.steps.some(step => step.id === id) ? [session.prepared.resolved.name] : []
    )
    return members.length === 1 ? '' : `${printable(names.join(', '))}: `
  }

/** An entry about a lock goes to every topology that lifts it, so that each alone can restore it; one about a step, to its own. */
function journalOfAll(members: readonly [Member, ...Member[]]): Journal {
  const [{ session, planned }, ...others] = members
  const first = { journal: session.journals, plan: planned.plan }
  if (others.length === 0) return first.journal
  const all = [first, ...others.map(one => ({ journal: one.session.journals, plan: one.planned.plan }))]
  const whose = (entry: Entry): typeof all => {
    const concerned = 'lock' in entry ? all.filter(({ plan }) => pathsIn(plan).has(entry.lock.path)) : all
    const own = 'path' in entry ? all.filter(({ plan }) => pathsIn(plan).has(entry.path)) : concerned
    return own.length > 0 ? own : [first]
  }
  return {
    place: first.journal.place,
    async append(entry) {
      for (const { journal } of whose(entry)) await journal.append(entry)
    },
    left: () => joinedLeft(all.map(({ journal }) => journal.left()))
  }
}

/** Each lock once: an entry about it stands in several journals. */
const joinedLeft = (each: readonly Left[]): Left => ({
  owed: eachOnce(each.flatMap(({ owed }) => owed)),
  standing: eachOnce(each.flatMap(({ standing }) => standing)),
  running: each.flatMap(({ running }) => running),
  writes: each.flatMap(({ writes }) => writes),
  unfinished: each.some(({ unfinished }) => unfinished)
})

const eachOnce = <T extends { readonly lock: { readonly path: string } }>(all: readonly T[]): readonly T[] => [
  ...new Map(all.map(one => [one.lock.path, one])).values()
]

/** The paths of the locks that a plan lifts and of the resources that it writes to. */
const pathsIn = ({ steps }: Plan): ReadonlySet<string> =>
  new Set(
    steps.flatMap(({ action }) => {
      if (action.do === 'unlock') return [action.lock.path]
      if (action.do === 'relock') return [action.was.path]
      return writtenBy(action) ?? []
    })
  )

const now = (): string => new Date().toISOString()

/**
 * For what is noted when it has happened already: nothing that follows may be left out because the disk does not take that. Says so,
 * the first time.
 */
function noting(journal: Journal, err: (text: string) => void) {
  let failed = false
  return {
    async append(entry: Entry): Promise<void> {
      try {
        await journal.append(entry)
      } catch (error) {
        if (!failed) err(printed`Error: Not all of this run is in its journal: ${errorLine(error)}\n`)
        failed = true
      }
    },
    failed: () => failed
  }
}
