import type { Event } from '../document/event.ts'
import type {
  ApplyOptions as EngineApplyOptions,
  DriftOptions as EngineDriftOptions,
  FileOptions as EngineFileOptions,
  PlanOptions as EnginePlanOptions
} from '../engine/options.ts'

/** One event of a run, as `--json-into` writes it. */
export interface PglinkEvent extends Event {
  /** RFC 3339. */
  readonly '@timestamp': string
}

interface Logging {
  /** Told, a line at a time, what the command line would say beside its report: warnings, progress, how it ended. */
  readonly log?: ((line: string) => void) | undefined
}

interface Hearing extends Logging {
  /**
   * Ends the run as Ctrl-C does: nothing new is begun, what is in flight finishes, and the locks are restored before the promise is
   * rejected with the code 130.
   */
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: PglinkEvent) => void) | undefined
}

/** Options of every function. */
export interface FileOptions extends EngineFileOptions, Logging {}

/** Options of the functions that read an estate. */
export interface DriftOptions extends EngineDriftOptions, Hearing {}

/** Options of `verify`, which knows no earlier state and lifts nothing. */
export type VerifyOptions = Omit<DriftOptions, 'baseline' | 'journal' | 'lockIdentity'>

export interface PlanOptions extends EnginePlanOptions, Hearing {}

/** Without `planDigest` whatever the plan is made of now is carried out: no question is asked. */
export interface ApplyOptions extends EngineApplyOptions, Hearing {}
