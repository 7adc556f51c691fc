import { type Drift, dayOf, isExpired, isMoved } from '../model/drift.ts'
import type { DriftIgnore } from '../model/topology.generated.ts'
import { addressOfField } from '../topology/settings.ts'

export interface Judged extends Drift {
  /** The entry of `driftIgnore` that says that it may differ. */
  readonly ignored?: DriftIgnore
}

export interface IgnoreUse {
  readonly entry: DriftIgnore
  readonly state: 'used' | 'unused' | 'expired'
}

export interface Ignoring {
  readonly entries: readonly Judged[]
  readonly ignores: readonly IgnoreUse[]
}

/** Lays `driftIgnore` over what was found: what it names does not count, unless its time is over. Nothing is left out. */
export function ignoring(found: readonly Drift[], ignores: readonly DriftIgnore[], today: string): Ignoring {
  const inForce = ignores.filter(({ until }) => !isExpired(until, today))
  const used = new Set<DriftIgnore>()
  const entries = found.map((one): Judged => {
    // An unread field is not known to differ, and cannot be agreed to.
    const ignored =
      isMoved(one) || one.class === 'unmanaged' || one.class === 'asking' ? inForce.find(entry => covers(entry.path, one)) : undefined
    if (ignored === undefined) return one
    for (const entry of inForce) if (covers(entry.path, one)) used.add(entry)
    return { ...one, counts: false, ignored }
  })
  const stateOf = (entry: DriftIgnore): IgnoreUse['state'] =>
    isExpired(entry.until, today) ? 'expired' : used.has(entry) ? 'used' : 'unused'
  return { entries, ignores: ignores.map(entry => ({ entry, state: stateOf(entry) })) }
}

/** A path means what it names and all beneath it, by address or by ARM id. */
function covers(path: string, drift: Drift): boolean {
  const wanted = path.replace(/\/+$/, '')
  if (wanted.startsWith('/')) return isAtOrUnder(drift.path.toLowerCase(), wanted.toLowerCase())
  return isAtOrUnder(addressOfField(drift), wanted)
}

const isAtOrUnder = (address: string, path: string): boolean => address === path || address.startsWith(`${path}/`)

const plain = /^[A-Za-z_/][\w./-]*$/

const dayMs = 24 * 3_600_000

/** An entry of `driftIgnore` for this, good for a month, to be pasted: why, and who answers for it, is for a person to say. */
export function ignoreEntryFor(drift: Drift, today: string): string | undefined {
  if (!drift.counts || (!isMoved(drift) && drift.class !== 'unmanaged')) return undefined
  // No entry of the file is what it would name.
  const path = drift.class === 'unmanaged' && drift.field === undefined ? drift.path : addressOfField(drift)
  const until = dayOf(new Date(Date.parse(today) + 30 * dayMs))
  // JSON is YAML where a plain text would not be.
  return `{ path: ${plain.test(path) ? path : JSON.stringify(path)}, reason: say why, owner: say who, until: "${until}" }`
}
