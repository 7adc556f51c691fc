import type { Diagnostic } from '../model/diagnostic.ts'
import type { Ending } from '../model/ending.ts'
import type { ApplyResult } from '../model/events.ts'
import type { Planned } from './look.ts'
import type { Session } from './session.ts'

/** Files that are not sound: nothing was read or written. */
export interface Unsound {
  readonly sound: false
  readonly diagnostics: readonly Diagnostic[]
}

/** The outcome of each topology that was begun with, or the files' problems. */
export type Outcome<Topology> =
  | Unsound
  | { readonly sound: true; readonly diagnostics: readonly Diagnostic[]; readonly topologies: readonly Topology[] }

export interface PlannedTopology {
  readonly session: Session
  readonly planned: Planned
}

export interface AppliedTopology {
  readonly ending: Ending
  readonly session: Session
  /** The plan that was to be carried out. */
  readonly planned: Planned
  /** Absent where nothing was carried out. */
  readonly result?: ApplyResult
  /** The read that proves it; absent where none was made, or it does not see what was written. */
  readonly closing?: Planned
  /** The error that kept it from being begun, ended or proven. */
  readonly problem?: unknown
  /** Locks that it left off were restored later in the same run. */
  readonly restoredLater?: true
}
