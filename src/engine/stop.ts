import type { Rights } from '../model/change.ts'
import { type Ending, endingOfSignal, type Signal } from '../model/ending.ts'
import type { Desired } from '../model/resource.ts'

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
  /** @param cause the error that says why, after the sentence */
  constructor(ending: Ending, message: string, details: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.ending = ending
    this.details = details
  }
}

/** The user wanted the run to end before it had begun to change anything: at a question, or while it waited for its turn. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signal: Signal
  constructor(signal: Signal = 'SIGINT', message = 'Interrupted. Nothing was changed.') {
    super(message)
    this.signal = signal
  }
}

/** A read after an apply that does not show whether it did what it was for. */
export class Unproven extends Error {
  override readonly name = 'Unproven'
  readonly file: string
  constructor(file: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.file = file
  }
}

/** This login lacks rights that a plan takes: nothing was changed. */
export class LacksRights extends Error {
  override readonly name = 'LacksRights'
  readonly rights: Rights
  readonly desired: Desired
  constructor(rights: Rights, desired: Desired) {
    super('This login lacks rights that the plan takes. Nothing was changed.')
    this.rights = rights
    this.desired = desired
  }
}

/** How a run ends by an error that it throws. */
export function endingOf(error: unknown): Ending {
  if (error instanceof Interrupted) return endingOfSignal(error.signal)
  if (error instanceof LacksRights) return 'waiting'
  return error instanceof Stop ? error.ending : 'error'
}
