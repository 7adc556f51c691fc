import { errorLine } from '../engine/errorText.ts'
import type { Restored } from '../locks/index.ts'
import { NoMarker } from '../locks/index.ts'
import { counted } from '../model/counted.ts'
import { lockTitle, type Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import type { Style } from '../report/style.ts'

/** One line a lock, and what to do about those that are not back. */
export function restoredText(restored: readonly Restored[], restoreLine: string, naming: Naming, { colors }: Style): string {
  const failed = restored.filter(({ outcome }) => outcome === 'failed')
  const rows = restored.flatMap(({ lock, outcome, error, left = [], over = [] }) => {
    const text = `${lockTitle(lock, naming)}: ${outcome}${whatThen(outcome)}${error ? `: ${errorLine(error)}` : ''}`
    const markers = left.map(one =>
      one.error instanceof NoMarker
        ? `  Warning: ${printable(one.error.message)}.`
        : `  Warning: its marker ${printable(one.path)} is left (${errorLine(one.error)}). This removes it: ${restoreLine}`
    )
    const busy = over.map(
      path => `  Warning: Azure is still at ${printable(path)} after as long as that may take; it may fail because of the lock.`
    )
    return [outcome === 'failed' ? colors.red(text) : text, ...[...markers, ...busy].map(colors.yellow)]
  })
  const next =
    failed.length === 0
      ? []
      : [`${counted(failed.length, 'lock')} not restored. Mend the cause, then run this again, or restore the lock in the portal.`]
  return [...rows, ...next].map(line => `${line}\n`).join('')
}

function whatThen(outcome: Restored['outcome']): string {
  if (outcome === 'scope is gone') return '; the apply that makes it again restores the lock'
  return outcome === 'not waited for' ? '; the run elsewhere that has it off restores it, or else the next one here' : ''
}
