import { liftedSeconds } from '../../src/plan/estimate.ts'
import type { Planned } from '../support/estate.ts'
import type { Team } from './crossing.ts'
import { lockedScopes, lockOn } from './crossingEstate.ts'
import type { Request } from './crossroads.ts'
import { isLowering } from './wills.ts'

const isKeep = ({ line, status }: Request): boolean => /\/locks\/keep$/i.test(line) && status < 300
export const isLift = (one: Request): boolean => isKeep(one) && (one.line.startsWith('DELETE ') || isLowering(one))
export const isWriteOf = ({ line, status }: Request, path: string): boolean =>
  status < 300 && !line.startsWith('GET ') && line.toLowerCase().endsWith(` ${path.toLowerCase()}`)

/**
 * The share of twice the plan's word that the longest window took.
 *
 * @throws Error where a lock was off for longer than twice what the runs that had it off had said; the dead one's have no end of theirs
 */
export function windows(log: readonly Request[], all: readonly Team[]): number {
  let longest = 0
  for (const scope of lockedScopes) {
    const path = lockOn(scope).toLowerCase()
    let open: { readonly since: number; readonly by: Set<string> } | undefined
    for (const one of log) {
      if (!isKeep(one) || one.line.startsWith('GET ') || !one.line.toLowerCase().endsWith(path)) continue
      // A lock that a person deletes is off by the person's will.
      if (one.who === 'person' && isLift(one)) continue
      if (isLift(one)) {
        open ??= { since: one.at, by: new Set() }
        open.by.add(one.who)
        continue
      }
      if (open === undefined) continue
      const by = all.filter(({ who }) => open?.by.has(who))
      const words = by.map(({ planned }) => wordOf(planned, path))
      // After the lease of a dead one the first restores it that wants it off, or `locks restore`.
      const bound = by.some(({ dies }) => dies) ? Number.POSITIVE_INFINITY : 2_000 * words.reduce((sum, seconds) => sum + seconds, 0)
      const ms = one.at - open.since
      if (ms > bound) {
        const meanwhile = log.filter(({ at, line }) => at >= (open?.since ?? 0) && at <= one.at && !line.startsWith('GET '))
        const told = meanwhile.map(({ who, line, status, at }) => `${(at - (open?.since ?? 0)) / 1_000} s ${who} ${line} ${status}`)
        const who = [...open.by].join(', ')
        throw new Error(`${path} was off for ${ms / 1_000} s by ${who}, who said ${words.join(', ')} s:\n${told.join('\n')}`)
      }
      longest = Math.max(longest, bound === 0 ? 0 : ms / bound)
      open = undefined
    }
  }
  return longest
}

const wordOf = ({ plan: { steps } }: Planned, path: string): number =>
  [...liftedSeconds(steps)].find(([lock]) => lock.toLowerCase() === path)?.[1] ?? 0
