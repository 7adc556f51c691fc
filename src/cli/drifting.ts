import { driftOf, inOrder } from '../drift/compare.ts'
import { type Ignoring, ignoring } from '../drift/ignore.ts'
import { recordAddress } from '../drift/paths.ts'
import { revertTo } from '../drift/revert.ts'
import type { Plan } from '../model/change.ts'
import { type Drift, dayOf, isMoved } from '../model/drift.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import type { Desired, Live } from '../model/resource.ts'
import type { Resolved } from '../topology/resolve.ts'

export interface Compared {
  readonly resolved: Resolved
  readonly baseline: Resolved | undefined
  readonly live: Live
}

const nothing: Pick<Plan, 'changes' | 'unmanaged'> = { changes: [], unmanaged: [] }

/** The drift, with the parts that the file agrees to marked as such. `others` is the drift of undeclared resources. */
export function judged({ resolved, baseline, live }: Compared, plan = nothing, others: readonly Drift[] = []): Ignoring {
  const { desired, endpoints } = resolved
  const own = driftOf({ desired, baseline: baseline?.desired, live, endpoints, plan })
  const said = new Set(own.flatMap(({ id, field }) => (field === undefined ? [id] : [])))
  const all = inOrder([...own, ...others.filter(({ id }) => !said.has(id))])
  return ignoring(all, resolved.driftIgnore, dayOf(new Date()))
}

/** Drift that can be undone, or taken over: it moved, and nobody agreed to it. */
export const movedIn = ({ entries }: Ignoring): Drift[] => entries.filter(one => isMoved(one) && one.counts)

export interface Reverting {
  readonly desired: Desired
  readonly options: PlanOptions
}

/** The aim and the consents of a plan that undoes the drift and nothing else: pending changes stay so, deletions as well. */
export function reverting(compared: Compared, options: PlanOptions): Reverting {
  const { resolved, baseline, live } = compared
  const drift = movedIn(judged(compared))
  const desired = revertTo({ desired: resolved.desired, baseline: baseline?.desired, live, drift })
  const endpoints = (baseline ?? resolved).endpoints.filter(({ endpoint }) => desired.has(endpoint))
  const moved = new Set(drift.map(({ address }) => address))
  const keepRecords = new Set(endpoints.flatMap(({ address }) => (moved.has(recordAddress(address)) ? [] : [address])))
  return { desired, options: { ...options, prune: false, removed: [], endpoints, keepRecords } }
}
