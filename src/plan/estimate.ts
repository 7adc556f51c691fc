import { secondsOf } from '../kinds/seconds.ts'
import type { Refusal, Step, StepId } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'

/** By the lock's path, for about how long each lock that the plan lifts is off: what runs under it, side by side where it can. */
export function liftedSeconds(steps: readonly Step[]): ReadonlyMap<string, number> {
  const restores = new Map(steps.flatMap(step => (step.action.do === 'restore' ? [[step.action.was.path, step] as const] : [])))
  const ancestors = ancestorsOf(steps)
  return new Map(
    steps.flatMap(({ id, action }) => {
      if (action.do !== 'lift') return []
      const under = new Set(restores.get(action.lock.path)?.afterEndOf ?? [])
      const window = steps.filter(step => step.id !== id && under.has(step.id) && !ancestors.get(id)?.has(step.id))
      return [[action.lock.path, makespan(window)] as const]
    })
  )
}

function ancestorsOf(steps: readonly Step[]): ReadonlyMap<StepId, ReadonlySet<StepId>> {
  const all = new Map<StepId, ReadonlySet<StepId>>()
  for (const { id, after, afterEndOf } of steps) {
    const before = [...after, ...afterEndOf]
    all.set(id, new Set(before.flatMap(one => [one, ...(all.get(one) ?? [])])))
  }
  return all
}

/** Each step begins when the steps that it waits for are done and no other step writes to the same server, network, zone or factory. */
function makespan(steps: readonly Step[]): number {
  const ends = new Map<StepId, number>()
  const free = new Map<ResourceId, number>()
  for (const { id, action, after, afterEndOf, serial } of steps) {
    const begins = Math.max(0, ...[...after, ...afterEndOf].map(one => ends.get(one) ?? 0), ...serial.map(one => free.get(one) ?? 0))
    const end = begins + secondsOf(action)
    ends.set(id, end)
    for (const one of serial) free.set(one, end)
  }
  return Math.max(0, ...ends.values())
}

/** Windows that would stand open for longer than the file allows: what cannot be done in time is not begun. */
export function tooLong(steps: readonly Step[], maxUnlockedSeconds: number): Refusal[] {
  return [...liftedSeconds(steps)].flatMap(([path, seconds]) => {
    if (seconds <= maxUnlockedSeconds) return []
    const message = `The lock ${path} would be off for about ${seconds} s, and \`safety.maxUnlockedSeconds\` is ${maxUnlockedSeconds}. Apply the change in parts, or allow it in the file: \`safety: { maxUnlockedSeconds: ${seconds} }\`.`
    return [{ code: 'unlocked-too-long', address: path, message, exit: 6 }]
  })
}
