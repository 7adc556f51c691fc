import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { driftLooks } from './looks.ts'

/** The words of a rule `drift/CLASS`; `undefined` for any other rule. */
export function driftRule(id: string): { readonly name: string; readonly text: string } | undefined {
  const name = /^drift\/(.*)$/.exec(id)?.[1]
  return name === undefined || !(name in driftLooks) ? undefined : { name, text: driftLooks[name as DriftEntry['class']][1] }
}

/** Drift as findings in the file, each at the entry that it is about. Drift that is agreed to, or only waits to be applied, is none. */
export const driftDiagnostics = (documents: readonly DriftDocument[]): Diagnostic[] =>
  documents.flatMap(({ entries, topology }) =>
    entries
      .filter(({ counts, class: of, ignored }) => counts || of === 'unknown' || (of === 'asking' && ignored === undefined))
      .map(entry => {
        const { address, field, message, source, class: of } = entry
        const point = { line: source?.line ?? 1, column: source?.column ?? 1, byte: 0 }
        const summary = `${address} ${message}`
        return {
          severity: of === 'unknown' || of === 'asking' ? 'warning' : 'error',
          rule: `drift/${of}`,
          name: of,
          summary,
          fix: driftLooks[of][2],
          address: field === undefined ? address : `${address}/${field}`,
          range: { file: source?.file ?? topology.path, start: point, end: { ...point, column: point.column + 1 } },
          related: []
        }
      })
  )
