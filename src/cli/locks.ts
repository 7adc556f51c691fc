import { readAllLocks } from '../azure/allLocks.ts'
import type { Azure } from '../azure/azure.ts'
import { lockJson } from '../document/planJson.ts'
import { agreeToJournal } from '../engine/bringing.ts'
import { matters } from '../engine/claims.ts'
import { errorLine } from '../engine/errorText.ts'
import { alone } from '../engine/exclusive.ts'
import { leftBehind, type NotOurs, notOurs, notOursSaid } from '../engine/journals.ts'
import { locksNow, type Off as OffNow } from '../engine/locksOff.ts'
import { isLeftover, offNow, recover, restoredCode, restoredText, standsAsDeclared } from '../engine/recovery.ts'
import { inSession, type Session } from '../engine/session.ts'
import { Interrupted } from '../engine/stop.ts'
import { type Prepared, prepare } from '../engine/topology.ts'
import { workflowIn } from '../engine/workflow.ts'
import { azLine, type Restored } from '../locks/index.ts'
import type { Signal } from '../model/ending.ts'
import { type Ending, endingOfSignal, worst } from '../model/ending.ts'
import type { ResourceId } from '../model/id.ts'
import { isSame } from '../model/lockBody.ts'
import { type MarkedLock, saidLockOf } from '../model/marker.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import { asIs, jsonText, printable, printed } from '../model/printable.ts'
import type { Lock } from '../model/resource.ts'
import { table } from '../report/table.ts'
import type { Flags } from './flags.ts'
import { leftOff, onInterrupts } from './interrupts.ts'
import { restoreCommand } from './restoreCommand.ts'
import { styleFor, type Terminal } from './terminal.ts'

/** A lock that is off: who has it off, and since when. */
interface Off extends OffNow {
  readonly since: string | undefined
}

interface Listed {
  readonly prepared: Prepared
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
  /** A lock that one of those owes concerns the topology, and is not on. */
  readonly otherOff: boolean
  readonly restoreLine: (...more: readonly string[]) => string
}

/** Shows the locks that can matter to each topology, and those that some run has off. Exit code 9 where there are any of these. */
export async function listLocks(given: readonly string[], flags: Flags, terminal: Terminal): Promise<Ending> {
  const prepared = await prepare(given, flags, terminal)
  if (prepared === undefined) return 'invalid'
  const all: Listed[] = []
  for (const one of prepared) {
    const listed = await inSession(one, flags, terminal, session => listIn(session, terminal), { asFarAsReadable: true })
    all.push(listed)
    if (!flags.json) terminal.out(lockText(listed))
  }
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', topologies: all.map(listedJson) }))
  if (all.some(({ off, otherOff, damage, damaged }) => otherOff || off.length + damage.length + damaged.length > 0))
    return 'lockNotRestored'
  return all.some(({ unreadable }) => unreadable.length > 0) ? 'waiting' : 'ok'
}

async function listIn(session: Session, terminal: Terminal): Promise<Listed> {
  const { prepared, flags, connection, journals, run, workflowEnded } = session
  const known = leftBehind(journals)
  const damage = journals.damage()
  for (const one of damage) terminal.err(printed`Error: ${one}\n`)
  const left = { ...known, owed: [...known.owed, ...straysOf(session)] }
  const azure = connection.open('reading')
  const { raw, marked, damaged, unreadable } = await locksAround(prepared, azure)
  if (unreadable.length > 0) terminal.err(printed`${unreadableSaid(unreadable)}\n`)
  const read = [journals.entries(), ...journals.atIt().map(one => one.entries())]
  // It may have been off before, and back.
  const since = (path: string): string | undefined =>
    read
      .map(entries => entries.findLast(entry => entry.type === 'unlocking' && isAt(entry.lock, path))?.at)
      .findLast(at => at !== undefined)
  const looks = { journals, left, marked, listed: raw, desired: prepared.resolved.desired, now: azure.clock.now(), run }
  const { off, back } = await locksNow({ ...looks, ...(workflowEnded && { workflowEnded }) })
  const apart = new Set([...off, ...back].map(({ lock }) => lock.path.toLowerCase()))
  const markers = new Set([...marked.flatMap(one => one.markers), ...damaged].map(({ path }) => path.toLowerCase()))
  const locks = raw.filter(({ path }) => !apart.has(path.toLowerCase()) && !markers.has(path.toLowerCase()))
  const leftover = marked.filter(one => isLeftover(one, left.leftover)).flatMap(one => one.markers)
  const others = notOurs(prepared, journals)
  const otherOff = others.some(
    one => one.damaged !== undefined || one.owed.some(({ lock }) => concerns(lock, prepared) && !isOn(lock, raw))
  )
  const restoreLine = (...more: readonly string[]): string => restoreCommand(prepared.file, flags, more)
  return {
    prepared,
    locks,
    off: off.map(one => ({ ...one, since: since(one.lock.path) })),
    back: back.map(({ lock }) => lock),
    damaged,
    left: [...leftover, ...back.flatMap(one => one.markers)],
    others,
    damage,
    unreadable,
    otherOff,
    restoreLine
  }
}

const unreadableSaid = (scopes: readonly ResourceId[]): string =>
  `The locks of ${scopes.join(', ')} may not be read: one that is off there is not seen. Microsoft.Authorization/locks/read shows them.`

const concerns = ({ scope }: Lock, { resolved }: Prepared): boolean => matters(scope, resolved.desired)

const isOn = ({ path, properties }: Lock, there: readonly Lock[]): boolean =>
  there.some(one => isAt(one, path) && isSame(one.properties, properties))

const isAt = (lock: Pick<Lock, 'path'>, path: string): boolean => lock.path.toLowerCase() === path.toLowerCase()

async function locksAround({ resolved }: Prepared, azure: Azure) {
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

const listedJson = ({ prepared, locks, off, back, damaged, left, others, damage, unreadable }: Listed) => ({
  file: prepared.file,
  locks: locks.map(lockJson),
  not_restored: off.map(({ lock, how, run, since, until, knownFrom }) => ({
    ...lockJson(lock),
    how,
    run,
    since: since ?? null,
    until,
    known_from: knownFrom,
    restore: azLine(lock)
  })),
  back: back.map(lockJson),
  damaged_markers: damaged.map(lockJson),
  damaged_journals: damage,
  unreadable,
  left_markers: left.map(lockJson),
  other_journals: others.map(({ place, topology, older, owed, damaged: why }) => ({
    file: place,
    topology,
    older,
    owed: owed.map(({ lock }) => lockJson(lock)),
    damaged: why ?? null
  }))
})

function lockText({ prepared: { resolved }, locks, off, back, damaged, left, others, unreadable, restoreLine }: Listed): string {
  const naming = namingFrom(resolved.desired)
  const row = ({ name, level, scope, properties }: Lock, state: string): string[] => [
    name,
    level,
    naming(scope),
    state,
    String(properties['notes'] ?? '')
  ]
  const rows = [
    ...locks.map(lock => row(lock, 'on')),
    ...off.map(({ lock, how }) => row(lock, how === 'lower' ? 'LOWERED' : 'NOT RESTORED')),
    ...back.map(lock => row(lock, 'back')),
    ...damaged.map(lock => row(lock, 'a marker that cannot be read')),
    ...left.map(lock => row(lock, 'a marker left over'))
  ]
  const elsewhere = others.map(one => `${printable(one.place)} ${notOursSaid(one, restoreLine)}\n`).join('')
  if (rows.length === 0) return `${unreadable.length === 0 ? 'No locks.' : 'No locks, as far as they may be read.'}\n${elsewhere}`
  const who = off.map(
    ({ lock, run, since, until, knownFrom }) =>
      `${printable(lock.name)} on ${naming(lock.scope)}: off${since === undefined ? '' : ` since ${printable(since)}`}, by the run ${printable(run)}, whose lease ends ${printable(until)} (known from ${knownFrom === 'Azure' ? '' : 'the '}${knownFrom}). Without pglink it is restored by:\n  ${azLine(lock)}\n`
  )
  const next = off.length === 0 ? '' : `Restore what is still off: ${restoreLine()}\n`
  const over = left.length === 0 ? '' : `Remove the markers that are left over: ${restoreLine()}\n`
  return `${table(['NAME', 'LEVEL', 'SCOPE', 'STATE', 'NOTES'], rows)}${who.join('')}${next}${over}${elsewhere}`
}

/** Restores what the journals of each topology, or markers in Azure, say was lifted. Exit code 9 while any cannot be. */
export async function restore(given: readonly string[], flags: Flags, terminal: Terminal): Promise<Ending> {
  const prepared = await prepare(given, flags, terminal)
  if (prepared === undefined) return 'invalid'
  const codes: Ending[] = []
  const documents: unknown[] = []
  for (const one of prepared) {
    const { restored, unread, forbidden, signal } = await inSession(
      one,
      flags,
      terminal,
      session => alone(session, () => restoreIn(session, terminal)),
      {
        asFarAsReadable: true
      }
    )
    codes.push(unread.length > 0 ? 'lockNotRestored' : restoredCode(restored))
    if (forbidden.length > 0) codes.push('waiting')
    if (signal !== undefined) codes.push(endingOfSignal(signal))
    documents.push({
      file: one.file,
      ...(unread.length > 0 && { unread }),
      ...(forbidden.length > 0 && { unreadable: forbidden }),
      locks: restored.map(({ lock, outcome, error, left = [], over = [] }) => ({
        ...lockJson(lock),
        outcome,
        ...(error && { error: errorLine(error) }),
        ...(over.length > 0 && { in_flight: over }),
        ...(left.length > 0 && { markers_left: left.map(({ path }) => path) })
      }))
    })
    const text =
      restored.length === 0
        ? unread.length + forbidden.length === 0
          ? 'No lock is owed.\n'
          : 'No lock is owed, as far as that can be read.\n'
        : restoredText(restored, restoreCommand(one.file, flags), namingFrom(one.resolved.desired), styleFor(terminal, flags.noColor))
    if (!flags.json) terminal.out(text)
    if (signal === undefined) continue
    terminal.err(printed`Interrupted: ${asIs(stillOff(restored, one, restoreCommand(one.file, flags)))}\n`)
    break
  }
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', topologies: documents }))
  return worst(codes)
}

function stillOff(restored: readonly Restored[], { resolved }: Prepared, restoreLine: string): string {
  const off = restored.filter(({ outcome }) => outcome === 'failed' || outcome === 'not waited for')
  return leftOff(
    off.map(({ lock }) => lockTitle(lock, namingFrom(resolved.desired))),
    restoreLine
  )
}

interface RestoredUntil {
  readonly restored: readonly Restored[]
  /** A sentence for each thing that would say what is owed, and cannot be read. */
  readonly unread: readonly string[]
  /** Scopes whose locks this login may not list. */
  readonly forbidden: readonly ResourceId[]
  /** The signal that interrupted it. */
  readonly signal: Signal | undefined
}

/** Restores the locks of one topology. An interrupt ends the waits: a lock that can be restored at once is. */
export async function restoreIn(session: Session, terminal: Terminal): Promise<RestoredUntil> {
  const { prepared, journals, flags } = session
  const naming = namingFrom(prepared.resolved.desired)
  const stopping = new AbortController()
  const stopped: { signal: Signal | undefined; marked: readonly MarkedLock[] } = { signal: undefined, marked: [] }
  const ignore = onInterrupts(terminal, {
    first: 'No more is waited for, and the locks are restored where they can be.',
    stop(signal) {
      stopped.signal = signal
      stopping.abort(new Interrupted(signal, 'Interrupted while waiting.'))
    },
    second: () => leftOff(offNow([journals], naming, stopped.marked), restoreCommand(prepared.file, flags))
  })
  try {
    const done = await restoredIn(session, terminal, stopping.signal, found => {
      stopped.marked = found
    })
    return { ...done, signal: stopped.signal }
  } finally {
    ignore()
  }
}

async function restoredIn(
  session: Session,
  terminal: Terminal,
  signal: AbortSignal,
  found: (marked: readonly MarkedLock[]) => void
): Promise<Omit<RestoredUntil, 'signal'>> {
  const { prepared, baseline, connection, journals, run, flags } = session
  const restoreLine = (...more: readonly string[]): string => restoreCommand(prepared.file, flags, more)
  const others = notOurs(prepared, journals)
  for (const one of others) terminal.err(printed`${one.place} ${notOursSaid(one, restoreLine)}\n`)
  const { leftover } = leftBehind(journals)
  const inAzure = await locksAround(prepared, connection.open('reading'))
  const damage = [...journals.damage(), ...inAzure.damaged.map(damagedSaid)]
  for (const one of damage) terminal.err(printed`Error: ${one}\n`)
  const forbidden = inAzure.unreadable
  if (forbidden.length > 0) terminal.err(printed`${unreadableSaid(forbidden)}\n`)
  const unread = [...damage, ...others.flatMap(one => one.damaged ?? [])]
  // Their run may go on, so that its lease is waited for.
  const strays = straysOf(session).map(({ lock, how, lease }) => ({ lock, how, lease, markers: [] }))
  const marked = [...inAzure.marked, ...strays]
  found(marked.filter(one => !isLeftover(one, leftover)))
  await agreeToJournal(session, marked, terminal)
  const azure = connection.open('writing')
  const inFlight = leftBehind(journals).running.length > 0
  const say = (what: string): void => terminal.err(printed`Waiting for ${what}${inFlight ? '' : '; --now does not wait'}\n`)
  const asked = { resume: false, keep: flags.keep, atOnce: flags.now, flags, baseline, ...workflowIn(terminal.env) }
  return { restored: await recover({ prepared, azure, journals, marked, run, say, restoreLine, signal, ...asked }), unread, forbidden }
}

/** Locks on what concerns the topology that are owed by journals which do not say whose they are. */
const straysOf = ({ journals, prepared }: Session) => journals.strays().filter(({ lock }) => concerns(lock, prepared))

function damagedSaid(marker: Lock): string {
  const of = saidLockOf(marker)
  return `${marker.path} is a marker of pglink that cannot be read whole: see whether ${of === undefined ? 'a lock' : `the lock ${of}`} is missing, restore it, and delete the marker.`
}
