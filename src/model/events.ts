import type { Step, StepId } from './change.ts'
import type { Lock } from './resource.ts'

/** The reason why this run skipped a step: another step that it needs, or one of these. `is right`: a look found the result there already. */
export type SkipReason = StepId | 'cancelled' | 'not needed' | 'is right' | 'unlocked too long'

/** An event of an apply, as it happens. Times are milliseconds on the clock the run waits on. */
export type ApplyEvent =
  | { readonly type: 'started'; readonly step: Step }
  /** Still at it: said every half minute, with what is being waited for if the step knows. */
  | { readonly type: 'progress'; readonly step: Step; readonly elapsedMs: number; readonly waitingFor: string | undefined }
  | { readonly type: 'retried'; readonly step: Step; readonly error: Error; readonly inMs: number }
  | { readonly type: 'finished'; readonly step: Step; readonly elapsedMs: number; readonly message: string | undefined }
  | { readonly type: 'failed'; readonly step: Step; readonly elapsedMs: number; readonly error: Error }
  | { readonly type: 'skipped'; readonly step: Step; readonly because: SkipReason }
  /** Not an error: a person elsewhere has to move first. */
  | { readonly type: 'waiting'; readonly step: Step; readonly reason: string }

export type Outcome =
  /** `missed`: of a look that decides what comes next, what it did not find. */
  | { readonly as: 'done'; readonly missed?: string }
  | { readonly as: 'failed'; readonly error: Error }
  /** Sent, and no answer says whether it took effect. */
  | { readonly as: 'unknown'; readonly error: Error }
  | { readonly as: 'skipped'; readonly because: SkipReason }
  | { readonly as: 'waiting'; readonly reason: string }
  /** A proof that was not reached: what waited for it stays as it was. */
  | { readonly as: 'unproven'; readonly reason: string }

/** Whether what comes after a step may begin: it was done, or a look found that there is nothing to do. */
export const isReached = (outcome: Outcome | undefined): boolean =>
  outcome?.as === 'done' || (outcome?.as === 'skipped' && outcome.because === 'is right')

export interface ApplyResult {
  readonly outcomes: ReadonlyMap<StepId, Outcome>
  /** Locks that are still off. */
  readonly owed: readonly Lock[]
  /** Marker locks that could not be deleted, although what they remember is back. */
  readonly markersLeft: readonly string[]
  /** Writes in flight when a lock was restored that may make them fail: they had taken longer than they may. */
  readonly restoredOver?: readonly string[]
  /** Each lock's time off or lowered, added up. */
  readonly liftedMs: number
  readonly interrupted: boolean
  /** Nothing was lifted, since the rights to restore it are missing; the messages say which. */
  readonly missingRights: readonly string[]
}
