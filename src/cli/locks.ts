import { lockJson } from '../document/planJson.ts'
import { errorLine } from '../engine/errorText.ts'
import type { Notice } from '../engine/host.ts'
import { notOursSaid } from '../engine/journals.ts'
import { type ListedLocks, listLocks as listEngine } from '../engine/lockList.ts'
import { type RestoredLocks, restore as restoreEngine } from '../engine/restore.ts'
import { restoredText } from '../host/restoredText.ts'
import { azLine } from '../locks/index.ts'
import { type Ending, worst } from '../model/ending.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import { asIs, jsonText, printable, printed } from '../model/printable.ts'
import type { Lock } from '../model/resource.ts'
import { table } from '../report/table.ts'
import type { Flags } from './flags.ts'
import { hostOn, type Shown } from './host.ts'
import { offText } from './interrupts.ts'
import { optionsOf } from './options.ts'
import { type Surroundings, styleFor } from './terminal.ts'

/** Shows the locks that can matter to each topology, and those that some run has off. */
export async function listLocks(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const options = optionsOf(given, flags, terminal)
  const own = (notice: Notice): boolean => {
    if (notice.type !== 'locks') return false
    if (!flags.json) terminal.out(lockText(notice.listed))
    return true
  }
  const outcome = await listEngine(options, hostOn({ flags, terminal, own }))
  if (!outcome.sound) return 'invalid'
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', topologies: outcome.topologies.map(listedJson) }))
  return worst(outcome.topologies.map(({ ending }) => ending))
}

const listedJson = ({ session: { prepared }, locks, off, back, damaged, left, others, damage, unreadable }: ListedLocks) => ({
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

function lockText({ session, locks, off, back, damaged, left, others, unreadable }: ListedLocks): string {
  const { prepared, restoreLine } = session
  const naming = namingFrom(prepared.resolved.desired)
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

/** Restores what the journals of each topology, or markers in Azure, say was lifted. */
export async function restore(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Shown<unknown>> {
  const options = optionsOf(given, flags, terminal)
  const own = (notice: Notice): boolean => {
    if (notice.type !== 'locks restored') return false
    showRestored(notice.done, flags, terminal)
    return true
  }
  const host = hostOn({ flags, terminal, own })
  const outcome = await restoreEngine(options, host)
  if (!outcome.sound) return { ending: 'invalid', documents: [], problem: host.problem() }
  const documents = outcome.topologies.map(restoredJson)
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', topologies: documents }))
  return { ending: worst(outcome.topologies.map(({ ending }) => ending)), documents, problem: host.problem() }
}

const restoredJson = ({ session, restored, unread, forbidden }: RestoredLocks) => ({
  file: session.prepared.file,
  ...(unread.length > 0 && { unread }),
  ...(forbidden.length > 0 && { unreadable: forbidden }),
  locks: restored.map(({ lock, outcome, error, by, takes, left = [], over = [] }) => ({
    ...lockJson(lock),
    outcome,
    ...(error && { error: errorLine(error) }),
    ...(by !== undefined && { lifted_by: by }),
    ...(takes && { takes: takes.rights }),
    ...(over.length > 0 && { in_flight: over }),
    ...(left.length > 0 && { markers_left: left.map(({ path }) => path) })
  }))
})

function showRestored({ session, restored, unread, forbidden, signal }: RestoredLocks, flags: Flags, terminal: Surroundings): void {
  const naming = namingFrom(session.prepared.resolved.desired)
  const restoreLine = session.restoreLine()
  const nothing = unread.length + forbidden.length === 0 ? 'No lock is owed.\n' : 'No lock is owed, as far as that can be read.\n'
  if (!flags.json)
    terminal.out(restored.length === 0 ? nothing : restoredText(restored, restoreLine, naming, styleFor(terminal, flags.noColor)))
  if (signal === undefined) return
  const off = restored.filter(({ outcome }) => outcome === 'failed' || outcome === 'not waited for')
  const titles = off.map(({ lock }) => lockTitle(lock, naming))
  terminal.err(printed`Interrupted: ${asIs(offText(titles, restoreLine))}\n`)
}
