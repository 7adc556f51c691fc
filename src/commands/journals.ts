import { existsSync, readdirSync } from 'node:fs'
import { type Journal, openJournal, owedLocks } from '../apply/journal.ts'
import type { Lock } from '../model/resource.ts'
import type { Prepared } from './topology.ts'
import { Stop } from './usage.ts'

const name = /^journal-(.+)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.ndjson$/

/**
 * Every journal of a topology in its data directory. Not only the one a run would write to now: which that is depends on the
 * subscription, and a file that moved to another one still owes the locks of the old.
 */
export function journalsOf({ dataDir, resolved }: Prepared): Journal[] {
  if (!existsSync(dataDir)) return []
  return readdirSync(dataDir)
    .sort()
    .flatMap(file => {
      const [, topology = '', subscription = ''] = name.exec(file) ?? []
      return topology === resolved.name ? [openJournal(dataDir, topology, subscription)] : []
    })
}

/** Where this run remembers what it lifts. */
export const journalFor = ({ dataDir, resolved }: Prepared): Journal => openJournal(dataDir, resolved.name, resolved.subscriptions[0] ?? '')

/** Locks that an earlier run lifted and did not put back. @throws Stop when a journal cannot be read */
export async function owedIn(journals: readonly Journal[]): Promise<readonly Lock[]> {
  const read = await Promise.all(journals.map(entriesOf))
  return read.flatMap(entries => owedLocks(entries).flatMap(({ lock, scopeGone }) => (scopeGone ? [] : [lock])))
}

/** Of those, the ones `locks restore` could do nothing for: their scope is gone, and they go back when it is made again. */
export async function awaitingScope(journal: Journal): Promise<readonly Lock[]> {
  return owedLocks(await entriesOf(journal)).flatMap(({ lock, scopeGone }) => (scopeGone ? [lock] : []))
}

async function entriesOf(journal: Journal) {
  try {
    return await journal.read()
  } catch (error) {
    throw new Stop(9, error instanceof Error ? error.message : String(error))
  }
}
