import { kinds } from '../kinds/index.ts'
import { type ResourceId, resourceId, typeOf, within } from '../model/id.ts'
import type { Desired, Found, Lock, Observed, Resource } from '../model/resource.ts'
import { atRest, ended, operationWaitMs } from './goingOn.ts'
import type { Begun, Running } from './journal.ts'
import { goesOn } from './lookAfter.ts'
import type { LockPorts } from './relock.ts'

/** What a run that died may have left going on. */
export interface LeftGoing {
  /** With where to ask. */
  readonly running: readonly Running[]
  /** Announced, and not known to have ended. */
  readonly writes: readonly Begun[]
  readonly desired: Desired
}

/** What these write to lies also elsewhere: records in a zone, connections of a server, addresses of a subnet. */
const reachElsewhere: readonly string[] = [
  'privateEndpoint',
  'privateDnsZoneGroup',
  'privateEndpointConnection',
  'virtualNetworkLink',
  'managedPrivateEndpoint'
]

/**
 * Waits, before a lock goes back, for what an earlier run left going on under it or through it: the lock would make that fail
 * half-way. A Delete lock stands in nobody's way who makes something. For {@link operationWaitMs} at most.
 *
 * @param alone nobody's journal knows of the lock: then what the topology has there is looked at
 */
export async function nothingUnderWay(lock: Lock, left: LeftGoing, alone: boolean, ports: LockPorts): Promise<void> {
  const { say } = ports
  const announced = new Map(left.writes.map(one => [resourceId(one.path), one]))
  for (const one of left.running) {
    const step = announced.get(resourceId(one.path))?.step
    if (isUnder(resourceId(one.path), lock) && !(step !== undefined && isHarmless(step, lock))) await ended(one, ports)
  }
  const begun = left.writes.filter(({ path, step }) => isUnder(resourceId(path), lock) && !isHarmless(step, lock)).map(foundAt)
  const declared = alone ? [...left.desired.values()].filter(one => one.managed && touches(one, lock)) : []
  const busy = [...begun.flatMap(found => found ?? []), ...declared].map(found => ({ found, limitMs: operationWaitMs }))
  const stands = (observed: Extract<Observed, { state: 'present' }>): boolean =>
    goesOn(observed) && !(lock.level === 'CanNotDelete' && /^(creating|provisioning)$/i.test(observed.facts.state ?? ''))
  await atRest(busy, ports, ({ found }) => say?.(`the end of what an earlier run began on ${found.path}`), stands)
}

const kindAt = (id: ResourceId) => kinds.find(({ type }) => type.toLowerCase() === typeOf(id))

const isUnder = (id: ResourceId, { scope }: Lock): boolean => within(id, scope) || reachElsewhere.includes(kindAt(id)?.name ?? '')

const isHarmless = (step: string, { level }: Lock): boolean => level === 'CanNotDelete' && step.startsWith('create ')

function foundAt({ path }: Begun): Pick<Found, 'kind' | 'path'> | undefined {
  const kind = kindAt(resourceId(path))
  return kind && { kind: kind.name, path }
}

const touches = ({ id, reach, kind }: Resource, { scope }: Lock): boolean =>
  kind !== 'managementLock' && (within(id, scope) || reach.some(one => within(one.scope, scope)))
