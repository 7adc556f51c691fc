import { driftDocumentOf, planDocumentOf, written } from '../document/documents.ts'
import type { DriftDocument } from '../document/drift.generated.ts'
import { driftFormatVersion } from '../document/driftJson.ts'
import { type DriftedTopology, drift as driftEngine } from '../engine/drift.ts'
import { topologyFiles } from '../engine/files.ts'
import type { Notice } from '../engine/host.ts'
import { UsageError } from '../engine/stop.ts'
import { acceptanceText, notPutBack } from '../host/acceptanceText.ts'
import { driftEnding } from '../host/driftEnding.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { kebab } from '../model/kebab.ts'
import type { Worded } from '../model/option.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import { driftText } from '../report/driftText.ts'
import { planText } from '../report/planText.ts'
import { filesRead } from './filesRead.ts'
import { consentFlags, type Flags, isGiven } from './flags.ts'
import { hostOn, type Shown } from './host.ts'
import { optionsOf } from './options.ts'
import { outputsFor, sarifText, type Texts, withEvents } from './outputs.ts'
import { applySaved } from './planChoices.ts'
import { type Surroundings, styleFor } from './terminal.ts'

/**
 * Shows where Azure and the topology do not agree, with requests that only read. Where something declared could not be read nothing is
 * clean: drift that was found is `drift` whatever else is unknown, and without any an unknown is `error`.
 */
export async function drift(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Shown<DriftDocument>> {
  mustFit(flags)
  const files = await topologyFiles(given, terminal.cwd)
  const outputs = outputsFor(flags, filesRead(files, flags), terminal)
  if (flags.out !== undefined && files.length > 1) throw new UsageError('--out saves the plan of one topology; there are several.')
  return withEvents(flags, terminal, async (tell, shown) => {
    const options = optionsOf(files, flags, shown)
    const report = outputs.takesStdout ? () => undefined : shown.out
    const own = ownTelling(flags, shown, { report, said: outputs.takesStdout ? shown.err : shown.out })
    const host = hostOn({ flags, terminal: shown, report, tell, own })
    const outcome = await driftEngine(options, host)
    const { diagnostics } = outcome
    if (!outcome.sound) {
      await outputs.write({ sarif: () => sarifText(diagnostics, [], terminal) })
      return { ending: 'invalid', documents: [], problem: host.problem() }
    }
    await outputs.write(textsOf(outcome.topologies, diagnostics, terminal))
    const [file] = files
    if (!outputs.takesStdout && flags.out !== undefined && file !== undefined)
      shown.out(printed`Saved. Apply exactly this with: ${applySaved(flags.out, { file, flags }, shown)}\n`)
    return { ending: driftEnding(outcome.topologies), documents: outcome.topologies.map(driftDocumentOf), problem: host.problem() }
  })
}

function mustFit(flags: Flags): void {
  if (flags.accept && flags.revert) throw new UsageError('Give --accept or --revert, not both.')
  if (flags.out !== undefined && !flags.revert) throw new UsageError('--out saves the plan that --revert makes: give both.')
  const consent = consentFlags.find(name => isGiven(flags[name]))
  if (consent !== undefined && !flags.revert) throw new UsageError(`--${kebab(consent)} is about the plan that --revert makes: give both.`)
}

interface Streams {
  readonly report: (text: string) => void
  readonly said: (text: string) => void
}

const ownTelling =
  (flags: Flags, terminal: Surroundings, { report, said }: Streams) =>
  (notice: Notice): boolean => {
    const style = styleFor(terminal, flags.noColor)
    if (notice.type === 'drifted') report(driftText(driftDocumentOf(notice.drifted), style))
    else if (notice.type === 'accepted')
      said(acceptanceText(notice.acceptance, driftDocumentOf(notice.drifted), { style, cwd: terminal.cwd }))
    else if (notice.type === 'revert planned') {
      const { planned, drifted } = notice
      report(
        printed`\n${asIs(planText(planDocumentOf(planned, drifted.session), style))}${asIs(notPutBack(driftDocumentOf(drifted), planned.plan.changes))}`
      )
    } else return false
    return true
  }

function textsOf(topologies: readonly DriftedTopology[], diagnostics: readonly Diagnostic[], worded: Worded): Texts {
  const documents = topologies.map(driftDocumentOf)
  const [first] = topologies
  return {
    json: () => jsonText(documents.length === 1 ? documents[0] : { format_version: driftFormatVersion, drifts: documents }),
    out: () => jsonText(first?.revert && planDocumentOf(first.revert, first.session)),
    markdown: async () => (await import('../report/driftMarkdown.ts')).driftMarkdownOf(documents.map(written)).text,
    html: async () => (await import('../report/driftHtml.ts')).driftHtmlOf(documents.map(written)),
    sarif: async () => sarifText([...diagnostics, ...(await import('../report/driftSarif.ts')).driftDiagnostics(documents)], [], worded)
  }
}
