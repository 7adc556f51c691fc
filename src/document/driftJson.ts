import { type IgnoreUse, type Ignoring, ignoreEntryFor, type Judged } from '../drift/index.ts'
import { driftVerdictOf } from '../engine/verdict.ts'
import { kindOf } from '../kinds/index.ts'
import type { Note } from '../model/change.ts'
import { type Drift, isMoved, isTelling } from '../model/drift.ts'
import { nameOf } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Who, Writer } from '../model/who.ts'
import type { DriftDocument, DriftEntry, DriftIgnoreUse, DriftSummary, DriftWho } from './drift.generated.ts'
import type { PlanDrift } from './plan.generated.ts'
import { shownValue } from './value.ts'

/** The version of the drift document's shape, and of the frame around several. */
export const driftFormatVersion = '2.0'

export interface DriftRecord extends Pick<DriftDocument, 'topology' | 'source' | 'baseline'> {
  readonly toolVersion: string
  /** ISO 8601. */
  readonly timestamp: string
  readonly reads: number
  /** Facts about the paths to the servers that are no drift. */
  readonly notes: readonly Note[]
}

/**
 * The drift for programs, in the shape of schema/drift.schema.json. Everything else that is drawn of drift is drawn from this
 * document alone.
 */
export function driftJson({ entries, ignores }: Ignoring, record: DriftRecord): DriftDocument {
  const complete = !entries.some(({ class: of }) => of === 'unknown')
  const summary = summaryJson(entries, record.reads)
  const declaredUnread = entries.some(({ class: of, beside }) => of === 'unknown' && beside === undefined)
  const verdict = driftVerdictOf({ complete, declaredUnread, entries, summary })
  return {
    format_version: driftFormatVersion,
    tool_version: record.toolVersion,
    timestamp: record.timestamp,
    source: record.source,
    topology: record.topology,
    baseline: record.baseline,
    clean: verdict.as === 'clean',
    complete,
    verdict,
    entries: entries.map(one => entryJson(one, record.timestamp.slice(0, 10))),
    ...(record.notes.length > 0 && { notes: record.notes.map(({ address, message }) => ({ address, message })) }),
    ignores: ignores.map(ignoreJson),
    summary
  }
}

function entryJson(drift: Judged, today: string): DriftEntry {
  const { class: of, counts, address, path, field, message, at, ignored } = drift
  const ignore = ignoreEntryFor(drift, today)
  return {
    class: of,
    counts,
    address,
    id: path,
    type: typeOf(drift),
    ...valuesJson(drift),
    ...(field !== undefined && { field }),
    message: sentenceOf(message, drift),
    ...(at && { source: at }),
    ...(ignored && { ignored: { reason: ignored.reason, owner: ignored.owner ?? null, until: ignored.until ?? null } }),
    ...(ignore !== undefined && { ignore }),
    ...(drift.who && { who: whoJson(drift.who) })
  }
}

function whoJson(who: Who): DriftWho {
  if (who.as === 'unknown') return { as: 'unknown', text: `it is unknown who wrote it: ${who.why}` }
  const writers = who.writers.map(({ isRun: pglink, ...writer }) => ({ ...writer, pglink }))
  const names = who.writers.slice(0, writersMax).map(writerText)
  const more = who.writers.length - names.length
  const subject = who.above === undefined ? '' : `${nameOf(who.above)}, in which it lies, was `
  const text = `${subject}written by ${names.join('; before that by ')}${more > 0 ? `, and ${more} more before` : ''}`
  return { as: 'known', text, ...(who.above !== undefined && { above: who.above }), writers }
}

const writersMax = 3

/** Minutes are enough for a reader: the writes themselves took as long. */
const writerText = ({ by, isRun, at, client }: Writer): string =>
  `${isRun ? `pglink, run ${by}` : by} on ${at.slice(0, 16).replace('T', ' ')} UTC${client === undefined ? '' : ` (${client})`}`

const valueMax = 120

/** To be read alone: which field, and what it is and should be, unless the sentence has a say of its own. */
function sentenceOf(message: string, drift: Judged): string {
  const { field, class: of } = drift
  if (field === undefined || isTelling(field) || of === 'unmanaged' || of === 'unknown' || of === 'leased' || of === 'asking')
    return message
  const { desired = null, live = null } = valuesJson(drift)
  const brief = (value: Json): string => {
    const text = Array.from(value === null ? 'not set' : JSON.stringify(value))
    return text.length <= valueMax ? text.join('') : `${text.slice(0, valueMax).join('')}…`
  }
  return `${field} ${message}: ${brief(desired)} in the file, ${brief(live)} in Azure`
}

const typeOf = ({ type, kind }: Drift): string => type ?? kindOf({ kind }).type

/** Only where a field is meant: a value of null is one that is not set. */
function valuesJson({ kind, field, ...values }: Drift): Pick<DriftEntry, 'baseline' | 'desired' | 'live'> {
  if (field === undefined) return {}
  const shown = (value: unknown): Json => shownValue(kind, field, value)
  return {
    ...('baseline' in values && { baseline: shown(values.baseline) }),
    desired: shown(values.desired),
    live: shown(values.live)
  }
}

const ignoreJson = ({ entry: { path, reason, owner, until }, state }: IgnoreUse): DriftIgnoreUse => ({
  path,
  reason,
  owner: owner ?? null,
  until: until ?? null,
  state
})

function summaryJson(entries: readonly Judged[], reads: number): DriftSummary {
  const count = (of: Drift['class']): number => entries.filter(one => one.class === of && one.ignored === undefined).length
  return {
    drifted: count('drifted'),
    pending: count('pending'),
    both: count('both'),
    differs: count('differs'),
    unmanaged: count('unmanaged'),
    others: count('others'),
    waiting: count('waiting'),
    unknown: count('unknown'),
    asking: count('asking'),
    ignored: entries.filter(({ ignored }) => ignored !== undefined).length,
    reads
  }
}

/** Fields that moved since the baseline, as a plan document has them. */
export const planDriftJson = (entries: readonly Judged[], today: string): PlanDrift[] =>
  entries.filter(isMoved).flatMap(drift => {
    const { class: of, counts: _, ignored, ...rest } = entryJson(drift, today)
    if (of !== 'drifted' && of !== 'both') return []
    const agreed = ignored && { reason: ignored.reason, owner: ignored.owner ?? '', until: ignored.until ?? '' }
    return [{ ...rest, class: of, ...(agreed && { ignored: agreed }) }]
  })
