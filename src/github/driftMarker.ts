import { createHash } from 'node:crypto'

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
const closing = ' -->'

/** Longer than labels are; one that a path was added to may be longer still. */
const labelMax = 200

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

/** HTML ends a comment at `--`, and an angle bracket could begin a tag: both are written as JSON escapes. */
export const driftMarkerLine = (marker: DriftMarker): string =>
  `${opening}${JSON.stringify(marker).replace(/(?<=-)-|-(?=-)|[<>]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, unitsOf)}${closing}`

const unitsOf = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')

/** Only the first line counts: the rest quotes names that somebody else chose. The caller looks at its author. */
export function parseDriftMarker(body: string): DriftMarker | undefined {
  const line = body.split('\n', 1)[0]?.trimEnd() ?? ''
  if (!line.startsWith(opening) || !line.endsWith(closing)) return undefined
  try {
    const value: unknown = JSON.parse(line.slice(opening.length, -closing.length))
    return isDriftMarker(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isDriftMarker(value: unknown): value is DriftMarker {
  if (typeof value !== 'object' || value === null) return false
  const { v, label, count, set, addresses } = value as Readonly<Record<string, unknown>>
  const isList = addresses === undefined || (Array.isArray(addresses) && addresses.every(address => typeof address === 'string'))
  return v === 1 && typeof label === 'string' && typeof count === 'number' && typeof set === 'string' && isList
}
