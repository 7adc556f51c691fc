import { written } from '../document/documents.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import { planFormatVersion } from '../document/planVersion.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Worded } from '../model/option.ts'
import { jsonText } from '../model/printable.ts'
import { sarifText, type Texts } from './outputs.ts'

/** Every form of plans that a flag can ask for. */
export function planTexts(documents: readonly PlanDocument[], diagnostics: readonly Diagnostic[], worded: Worded) {
  return {
    json: () => jsonText(documents.length === 1 ? documents[0] : { format_version: planFormatVersion, plans: documents }),
    out: () => jsonText(documents[0]),
    markdown: async () => (await import('../report/markdown.ts')).markdownOf(documents.map(written)).text,
    html: async () => (await import('../report/html.ts')).htmlOf(documents.map(written)),
    sarif: () => sarifText(diagnostics, documents, worded)
  } satisfies Texts
}
