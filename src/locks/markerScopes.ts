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
  const lackingOn = async (scope: string): Promise<string[]> => {
    const held = await permissions.on(scope)
    return held === undefined ? [] : lockRights.filter(action => !held(action))
  }
  const on = new Map<string, readonly MarkerScope[]>()
  const needed = lifts.reduce((sum, { lock, how }) => sum + markersNeeded(lock, '', how), 0)
  const missing = new Set<string>()
  for (const { lock } of lifts) for (const right of await lackingOn(scopePathOf(lock.path))) missing.add(`${right} on ${lock.scope}`)
  for (const { lock, memory } of lifts) {
    if (memory.in !== 'markers') continue
    const allowed: MarkerScope[] = []
    for (const scope of memory.on) {
      if ((await lackingOn(scope.askedAt)).length > 0) continue
      allowed.push(scope)
      // We need further places where an earlier step did not make the first, where it is full, or where Azure takes no marker there.
      if (allowed.filter(({ madeBy, room }) => madeBy === undefined && room >= needed).length >= enough) break
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
    const parts = ({ path }: MarkerScope): number => markersNeeded(lock, path, how)
    const free = stand.filter(scope => this.#takenOn(scope.id) + parts(scope) <= scope.room)
    const [best] = free
    if (best === undefined)
      throw new Error(
        `The lock ${lock.path} was not lifted: nothing that could remember it in Azure while it is off stands and has room (${allowed.map(({ id }) => id).join(', ')}).`
      )
    this.#taken.set(lock.path, { on: free.map(({ id }) => id), parts: parts(best) })
    return free.map(({ path }) => path)
  }

  #takenOn = (id: ResourceId): number => [...this.#taken.values()].reduce((sum, { on, parts }) => sum + (on[0] === id ? parts : 0), 0)

  /** Where the markers of a lock may have been. Azure may go on refusing there for a while after they were deleted, as with each lock [TF-LOCK]. */
  goneFrom(path: string): readonly ResourceId[] {
    return this.#taken.get(path)?.on ?? []
  }
}
