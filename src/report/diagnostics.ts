import type { Diagnostic, Range, Snippet } from '../model/diagnostic.ts'
import { printable } from '../model/printable.ts'
import { printDiagnostics } from '../topology/print.ts'

/** Diagnostics quote the file, and the file may be anybody's. */
export const diagnosticsText = (diagnostics: readonly Diagnostic[]): string => printDiagnostics(diagnostics.map(shown))

function shown(diagnostic: Diagnostic): Diagnostic {
  const { summary, detail, fix, address, range, snippet, related } = diagnostic
  return {
    ...diagnostic,
    summary: printable(summary),
    address: printable(address),
    ...(detail !== undefined && { detail: printable(detail) }),
    ...(fix !== undefined && { fix: printable(fix) }),
    ...(range && { range: shownRange(range) }),
    ...(snippet && { snippet: shownSnippet(snippet) }),
    related: related.map(other => ({
      message: printable(other.message),
      range: shownRange(other.range),
      snippet: shownSnippet(other.snippet)
    }))
  }
}

const shownRange = (range: Range): Range => ({ ...range, file: printable(range.file) })

/** One character for one, or the caret would point elsewhere; a tab stays, since the line of the caret repeats it. */
const shownSnippet = (snippet: Snippet): Snippet => ({
  ...snippet,
  code: snippet.code
    .replace(/[^\t]/gu, character => (printable(character) === character ? character : '\ufffd'.repeat(character.length)))
    .replace(/(?<=#)#(?=\[|vso\[)/gi, '\ufffd')
})
