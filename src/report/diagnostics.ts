import { Buffer } from 'node:buffer'
import type { Diagnostic, Range, Snippet } from '../model/diagnostic.ts'
import { given } from '../model/given.ts'
import { at } from '../model/naming.ts'
import { inWords, type Worded } from '../model/option.ts'
import { printable } from '../model/printable.ts'
import type { Rule } from '../topology/rules/rule.ts'

/**
 * As text, one below the other: place, what is wrong, the line with a caret, the other ends, and what to do. It quotes the file, and the
 * file may come from anywhere.
 */
export const diagnosticsText = (diagnostics: readonly Diagnostic[]): string => diagnostics.map(oneText).join('\n')

function oneText({ severity, rule, name, summary, detail, fix, range, snippet, related }: Diagnostic): string {
  const lines = [`${range ? `${placeIn(range)} ` : ''}${severity} ${rule} ${name}: ${printable(summary)}`]
  if (snippet) lines.push(...marked(snippet))
  if (detail !== undefined) lines.push(`  ${printable(detail)}`)
  for (const other of related) lines.push(`  ${placeIn(other.range)} ${printable(other.message)}`, ...marked(other.snippet))
  if (fix !== undefined) lines.push(`  fix: ${printable(fix)}`)
  return `${lines.join('\n')}\n`
}

const placeIn = ({ file, start }: Range): string => at({ file, ...start })

/** A tab stays, so that the line of the caret is indented alike; else one character stands for one, or the caret would point elsewhere. */
function marked({ code, startLine, highlightStart, highlightEnd }: Snippet): string[] {
  const number = String(startLine).padStart(5)
  const shown = code
    .replace(/[^\t]/gu, character => (printable(character) === character ? character : '\ufffd'.repeat(character.length)))
    .replace(/(?<=#)#(?=\[|vso\[)/gi, '\ufffd')
  const indent = shown.slice(0, highlightStart).replace(/[^\t]/g, ' ')
  return [`${number} | ${shown}`, `${' '.repeat(number.length)} | ${indent}${'^'.repeat(highlightEnd - highlightStart)}`]
}

/** In the shape of `terraform validate -json`, so that what reads that reads this; `rule`, `address`, `fix` and `related` come on top. */
export function validateJson(diagnostics: readonly Diagnostic[]): Record<string, unknown> {
  const count = (severity: Diagnostic['severity']) => diagnostics.filter(diagnostic => diagnostic.severity === severity).length
  const errors = count('error')
  return {
    format_version: '1.0',
    valid: errors === 0,
    error_count: errors,
    warning_count: count('warning'),
    diagnostics: diagnostics.map(diagnosticJson)
  }
}

function diagnosticJson({ range, snippet, related, fix, ...said }: Diagnostic): Record<string, unknown> {
  const { severity, summary, detail = '', rule, address } = said
  const others = related.map(one => ({ summary: one.message, range: rangeJson(one.range), snippet: snippetJson(one.snippet) }))
  return given<Record<string, unknown>>({
    severity,
    summary,
    detail,
    range: range && rangeJson(range),
    snippet: snippet && snippetJson(snippet),
    rule,
    address,
    fix,
    related: others.length > 0 ? others : undefined
  })
}

const rangeJson = ({ file, start, end }: Range): Record<string, unknown> => ({ filename: file, start: { ...start }, end: { ...end } })

/** Terraform counts the highlight in bytes of the line. */
const snippetJson = ({ code, startLine, highlightStart, highlightEnd }: Snippet): Record<string, unknown> => ({
  context: null,
  code,
  start_line: startLine,
  highlight_start_offset: Buffer.byteLength(code.slice(0, highlightStart)),
  highlight_end_offset: Buffer.byteLength(code.slice(0, highlightEnd)),
  values: []
})

/** The page of a rule. */
export const explain = (rule: Rule, worded: Worded): string =>
  [
    `${rule.id} ${rule.name} (${rule.severity}${rule.lowerable ? ', can be lowered under rules:' : ''})`,
    '',
    rule.summary,
    '',
    `Why:    ${rule.why}`,
    `Fix:    ${inWords(rule.fix, worded)}`,
    `Source: ${rule.source}`,
    ''
  ].join('\n')
