/** One line of the stream for programs, but for the time it is written at. Names and members are Terraform's where it has them. */
export interface Event {
  readonly '@level': 'info' | 'warn' | 'error'
  /** The sentence for a person. */
  readonly '@message': string
  readonly '@module': 'pglink.ui'
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
