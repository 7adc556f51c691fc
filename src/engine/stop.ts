import type { Ending, Signal } from '../model/ending.ts'

/** The command line cannot be what was meant. Found before any I/O. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something a run needs and does not get, said in one sentence with what to do; it ends as `ending` says. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly ending: Ending
  /** The things it is about, one a line. */
  readonly details: readonly string[]
  constructor(ending: Ending, message: string, details: readonly string[] = []) {
    super(message)
    this.ending = ending
    this.details = details
  }
}

/** Somebody wanted the run to end before it had begun to change anything: at a question, or while it waited for its turn. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signal: Signal
  constructor(signal: Signal = 'SIGINT', message = 'Interrupted. Nothing was changed.') {
    super(message)
    this.signal = signal
  }
}
