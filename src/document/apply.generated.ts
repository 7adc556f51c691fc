// Generated from schema/apply.schema.json by `npm run schema`. Change the schema, not this file.
import type { PlanDocument, PlanFinding, PlanPath, PlanWaiting } from './plan.generated.ts'

/**
 * The document that `pglink apply --json` prints for one topology. For several topologies it is `{format_version, applies}`, with one of these for each. Where nothing was carried out it has the plan, and where a fresh read was made its proof and endpoints, and no other optional member.
 */
export interface ApplyDocument {
  /**
   * The version of this shape.
   */
  readonly format_version: string
  readonly plan: PlanDocument
  /**
   * Every step is done, or was not needed.
   */
  readonly complete?: boolean
  /**
   * The user, or a signal, ended it before its time.
   */
  readonly interrupted?: boolean
  readonly resources?: AppliedResources
  /**
   * The steps of the plan, in its order.
   */
  readonly steps?: readonly AppliedStep[]
  /**
   * The ARM ids of locks that are still off.
   */
  readonly locks_not_restored?: readonly string[]
  /**
   * The same locks as a reader knows them.
   */
  readonly not_restored?: readonly AppliedAbout[]
  /**
   * The command line that restores them, and removes what remembers them.
   */
  readonly restore_with?: string
  /**
   * Marker locks that could not be deleted, although what they remember is back.
   */
  readonly markers_left?: readonly string[]
  /**
   * Work of Azure that went on when a lock was restored over it.
   */
  readonly restored_over?: readonly string[]
  /**
   * The time that each lock was off or lowered, in milliseconds, added up.
   */
  readonly unlocked_ms?: number
  /**
   * Rights on locks without which none was lifted.
   */
  readonly missing_rights?: readonly string[]
  /**
   * Addresses of steps that wait for a proof that is not reached.
   */
  readonly held_back?: readonly string[]
  /**
   * Addresses that a fresh read did not find as declared; null where none was made.
   */
  readonly still_differs?: readonly string[] | null
  /**
   * The same in sentences.
   */
  readonly differences?: readonly string[]
  /**
   * The parts that wait for a person, a policy or Azure.
   */
  readonly waiting?: readonly PlanWaiting[]
  readonly proof?: AppliedProof
  /**
   * Where each declared endpoint leads by then: its private address, the name of its server, and the state of its connection.
   */
  readonly endpoints?: readonly PlanPath[]
  /**
   * The exit code of the command for this topology.
   */
  readonly exit_code: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 64 | 130 | 143
}
/**
 * The changes of which every step was done, counted as the plan counts them.
 */
export interface AppliedResources {
  /**
   * Created.
   */
  readonly add: number
  /**
   * Changed.
   */
  readonly change: number
  /**
   * Deleted.
   */
  readonly destroy: number
}
/**
 * The outcome of a step.
 */
export interface AppliedStep {
  /**
   * The number of the step in the plan.
   */
  readonly n: number
  /**
   * The id of the step in the plan.
   */
  readonly id: string
  /**
   * The name that the step has in every report.
   */
  readonly subject: string
  /**
   * `unknown`: it was sent, and no answer says whether it took effect. `waiting`: a person elsewhere has to move first. `unproven`: a proof was not reached.
   */
  readonly outcome: 'done' | 'failed' | 'unknown' | 'skipped' | 'waiting' | 'unproven'
  /**
   * Azure's words, or the system's.
   */
  readonly error?: string
  /**
   * The thing to do about the error.
   */
  readonly next?: string
  /**
   * The reason of a step that was skipped: the id of the step that it needs, or one of `cancelled`, `not needed`, `is right`, `unlocked too long`.
   */
  readonly because?: string
  /**
   * The reason of a wait, or of a proof that was not reached.
   */
  readonly reason?: string
  /**
   * Why it is not done, in a sentence.
   */
  readonly why?: string
}
/**
 * A sentence on what an address stands for.
 */
export interface AppliedAbout {
  /**
   * The address, or the ARM id.
   */
  readonly address: string
  /**
   * The sentence.
   */
  readonly message: string
}
/**
 * Whether a fresh read found what the file declares, the way to each server included; the sentence is the terminal's.
 */
export interface AppliedProof {
  /**
   * `proven`: all of it, or all but what the sentence names and could not be read. `waiting`: a person, a policy or Azure has to do something first, or may not be asked. `wrong`: something is not as the file says.
   */
  readonly as: 'proven' | 'waiting' | 'wrong'
  /**
   * The one sentence that says so.
   */
  readonly text: string
  /**
   * The things that the sentence speaks of.
   */
  readonly said: readonly AppliedAbout[]
  /**
   * Findings that keep nothing from being proven.
   */
  readonly besides: readonly PlanFinding[]
}
