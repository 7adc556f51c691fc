import { verifyDocumentOf } from '../document/documents.ts'
import type { VerifyDocument } from '../document/verify.generated.ts'
import { verifyFormatVersion } from '../document/verifyJson.ts'
import { topologyFiles } from '../engine/files.ts'
import type { Notice } from '../engine/host.ts'
import { verify as verifyEngine } from '../engine/verify.ts'
import { verifyEnding } from '../host/verifyEnding.ts'
import { jsonText } from '../model/printable.ts'
import { verifyText } from '../report/verifyText.ts'
import type { Flags } from './flags.ts'
import { hostOn, type Shown } from './host.ts'
import { optionsOf } from './options.ts'
import { type Surroundings, styleFor } from './terminal.ts'

/**
 * Shows each private path that the topologies declare, hop by hop, with requests that only read. A hop that is broken ends it as `drift`,
 * whatever else is unknown; without one, a hop that could not be seen or waits ends it as `waiting`.
 */
export async function verify(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Shown<VerifyDocument>> {
  const files = await topologyFiles(given, terminal.cwd)
  const report = flags.json ? () => undefined : terminal.out
  const own = (notice: Notice): boolean => {
    if (notice.type !== 'verified') return false
    report(verifyText(verifyDocumentOf(notice.verified), styleFor(terminal, flags.noColor)))
    return true
  }
  const host = hostOn({ flags, terminal, report, own })
  const outcome = await verifyEngine(optionsOf(files, flags, terminal), host)
  if (!outcome.sound) return { ending: 'invalid', documents: [], problem: host.problem() }
  const documents = outcome.topologies.map(verifyDocumentOf)
  if (flags.json)
    terminal.out(jsonText(documents.length === 1 ? documents[0] : { format_version: verifyFormatVersion, verified: documents }))
  return { ending: verifyEnding(outcome.topologies), documents, problem: host.problem() }
}
