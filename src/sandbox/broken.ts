import type { Answered } from './response.ts'

/** A broken connection as a client of fetch sees it. */
export class ConnectionDropped extends Error {
  readonly code = 'ECONNRESET'
  /** The answer that had begun when the connection was reset; undefined when it was closed without one. */
  readonly begun: Answered | undefined

  constructor(begun?: Answered) {
    super(begun ? 'read ECONNRESET' : 'socket hang up')
    this.name = 'ConnectionDropped'
    this.begun = begun
  }
}
