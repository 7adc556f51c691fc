import { limitMs } from '../azure/operation.ts'
import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import type { Journals, LeftoverMarkers, Running } from '../locks/index.ts'
import {
  clearMarkers,
  forgetWhatWent,
  isEnded,
  type LockPorts,
  operationEnded,
  type Restored,
  restoreLocks,
  stamp
} from '../locks/index.ts'
import type { Ending } from '../model/ending.ts'
import { resourceId } from '../model/id.ts'
import type { MarkedLock } from '../model/marker.ts'
import type { Desired, Lock, Resource } from '../model/resource.ts'
import { matters, refusalOf } from './claims.ts'
import { type LeftBehind, leftBehind } from './journals.ts'
import type { Session } from './session.ts'

interface Recovery extends Required<Pick<LockPorts, 'say'>> {
  readonly marked: readonly MarkedLock[]
  readonly signal: AbortSignal
}

/** Ends what earlier runs left behind: their operations, where they are asked for, and their locks. */
export async function recover(session: Session, { marked: inAzure, say, signal }: Recovery): Promise<readonly Restored[]> {
  const { prepared, connection, journals, run, settings, restoreLine } = session
  const { keep, now: atOnce } = settings
  const { desired } = prepared.resolved
  const { owed, awaitingScope, leftover, running, writes } = leftBehind(journals)
  const isDeclared = (lock: Lock): boolean => standsAsDeclared(lock, desired)
  const ports = { azure: connection.open('writing'), journal: journals, run, leaseMs: 0, say, signal, restoreLine, isDeclared }
  const going = await stillGoing(running, session, ports)
  const gone = new Set(awaitingScope.map(({ lock }) => lock.path.toLowerCase()))
  const marked = inAzure.filter(
    one => matters(one.lock.scope, desired) && !gone.has(one.lock.path.toLowerCase()) && !isLeftover(one, leftover)
  )
  const cleared = await clearMarkers(leftover, ports)
  const went = await forgetWhatWent(awaitingScope, desired, ports)
  const left = { running: going, writes, desired }
  const results = [
    ...cleared,
    ...went,
    ...(await restoreLocks({ owed, marked, going: left, keep, atOnce, refusal: refusalOf(session) }, ports))
  ]
  const now = leftBehind(journals)
  if (now.unfinished && results.every(({ outcome }) => outcome !== 'failed')) {
    // Nothing is owed any more: the run that died is over. Its writes may not be.
    for (const { path, url, left } of now.running)
      if (left !== true) await journals.append({ type: 'operation', path, url, left: true, at: stamp(ports) })
    await journals.append({ type: 'ended', at: stamp(ports) })
  }
  journals.conclude()
  return results
}

/** Strikes off the operations that are over. With `resume` they are followed until they are, for as long as a step of their resource may take. */
async function stillGoing(
  running: readonly Running[],
  { prepared, settings: { resume } }: Session,
  ports: LockPorts
): Promise<readonly Running[]> {
  const still: Running[] = []
  for (const one of running) {
    const patience = patienceMs(prepared.resolved.desired.get(resourceId(one.path)))
    const isOver = resume ? await followed(one, patience, ports) : await isEnded(one, ports.azure)
    if (isOver) await ports.journal.append({ type: 'over', path: one.path, at: stamp(ports) })
    else still.push(one)
  }
  return still
}

/** After an interrupt no more is waited for, but we restore the locks. */
async function followed(one: Running, forMs: number, ports: LockPorts): Promise<boolean> {
  try {
    return await operationEnded(one, ports, 'that an earlier run began', forMs)
  } catch (error) {
    if (ports.signal?.aborted) return false
    throw error
  }
}

/** For how long something that goes on with a resource is waited for: as long as a step of it may take. */
export function patienceMs(resource: Resource | undefined): number {
  const declared = Object.values(resource?.limitsMs ?? {})
  return declared.length === 0 ? limitMs : Math.max(...declared)
}

/** Whether Azure remembers nothing of it but markers that a run here could not delete: it is on. */
export const isLeftover = ({ markers }: MarkedLock, leftover: readonly LeftoverMarkers[]): boolean => {
  const left = new Set(leftover.flatMap(one => one.markers.map(path => path.toLowerCase())))
  return markers.length > 0 && markers.every(({ path }) => left.has(path.toLowerCase()))
}

/** Whether a lock is there as the file wants it. */
export function standsAsDeclared({ path, properties }: Lock, desired: Desired): boolean {
  const resource = desired.get(resourceId(path))
  if (resource?.kind !== managementLock.name) return false
  const kind = kindOf(resource)
  return kind.diff(kind.fromArm(properties), resource.props).length === 0
}

/** Whether there is anything for {@link recover} to do. */
export const owes = (left: LeftBehind, marked: readonly MarkedLock[], desired: Desired): boolean =>
  owesLocks(left, marked, desired) || left.unfinished || left.leftover.length > 0 || left.running.length > 0

/** Whether a lock may be off. */
export const owesLocks = ({ owed }: LeftBehind, marked: readonly MarkedLock[], desired: Desired): boolean =>
  owed.length > 0 || marked.some(({ lock }) => matters(lock.scope, desired))

/**
 * The locks that are off by now, as far as the journals know, and those that Azure marked and no journal says to be back.
 *
 * @returns `undefined` where a journal cannot be read
 */
export function offNow(all: readonly Journals[], marked: readonly MarkedLock[] = []): readonly Lock[] | undefined {
  try {
    const entries = all.flatMap(one => one.entries())
    const back = new Set(entries.flatMap(one => (one.type === 'relocked' || one.type === 'standing' ? [one.lock.path.toLowerCase()] : [])))
    const elsewhere = marked.map(({ lock }) => lock).filter(({ path }) => !back.has(path.toLowerCase()))
    const off = [...all.flatMap(one => one.left().owed.map(({ lock }) => lock)), ...elsewhere]
    return [...new Map(off.map(lock => [lock.path.toLowerCase(), lock])).values()]
  } catch {
    return undefined
  }
}

/** `partial` where a lock is back that may make fail what Azure was still at. */
export const restoredEnding = (restored: readonly Restored[]): Ending =>
  restored.some(({ outcome }) => outcome === 'failed')
    ? 'lockNotRestored'
    : restored.some(({ over = [] }) => over.length > 0)
      ? 'partial'
      : 'ok'
