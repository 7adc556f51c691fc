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
      : [
          ...whoMay(failed, restoreLine),
          `${counted(failed.length, 'lock')} not restored. Mend the cause, then run this again, or restore the lock in the portal.`
        ]
  return [...rows, ...next].map(line => `${line}\n`).join('')
}

/** A lock that this login may not write is for the login that lifted it, or for another one that may. */
function whoMay(failed: readonly Restored[], restoreLine: string): readonly string[] {
  const refused = failed.filter(({ takes }) => takes !== undefined)
  if (refused.length === 0) return []
  const rights = [...new Set(refused.flatMap(({ takes }) => takes?.rights ?? []))]
  const runs = [...new Set(refused.flatMap(({ takes }) => takes?.run ?? []))].map(printable)
  const logins = [...new Set(refused.flatMap(({ by }) => (by === undefined || restoreLine.includes(by) ? [] : [by])))]
  const others = `whoever has ${rights.join(', ')} there`
  return logins.length === 0
    ? [
        `This login may not write ${counted(refused.length, 'lock')}. Only ${others} can restore ${refused.length === 1 ? 'it' : 'them'}${runs.length === 0 ? '' : `, as the login of the run ${runs.join(', ')} had`}.`
      ]
    : logins.map(
        by =>
          `This login may not write a lock that the login ${by} lifted. That one restores it, or ${others}: ${restoreLine} --lock-identity ${by}`
      )
}

function whatThen(outcome: Restored['outcome']): string {
  if (outcome === 'scope is gone') return '; the apply that makes it again restores the lock'
  return outcome === 'not waited for' ? '; the run elsewhere that has it off restores it, or else the next one here' : ''
}
