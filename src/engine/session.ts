import type { Journals } from '../locks/index.ts'
import { counted } from '../model/counted.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import type { Resolved } from '../topology/resolve.ts'
import { type Connection, connect, wayTo } from './azure.ts'
import { baselineOf } from './baseline.ts'
import { estateText } from './estateText.ts'
import type { Host, RestoreMore } from './host.ts'
import { journalsOf, leftBehind } from './journals.ts'
import type { ReadFor } from './look.ts'
import type { Outcome } from './outcomes.ts'
import { runId } from './runId.ts'
import { type AllOptions, type Settings, settingsOf } from './settings.ts'
import { sideBySide } from './sideBySide.ts'
import { type Prepared, prepare } from './topology.ts'

/** The settings of a run, and the program that it runs in. */
export interface Way {
  readonly settings: Settings
  readonly host: Host
}

/** A topology with the way to Azure, from its first read to the proof after its last write. */
export interface Session extends Way {
  readonly prepared: Prepared
  readonly connection: Connection
  /** Which Azure it is, or which sandbox, in words. */
  readonly estate: string
  readonly baseline: Resolved | undefined
  readonly journals: Journals
  /** Names this run in Azure's logs. */
  readonly run: string
  /** The line by which a user restores the locks of this topology. */
  restoreLine(more?: RestoreMore): string
}

export interface Opening {
  /** The sessions of the same command that are open: its run is theirs, and so is the way where it leads to the same Azure. */
  readonly beside?: readonly Session[]
  /** See {@link journalsOf}. */
  readonly asFarAsReadable?: boolean
}

/**
 * Opens the way to Azure for one topology, and closes it however the work ends.
 *
 * @throws what `connect` and `work` throw
 */
export async function inSession<T>(
  prepared: Prepared,
  { settings, host }: Way,
  work: (session: Session) => Promise<T>,
  { beside = [], asFarAsReadable = false }: Opening = {}
): Promise<T> {
  const run = beside[0]?.run ?? runId()
  const baseline = await baselineOf(prepared.file, settings, host)
  const { dataDir, resolved } = prepared
  const shared = beside.find(one => wayTo(one.prepared, settings) === wayTo(prepared, settings))?.connection
  const connection = shared ?? (await connect({ settings, host, cloud: resolved.cloud, dataDir, run }))
  const opened = { current: undefined as Journals | undefined }
  const restoreLine = (more?: RestoreMore): string => host.restoreLine(prepared.file, settings, more)
  const hint = async (): Promise<string | undefined> => opened.current && unfinishedHint(opened.current, prepared, restoreLine())
  const ended = host.whileOpen?.(hint)
  try {
    const estate = estateText(connection.estate, prepared, settings)
    const journals = journalsOf(prepared, { run, estate: connection.estate, nth: beside.length, asFarAsReadable }, settings, host)
    opened.current = journals
    const result = await work({ prepared, settings, host, connection, estate, baseline, run, journals, restoreLine })
    ended?.()
    return result
  } finally {
    if (shared === undefined) connection.close()
  }
}

/** Works at the topology of each file in turn. @param isLast whether none is begun after it */
export async function oneByOne<T>(
  options: Partial<AllOptions>,
  host: Host,
  work: (session: Session) => Promise<T>,
  isLast: (done: T) => boolean = () => false
): Promise<Outcome<T>> {
  const settings = settingsOf(options)
  const files = await prepare(settings, host)
  if (!files.sound) return files
  const topologies: T[] = []
  for (const one of files.prepared) {
    const done = await inSession(one, { settings, host }, work, { asFarAsReadable: true })
    topologies.push(done)
    if (isLast(done)) break
  }
  return { ...files, topologies }
}

interface Looking<Looked, Done> {
  readonly look: (session: Session, how: ReadFor) => Promise<Looked>
  readonly goOn: (looked: Looked, session: Session, how: ReadFor) => Promise<Done>
}

/** Looks at the topology of each file, with the ways of all of them open: those that lead to the same Azure are one. */
export async function together<Looked, Done>(
  options: Partial<AllOptions>,
  host: Host,
  { look, goOn }: Looking<Looked, Done>
): Promise<Outcome<Done>> {
  const settings = settingsOf(options)
  const files = await prepare(settings, host)
  if (!files.sound) return files
  const how = files.prepared.length > 1 ? 'beside' : 'now'
  const work = { look: (session: Session) => look(session, how), goOn: (looked: Looked, session: Session) => goOn(looked, session, how) }
  const open = async ([next, ...more]: readonly Prepared[], sessions: readonly Session[]): Promise<readonly Done[]> =>
    next === undefined
      ? sideBySide(sessions, work)
      : inSession(next, { settings, host }, one => open(more, [...sessions, one]), { beside: sessions })
  return { ...files, topologies: await open(files.prepared, []) }
}

/** Tells a user whose run broke off how its locks are restored. */
function unfinishedHint(journals: Journals, { resolved }: Prepared, restoreLine: string): string | undefined {
  const { owed, unfinished } = leftBehind(journals)
  if (!unfinished && owed.length === 0) return undefined
  const titles = owed.map(({ lock }) => lockTitle(lock, namingFrom(resolved.desired))).join(', ')
  const what =
    owed.length === 0
      ? 'Locks that it may have left off are restored by:'
      : `${counted(owed.length, 'lock')} may be off: ${titles}. Restored by:`
  return `The run did not come to its end. ${what}\n  ${restoreLine}`
}
