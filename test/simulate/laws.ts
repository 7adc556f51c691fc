import { type Entry, owedLocks } from '../../src/locks/journal.ts'
import type { SandboxState } from '../../src/sandbox/state.ts'
import { textOf, withoutChance } from './estateText.ts'
import type { Disk } from './run.ts'

/** The leftovers of a run at the instant it dies. */
export interface Leftover {
  /** The estate before that run, and as it is now. */
  readonly begin: SandboxState
  /** The paths of the locks that the file declares. */
  readonly declares: ReadonlySet<string>
  readonly state: SandboxState
  readonly entries: readonly Entry[]
  /** The writes that were accepted, by method and path. */
  readonly writes: readonly string[]
}

/**
 * Effects that came before the journal said so. The markers in Azure would hide them: with them the next run restores locks that the
 * journal forgot, so that we look where the run died and not at its end.
 */
export function unannounced({ begin, declares, state, entries, writes }: Leftover): string[] {
  const written = new Set(entries.flatMap(entry => (entry.type === 'writing' ? [keyOf(entry.path)] : [])))
  const owed = new Set(owedLocks(entries).map(({ lock }) => keyOf(lock.path)))
  // A lock that the file wants otherwise is restored as the file has it.
  const back = new Set(entries.flatMap(entry => (entry.type === 'relocked' ? [keyOf(entry.lock.path)] : [])))
  const markers = new Set(entries.flatMap(entry => (entry.type === 'unlocking' ? entry.markers.map(keyOf) : [])))
  const now = textOf(state.resources)
  const there = new Set(now.locks.map(lockPath))
  const scopes = new Set(state.resources.map(({ id }) => keyOf(id)))
  // A lock that went with what it was on has nothing left to protect.
  const off = textOf(begin.resources)
    .locks.filter(line => !now.locks.includes(line))
    .filter(line => scopes.has(lockPath(line).replace(/\/providers\/microsoft\.authorization\/locks\/[^/]*$/, '')))
  // A journal is gone once its run has ended and nothing is owed or in flight.
  const asDeclared = (path: string): boolean => there.has(path) && [...declares].some(one => keyOf(one) === path)
  const isOver =
    off.map(lockPath).every(asDeclared) && now.markers.length === 0 && state.operations.every(({ status }) => status !== 'InProgress')
  if (entries.length === 0 && isOver) return []
  return [
    ...off.map(lockPath).filter(path => !owed.has(path) && !written.has(path) && !(back.has(path) && there.has(path))),
    ...now.markers.map(keyOf).filter(path => !markers.has(path)),
    ...writes.map(pathIn).filter(path => !written.has(path))
  ].map(path => `not in the journal: ${path}`)
}

const lockPath = (line: string): string => keyOf(line.split(' {')[0] ?? '')

/** The writes of both runs, those of one run alone, and the estate when the first one died and in the end. */
export interface Together {
  readonly writes: readonly string[]
  readonly alone: readonly string[]
  readonly died: SandboxState
  readonly end: SandboxState
}

/**
 * The things that were written more often than by one run alone. A write without effect may be sent again: Azure was still at it when
 * the run died, or accepted it and then failed at it.
 */
export function twice({ writes, alone, died, end }: Together): string[] {
  const going = died.operations.filter(({ status }) => status === 'InProgress')
  const failed = end.operations.filter(({ status }) => status === 'Failed')
  const again = [...going, ...failed].map(({ resource }) => keyOf(resource))
  return [...new Set(writes)].flatMap(key => {
    const often = (list: readonly string[], one: string): number => list.filter(other => other === one).length
    const allowed = often(alone, key) + often(again, pathIn(key))
    return often(writes, key) > allowed ? [`written ${often(writes, key)} times: ${key}`] : []
  })
}

/** Less the name of what Azure names itself, which a step that waits for it does not know. */
const keyOf = (path: string): string =>
  withoutChance(path.toLowerCase()).replace(/\/privateendpointconnections\/[^/]+$/, '/privateendpointconnections/*')

const pathIn = (key: string): string => keyOf(key.slice(key.indexOf('/')))

/** Every whole line of the journals; one that was torn is none. The audit, which stays when a run is over, lies beside their folder. */
export const entriesOf = (disk: Disk): Entry[] =>
  [...disk].flatMap(([file, bytes]) =>
    /(^|\/)runs\//.test(file)
      ? bytes
          .toString('utf8')
          .split('\n')
          .flatMap(line => entryOf(line) ?? [])
      : []
  )

function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
