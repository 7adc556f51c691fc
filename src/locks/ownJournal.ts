import { type Entry, leftIn, type RunBegan } from './journal.ts'
import type { JournalFile } from './journalFile.ts'

/** The journal that this very run writes. */
export interface OwnJournal extends JournalFile {
  /** Whether the run has announced anything that has not ended. */
  hasBegun(): boolean
  /** Nothing of it is owed any more, and its file is gone. */
  forget(): void
}

/**
 * A run keeps its entries in memory as well. Where a person edits, cuts or removes the file meanwhile, the run writes it anew with the
 * next entry, and restores the lifted locks from memory.
 *
 * @param began the line that the file begins with
 * @param changed is told when the file was not as the run had left it
 */
export function ownJournal(file: JournalFile, began: () => RunBegan, changed: (place: string) => void = () => undefined): OwnJournal {
  let said: Entry[] = []
  /** Not on the disk yet. */
  let waiting: Entry[] = []
  let written: Promise<void> | undefined
  /** After a write that failed the file has changed, and may still have all entries but that one. */
  const holds = (all: readonly Entry[]): boolean => {
    const { entries, damage } = file.intact()
    return damage.length === 0 && JSON.stringify(entries) === JSON.stringify(all)
  }
  const write = async (): Promise<void> => {
    const entries = waiting
    waiting = []
    written = undefined
    if (said.length === 0) {
      const there = file.entries()
      const all = there.length === 0 ? [began()] : there
      if (there.length === 0) file.rewrite(all)
      said = [...all]
    } else if (!file.isAsLeft() && !holds(said)) {
      changed(file.place)
      file.rewrite(said)
    }
    await file.append(...entries)
    said.push(...entries)
  }
  return {
    ...file,
    async append(...entries) {
      for (const entry of entries) file.check(entry)
      waiting.push(...entries)
      // The entries of the same moment share one fsync.
      written ??= Promise.resolve().then(write)
      await written
    },
    left: () => leftIn(said.length === 0 ? file.entries() : said),
    entries: () => (said.length === 0 ? file.entries() : said),
    first: () => (said.length === 0 ? file.first() : said[0]),
    intact: () => (said.length === 0 ? file.intact() : { entries: said, damage: [] }),
    hasBegun: () => said.length > 0,
    forget() {
      said = []
    }
  }
}
