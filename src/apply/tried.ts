import type { Azure } from '../azure/azure.ts'
import { timed } from '../azure/deadline.ts'
import { nothingInFlight } from '../locks/index.ts'
import type { Step } from '../model/change.ts'
import { isReached } from '../model/events.ts'
import type { Lock } from '../model/resource.ts'
import { attempted, limitOf } from './attempts.ts'
import { type Around, type Performed, perform, portsOf } from './perform.ts'
import { holdsLocks, type Run } from './run.ts'

/**
 * Runs one step, and again for as long as that helps.
 *
 * @param asRead restores a lock as it was read and not as the file declares it, since its steps are not done yet
 */
export async function tried(step: Step, run: Run, say: (what: string) => void, asRead = false): Promise<Performed> {
  const { executor, on, signal, plan } = run
  const { action } = step
  const restores = action.do === 'restore'
  const markersOn = action.do === 'lift' ? run.markers.for(action) : []
  if (action.do === 'lift') run.lifted.add(action.lock.scope)
  const over = action.do === 'restore' ? await inFlightUnder(action.was.level === 'ReadOnly' ? action.was : action.lock, run, say) : []
  const around: Around = {
    say,
    retried: (error, inMs) => on({ type: 'retried', step, error, inMs }),
    failed: asRead || anyFailedBefore(step, run),
    signal: restores ? undefined : signal,
    markersOn,
    again: run.again.has(step.id) && !run.rested.has(step.id),
    holds: () => holdsLocks(run),
    ended: run.ended,
    lifted: (lock, since) => void run.liftedAt.set(lock.path, since)
  }
  const all = (azure: Azure): Promise<Performed> => {
    const once = () => perform(step, { ...executor, azure }, around)
    // A restore tries again by itself.
    return restores ? once() : attempted(once, { ...around, azure, step, run })
  }
  const performed = await timed(executor.azure, { limit: limitOf(step, plan), interrupt: run.signal }, all)
  if (over.length === 0 || performed.as !== 'done') return performed
  for (const path of over) run.over.add(path)
  const message = `Azure was still at ${over.join(', ')}, which may fail because of it`
  return { ...performed, message: performed.message === undefined ? message : `${performed.message}; ${message}` }
}

/** The writes still in flight under a lock, or through it, after we have waited for as long as they may take. */
async function inFlightUnder(lock: Lock, { executor }: Run, say: (what: string) => void): Promise<readonly string[]> {
  const { running, writes } = executor.journal.left()
  const left = { running, writes, desired: executor.desired, own: true as const }
  // Where we cannot ask about a write, we restore the lock all the same.
  const rest = nothingInFlight(lock, left, false, portsOf(executor, { say, signal: undefined }))
  return rest.then(
    ({ still }) => still,
    () => []
  )
}

const anyFailedBefore = ({ afterEndOf, after }: Step, { outcomes }: Run): boolean =>
  [...afterEndOf, ...after].some(before => !isReached(outcomes.get(before)))

/** The time from when a lock was off or lowered to the end of its restore. */
export function timeLocks({ action }: Step, run: Run): void {
  if (action.do !== 'restore') return
  const now = run.executor.azure.clock.now()
  run.liftedMs += now - (run.liftedAt.get(action.was.path) ?? now)
  run.liftedAt.delete(action.was.path)
  run.lifted.delete(action.was.scope)
  for (const scope of run.markers.goneFrom(action.was.path)) run.lifted.add(scope)
}
