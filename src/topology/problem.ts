import { counted } from '../model/counted.ts'
import type { Diagnostic, Related } from '../model/diagnostic.ts'
import { inWords, type Worded } from '../model/option.ts'
import { rulesById } from './rules/index.ts'
import type { Fix } from './rules/rule.ts'
import { rangeOf, type Span, snippetOf } from './source.ts'
import { addressOf, type Path } from './tree.ts'

/** Something wrong, before it is made presentable. The rule brings the severity, and the fix where none is given. */
export interface Problem {
  readonly rule: string
  readonly span?: Span
  readonly path?: Path
  readonly summary: string
  readonly detail?: string
  readonly fix?: Fix
  readonly repair?: NonNullable<Diagnostic['repair']>
  readonly severity?: Diagnostic['severity']
  readonly related?: readonly { readonly message: string; readonly span: Span }[]
}

/** The most shown of one topology: a reader mends a few and looks again, and a log has room for no more. */
const problemsMax = 200

/** The problems that are shown, errors before warnings and by place, and a line that counts the rest. */
export function fewest(problems: readonly Problem[]): { readonly shown: readonly Problem[]; readonly rest: readonly Problem[] } {
  if (problems.length <= problemsMax) return { shown: problems, rest: [] }
  const ranked = problems.toSorted((a, b) => rank(a) - rank(b) || byPlace(a, b))
  const hidden = ranked.slice(problemsMax)
  const [next] = hidden
  const errors = hidden.filter(problem => severityOf(problem) === 'error').length
  const summary = `there are ${hidden.length} more problems than these ${problemsMax}: ${counted(errors, 'error')} and ${counted(hidden.length - errors, 'warning')}`
  return {
    shown: ranked.slice(0, problemsMax),
    rest: [{ rule: 'PGL918', summary, severity: errors > 0 ? 'error' : 'warning', ...(next?.span && { span: next.span }) }]
  }
}

const severityOf = ({ severity, rule }: Problem): Diagnostic['severity'] => severity ?? rulesById.get(rule)?.severity ?? 'error'

const rank = (problem: Problem): number => (severityOf(problem) === 'error' ? 0 : 1)

const byPlace = ({ span: a }: Problem, { span: b }: Problem): number =>
  compare(a?.source.file ?? '', b?.source.file ?? '') || (a?.start ?? 0) - (b?.start ?? 0)

/** `hidden` is what no snippet may show. */
export function diagnosticOf(problem: Problem, hidden: readonly Span[], worded: Worded): Diagnostic {
  const { span, detail } = problem
  const rule = rulesById.get(problem.rule)
  const fix = inWords(problem.fix, worded) ?? (rule && inWords(rule.fix, worded))
  return {
    severity: severityOf(problem),
    rule: problem.rule,
    name: rule?.name ?? problem.rule,
    summary: problem.summary,
    ...(detail !== undefined && { detail }),
    ...(fix !== undefined && { fix }),
    ...(problem.repair !== undefined && { repair: problem.repair }),
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
