/** The file cannot be used: it is damaged, or another process has it. The file is left alone. */
export class StateFileError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StateFileError'
  }
}
