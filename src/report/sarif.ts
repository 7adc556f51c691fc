import { createHash } from 'node:crypto'
import type { Danger, PlanDocument, PlanRefusal, Position } from '../document/plan.generated.ts'
import type { Said } from '../engine/verdict.ts'
import type { Diagnostic, Range, Related } from '../model/diagnostic.ts'
import { inWords, type Worded } from '../model/option.ts'
import type { Rule } from '../topology/rules/rule.ts'
import { driftRule } from './driftSarif.ts'

type Members = Readonly<Record<string, unknown>>

interface Result {
  readonly ruleId: string
  readonly level: 'error' | 'warning'
  readonly text: string
  readonly address: string
  readonly location: Members | undefined
  readonly related: readonly Members[]
}

/** The program that makes it, and where it has the words of its rules. */
export interface SarifMaker extends Worded {
  readonly toolVersion: string
  /** The address of its documentation. */
  readonly homepage: string
  readonly ruleOf: (id: string) => Rule | undefined
}

/**
 * Problems of files, and the refusals of plans, as SARIF 2.1.0 for code scanning. Warnings about a file are taken from
 * the diagnostics alone, which know them better than the documents do.
 */
export function sarifOf(diagnostics: readonly Diagnostic[], documents: readonly PlanDocument[], maker: SarifMaker): Members {
  const results = [
    ...diagnostics.map(ofDiagnostic),
    ...documents.flatMap(document => document.refusals.map(one => ofRefusal(one, document))),
    ...documents.flatMap(document => document.dangers.filter(({ kind }) => codeScanned.has(kind)).map(one => ofDanger(one, document)))
  ]
  const ruleIds = [...new Set(results.map(({ ruleId }) => ruleId))].sort()
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'pglink',
            semanticVersion: maker.toolVersion,
            informationUri: maker.homepage,
            rules: ruleIds.map(id => ruleJson(id, maker))
          }
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'Where the command was started.' } } },
        results: withFingerprints(results).map(({ result, fingerprint }) => resultJson(result, fingerprint, ruleIds.indexOf(result.ruleId)))
      }
    ]
  }
}

const ofDiagnostic = ({ rule, severity, summary, detail, fix, address, range, related }: Diagnostic): Result => ({
  ruleId: rule,
  level: severity,
  text: sentences(summary, detail, fix === undefined ? undefined : `Fix: ${fix}`),
  address,
  location: range && location(range.file, regionOf(range)),
  related: related.map(relatedJson)
})

/** A refusal is not one of the file's rules: it depends on what there is in Azure. */
const ofRefusal = ({ code, source, ...said }: PlanRefusal, document: PlanDocument): Result => ({
  ...ofPlan(code, 'error', said, document),
  ...(source && { location: location(source.file, pointOf(source)) })
})

/** Dangers that are not of the change itself: what the user has accepted, and what is so before the apply. */
const codeScanned: ReadonlySet<Danger['kind']> = new Set(['lock-memory', 'lock-off', 'unproven'])

const ofDanger = ({ kind, ...said }: Danger, document: PlanDocument): Result => ofPlan(kind, 'warning', said, document)

function ofPlan(id: string, level: Result['level'], { address, message }: Said, { topology: { path } }: PlanDocument): Result {
  const text = sentences(`${address}: ${message}`)
  return { ruleId: `plan/${id}`, level, text, address, location: location(path, undefined), related: [] }
}

const sentences = (...texts: readonly (string | undefined)[]): string =>
  texts.flatMap(text => (text === undefined || text === '' ? [] : [/[.!?]$/.test(text) ? text : `${text}.`])).join(' ')

const location = (file: string, region: Members | undefined): Members => ({
  physicalLocation: { artifactLocation: artifact(file), ...(region && { region }) }
})

/** A URI reference, with slashes on every system. A path that leads out of the base cannot be said relative to it. */
function artifact(file: string): Members {
  const path = file.replaceAll('\\', '/').replace(/^(\.\/)+/, '')
  const uri = path.split('/').map(encodeURIComponent).join('/')
  if (path.startsWith('/')) return { uri: `file://${uri}` }
  return /^[a-z]:\//i.test(path) ? { uri: `file:///${uri.replace('%3A', ':')}` } : { uri, uriBaseId: '%SRCROOT%' }
}

const pointOf = ({ line, column }: Pick<Position, 'line' | 'column'>): Members => ({ startLine: line, startColumn: column })

const regionOf = ({ start, end }: Range): Members => ({ ...pointOf(start), endLine: end.line, endColumn: end.column })

const relatedJson = ({ message, range }: Related, index: number): Members => ({
  id: index + 1,
  message: { text: sentences(message) },
  ...location(range.file, regionOf(range))
})

/**
 * The rule, the file and the address: a line that is moved by an edit above it stays the same finding, and two of one kind
 * at one place are counted.
 */
function withFingerprints(results: readonly Result[]): { readonly result: Result; readonly fingerprint: string }[] {
  const seen = new Map<string, number>()
  return results.map(result => {
    const { artifactLocation } = (result.location?.['physicalLocation'] ?? {}) as { readonly artifactLocation?: { readonly uri?: string } }
    const key = JSON.stringify([result.ruleId, artifactLocation?.uri ?? '', result.address])
    const count = (seen.get(key) ?? 0) + 1
    seen.set(key, count)
    return { result, fingerprint: `${createHash('sha256').update(key).digest('hex').slice(0, 32)}:${count}` }
  })
}

const resultJson = (
  { ruleId, level, text, address, location: place, related }: Result,
  fingerprint: string,
  ruleIndex: number
): Members => ({
  ruleId,
  ruleIndex,
  level,
  message: { text },
  ...((place || address !== '') && {
    locations: [{ ...place, ...(address !== '' && { logicalLocations: [{ fullyQualifiedName: address, kind: 'object' }] }) }]
  }),
  ...(related.length > 0 && { relatedLocations: related }),
  // The one name that GitHub looks at [GitHub docs, SARIF support for code scanning].
  partialFingerprints: { primaryLocationLineHash: fingerprint }
})

function ruleJson(id: string, maker: SarifMaker): Members {
  const rule = maker.ruleOf(id)
  if (rule === undefined) return ruleOfAzure(id)
  const { name, summary, why, source, severity } = rule
  const fix = inWords(rule.fix, maker)
  const uri = uriIn(source)
  return {
    id,
    name,
    shortDescription: { text: sentences(summary) },
    fullDescription: { text: sentences(why) },
    help: {
      text: sentences(why, `Fix: ${fix}`, `Source: ${source}`),
      markdown: `${sentences(why)}\n\n**Fix:** ${sentences(fix)}\n\n**Source:** ${sentences(source)}\n\n\`pglink explain ${id}\` tells the same.`
    },
    ...(uri !== undefined && { helpUri: uri }),
    defaultConfiguration: { level: severity }
  }
}

/** A rule that is about Azure, and not about what a file may say. */
function ruleOfAzure(id: string): Members {
  const drift = driftRule(id)
  const name = drift?.name ?? id.replace(/^plan\//, '')
  const isDanger = [...codeScanned].some(kind => kind === name)
  const text = drift?.text ?? `${isDanger ? 'The plan has a danger' : 'The plan is refused'}: ${name.replaceAll('-', ' ')}.`
  const help =
    drift === undefined
      ? 'The message says what the plan would do, why it is refused, and the way out. See it whole with `pglink plan`.'
      : 'See it whole with `pglink drift`. With --revert it plans the way back, with --accept it writes what is there into the file.'
  return { id, name, shortDescription: { text }, help: { text: help }, defaultConfiguration: { level: 'error' } }
}

/** The first page that a rule's source names; the rest of it is words. */
const uriIn = (source: string): string | undefined => /https?:\/\/[^\s,()]+/.exec(source)?.[0]
