import type { ExitCode } from '../host/exitCodes.ts'
import type { ApplyOutcome, FileDiagnostic } from './results.ts'

interface About {
  readonly code: ExitCode
  readonly diagnostics?: readonly FileDiagnostic[]
  readonly outcome?: ApplyOutcome | undefined
  readonly said?: readonly string[]
}

/** Why there is no result, or an apply that did not come to its end. No text of it holds a secret of the topology. */
export class PglinkError extends Error {
  override readonly name = 'PglinkError'
  /** The exit code that the command line has for it. */
  readonly code: ExitCode
  /** The topology's problems, where they are the error. */
  readonly diagnostics: readonly FileDiagnostic[]
  /** The steps of an apply that ended otherwise than it should. */
  readonly outcome: ApplyOutcome | undefined
  /** The lines said until then, as `log` is told them. */
  readonly said: readonly string[]

  constructor(message: string, { code, diagnostics = [], outcome, said = [] }: About) {
    super(message)
    this.code = code
    this.diagnostics = diagnostics
    this.outcome = outcome
    this.said = said
  }
}
