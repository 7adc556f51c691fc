import type { Diagnostic, Related } from '../model/diagnostic.ts'
import { rulesById } from './rules/index.ts'
import { rangeOf, type Span, snippetOf } from './source.ts'
import { addressOf, type Path } from './tree.ts'

/** Something wrong, before it is made presentable. The rule brings the severity, and the fix where none is given. */
export interface Problem {
  readonly rule: string
  readonly span?: Span
  readonly path?: Path
  readonly summary: string
  readonly detail?: string
  readonly fix?: string
  readonly severity?: Diagnostic['severity']
  readonly related?: readonly { readonly message: string; readonly span: Span }[]
}

/** `hidden` is what no snippet may show. */
export function diagnosticOf(problem: Problem, hidden: readonly Span[]): Diagnostic {
  const { span, detail } = problem
  const rule = rulesById.get(problem.rule)
  const fix = problem.fix ?? rule?.fix
  return {
    severity: problem.severity ?? rule?.severity ?? 'error',
    rule: problem.rule,
    name: rule?.name ?? problem.rule,
    summary: problem.summary,
    ...(detail !== undefined && { detail }),
    ...(fix !== undefined && { fix }),
    address: addressOf(problem.path ?? []),
    ...(span && { range: rangeOf(span), snippet: snippetOf(span, hidden) }),
    related: (problem.related ?? []).map(
      ({ message, span: at }): Related => ({ message, range: rangeOf(at), snippet: snippetOf(at, hidden) })
    )
  }
}

/** By file, line and column; what has no place comes first. Several problems at one place go by rule. */
export function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted((a, b) => {
    const byFile = compare(a.range?.file ?? '', b.range?.file ?? '')
    const byLine = (a.range?.start.line ?? 0) - (b.range?.start.line ?? 0)
    const byColumn = (a.range?.start.column ?? 0) - (b.range?.start.column ?? 0)
    return byFile || byLine || byColumn || compare(a.rule, b.rule) || compare(a.summary, b.summary)
  })
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
