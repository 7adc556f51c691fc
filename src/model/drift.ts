import type { ResourceId } from './id.ts'
import type { Position } from './resource.ts'
import type { Who } from './who.ts'

/**
 * The cause of a difference between the file and Azure. `drifted`: Azure moved; `pending`: the file moved; `both`: each of
 * them; `differs`: unknown, since there is no baseline. `unmanaged`: it is there and not in the file. `others`:
 * it is another topology's. `waiting`: it is as the file says, and a person or Azure has to act before it leads anywhere.
 * `unknown`: it could not be read. `leased`: a lock that a run has lifted, and is to restore. `asking`: a connection that is Pending, of which
 * neither a file nor `trust` says anything.
 */
type DriftClass = 'drifted' | 'pending' | 'both' | 'differs' | 'unmanaged' | 'others' | 'waiting' | 'unknown' | 'leased' | 'asking'

/** One thing in which the file and Azure do not agree, or that is unknown. */
export interface Drift {
  readonly class: DriftClass
  readonly kind: string
  /** Where it is not the kind's own: a record that belongs to a zone group. */
  readonly type?: string
  readonly id: ResourceId
  /** Its ARM id, in the casing it was created with. */
  readonly path: string
  /** As in the file; its ARM id where no file gives it an address. */
  readonly address: string
  /** Whether it makes the estate drifted. A change that waits to be applied, or that we left behind, does not. */
  readonly counts: boolean
  /** Absent where the resource as a whole is meant. A tag is `tags/NAME`. */
  readonly field?: string
  /** A field's value as last applied, as declared and as it is there; `undefined` where it was not set. */
  readonly baseline?: unknown
  readonly desired?: unknown
  readonly live?: unknown
  readonly message: string
  /** An unknown that is about undeclared resources. All declared ones may still have been read. */
  readonly beside?: true
  readonly at?: Position | undefined
  /** Absent where Azure's logs were not asked. */
  readonly who?: Who
  /** Declared children, which are gone with it. */
  readonly holds?: readonly ResourceId[]
}

/** Fields whose message says it all: what is wrong and what to do, where for others the values do. */
const tellingFields: ReadonlySet<string> = new Set(['connection', 'aRecord'])

export const isTelling = (field: string | undefined): boolean => field !== undefined && tellingFields.has(field)

/** The classes of changes in Azure: those that can be undone, or taken over into the file. */
export const isMoved = ({ class: of }: Pick<Drift, 'class'>): boolean => of === 'drifted' || of === 'both' || of === 'differs'

/** A day, as the file writes it. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10)

/** `until` is the last day on which it may differ. Days are UTC's. */
export const isExpired = (until: string | undefined, today: string): boolean => until !== undefined && until < today
