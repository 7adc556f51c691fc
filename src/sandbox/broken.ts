/** What a broken connection looks like to a client of fetch. */
export class ConnectionDropped extends Error {
  readonly code = 'ECONNRESET'
  /** What had begun to be answered when the connection was reset; undefined when it was closed without an answer. */
  readonly begun: Response | undefined

  constructor(begun?: Response) {
    super(begun ? 'read ECONNRESET' : 'socket hang up')
    this.name = 'ConnectionDropped'
    this.begun = begun
  }
}
