import { packageText, schemaPath } from '../engine/packageFile.ts'
import { renderedOf, renderedText } from '../engine/render.ts'
import { validate } from '../engine/validate.ts'
import type { Ending } from '../model/ending.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import { diagnosticsText } from '../report/diagnostics.ts'
import type { Flags } from './flags.ts'
import { optionsOf } from './options.ts'
import type { Surroundings } from './terminal.ts'

/** Prints topologies as they are once overlays are laid on and variables put in; warnings go beside them. */
export async function render(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const { files, valid, diagnostics } = await validate(optionsOf(given, flags, terminal))
  if (diagnostics.length > 0) terminal.err(printed`${asIs(diagnosticsText(diagnostics))}`)
  if (!valid) return 'invalid'
  const schema = JSON.parse(packageText(schemaPath))
  const topologies = files.flatMap(({ file, loaded }) => (loaded.ok ? [{ file, rendered: renderedOf(loaded.document, schema) }] : []))
  if (flags.json) {
    const documents = topologies.map(({ file, rendered: { topology, origins } }) => ({
      file,
      topology,
      origins: Object.fromEntries(origins)
    }))
    terminal.out(jsonText({ format_version: '1.0', topologies: documents }))
  } else terminal.out(printed`${asIs(topologies.map(({ rendered }) => renderedText(rendered)).join('---\n'))}`)
  return 'ok'
}
