import type { Request } from './crossroads.ts'

/*
 * The end of a lock that runs lift while a person writes to it, by the order of all writes. A lock that a run has lifted is owed, whatever a read
 * says: a person who deletes a lock that is lowered, or a marker, gets it restored. A lock that a person put there while it was lifted is
 * not overwritten, and the run that had lifted it says that it is owed. The work of a person on a lock that no run has off is as it was
 * wanted. Locks have no etag: a write between a run's look and that run's own write may be lost. A run
 * that has not read since its lift that a lock is back still owes it.
 */

/** A body as it is compared, or nothing where there is no lock. */
export type Body = string | undefined

export interface Wills {
  /** As it may be in the end, one or the other where a person wrote in the gap. */
  readonly allowed: ReadonlySet<Body>
  /** The runs that have lifted it, and have neither restored it nor read that it is back. */
  readonly owed: ReadonlySet<string>
  /** Whether a person wrote between a run's look and its write. */
  readonly inTheGap: boolean
  /** Writes of runs over what a person wanted, a sentence each. */
  readonly wrong: readonly string[]
}

export const bodyOf = (text: string | undefined): Body => {
  const { level, notes } = (JSON.parse(text ?? '{}').properties ?? {}) as { readonly level?: string; readonly notes?: string }
  return JSON.stringify([level, notes ?? ''])
}

export const isLowering = ({ body }: Pick<Request, 'body'>): boolean => /Lifted by pglink/.test(body ?? '')

/** @param path the lock's, in whatever case; `begin` its body before the first write */
export function willsOf(log: readonly Request[], path: string, begin: Body): Wills {
  const own = log.filter(({ line, status }) => status < 300 && line.toLowerCase().endsWith(` ${path.toLowerCase()}`))
  let allowed = new Set<Body>([begin])
  const owed = new Map<string, ReadonlySet<Body>>()
  const wrong: string[] = []
  // Standing, and not lowered.
  let now = begin
  let lowerer: string | undefined
  let gaps = 0
  for (const [index, one] of own.entries()) {
    const { who, line } = one
    const isDelete = line.startsWith('DELETE ')
    if (line.startsWith('GET ')) {
      // One of two that lower a lock does not find itself in the notes, and leaves it to the other one.
      if (owed.get(who)?.has(now) === true || (lowerer !== undefined && lowerer !== who)) owed.delete(who)
      continue
    }
    lowerer = isLowering(one) ? who : undefined
    now = isDelete || isLowering(one) ? undefined : bodyOf(one.body)
    if (who === 'person') {
      const gap = fellInTheGap(own, index)
      gaps += Number(gap)
      const wanted = isDelete ? (owed.size > 0 ? [...owed.values()].flatMap(bodies => [...bodies]) : [undefined]) : [bodyOf(one.body)]
      allowed = new Set([...(gap ? allowed : []), ...wanted])
    } else if (isDelete && isWithdrawn(own, index)) owed.delete(who)
    else if (isDelete || isLowering(one)) owed.set(who, owed.size > 0 ? new Set([...owed.values()].flatMap(all => [...all])) : allowed)
    else {
      const body = bodyOf(one.body)
      if (!allowed.has(body)) wrong.push(`${who} wrote ${body} over ${[...allowed].join(' or ')}`)
      allowed = new Set([body])
      owed.delete(who)
    }
  }
  return { allowed, owed: new Set(owed.keys()), inTheGap: gaps > 0, wrong }
}

/** A run that lowers a lock which is not there any more has made one, and takes it away again. */
const isWithdrawn = (own: readonly Request[], index: number): boolean => {
  const before = own.slice(0, index).findLast(({ line }) => !line.startsWith('GET '))
  return before?.who === own[index]?.who && before?.status === 201 && isLowering(before)
}

/** Whether some run looked before, and wrote after, and did nothing to it between the two; or has restored it and not proven that yet. */
function fellInTheGap(own: readonly Request[], index: number): boolean {
  const runs = new Set(own.flatMap(({ who }) => (who === 'person' ? [] : [who])))
  return [...runs].some(run => {
    const before = own.slice(0, index).findLast(({ who }) => who === run)
    const next = own.slice(index + 1).find(({ who }) => who === run)
    if (before?.line.startsWith('PUT ') === true && !isLowering(before)) return true
    return before?.line.startsWith('GET ') === true && next !== undefined && !next.line.startsWith('GET ')
  })
}
