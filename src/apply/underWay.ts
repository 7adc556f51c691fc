import type { Azure } from '../azure/azure.ts'
import { kinds } from '../kinds/index.ts'
import { type ResourceId, resourceId, typeOf, within } from '../model/id.ts'
import type { Desired, Found, Lock, Observed, Resource } from '../model/resource.ts'
import { atRest, ended, operationWaitMs } from './goingOn.ts'
import type { Begun, Running } from './journal.ts'
import { goesOn } from './lookAfter.ts'
import { type LockPorts, stamp } from './relock.ts'

/** Writes that a run that died may have left in flight. */
export interface LeftGoing {
  /** With where to ask. */
  readonly running: readonly Running[]
  /** Announced, and not known to have ended. */
  readonly writes: readonly Begun[]
  readonly desired: Desired
}

/** Writes to these reach elsewhere, too: records in a zone, connections of a server, addresses of a subnet. */
const reachElsewhere: readonly string[] = [
  'privateEndpoint',
  'privateDnsZoneGroup',
  'privateEndpointConnection',
  'virtualNetworkLink',
  'managedPrivateEndpoint'
]

/**
 * Waits, before a lock is restored, for writes that an earlier run left in flight under it or through it: the lock would make that fail
 * half-way. A Delete lock stands in nobody's way who makes something. For {@link operationWaitMs} at most.
 *
 * @param alone nobody's journal knows of the lock: then what the topology has there is looked at
 */
export async function nothingUnderWay(lock: Lock, left: LeftGoing, alone: boolean, ports: LockPorts): Promise<void> {
  const { say } = ports
  const announced = new Map(left.writes.map(one => [resourceId(one.path), one]))
  for (const one of left.running) {
    const step = announced.get(resourceId(one.path))?.step
    if (!isUnder(resourceId(one.path), lock) || (step !== undefined && isHarmless(step, lock))) continue
    if (await ended(one, ports)) await ports.journal.append({ type: 'over', path: one.path, at: stamp(ports) })
  }
  const begun = left.writes.filter(({ path, step }) => isUnder(resourceId(path), lock) && !isHarmless(step, lock))
  const declared = alone ? [...left.desired.values()].filter(one => one.managed && touches(one, lock)) : []
  const found = await Promise.all([...begun, ...declared].map(({ path }) => foundAt(path, ports)))
  const busy = found.flat().map(one => ({ found: one, limitMs: operationWaitMs }))
  const stands = (observed: Extract<Observed, { state: 'present' }>): boolean =>
    goesOn(observed) && !(lock.level === 'CanNotDelete' && /^(creating|provisioning)$/i.test(observed.facts.state ?? ''))
  await atRest(busy, ports, ({ found }) => say?.(`the end of what an earlier run began on ${found.path}`), stands)
}

const kindAt = (id: ResourceId) => kinds.find(({ type }) => type.toLowerCase() === typeOf(id))

const isUnder = (id: ResourceId, { scope }: Lock): boolean => within(id, scope) || reachElsewhere.includes(kindAt(id)?.name ?? '')

const isHarmless = (step: string, { level }: Lock): boolean => level === 'CanNotDelete' && step.startsWith('create ')

/** A resource that Azure names itself has another name than the step announced: it may be any of its siblings. */
async function foundAt(path: string, { azure }: LockPorts): Promise<readonly Pick<Found, 'kind' | 'path'>[]> {
  const kind = kindAt(resourceId(path))
  if (kind === undefined) return []
  const paths = kind.comesWithRef ? (await siblingsOf(path, kind, azure)).map(one => one.path) : [path]
  return paths.map(each => ({ kind: kind.name, path: each }))
}

/** None where they cannot be listed: what cannot be read is for the plan to tell. */
const siblingsOf = (path: string, kind: (typeof kinds)[number], azure: Azure): Promise<readonly { readonly path: string }[]> =>
  kind.list(azure, path.split('/').slice(0, -2).join('/')).catch(() => [])

const touches = ({ id, reach, kind }: Resource, { scope }: Lock): boolean =>
  kind !== 'managementLock' && (within(id, scope) || reach.some(one => within(one.scope, scope)))
