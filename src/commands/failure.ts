import { type ExitCode, exitCodes } from './exitCodes.ts'
import { Interrupted, type Terminal } from './terminal.ts'
import { Stop } from './usage.ts'

/**
 * The last resort: says in plain words what ended the command, and gives its exit code. Nobody sees a stack; what is
 * neither expected nor Azure's is a bug of ours, and says how to report it.
 */
export async function explain(error: unknown, terminal: Terminal): Promise<ExitCode> {
  const { errorLine, explained } = await import('../report/errorText.ts')
  const { printable } = await import('../report/printable.ts')
  if (error instanceof Interrupted) {
    terminal.err('\nInterrupted. Nothing was changed.\n')
    return exitCodes.interrupted
  }
  if (error instanceof Stop) {
    terminal.err([`Error: ${errorLine(error)}`, ...error.details.map(detail => `  ${printable(detail)}`), ''].join('\n'))
    return error.code
  }
  const known = explained(error)
  if (known) {
    terminal.err(`Error: ${known.message}\n${known.next === undefined ? '' : `${known.next}\n`}`)
    return exitCodes.error
  }
  terminal.err(`Error: pglink has a bug: ${errorLine(error)}\n`)
  terminal.err('Please report it with this line, the command and, without secrets, the topology.\n')
  return exitCodes.error
}
