import type {
  ApplyOptions as EngineApplyOptions,
  DriftOptions as EngineDriftOptions,
  FileOptions as EngineFileOptions,
  PlanOptions as EnginePlanOptions
} from '../engine/options.ts'

/** One event of a run, as `--json-into` writes it: names and members are Terraform's where it has them. */
export interface PglinkEvent {
  readonly '@level': 'info' | 'warn' | 'error'
  /** The sentence for a person. */
  readonly '@message': string
  readonly '@module': 'pglink.ui'
  /** RFC 3339. */
  readonly '@timestamp': string
  readonly type:
    | 'version'
    | 'log'
    | 'diagnostic'
    | 'resource_drift'
    | 'planned_change'
    | 'change_summary'
    | 'apply_start'
    | 'apply_progress'
    | 'apply_complete'
    | 'apply_errored'
  readonly [member: string]: unknown
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

export interface PlanOptions extends EnginePlanOptions, Hearing {}

/** Without `planDigest` whatever the plan is made of now is carried out: nobody is asked. */
export interface ApplyOptions extends EngineApplyOptions, Hearing {}
