import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Lock } from '../model/resource.ts'

/** Written before the call it speaks of, so that a run that dies leaves behind what it had taken off. */
export type Entry =
  | { readonly type: 'run'; readonly version: 1; readonly run: string; readonly topology: string; readonly at: string }
  | { readonly type: 'unlocking'; readonly lock: Lock; readonly how: 'remove' | 'lower'; readonly at: string }
  | { readonly type: 'relocked'; readonly lock: Pick<Lock, 'path'>; readonly at: string }
  /** What a lock was on was not there to be locked again: it goes back when that is made again. */
  | { readonly type: 'scope-gone'; readonly lock: Pick<Lock, 'path'>; readonly at: string }
  | { readonly type: 'ended'; readonly at: string }

/** `append` resolves when the entry is on the disk. */
export interface Journal {
  append(entry: Entry): Promise<void>
  read(): Promise<readonly Entry[]>
  /** Where it is kept, for messages. */
  readonly place: string
}

/** A lock that was lifted and not put back, and how it was lifted. */
export interface Owed {
  readonly lock: Lock
  readonly how: 'remove' | 'lower'
  /** `locks restore` can do nothing for it; the apply that makes its scope again puts it back. */
  readonly scopeGone?: true
}

/** The locks a journal says were taken off, or lowered, and not put back. */
export function owedLocks(entries: readonly Entry[]): Owed[] {
  const owed = new Map<string, Owed>()
  for (const entry of entries) {
    // What is owed is the first body: a second lifting in the same debt would only know what was left of it.
    if (entry.type === 'unlocking' && !owed.has(entry.lock.path)) owed.set(entry.lock.path, { lock: entry.lock, how: entry.how })
    const debt = entry.type === 'scope-gone' ? owed.get(entry.lock.path) : undefined
    if (debt !== undefined) owed.set(debt.lock.path, { ...debt, scopeGone: true })
    if (entry.type === 'relocked') owed.delete(entry.lock.path)
  }
  return [...owed.values()]
}

/**
 * The journal of a topology on this machine: NDJSON, one line and one fsync an entry. A last line that was torn by a
 * crash is no entry: what it announced had not begun.
 *
 * @throws Error when an earlier line is damaged: what is owed cannot be told then, and a person has to look.
 */
export function openJournal(dataDir: string, topology: string, subscription: string): Journal {
  const place = join(dataDir, `journal-${topology}-${subscription.toLowerCase()}.ndjson`)
  return {
    place,
    async append(entry) {
      mkdirSync(dataDir, { recursive: true })
      const file = openSync(place, 'a', 0o600)
      try {
        writeSync(file, `${tornTail(place) ? '\n' : ''}${JSON.stringify(entry)}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    },
    read: async () => (existsSync(place) ? entriesIn(readFileSync(place, 'utf8'), place) : [])
  }
}

const tornTail = (place: string): boolean => {
  const text = existsSync(place) ? readFileSync(place, 'utf8') : ''
  return text.length > 0 && !text.endsWith('\n')
}

function entriesIn(text: string, place: string): Entry[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (line === '') return []
    try {
      return [JSON.parse(line) as Entry]
    } catch {
      // Torn by a crash, whether it is still last or a later run wrote after it: it never became an entry.
      if (index === lines.length - 1 || !line.endsWith('}')) return []
      throw new Error(
        `Line ${index + 1} of the journal ${place} is damaged. See which locks are missing with \`pglink locks list\`, put them back, then move the file away.`
      )
    }
  })
}
