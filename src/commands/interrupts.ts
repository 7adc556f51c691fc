import { codeOfSignal, type Signal } from './exitCodes.ts'
import type { Terminal } from './terminal.ts'

interface Interrupts {
  /** Said of the first: what still happens, and what does not. */
  readonly first: string
  readonly stop: (signal: Signal) => void
  /** What the second leaves behind, and what to do about that. */
  readonly second: () => string
}

/** The first signal stops what has not begun and lets the rest end; the second ends the process. @returns an end to that */
export function onInterrupts({ onSignal, err, exit }: Terminal, { first, stop, second }: Interrupts): () => void {
  let isFirst = true
  return onSignal(signal => {
    if (isFirst) {
      isFirst = false
      err(`\nInterrupt received. ${first} Once more to stop at once.\n`)
      stop(signal)
      return
    }
    err(`\nTwo interrupts received. Stopped at once: ${second()}\n`)
    exit(codeOfSignal(signal))
  })
}

export const locksMayBeOff = (restoreLine: string): string => `locks may be off. Put them back:\n  ${restoreLine}`
