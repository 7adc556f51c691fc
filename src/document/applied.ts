// The library publishes these types, so that they lead to nothing but the plan's.
import type { PlanDocument, PlanFinding, PlanPath, PlanWaiting } from './plan.generated.ts'

/** The outcome of a step. */
export interface AppliedStep {
  readonly n: number
  readonly id: string
  readonly subject: string
  readonly outcome: 'done' | 'failed' | 'unknown' | 'skipped' | 'waiting' | 'unproven'
  /** Azure's words, or the system's. */
  readonly error?: string
  /** The thing to do about the error. */
  readonly next?: string
  readonly because?: string
  readonly reason?: string
  /** Why it is not done, in a sentence. */
  readonly why?: string
}

/** A sentence on what an address stands for. */
interface About {
  readonly address: string
  readonly message: string
}

/** Whether a fresh read found what the file declares, the way to each server included; the sentence is the terminal's. */
export interface AppliedProof {
  readonly as: 'proven' | 'waiting' | 'wrong'
  readonly text: string
  /** The things that the sentence speaks of. */
  readonly said: readonly About[]
  /** Findings that keep nothing from being proven. */
  readonly besides: readonly PlanFinding[]
}

/** How an apply of one topology ended, for programs: all that is told of it is drawn from this. */
export interface AppliedBody {
  readonly format_version: string
  /** The plan that was to be carried out. */
  readonly plan: PlanDocument
  readonly complete: boolean
  readonly interrupted: boolean
  /** The changes of which every step was done, counted as the plan counts them. */
  readonly resources: { readonly add: number; readonly change: number; readonly destroy: number }
  readonly steps: readonly AppliedStep[]
  /** ARM ids. */
  readonly locks_not_restored: readonly string[]
  /** The same locks as a reader knows them. */
  readonly not_restored: readonly About[]
  /** The command line that restores them, and removes what remembers them. */
  readonly restore_with: string
  readonly markers_left: readonly string[]
  /** Work of Azure that went on when a lock was restored over it. */
  readonly restored_over: readonly string[]
  /** Each lock's time off or lowered, added up. */
  readonly unlocked_ms: number
  readonly missing_rights: readonly string[]
  /** Addresses of steps that wait for a proof that is not reached. */
  readonly held_back: readonly string[]
  /** Addresses that a fresh read did not find as declared; null where none was made. */
  readonly still_differs: readonly string[] | null
  /** The same in sentences. */
  readonly differences: readonly string[]
  readonly waiting: readonly PlanWaiting[]
  readonly proof?: AppliedProof
  /** Where each declared endpoint leads by then: its private address, the name of its server, and the state of its connection. */
  readonly endpoints?: readonly PlanPath[]
}
