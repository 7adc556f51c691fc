import { topologyFiles } from '../engine/files.ts'
import { validate as check } from '../engine/validate.ts'
import { counted } from '../model/counted.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import { diagnosticsText, validateJson } from '../report/diagnostics.ts'
import { filesRead } from './filesRead.ts'
import type { Flags } from './flags.ts'
import type { Shown } from './host.ts'
import { outputsFor, sarifText } from './outputs.ts'
import { type Surroundings, styleFor } from './terminal.ts'

/** Checks every file and reports all that is wrong with all of them. */
export async function validate(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Shown<never>> {
  const style = styleFor(terminal, flags.noColor)
  const { colors } = style
  const found = await topologyFiles(given, terminal.cwd)
  const outputs = outputsFor(flags, filesRead(found, flags), terminal)
  const options = { ...flags, files: found, cwd: terminal.cwd, environment: terminal.env, words: terminal.words }
  if (flags.fix) {
    const show = outputs.takesStdout ? terminal.err : terminal.out
    // Only who asks for it pays for what edits and compares texts.
    const [{ repair }, { writtenText }] = await Promise.all([import('../engine/repair.ts'), import('../host/acceptanceText.ts')])
    const written = await repair(options)
    if (written.length > 0) show(printed`${asIs(writtenText(written, { style, cwd: terminal.cwd }))}\n`)
  }
  const { files, diagnostics } = await check(options)
  const errors = countOf(diagnostics, 'error')
  const problem = diagnostics.findLast(({ severity }) => severity === 'error')?.summary ?? ''
  const done: Shown<never> = { ending: errors > 0 ? 'invalid' : 'ok', documents: [], problem }
  await outputs.write({ json: () => jsonText(validateJson(diagnostics)), sarif: () => sarifText(diagnostics, [], terminal) })
  if (outputs.takesStdout) return done
  for (const { file, loaded } of files) {
    if (loaded.diagnostics.length > 0) terminal.out(printed`${asIs(diagnosticsText(loaded.diagnostics))}\n`)
    if (!loaded.ok) continue
    const warnings = countOf(loaded.diagnostics, 'warning')
    terminal.out(printed`${asIs(colors.green('Valid'))}: ${file}${warnings > 0 ? ` (${counted(warnings, 'warning')})` : ''}\n`)
  }
  if (errors > 0) terminal.out(colors.red(`${counted(errors, 'error')}. \`pglink explain RULE\` tells more.\n`))
  return done
}

const countOf = (diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): number =>
  diagnostics.filter(diagnostic => diagnostic.severity === severity).length
