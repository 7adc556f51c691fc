import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, isFinished, type Journal, type Left, leftIn, type Owed, owedLocks, type RunBegan, Tally } from './journal.ts'
import { JournalDamaged, NewerJournal } from './journalEntry.ts'
import { draftsIn, dropJournal, type JournalFile, openJournal } from './journalFile.ts'
import { type OwnJournal, ownJournal } from './ownJournal.ts'
import { isAlive, isSameProcess, thisProcess } from './process.ts'

/** The journal of one run, with the line it begins with. */
export interface RunFile {
  readonly place: string
  readonly began: RunBegan
  readonly file: JournalFile
  /** @throws JournalDamaged */
  entries(): readonly Entry[]
}

/** The owner of the journals, and where they lie. */
export interface JournalOwner {
  /** Every run of one estate has its file here. */
  readonly folder: string
  readonly estate: string
  readonly topology: string
  readonly run: string
  /** The name of this run's file, where topologies of one run have a file each. */
  readonly name?: string
  /** The journal of another machine. It is told what becomes of what it owes, and stays where it is. */
  readonly brought?: JournalFile
  /** Whether this very process is at the run `run` of the topology; without it only the run itself is known to be at it. */
  readonly isAtIt?: (run: string) => boolean
  /** Lines that cannot be read are left out and named by {@link Journals.damage}: for a command that restores all that can be. */
  readonly asFarAsReadable?: boolean
  /** Is told of a journal of this run that was not as the run had left it. */
  readonly changed?: (place: string) => void
}

/** The journals that this machine has of one topology in one estate: that of this run, and those that runs before it left. */
export interface Journals extends Journal {
  /** The entries of all runs that are over, in the order in which they began, and of this one. @throws JournalDamaged */
  entries(): readonly Entry[]
  left(): Left
  /** The runs of the topology that are at it in a live process. */
  atIt(): readonly RunFile[]
  /** The journals of other topologies' runs in the same folder, and those of another estate. */
  others(): readonly RunFile[]
  /** The file of a run of any topology. */
  ofRun(run: string): RunFile | undefined
  /** A sentence for each line that cannot be read, where these are left out. */
  damage(): readonly string[]
  /** Locks that are owed by files of the folder which name no estate. */
  strays(): readonly Owed[]
  /** Removes every file without which the same is left to be done. */
  conclude(): void
}

/** A file for each run: `<run>.ndjson`, there from the first thing that it announces until nothing is owed. */
export function openJournals(owner: JournalOwner): Journals {
  const { folder, run, brought, asFarAsReadable = false } = owner
  const place = join(folder, `${owner.name ?? run}.ndjson`)
  const began = (): RunBegan => {
    const { topology, estate } = owner
    return { type: 'run', version: 2, run, topology, estate, process: thisProcess(), at: new Date().toISOString() }
  }
  const own = ownJournal(openJournal(place), began, owner.changed)
  const opened = new Map<string, JournalFile>([[place, own]])
  const look = (): Looked => lookIn(folder, opened, asFarAsReadable)
  const mine = (): readonly RunFile[] => look().files.filter(one => isOf(one, owner))
  const over = (): readonly RunFile[] => mine().filter(one => one.place !== place && !isAtIt(one, owner))
  /** The journals of the topology, less those of runs that are at it. */
  const files = (): readonly JournalFile[] => [...over().map(one => one.file), own]
  const readable = (file: JournalFile): readonly Entry[] => (asFarAsReadable ? file.intact().entries : file.entries())
  let ofOthers: readonly (readonly Entry[])[] = []
  const parts = (): readonly (readonly Entry[])[] => {
    try {
      ofOthers = [...(brought ? [brought] : []), ...over().map(one => one.file)].map(readable)
    } catch (error) {
      // A file of another run that was damaged meanwhile must not keep this run from restoring its own locks.
      if (!own.hasBegun()) throw error
    }
    return [...ofOthers, readable(own)]
  }
  const left = summing(parts)
  return {
    place,
    async append(entry) {
      await own.append(entry)
      // It is on our own disk: a file of another machine that is damaged meanwhile keeps no lock off.
      if (brought !== undefined && concerns(entry, brought.intact().entries)) await brought.append(entry)
    },
    entries: () => parts().flat(),
    left,
    atIt: () => mine().filter(one => one.place !== place && isAtIt(one, owner)),
    others: () => look().files.filter(one => !isOf(one, owner)),
    ofRun: wanted => look().files.find(one => one.began.run === wanted),
    damage: () => (asFarAsReadable ? damageIn(look(), [...(brought ? [brought] : []), ...files()]) : []),
    strays: () => (asFarAsReadable ? look().nameless.flatMap(({ file }) => owedLocks(file.intact().entries)) : []),
    conclude: () => concluded(folder, files, own)
  }
}

/**
 * The sum of the entries in all of these, in their order. As long as those before the last stay what they were, and the last one grows,
 * only what has come since is added: a run asks after each step of a lock.
 */
function summing(parts: () => readonly (readonly Entry[])[]): () => Left {
  let known: { readonly parts: readonly (readonly Entry[])[]; readonly tally: Tally; count: number } | undefined
  return () => {
    const now = parts()
    const own = now.at(-1) ?? []
    if (known === undefined || now.length !== known.parts.length || now.some((part, index) => part !== known?.parts[index]))
      known = { parts: now, tally: new Tally().with(now.flat()), count: own.length }
    known.tally.with(own.slice(known.count))
    known.count = own.length
    return known.tally.left()
  }
}

const damageIn = ({ nameless }: Looked, files: readonly JournalFile[]): readonly string[] => [
  ...nameless.map(({ why }) => why),
  ...files.flatMap(file => file.intact().damage.map(({ why }) => why))
]

const entriesOf = (files: readonly JournalFile[]): readonly Entry[] => files.flatMap(file => file.entries())

const isOf = ({ began }: RunFile, { topology, estate }: JournalOwner): boolean => began.topology === topology && began.estate === estate

/** A run that has ended is over, however long its process goes on; and one of another machine is not known to go on. */
function isAtIt({ began, entries }: RunFile, { run, isAtIt: atItHere = () => false }: JournalOwner): boolean {
  if (isFinished(entries())) return false
  return isSameProcess(began.process, thisProcess()) ? began.run !== run && atItHere(began.run) : isAlive(began.process) === true
}

/** Whether the run is known to be over: its journal says so, or its process on this machine is gone. */
export const isRunDead = ({ began, entries }: Pick<RunFile, 'began' | 'entries'>): boolean =>
  isFinished(entries()) || isAlive(began.process) === false

interface Looked {
  /** The oldest first. */
  readonly files: readonly RunFile[]
  /** The files that name no estate, and a sentence on each. */
  readonly nameless: readonly { readonly file: JournalFile; readonly why: string }[]
}

/** The oldest first. @throws JournalDamaged where a file names no estate */
export const runFilesIn = (folder: string): readonly RunFile[] => lookIn(folder, new Map(), false).files

function lookIn(folder: string, opened: Map<string, JournalFile>, asFarAsReadable: boolean): Looked {
  const nameless: { readonly file: JournalFile; readonly why: string }[] = []
  const files = journalNames(folder).flatMap((name): RunFile[] => {
    const place = join(folder, name)
    const file = opened.get(place) ?? openJournal(place)
    opened.set(place, file)
    const began = beginningOf(file)
    if (began === undefined) return []
    if ('why' in began) {
      if (!asFarAsReadable) throw new JournalDamaged(began.why)
      nameless.push({ file, why: began.why })
      return []
    }
    return [{ place, file, began, entries: () => (asFarAsReadable ? file.intact().entries : file.entries()) }]
  })
  const inOrder = files.sort((a, b) => (a.began.at === b.began.at ? (a.place < b.place ? -1 : 1) : a.began.at < b.began.at ? -1 : 1))
  return { files: inOrder, nameless }
}

/** `undefined` of a file in which there is nothing: a crash of the machine took its only line. The lines further down are not looked at. */
function beginningOf(file: JournalFile): RunBegan | { readonly why: string } | undefined {
  try {
    const first = file.first()
    if (first === undefined || (first.type === 'run' && first.version === 2)) return first
  } catch (error) {
    if (!(error instanceof JournalDamaged) || error instanceof NewerJournal) throw error
    return { why: error.message }
  }
  return {
    why: `Line 1 of the journal ${file.place} does not say of which estate it is. Move the file away, then see with \`pglink locks list\` which locks are missing, and restore them.`
  }
}

const journalNames = (folder: string): readonly string[] =>
  namesIn(folder).filter(name => name.endsWith('.ndjson') && !name.startsWith('.'))

/** The names in a folder, in order: none where there is no folder. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return []
    throw error
  }
}

/** Whether an entry says what became of something that a journal knows of. */
function concerns(entry: Entry, known: readonly Entry[]): boolean {
  const { owed, leftover, running, writes, unfinished } = leftIn(known)
  if (entry.type === 'relocked' || entry.type === 'standing' || entry.type === 'scope-gone')
    return [...owed, ...leftover].some(({ lock }) => lock.path === entry.lock.path)
  if (entry.type === 'over' || entry.type === 'wrote') return [...running, ...writes].some(({ path }) => path === entry.path)
  if (entry.type === 'operation') return entry.left === true && running.some(({ path }) => path === entry.path)
  return entry.type === 'ended' && unfinished
}

/** Removes the files one after the other, the oldest first: after a crash those that are left say no less than all of them did. */
function concluded(folder: string, files: () => readonly JournalFile[], own: OwnJournal): void {
  try {
    removeConcluded(folder, files(), own)
  } catch {
    // A file that cannot be read or removed does no harm where it is: the next run tries again.
  }
}

function removeConcluded(folder: string, files: readonly JournalFile[], own: OwnJournal): void {
  let kept = files
  for (const file of files) {
    const rest = kept.filter(other => other !== file)
    if (textOf(leftIn(entriesOf(rest))) !== textOf(leftIn(entriesOf(kept)))) continue
    dropJournal(file.place)
    if (file === own) own.forget()
    kept = rest
  }
  const still = new Set(kept.map(({ place }) => place))
  for (const place of journalNames(folder).map(name => join(folder, name)))
    if (!still.has(place) && openJournal(place).first() === undefined) dropJournal(place)
  for (const draft of draftsIn(folder)) rmSync(draft, { force: true })
}

const textOf = (left: Left): string =>
  JSON.stringify(left, (_key, value: unknown) => (Array.isArray(value) ? value.map(one => JSON.stringify(one)).sort() : value))
