import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parsed } from '../azure/error.ts'
import { invariant } from '../model/invariant.ts'
import { isBody } from '../model/json.ts'
import { notRegular } from '../model/regular.ts'
import { type Entry, type Journal, leftIn } from './journal.ts'
import { EntryRefused, isEntry, JournalDamaged, NewerJournal } from './journalEntry.ts'
import { isProcess } from './process.ts'

/** A journal that is a file. */
export interface JournalFile extends Journal {
  /** Writes all with one fsync; where the disk is full, perhaps only the first of them. @throws EntryRefused before any is written */
  append(...entries: readonly Entry[]): Promise<void>
  /** @throws EntryRefused of an entry that {@link append} would refuse */
  check(entry: Entry): void
  /** @throws JournalDamaged */
  entries(): readonly Entry[]
  /** The first entry; `undefined` where there is none. @throws JournalDamaged where it is none of ours */
  first(): Entry | undefined
  /** The entries that can be read, and a sentence for each line that cannot. @throws JournalDamaged where a newer pglink wrote it */
  intact(): Intact
  /** Whether the file is as this process last read or wrote it. */
  isAsLeft(): boolean
  /** Writes the whole file anew: it is there with these lines, or as it was. */
  rewrite(entries: readonly Entry[]): void
}

interface Intact {
  readonly entries: readonly Entry[]
  readonly damage: readonly Damage[]
}

interface Damage {
  readonly line: number
  readonly why: string
}

/** The content of a file when this process last read or wrote it: it holds as long as the file has not changed since. */
interface Known extends Intact {
  readonly as: Stats
}

const isSame = (one: Stats, other: Stats): boolean =>
  one.ino === other.ino && one.dev === other.dev && one.size === other.size && one.mtimeMs === other.mtimeMs

/**
 * NDJSON, one line an entry. A last line that was torn by a crash is no entry: what it announced had not begun.
 */
export function openJournal(place: string): JournalFile {
  let known: Known | undefined
  const intact = (): Intact => {
    const as = statNow(place)
    if (as === undefined) return { entries: [], damage: [] }
    const why = notRegular(place)
    if (why !== undefined) return { entries: [], damage: [{ line: 1, why: `The journal ${place} cannot be read: ${why}. Move it away.` }] }
    if (known === undefined || !isSame(known.as, as)) known = { as, ...readIn(readFileSync(place, 'utf8'), place) }
    return known
  }
  const entries = (): readonly Entry[] => whole(intact())
  return {
    place,
    async append(...more) {
      const lines = more.map(entry => `${lineOf(entry, place)}\n`).join('')
      const before = known
      // A write that fails may leave a part of a line.
      known = undefined
      const { from, to } = named(place, () => appendLines(place, lines))
      // Another process may have written meanwhile: then we read the file again.
      const isAsWritten = to.size === from.size + Buffer.byteLength(lines)
      if (before !== undefined && isSame(before.as, from) && isAsWritten)
        known = { as: to, entries: [...before.entries, ...more], damage: before.damage }
    },
    check: entry => void lineOf(entry, place),
    left: () => leftIn(entries()),
    entries,
    first() {
      const { entries: found, damage } = intact()
      return whole({ entries: found, damage: damage.filter(({ line }) => line === 1) })[0]
    },
    intact,
    isAsLeft() {
      const as = statNow(place)
      return known !== undefined && as !== undefined && isSame(known.as, as)
    },
    rewrite(all) {
      known = undefined
      writeJournal(place, all)
      const as = statNow(place)
      if (as !== undefined) known = { as, entries: all, damage: [] }
    }
  }
}

const statNow = (place: string): Stats | undefined => (existsSync(place) ? statSync(place, { throwIfNoEntry: false }) : undefined)

/** @throws JournalDamaged where a line is */
function whole({ entries, damage: [first] }: Intact): readonly Entry[] {
  if (first !== undefined) throw new JournalDamaged(first.why)
  return entries
}

/** @throws EntryRefused where no reader would take the line for an entry */
function lineOf(entry: Entry, place: string): string {
  const line = JSON.stringify(entry)
  const back: unknown = JSON.parse(line)
  if (isEntry(back) && !isOfNewer(back)) return line
  const what = 'lock' in entry ? ` of the lock ${entry.lock.path}` : 'path' in entry ? ` of ${entry.path}` : ''
  throw new EntryRefused(`The entry for the journal ${place}${what} ("${entry.type}") could not be read again, and was not written.`)
}

/** Adds the path to an error: an error about an open file does not say it. */
function named<T>(place: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path: place }) : error
  }
}

/** The name of a journal until it is whole. */
const draftOf = (place: string): string => join(dirname(place), `.${process.pid}-${basename(place)}`)

/** Drafts of processes that are gone: these never became journals. */
export const draftsIn = (folder: string): readonly string[] =>
  (existsSync(folder) ? readdirSync(folder) : []).flatMap(name => {
    const [, pid] = /^\.(\d+)-.*\.ndjson$/.exec(name) ?? []
    return pid === undefined || isProcess(Number(pid)) ? [] : [join(folder, name)]
  })

/** Writes a whole journal: afterwards the file has all of these lines, or there is none. */
function writeJournal(place: string, entries: readonly Entry[]): void {
  const text = entries.map(entry => `${lineOf(entry, place)}\n`).join('')
  named(place, () => {
    const draft = draftOf(place)
    rmSync(draft, { force: true })
    try {
      appendLines(draft, text)
      renameSync(draft, place)
    } catch (error) {
      rmSync(draft, { force: true })
      throw error
    }
    // A file that is new is in its folder for good only once the folder is on the disk, too.
    syncFolder(dirname(place))
  })
}

/** A journal that no run needs any more. */
export function dropJournal(place: string): void {
  rmSync(place, { force: true })
  syncFolder(dirname(place))
}

/** @returns what the file was like before and is like now */
function appendLines(place: string, lines: string): { readonly from: Stats; readonly to: Stats } {
  const folder = dirname(place)
  const isNew = !existsSync(place)
  mkdirSync(folder, { recursive: true })
  const file = openSync(place, 'a+', 0o600)
  try {
    const from = fstatSync(file)
    writeWhole(file, `${endOfTorn(file, from.size)}${lines}`)
    // A file that is new is in its folder for good only once the folder is on the disk, too.
    if (isNew) syncFolder(folder)
    return { from, to: fstatSync(file) }
  } finally {
    closeSync(file)
  }
}

/** Returns once the text is on the disk. Where the disk is almost full a write takes a part of it, and only the next write says why. */
function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    const written = writeSync(file, bytes, at)
    invariant(written > 0, 'a write to the journal took nothing, and did not say why')
    at += written
  }
  fsyncSync(file)
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The end of a line torn by a crash, so that it is never taken for one that was damaged later. */
const torn = ' torn'

/** The text that ends the last line, where a crash left it open. Where only the end of the line is missing, the line is an entry. */
function endOfTorn(file: number, size: number): string {
  if (size === 0 || textAt(file, size - 1, 1) === '\n') return ''
  const text = textAt(file, 0, size)
  return entryOf(parsed(text.slice(text.lastIndexOf('\n') + 1))) === undefined ? `${torn}\n` : '\n'
}

function textAt(file: number, position: number, length: number): string {
  const bytes = Buffer.alloc(length)
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, length, position))
}

const entryOf = (value: unknown): Entry | undefined => (isEntry(value) ? value : undefined)

function readIn(text: string, place: string): Intact {
  const lines = text.split('\n')
  const values = lines.map(parsed)
  // A newer pglink may write entries that we do not know: its journal is not damaged.
  if (values.some(isOfNewer))
    throw new NewerJournal(
      `The journal ${place} was written by a newer pglink. Nothing was changed. Use that one for this topology, also to restore its locks.`
    )
  const entries: Entry[] = []
  const damage: Damage[] = []
  for (const [index, line] of lines.entries()) {
    const entry = entryOf(values[index])
    if (entry !== undefined) entries.push(entry)
    // A line that a crash tore never became an entry. It is the last one, or a later run has marked its end.
    else if (line !== '' && index < lines.length - 1 && !line.endsWith(torn))
      damage.push({
        line: index + 1,
        why: `Line ${index + 1} of the journal ${place} is damaged. Move the file away, then see with \`pglink locks list\` which locks are missing, and restore them.`
      })
  }
  return { entries, damage }
}

const isOfNewer = (value: unknown): boolean =>
  isBody(value) && value['type'] === 'run' && typeof value['version'] === 'number' && value['version'] > 2
