import { verifyDocumentOf } from '../document/documents.ts'
import { probeOf } from '../document/probe.ts'
import type { VerifyDocument } from '../document/verify.generated.ts'
import { verifyFormatVersion } from '../document/verifyJson.ts'
import { topologyFiles } from '../engine/files.ts'
import type { Notice } from '../engine/host.ts'
import { Stop, UsageError } from '../engine/stop.ts'
import { type VerifiedTopology, verify as verifyEngine } from '../engine/verify.ts'
import { verifyEnding } from '../host/verifyEnding.ts'
import { jsonText, printed } from '../model/printable.ts'
import { probeLine, probeScript } from '../report/probeScript.ts'
import { verifyText } from '../report/verifyText.ts'
import type { Flags } from './flags.ts'
import { hostOn, type Shown } from './host.ts'
import { optionsOf } from './options.ts'
import { type Surroundings, styleFor } from './terminal.ts'

/**
 * Shows each private path that the topologies declare, hop by hop, with requests that only read. A hop that is broken ends it as `drift`,
 * whatever else is unknown; without one, a hop that could not be seen or waits ends it as `waiting`. With `--probe` it prints a script in their
 * stead.
 *
 * @throws UsageError for flags that do not go together, or a value that is none
 */
export async function verify(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Shown<VerifyDocument>> {
  if (flags.probe && flags.json) throw new UsageError('--probe prints a script: not together with --json.')
  const files = await topologyFiles(given, terminal.cwd)
  const report = flags.json || flags.probe ? () => undefined : terminal.out
  const own = (notice: Notice): boolean => {
    if (notice.type !== 'verified') return false
    report(verifyText(verifyDocumentOf(notice.verified), styleFor(terminal, flags.noColor)))
    return true
  }
  const host = hostOn({ flags, terminal, report, own })
  const outcome = await verifyEngine(optionsOf(files, flags, terminal), host)
  if (!outcome.sound) return { ending: 'invalid', documents: [], problem: host.problem() }
  const documents = outcome.topologies.map(verifyDocumentOf)
  if (flags.probe) {
    printProbe(outcome.topologies, terminal)
    return { ending: 'ok', documents, problem: host.problem() }
  }
  if (flags.json)
    terminal.out(jsonText(documents.length === 1 ? documents[0] : { format_version: verifyFormatVersion, verified: documents }))
  return { ending: verifyEnding(outcome.topologies), documents, problem: host.problem() }
}

/** The script on stdout, to be saved, and beside it how it is run. @throws Stop where there is nothing to look at yet */
function printProbe(topologies: readonly VerifiedTopology[], terminal: Surroundings): void {
  const probe = probeOf(topologies)
  if (probe.checks.length === 0)
    throw new Stop(
      'waiting',
      'There is no path yet that a client in a network can take: no endpoint of these files has an address that could be read.'
    )
  terminal.out(probeScript(probe))
  terminal.err(printed`Save it as probe.sh, and have a machine in the network run it:\n  ${probeLine}\n`)
}
