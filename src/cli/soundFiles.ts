import { UsageError } from '../engine/stop.ts'
import { type Prepared, prepare } from '../engine/topology.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { fileEvents } from '../report/events.ts'
import type { Flags } from './flags.ts'
import { type Outputs, sarifText, type Tell } from './outputs.ts'
import type { Terminal } from './terminal.ts'

interface Asked {
  readonly given: readonly string[]
  readonly flags: Flags
  readonly terminal: Terminal
  readonly outputs: Outputs
  readonly tell: Tell
}

/**
 * The files of a command that reports on them, with what was found in them. Where one is not sound, the reports that are of files
 * alone are written.
 *
 * @returns `undefined` when a file is not sound
 * @throws UsageError where a plan of several is to be saved
 */
export async function soundFiles({
  given,
  flags,
  terminal,
  outputs,
  tell
}: Asked): Promise<{ readonly prepared: readonly Prepared[]; readonly diagnostics: readonly Diagnostic[] } | undefined> {
  const diagnostics: Diagnostic[] = []
  const prepared = await prepare(given, flags, terminal, found => diagnostics.push(...found))
  tell(fileEvents(diagnostics))
  if (prepared === undefined) {
    await outputs.write({ sarif: () => sarifText(diagnostics, []) })
    return undefined
  }
  if (flags.out !== undefined && prepared.length > 1) throw new UsageError('--out saves the plan of one topology; there are several.')
  return { prepared, diagnostics }
}
