import { countOf, load, printProblems } from '../engine/load.ts'
import { counted } from '../model/counted.ts'
import type { Ending } from '../model/ending.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import { validateJson } from '../report/diagnostics.ts'

import { filesRead, topologyFiles } from './files.ts'
import type { Flags } from './flags.ts'
import { outputsFor, sarifText } from './outputs.ts'
import { styleFor, type Terminal } from './terminal.ts'

/** Checks every file and reports all that is wrong with all of them. */
export async function validate(given: readonly string[], flags: Flags, terminal: Terminal): Promise<Ending> {
  const { colors } = styleFor(terminal, flags.noColor)
  const files = topologyFiles(given, terminal.cwd)
  const outputs = outputsFor(flags, filesRead(files, flags), terminal)
  const checked = await Promise.all(files.map(async file => ({ file, loaded: await load(file, 'validate', flags, terminal) })))
  const diagnostics = checked.flatMap(({ loaded }) => loaded.diagnostics)
  const errors = countOf(diagnostics, 'error')
  const code = errors > 0 ? 'invalid' : 'ok'
  await outputs.write({ json: () => jsonText(validateJson(diagnostics)), sarif: () => sarifText(diagnostics, []) })
  if (outputs.takesStdout) return code
  for (const { file, loaded } of checked) {
    printProblems(loaded.diagnostics, terminal.out)
    if (!loaded.ok) continue
    const warnings = countOf(loaded.diagnostics, 'warning')
    terminal.out(printed`${asIs(colors.green('Valid'))}: ${file}${warnings > 0 ? ` (${counted(warnings, 'warning')})` : ''}\n`)
  }
  if (errors > 0) terminal.out(colors.red(`${counted(errors, 'error')}. \`pglink explain RULE\` tells more.\n`))
  return code
}
