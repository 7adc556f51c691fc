import type { Drift } from '../model/drift.ts'
import { type ResourceId, resourceId } from '../model/id.ts'
import type { Remembered } from '../model/memory.ts'
import type { Desired } from '../model/resource.ts'

export interface LeftOffInput {
  readonly desired: Desired
  readonly baseline: Desired | undefined
  /** Locks that some run has off, by whatever remembers it. */
  readonly off: readonly Pick<Remembered, 'lock' | 'how' | 'lease'>[]
  /** Milliseconds since 1970, by the clock that the leases were made with. */
  readonly now: number
}

/**
 * Locks whose run had them off and did not put them back while its lease lasted: it is dead, and what they kept safe is open. One
 * under a lease is not missing.
 */
export function locksLeftOff({ desired, baseline, off, now }: LeftOffInput): Drift[] {
  const over = new Map<ResourceId, Drift>()
  for (const { lock, how, lease } of off) {
    const id = resourceId(lock.path)
    if (over.has(id) || Date.parse(lease.until) > now) continue
    const declared = desired.get(id)
    const done = how === 'lower' ? 'was lowered to CanNotDelete' : 'was removed'
    over.set(id, {
      class: baseline === undefined ? 'differs' : 'drifted',
      kind: 'managementLock',
      id,
      path: lock.path,
      address: declared?.address ?? lock.path,
      at: declared?.at,
      counts: true,
      message: `${done} by the run ${lease.run}, which did not put it back until ${lease.until}: an apply does, or \`pglink locks restore\``
    })
  }
  return [...over.values()]
}
