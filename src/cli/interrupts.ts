import { counted } from '../model/counted.ts'
import type { Signal } from '../model/ending.ts'
import { endingOfSignal } from '../model/ending.ts'
import { asIs, printed } from '../model/printable.ts'
import { exitCodes } from './exitCodes.ts'
import type { Terminal } from './terminal.ts'

interface Interrupts {
  /** Said of the first: what still happens, and what does not. */
  readonly first: string
  readonly stop: (signal: Signal) => void
  /** The state that the second leaves behind, and the way out of it. */
  readonly second: () => string
}

/** The first signal stops what has not begun and lets the rest end; the second ends the process. @returns an end to that */
export function onInterrupts(
  { onSignal, err, exit }: Pick<Terminal, 'onSignal' | 'err' | 'exit'>,
  { first, stop, second }: Interrupts
): () => void {
  let isFirst = true
  return onSignal(signal => {
    if (isFirst) {
      isFirst = false
      err(printed`\nInterrupt received. ${first} Once more to stop at once.\n`)
      stop(signal)
      return
    }
    const left = second()
    err(printed`\nTwo interrupts received. Stopped at once: ${asIs(left)}\n`)
    exit(exitCodes[endingOfSignal(signal)])
  })
}

/**
 * The locks that are off at this moment, and the command that restores them.
 *
 * @param off the locks by their titles; `undefined` where nobody can tell
 */
export function leftOff(off: readonly string[] | undefined, restoreLine: string): string {
  const back = `Put ${off?.length === 1 ? 'it' : 'them'} back:\n  ${restoreLine}`
  if (off === undefined) return `locks may be off. ${back}`
  if (off.length === 0) return 'no lock is off. Azure goes on with what is in flight.'
  return `${counted(off.length, 'lock')} may be off:\n${off.map(title => `  ${title}\n`).join('')}${back}`
}
