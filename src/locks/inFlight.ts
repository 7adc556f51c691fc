import { limitMs } from '../azure/operation.ts'
import { kindOf, kindOfType } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { isStopped } from '../kinds/touched.ts'
import { parentOf, resourceId, typeOf } from '../model/id.ts'
import type { Desired, Found, Lock, Observed, Reach, Resource } from '../model/resource.ts'
import { atRest, notBeingDeleted, operationEnded } from './atRest.ts'
import type { Begun, Running, Touch } from './journal.ts'
import { unseenMs } from './lostAnswer.ts'
import { type LockPorts, type OwedLock, type Restoration, restore, stamp } from './restore.ts'

/** Writes that may be in flight: those of a run that died, or of steps that this run has given up. */
export interface InFlight {
  /** Operations, each with the address at which we can ask. */
  readonly running: readonly Running[]
  /** Announced, and not known to have ended. */
  readonly writes: readonly Begun[]
  readonly desired: Desired
  /** This run began it, and gave it up. */
  readonly own?: true
}

/** A write that is past its limit when we begin to wait gets so long: a lock would make it fail half-way. */
const graceMs = 15 * 60_000

/** The outcome of a lock that an earlier run had off. */
export interface RestoredFor extends Restoration {
  /** See {@link Rest.still}. */
  readonly over: readonly string[]
}

/**
 * Restores a lock that an earlier run owes, once all is at rest that the earlier run may have in flight.
 *
 * @param alone see {@link nothingInFlight}
 * @throws what {@link restore} throws
 */
export async function restoreFor(owedLock: OwedLock, left: InFlight, alone: boolean, ports: LockPorts): Promise<RestoredFor> {
  const { still: over, ended: done } = await nothingInFlight(owedLock.lock, left, alone, ports)
  for (const path of done) await ports.journal.append({ type: 'over', path, at: stamp(ports) })
  await notBeingDeleted(owedLock.lock, ports)
  return { ...(await restore(owedLock.lock, owedLock, ports)), over }
}

/**
 * Waits, before a lock is restored, for all that may be in flight under it or through it: the lock would make that fail half-way. For each
 * at most until the limit of its own step; and not after an interrupt.
 *
 * @param alone no journal knows of the lock: then every declared resource under it may be in flight
 */
export const nothingInFlight = (lock: Lock, left: InFlight, alone: boolean, ports: LockPorts): Promise<Rest> =>
  waited(lock, left, alone, ports).catch(error => {
    if (ports.signal?.aborted) return { still: [], ended: [] }
    throw error
  })

/** The paths that we waited for. */
export interface Rest {
  /** Azure still works on these: the lock is restored all the same. */
  readonly still: readonly string[]
  /** The operations that have ended. */
  readonly ended: readonly string[]
}

async function waited(lock: Lock, left: InFlight, alone: boolean, ports: LockPorts): Promise<Rest> {
  const { say, azure } = ports
  const now = azure.clock.now()
  const still: string[] = []
  const done: string[] = []
  for (const one of left.running) {
    const steps = stepsOf(one.path, left.writes)
    const ways = await Promise.all((steps.length > 0 ? steps : [undefined]).map(step => isInTheWay(one.path, step, lock, left, ports)))
    if (!ways.includes(true)) continue
    const forMs = Math.max(...(steps.length > 0 ? steps : [undefined]).map(step => leftMsOf(one.path, step, left.desired, now)))
    const to = (await operationEnded(one, ports, left.own ? 'that was given up' : 'that an earlier run began', forMs)) ? done : still
    to.push(one.path)
  }
  const begun: Watched[] = []
  // We have waited for its operation already, for as long as it may take.
  const isOver = ({ path }: Begun): boolean => still.some(other => resourceId(other) === resourceId(path))
  for (const one of left.writes)
    if (!isOver(one) && (await isInTheWay(one.path, one, lock, left, ports)))
      for (const found of await foundAt(one.path, ports))
        begun.push({ found, limitMs: leftMsOf(one.path, one, left.desired, now), unseenUntil: unseenUntil(one) })
  const declared = alone ? [...left.desired.values()].filter(one => one.managed && wouldStop(one, lock)) : []
  for (const { path, limitsMs } of declared)
    for (const found of await foundAt(path, ports))
      begun.push({ found, limitMs: Math.max(...Object.values(limitsMs ?? {}), limitMs), unseenUntil: 0 })
  const stands = (observed: Observed, { unseenUntil: until, found }: Watched): boolean => {
    if (observed.state === 'absent') return azure.clock.now() < until
    const motion = kindOf(found).motion(observed)
    // A Delete lock does not stand in the way of a create.
    return motion !== 'at rest' && !(lock.level === 'CanNotDelete' && motion === 'being made')
  }
  const over = await atRest(
    begun,
    ports,
    ({ found }) => say?.(`the end of what ${left.own ? 'was given up' : 'an earlier run began'} on ${found.path}`),
    stands
  )
  return { still: [...new Set([...still, ...over.map(({ found }) => found.path)])], ended: done }
}

interface Watched {
  readonly found: Pick<Found, 'kind' | 'path'>
  readonly limitMs: number
  /** Until when it may be in the making without being seen. */
  readonly unseenUntil: number
}

/** The writes that may have begun an operation. A resource that Azure names itself has another name than the step announced. */
function stepsOf(path: string, writes: readonly Begun[]): readonly Begun[] {
  const id = resourceId(path)
  const named = writes.filter(one => resourceId(one.path) === id)
  if (named.length > 0 || kindOfType.get(typeOf(id))?.comesWithRef !== true) return named
  return writes.filter(one => typeOf(one.path) === typeOf(path) && parentOf(resourceId(one.path)) === parentOf(id))
}

/** Whether a lock would stop a write: by its announcement, or by the topology or Azure. Where none of them tells, we take it to. */
async function isInTheWay(path: string, step: Begun | undefined, lock: Lock, { desired }: InFlight, ports: LockPorts): Promise<boolean> {
  const id = resourceId(path)
  const as = step?.step.startsWith('delete ') === true ? 'delete' : 'write'
  // An operation that no step announced may be a delete.
  const own: readonly Touch[] = step === undefined ? [{ scope: id, as: 'delete' }] : [{ scope: id, as }]
  if ((step?.touches ?? own).some(one => isStopped(one, lock))) return true
  if (step?.touches !== undefined) return false
  const kind = kindOfType.get(typeOf(id))
  if (kind === undefined || !kind.reachesElsewhere || (as === 'write' && step !== undefined && lock.level === 'CanNotDelete')) return false
  const declared = desired.get(id)
  if (declared !== undefined) return declared.reach.some(one => isStopped(one, lock))
  const { observed } = await kind.observe(ports.azure, path).catch(() => ({ observed: undefined }))
  return observed?.state !== 'present' || observed.reach.some(one => isStopped({ ...one, as }, lock))
}

/** For how much longer we wait for it. */
function leftMsOf(path: string, step: Begun | undefined, desired: Desired, now: number): number {
  const own = step?.limitMs ?? Math.max(...Object.values(desired.get(resourceId(path))?.limitsMs ?? {}), 0)
  const begun = step?.at === undefined ? now : Date.parse(step.at)
  return Math.max(begun + (own || limitMs) - now, graceMs)
}

function unseenUntil({ step, path, at }: Begun): number {
  const kind = kindOfType.get(typeOf(resourceId(path)))
  return at === undefined || kind === undefined || !step.startsWith('create ') ? 0 : Date.parse(at) + unseenMs(kind)
}

/** A resource that Azure names itself has another name than the step announced: it may be any of its siblings. */
async function foundAt(path: string, { azure }: LockPorts): Promise<readonly Pick<Found, 'kind' | 'path'>[]> {
  const kind = kindOfType.get(typeOf(resourceId(path)))
  if (kind === undefined) return []
  if (!kind.comesWithRef) return [{ kind: kind.name, path }]
  // Where they cannot be listed there are none: the plan says what it cannot read.
  const siblings = await kind.list(azure, path.split('/').slice(0, -2).join('/')).catch(() => [])
  return siblings.map(one => ({ kind: kind.name, path: one.path }))
}

const wouldStop = ({ id, reach, kind }: Resource, lock: Lock): boolean =>
  kind !== managementLock.name &&
  [{ scope: id, as: 'delete' as const }, ...reach].some((one: Pick<Reach, 'scope' | 'as'>) => isStopped(one, lock))
