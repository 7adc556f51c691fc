import { type Drift, isMoved } from '../model/drift.ts'
import type { ResourceId } from '../model/id.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import type { Desired, Existing, Resource } from '../model/resource.ts'
import { existing } from '../plan/existing.ts'
import { differing } from './compare.ts'
import { type Compared, judged, movedIn } from './judge.ts'
import { recordAddress, type Sides } from './paths.ts'

/** Without a baseline it is the file that is gone back to. */
export interface RevertInput extends Omit<Sides, 'endpoints'> {
  /** The drift that is undone: resources that are not named here are not touched. */
  readonly drift: readonly Drift[]
}

/**
 * The topology that a plan has to reach so that it undoes the drift and does nothing else: drifted fields as they were last applied,
 * and the rest as it is. A pending change stays out.
 */
export function revertTo({ desired, baseline, live, drift }: RevertInput): Desired {
  const moved = drift.filter(isMoved)
  const gone = new Set(moved.filter(({ field }) => field === undefined).flatMap(({ id, holds = [] }) => [id, ...holds]))
  const fields = new Map<ResourceId, Set<string>>()
  for (const { id, field } of moved) if (field !== undefined) fields.set(id, (fields.get(id) ?? new Set()).add(field))
  const all = [...desired.values()].flatMap((now): [ResourceId, Resource][] => {
    const base = (baseline ?? desired).get(now.id)
    if (base === undefined) return []
    if (!now.managed || !base.managed) return [[now.id, { ...base, managed: false }]]
    // Positions and consents are those of today's file: the user does not have the baseline open.
    const { at, protect, restartAllowed, writeLive = false, adopt } = now
    const back = { ...base, at, protect, restartAllowed, writeLive, adopt }
    const old = existing(live, now.id, now.address)
    if (old !== undefined) return [[now.id, restricted(back, old, fields.get(now.id) ?? new Set())]]
    return gone.has(now.id) ? [[now.id, back]] : []
  })
  return new Map(all)
}

/** As `old` is, but for the fields that go back. A field that is not compared, such as a secret, stays as declared. */
function restricted(back: Resource, old: Existing, fields: ReadonlySet<string>): Resource {
  const differs = differing(back, old)
  const stays = (field: string): boolean => differs.has(field) && !fields.has(field)
  const has = old.props as Readonly<Record<string, unknown>>
  const props = Object.entries(back.props as Readonly<Record<string, unknown>>).map(([field, value]) => {
    const name = field === 'usable' ? 'connection' : field
    return [field, stays(name) ? has[field] : value]
  })
  const tags = Object.entries(back.tags).flatMap(([name, value]): [string, string][] => {
    if (!stays(`tags/${name}`)) return [[name, value]]
    const now = differs.get(`tags/${name}`)?.live
    return typeof now === 'string' ? [[name, now]] : []
  })
  return { ...back, props: Object.fromEntries(props), tags: Object.fromEntries(tags) }
}

/** The aim and the consents of a plan that undoes the drift and nothing else: pending changes stay so, deletions as well. */
export function reverting(compared: Compared, options: PlanOptions) {
  const { resolved, baseline, live } = compared
  const drift = movedIn(judged(compared))
  const desired = revertTo({ desired: resolved.desired, baseline: baseline?.desired, live, drift })
  const endpoints = (baseline ?? resolved).endpoints.filter(({ endpoint }) => desired.has(endpoint))
  const moved = new Set(drift.map(({ address }) => address))
  const keepRecords = new Set(endpoints.flatMap(({ address }) => (moved.has(recordAddress(address)) ? [] : [address])))
  return { desired, options: { ...options, prune: false, removed: [], endpoints, keepRecords } }
}
