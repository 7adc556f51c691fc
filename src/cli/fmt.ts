import { format } from '../engine/format.ts'
import { counted } from '../model/counted.ts'
import { type Ending, worst } from '../model/ending.ts'
import { asIs, printed } from '../model/printable.ts'
import { diagnosticsText } from '../report/diagnostics.ts'
import type { Flags } from './flags.ts'
import { optionsOf } from './options.ts'
import type { Surroundings } from './terminal.ts'

/** Writes files in their form and names them, or with `--check` only names those that are not in it. */
export async function fmt(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const files = await format(optionsOf(given, flags, terminal), flags.check)
  const changed = files.filter(({ isInForm, errors }) => !isInForm && errors.length === 0)
  for (const { file } of changed) terminal.out(printed`${file}\n`)
  for (const { errors } of files) if (errors.length > 0) terminal.err(printed`${asIs(diagnosticsText(errors))}`)
  if (flags.check && changed.length > 0)
    terminal.err(printed`${counted(changed.length, 'file')} not in form. \`pglink fmt\` with the same files writes them.\n`)
  return worst([
    'ok',
    flags.check && changed.length > 0 ? 'changes' : 'ok',
    files.some(({ errors }) => errors.length > 0) ? 'invalid' : 'ok'
  ])
}
