/** The command line cannot be what was meant. Found before any I/O; exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something a command needs and does not get, said in one sentence with what to do; the exit code goes with it. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly code: 1 | 4 | 5 | 6 | 7 | 9
  /** The things it is about, one a line. */
  readonly details: readonly string[]
  constructor(code: Stop['code'], message: string, details: readonly string[] = []) {
    super(message)
    this.code = code
    this.details = details
  }
}
