import type { Plan } from '../model/change.ts'
import { type Drift, dayOf, isMoved } from '../model/drift.ts'
import type { PassesWords } from '../model/option.ts'
import type { Live } from '../model/resource.ts'
import type { Resolved } from '../topology/resolve.ts'
import { driftOf, inOrder } from './compare.ts'
import { type Ignoring, ignoring } from './ignore.ts'

export interface Compared extends PassesWords {
  readonly resolved: Resolved
  readonly baseline: Resolved | undefined
  readonly live: Live
}

const nothing: Pick<Plan, 'changes' | 'unmanaged'> = { changes: [], unmanaged: [] }

/** The drift, with the parts that the file agrees to marked as such. `others` is the drift of undeclared resources. */
export function judged({ resolved, baseline, live, words }: Compared, plan = nothing, others: readonly Drift[] = []): Ignoring {
  const { desired, endpoints } = resolved
  const own = driftOf({ desired, baseline: baseline?.desired, live, endpoints, plan, words })
  const said = new Set(own.flatMap(({ id, field }) => (field === undefined ? [id] : [])))
  const all = inOrder([...own, ...others.filter(({ id }) => !said.has(id))])
  return ignoring(all, resolved.driftIgnore, dayOf(new Date()))
}

/** Drift that can be undone, or taken over: it moved, and the file does not agree to it. */
export const movedIn = ({ entries }: Ignoring): Drift[] => entries.filter(one => isMoved(one) && one.counts)
