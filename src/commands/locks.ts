import { type Restored, restoreLocks } from '../apply/locks.ts'
import { readAllLocks } from '../live/locks.ts'
import { within } from '../model/id.ts'
import type { Desired, Lock } from '../model/resource.ts'
import { counted } from '../report/counted.ts'
import { errorLine } from '../report/errorText.ts'
import { lockJson } from '../report/planJson.ts'
import { printable } from '../report/printable.ts'
import { lockTitle, namingFrom } from '../report/step.ts'
import { table } from '../report/table.ts'
import { type ExitCode, exitCodes, worst } from './exitCodes.ts'
import type { Flags } from './flags.ts'
import { journalsOf, owedIn } from './journals.ts'
import { inSession } from './session.ts'
import { styleFor, type Terminal } from './terminal.ts'
import { type Prepared, prepare } from './topology.ts'

/** Shows the locks that can matter to each topology, and those that an earlier run still owes. Exit code 9 where there are any of these. */
export async function listLocks(given: readonly string[], flags: Flags, terminal: Terminal): Promise<ExitCode> {
  const prepared = await prepare(given, flags, terminal)
  if (prepared === undefined) return exitCodes.invalid
  const listed: { readonly file: string; readonly locks: readonly Lock[]; readonly owed: readonly Lock[] }[] = []
  for (const one of prepared) {
    const owed = await owedIn(journalsOf(one))
    const { locks, unreadable } = await inSession(one, flags, terminal, ({ connection }) => locksOn(one, connection.open('reading')))
    listed.push({ file: one.file, locks, owed })
    if (unreadable.length > 0) terminal.err(`The locks of ${unreadable.map(id => printable(id)).join(', ')} may not be read.\n`)
    if (!flags.json) terminal.out(lockTable(one, locks, owed))
  }
  if (flags.json) terminal.out(`${JSON.stringify({ format_version: '1.0', topologies: listed.map(listedJson) }, null, 2)}\n`)
  return listed.some(({ owed }) => owed.length > 0) ? exitCodes.lockNotRestored : exitCodes.ok
}

const listedJson = ({ file, locks, owed }: { readonly file: string; readonly locks: readonly Lock[]; readonly owed: readonly Lock[] }) => ({
  file,
  locks: locks.map(lockJson),
  not_restored: owed.map(lockJson)
})

async function locksOn({ resolved }: Prepared, azure: Parameters<typeof readAllLocks>[0]) {
  const { desired, subscriptions } = resolved
  const { locks, unreadable } = await readAllLocks(azure, { subscriptions, scopes: [...desired.keys()] })
  return { locks: locks.filter(({ scope }) => matters(scope, desired)), unreadable }
}

/** On something of the topology, beneath it, or above it. */
const matters = (scope: Lock['scope'], desired: Desired): boolean => [...desired.keys()].some(id => within(id, scope) || within(scope, id))

function lockTable({ resolved, file }: Prepared, locks: readonly Lock[], owed: readonly Lock[]): string {
  const naming = namingFrom(resolved.desired)
  const owes = new Set(owed.map(({ path }) => path.toLowerCase()))
  const row = (lock: Lock, state: string): string[] => [
    lock.name,
    lock.level,
    naming(lock.scope),
    state,
    String(lock.properties['notes'] ?? '')
  ]
  const rows = [
    ...locks.filter(({ path }) => !owes.has(path.toLowerCase())).map(lock => row(lock, 'on')),
    ...owed.map(lock => row(lock, 'NOT RESTORED'))
  ]
  if (rows.length === 0) return 'No locks.\n'
  const next = owed.length === 0 ? '' : `Put back what is not restored: pglink locks restore ${printable(file)}\n`
  return `${table(['NAME', 'LEVEL', 'SCOPE', 'STATE', 'NOTES'], rows)}${next}`
}

/** Puts back what the journals of each topology say was lifted. Exit code 9 while any cannot be. */
export async function restore(given: readonly string[], flags: Flags, terminal: Terminal): Promise<ExitCode> {
  const prepared = await prepare(given, flags, terminal)
  if (prepared === undefined) return exitCodes.invalid
  const codes: ExitCode[] = []
  const documents: unknown[] = []
  for (const one of prepared) {
    const journals = journalsOf(one)
    const owed = await owedIn(journals)
    const restored =
      owed.length === 0
        ? []
        : await inSession(one, flags, terminal, async ({ connection }) => {
            const azure = connection.open('writing')
            const all: Restored[] = []
            for (const journal of journals) all.push(...(await restoreLocks({ azure, journal })))
            return all
          })
    codes.push(restored.some(({ outcome }) => outcome === 'failed') ? exitCodes.lockNotRestored : exitCodes.ok)
    documents.push({
      file: one.file,
      locks: restored.map(({ lock, outcome, error }) => ({ ...lockJson(lock), outcome, ...(error && { error: errorLine(error) }) }))
    })
    if (!flags.json) terminal.out(restoredText(one, restored, terminal, flags))
  }
  if (flags.json) terminal.out(`${JSON.stringify({ format_version: '1.0', topologies: documents }, null, 2)}\n`)
  return worst(codes)
}

function restoredText({ resolved }: Prepared, restored: readonly Restored[], terminal: Terminal, { noColor }: Flags): string {
  const { colors } = styleFor(terminal, noColor)
  const naming = namingFrom(resolved.desired)
  if (restored.length === 0) return 'No lock is owed.\n'
  const failed = restored.filter(({ outcome }) => outcome === 'failed')
  const rows = restored.map(({ lock, outcome, error }) => {
    const comes = outcome === 'scope is gone' ? '; the apply that makes it again puts the lock back' : ''
    const text = `${lockTitle(lock, naming)}: ${outcome}${comes}${error ? `: ${errorLine(error)}` : ''}`
    return outcome === 'failed' ? colors.red(text) : text
  })
  const next =
    failed.length === 0
      ? []
      : [`${counted(failed.length, 'lock')} not restored. Mend the cause, then run this again, or put the lock back in the portal.`]
  return `${[...rows, ...next].join('\n')}\n`
}
