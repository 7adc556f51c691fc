import { isBody } from '../model/json.ts'
import { hiddenIn, hiddenLine, safeJson } from './hiddenLine.ts'

/** Which plan an approval is for: one topology, and the digest of what would be done to it. */
export interface MarkedPlan {
  /** The topology's file, as it was given. */
  readonly file: string
  /** `null` where the plan cannot be applied, so that there is nothing to approve. */
  readonly digest: string | null
}

/** Our comment's account of itself. Everything that is read back is in here; the text under it is for people. */
export interface Marker extends MarkedPlan {
  readonly v: 1
  /** Tells comments of one pull request from each other. */
  readonly label: string
  /** The commit that was planned. */
  readonly head: string
  /** The commit of the base branch at that time, where it is known. */
  readonly base?: string
  /** The exit code of the command. */
  readonly exit: number
  /** Whether something was left out for want of room. */
  readonly truncated: boolean
  /** The address of the run that wrote the comment. */
  readonly run: string
  /** The further topologies of the same comment. One that is not named here is not approved by it. */
  readonly also?: readonly MarkedPlan[]
}

const opening = '<!-- pglink '

/** A label is part of the markers of comments and issues, which have room for so much. */
export const labelMax = 200

/** Longer than any label, path, digest or address in use: what a marker says has to leave room for the plan. */
const textMax = 1_024

/** The room for further topologies: about a hundred of them. */
const alsoMax = 16_384

/**
 * The first line of a comment. No text inside can end it early: HTML ends a comment at `--`, so hyphens that follow one
 * another and angle brackets are written as JSON escapes. A plan whose file or digest is too long to be kept is marked as
 * one that cannot be approved, since a cut one would be another one; further plans that do not fit are not named.
 *
 * @throws RangeError when the label, the commit or the address is longer than any in use.
 */
export function markerLine(marker: Marker): string {
  const { v, label, head, base = '', exit, truncated, run, also = [] } = marker
  for (const text of [label, head, base, run])
    if (text.length > textMax) throw new RangeError(`A marker has no room for a text of ${text.length} characters.`)
  const { file, digest } = isShort(marker) ? marker : { file: '', digest: null }
  const kept = fitting(also.filter(isShort))
  const optional = { ...(base !== '' && { base }), ...(kept.length > 0 && { also: kept }) }
  return hiddenLine(opening, { v, label, file, head, digest, exit, truncated, run, ...optional })
}

const isShort = ({ file, digest }: MarkedPlan): boolean => file.length <= textMax && (digest ?? '').length <= textMax

function fitting(plans: readonly MarkedPlan[]): readonly MarkedPlan[] {
  let free = alsoMax
  return plans.filter(({ file, digest }) => {
    free -= safeJson({ file, digest }).length + 1
    return free >= 0
  })
}

/**
 * Reads a comment's account of itself; nothing for a comment that is not ours, or was written by a version we do not know.
 * The caller looks at the author, since any account can write this line.
 */
export function parseMarker(body: string): Marker | undefined {
  const value = hiddenIn(opening, body)
  return isMarker(value) ? value : undefined
}

const isMarkedPlan = (value: unknown): value is MarkedPlan =>
  isBody(value) && typeof value.file === 'string' && (value.digest === null || typeof value.digest === 'string')

const isMarker = (value: unknown): value is Marker =>
  isBody(value) &&
  isMarkedPlan(value) &&
  value.v === 1 &&
  typeof value.label === 'string' &&
  typeof value.head === 'string' &&
  (value.base === undefined || typeof value.base === 'string') &&
  typeof value.run === 'string' &&
  typeof value.exit === 'number' &&
  typeof value.truncated === 'boolean' &&
  (value.also === undefined || (Array.isArray(value.also) && value.also.every(isMarkedPlan)))

/** Every plan that a comment shows. */
export const plansOf = ({ file, digest, also = [] }: Marker): readonly MarkedPlan[] => [{ file, digest }, ...also]
