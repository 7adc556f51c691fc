/** A write that Azure's logs tell of. It says who wrote a resource, not who made the one difference in it. */
export interface Writer {
  /** The name or the object id of the login; of a run of pglink the run's id. */
  readonly by: string
  readonly isRun: boolean
  /** ISO 8601. */
  readonly at: string
  readonly operation: string
  readonly client?: string
}

/** The writers of one resource that drifted. */
export type Who =
  /** The newest first. @property above the ARM id of the resource that was written, where that is the one it lies in */
  | { readonly as: 'known'; readonly writers: readonly Writer[]; readonly above?: string }
  /** @property why a sentence without its subject */
  | { readonly as: 'unknown'; readonly why: string }
