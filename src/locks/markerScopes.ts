import type { Permissions } from '../azure/permissions.ts'
import { lockRights } from '../kinds/managementLock.ts'
import type { Action, MarkerScope, StepId } from '../model/change.ts'
import type { Outcome } from '../model/events.ts'
import { type ResourceId, scopePathOf } from '../model/id.ts'
import { markersNeeded } from '../model/marker.ts'

type Lift = Extract<Action, { do: 'lift' }>

/** Places that stand and have room: the first, and one to fall back on. */
const enough = 2

export interface MarkersAllowed {
  /** By a lock's path, where the caller may write and delete locks, the best first. */
  readonly on: ReadonlyMap<string, readonly MarkerScope[]>
  /** The rights on locks that the caller lacks: on what is locked, and where there is no such place for a lock. */
  readonly missing: readonly string[]
}

/**
 * Asks for the rights on each place once, before the first lock is lifted. For a place that does not stand yet we ask for the nearest that
 * stands above it. A right that Azure does not tell us about is not missing.
 */
export async function markersAllowed(lifts: readonly Lift[], permissions: Permissions): Promise<MarkersAllowed> {
  const known = new Map<string, readonly string[]>()
  const lackingOn = async (scope: string): Promise<readonly string[]> => {
    const held = await permissions.on(scope)
    const lacking = held === undefined ? [] : lockRights.filter(action => !held(action))
    known.set(scope, lacking)
    return lacking
  }
  const on = new Map<string, readonly MarkerScope[]>()
  const needed = lifts.reduce((sum, { lock, how }) => sum + markersNeeded(lock, how), 0)
  const missing = new Set<string>()
  for (const { lock } of lifts) for (const right of await lackingOn(scopePathOf(lock.path))) missing.add(`${right} on ${lock.scope}`)
  for (const { lock, memory } of lifts) {
    if (memory.in !== 'markers') continue
    const allowed: MarkerScope[] = []
    let sure = 0
    for (const scope of memory.on) {
      if ((known.get(scope.askedAt) ?? (await lackingOn(scope.askedAt))).length > 0) continue
      allowed.push(scope)
      if (scope.madeBy === undefined && scope.room >= needed) sure += 1
      // We need further places where an earlier step did not make the first, where it is full, or where Azure takes no marker there.
      if (sure >= enough) break
    }
    const [best] = memory.on
    if (allowed.length > 0) on.set(lock.path, allowed)
    else if (best !== undefined)
      for (const right of await lackingOn(best.askedAt))
        missing.add(`${right} on ${best.id}, where the lock ${lock.path} is to be remembered while it is off`)
  }
  return { on, missing: [...missing] }
}

/** The markers of a run: where those of each lock lie, and how many lie where. */
export class MarkersOfRun {
  readonly #allowed: MarkersAllowed['on']
  readonly #outcomes: ReadonlyMap<StepId, Outcome>
  /** By a lock's path, where its markers may lie, of which they take the first place, and how many they are. */
  readonly #taken = new Map<string, { readonly on: readonly ResourceId[]; readonly parts: number }>()

  constructor(allowed: MarkersAllowed['on'], outcomes: ReadonlyMap<StepId, Outcome>) {
    this.#allowed = allowed
    this.#outcomes = outcomes
  }

  /**
   * Where the markers of a lock may lie that is lifted now, the best first.
   *
   * @throws Error where none of what could carry them stands
   */
  for({ lock, memory, how }: Lift): readonly string[] {
    if (memory.in !== 'markers') return []
    const allowed = this.#allowed.get(lock.path) ?? []
    // Where the lock is lifted once more, its earlier markers are gone.
    this.#taken.delete(lock.path)
    const stand = allowed.filter(({ madeBy }) => madeBy === undefined || this.#outcomes.get(madeBy)?.as === 'done')
    const parts = markersNeeded(lock, how)
    const taken = this.#takenNow()
    const free = stand.filter(({ id, room }) => (taken.get(id) ?? 0) + parts <= room)
    const [best] = free
    if (best === undefined)
      throw new Error(
        `The lock ${lock.path} was not lifted: nothing that could remember it in Azure while it is off stands and has room (${allowed.map(({ id }) => id).join(', ')}).`
      )
    this.#taken.set(lock.path, { on: free.map(({ id }) => id), parts })
    return free.map(({ path }) => path)
  }

  /** How many markers lie on each place. */
  #takenNow(): ReadonlyMap<ResourceId, number> {
    const taken = new Map<ResourceId, number>()
    for (const { on, parts } of this.#taken.values()) for (const id of on.slice(0, 1)) taken.set(id, (taken.get(id) ?? 0) + parts)
    return taken
  }

  /** Where the markers of a lock may have been. Azure may go on refusing there for a while after they were deleted, as with each lock [TF-LOCK]. */
  goneFrom(path: string): readonly ResourceId[] {
    return this.#taken.get(path)?.on ?? []
  }
}
