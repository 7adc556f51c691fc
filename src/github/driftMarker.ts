import { createHash } from 'node:crypto'
import { isBody } from '../model/json.ts'
import { hiddenIn, hiddenLine } from '../report/hiddenLine.ts'
import { labelMax } from '../report/planMarker.ts'

/** A drift issue's account of itself, in its first line: enough to find it, and to tell whether anything new drifted. */
export interface DriftMarker {
  readonly v: 1
  /** Tells the issues of one repository's topologies from each other. */
  readonly label: string
  /** How many addresses differed from the file. */
  readonly count: number
  /** A digest of these addresses. */
  readonly set: string
  /** The addresses themselves, where there is room for them. */
  readonly addresses?: readonly string[]
}

const opening = '<!-- pglink-drift '

/** A label as it stands in the marker: of a long one the beginning, and a digest that tells it from the others. */
export const labelIn = (label: string): string =>
  label.length <= labelMax ? label : `${Array.from(label).slice(0, 60).join('')}… ${digestOf(label).slice(0, 32)}`

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The most that the line of a marker takes: the rest of an issue belongs to its reader. */
export const driftMarkerMax = 4_500

export function driftMarker(label: string, addresses: readonly string[]): DriftMarker {
  const sorted = [...new Set(addresses)].sort()
  const set = digestOf(JSON.stringify(sorted)).slice(0, 32)
  const short: DriftMarker = { v: 1, label: labelIn(label), count: sorted.length, set }
  const whole: DriftMarker = { ...short, addresses: sorted }
  return driftMarkerLine(whole).length <= driftMarkerMax ? whole : short
}

export const driftMarkerLine = (marker: DriftMarker): string => hiddenLine(opening, marker)

/** The caller looks at its author. */
export function parseDriftMarker(body: string): DriftMarker | undefined {
  const value = hiddenIn(opening, body)
  return isDriftMarker(value) ? value : undefined
}

function isDriftMarker(value: unknown): value is DriftMarker {
  if (!isBody(value)) return false
  const { v, label, count, set, addresses } = value
  const isList = addresses === undefined || (Array.isArray(addresses) && addresses.every(address => typeof address === 'string'))
  return v === 1 && typeof label === 'string' && typeof count === 'number' && typeof set === 'string' && isList
}
