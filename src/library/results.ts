import type { ApplyDocument } from '../document/apply.generated.ts'
import type { DriftDocument } from '../document/drift.generated.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import type { VerifyDocument } from '../document/verify.generated.ts'
import type { ExitCode } from '../host/exitCodes.ts'

/** A place in a file, from 1; `byte` from 0. */
export interface FilePoint {
  readonly line: number
  readonly column: number
  readonly byte: number
}

export interface FileRange {
  readonly filename: string
  readonly start: FilePoint
  /** Just behind the last character. */
  readonly end: FilePoint
}

export interface FileSnippet {
  /** The line as it is written. */
  readonly code: string
  readonly start_line: number
  readonly highlight_start_offset: number
  readonly highlight_end_offset: number
}

/** A problem of a file, in the shape of `terraform validate -json`. */
export interface FileDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** The id that `pglink explain` takes. */
  readonly rule: string
  readonly address: string
  readonly fix?: string
  /** Not where there is no file to point into. */
  readonly range?: FileRange
  readonly snippet?: FileSnippet
  readonly related?: readonly { readonly summary: string; readonly range: FileRange; readonly snippet: FileSnippet }[]
}

export interface ValidateResult {
  readonly code: ExitCode
  readonly valid: boolean
  /** Errors and warnings, of all files. */
  readonly diagnostics: readonly FileDiagnostic[]
}

export interface PlanResult {
  /** 0, or that of its refusals: a plan that may not be carried out is a plan as well. */
  readonly code: ExitCode
  /** One for each topology. */
  readonly plans: readonly PlanDocument[]
}

export interface ApplyOutcome {
  /** The worst of those of the topologies. */
  readonly code: ExitCode
  /** One for each topology that was begun with. */
  readonly applies: readonly ApplyDocument[]
}

export interface DriftResult {
  /** 0: none; 3: there is some; 1: none that is known, and not everything could be read. */
  readonly code: ExitCode
  readonly drifts: readonly DriftDocument[]
}

export interface VerifyResult {
  /** 0: every hop holds; 3: one is broken; 7: none is, and one could not be seen or waits. */
  readonly code: ExitCode
  readonly verified: readonly VerifyDocument[]
}
