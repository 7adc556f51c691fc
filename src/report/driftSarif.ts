import type { Diagnostic } from '../model/diagnostic.ts'
import type { DriftDocument, DriftEntry } from './drift.generated.ts'

/** The meaning of a class of drift to code scanning, by the name that follows `drift/` in the id of the rule. */
const rules: Readonly<Record<DriftEntry['class'], string>> = {
  drifted: 'It was changed in Azure since the last apply.',
  both: 'It was changed in Azure, and in the file as well, since the last apply.',
  differs: 'It is not as declared.',
  unmanaged: 'It is in Azure, and in no file.',
  others: 'It is of another topology.',
  waiting: 'It is as declared, and its connection is not Approved yet.',
  unknown: 'It could not be read, so that nobody knows whether it drifted.',
  pending: 'It was changed in the file, and is not applied yet.',
  leased: 'It is a lock that a run has off, and is to put back.'
}

const eitherWay = 'pglink drift --revert plans the way back, and --accept writes what is there into the file'

/** No plan takes away what is in no file, and nobody can undo a change that could not be read. */
const fixes: Readonly<Record<DriftEntry['class'], string>> = {
  drifted: eitherWay,
  both: eitherWay,
  differs: eitherWay,
  others: 'nothing is to be done here',
  unmanaged: 'declare it, or take it away in Azure; driftIgnore agrees to it',
  waiting: 'let the owner of the server decide on the connection',
  unknown: 'see to it that it may be read, and look again',
  pending: 'apply the file',
  leased: 'let that run end'
}

/** The words of a rule `drift/CLASS`; `undefined` for any other rule. */
export function driftRule(id: string): { readonly name: string; readonly text: string } | undefined {
  const name = /^drift\/(.*)$/.exec(id)?.[1]
  return name === undefined || !(name in rules) ? undefined : { name, text: rules[name as DriftEntry['class']] }
}

/** Drift as findings in the file, each at the entry that it is about. Drift that is agreed to, or only waits to be applied, is none. */
export const driftDiagnostics = (documents: readonly DriftDocument[]): Diagnostic[] =>
  documents.flatMap(({ entries, topology }) =>
    entries
      .filter(({ counts, class: of }) => counts || of === 'unknown')
      .map(entry => {
        const { address, field, message, source, class: of } = entry
        const point = { line: source?.line ?? 1, column: source?.column ?? 1, byte: 0 }
        const summary = `${address} ${message}`
        return {
          severity: of === 'unknown' ? 'warning' : 'error',
          rule: `drift/${of}`,
          name: of,
          summary,
          fix: fixes[of],
          address: field === undefined ? address : `${address}/${field}`,
          range: { file: source?.file ?? topology.path, start: point, end: { ...point, column: point.column + 1 } },
          related: []
        }
      })
  )
