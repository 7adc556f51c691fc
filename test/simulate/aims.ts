import type { LogEntry } from '../../src/sandbox/sandbox.ts'

/** Where a command is killed: at a request, before or after it has taken effect, or at a line of its journal. */
export type Place =
  | { readonly at: 'request'; readonly method: string; readonly path: string; readonly nth: number; readonly when: 'before' | 'after' }
  | { readonly at: 'line'; readonly line: number; readonly when: 'before' | 'after' }

/** A command's acts, in order: a line that came onto the disk, a request that went out, an answer that came. */
export type Trace = readonly { readonly line?: number; readonly sent?: string; readonly answered?: string }[]

export const titleOf = (place: Place): string =>
  place.at === 'line' ? `${place.when} journal line ${place.line}` : `${place.when} ${place.method} ${place.path}, time ${place.nth}`

const isLock = (path: string): boolean => /\/providers\/microsoft\.authorization\/locks\//i.test(path)

/** Every lift and restore, every tenth other request, every line of the journal: before and after each. */
export function placesIn(log: readonly LogEntry[], lines: number): readonly Place[] {
  const requests = numbered(log)
  const others = requests.filter(one => !isWriteOfLock(one)).filter((_, index) => index % 10 === 9)
  const both = ['before', 'after'] as const
  return [
    ...[...requests.filter(isWriteOfLock), ...others].flatMap(one => both.map((when): Place => ({ at: 'request', ...one, when }))),
    ...Array.from({ length: lines }, (_, index) => both.map((when): Place => ({ at: 'line', line: index + 1, when }))).flat()
  ]
}

/**
 * Places between which no line was written and no write was answered leave the same: reads change nothing that the next run could
 * see. Only for how long Azure goes on with what it has begun is by chance, there as at one and the same place.
 */
export function alike(places: readonly Place[], trace: Trace): readonly (readonly Place[])[] {
  const groups = new Map<unknown, Place[]>()
  for (const place of places) {
    const moment = momentOf(place, trace) ?? place
    groups.set(moment, [...(groups.get(moment) ?? []), place])
  }
  return [...groups.values()]
}

/** How much had been done by then; `undefined` where the trace does not say. */
function momentOf(place: Place, trace: Trace): number | undefined {
  const at = place.at === 'line' ? trace.findIndex(({ line }) => line === place.line) : requestIn(place, trace)
  if (at < 0) return undefined
  const done = trace.slice(0, place.when === 'after' ? at + 1 : at)
  return done.filter(({ line, answered }) => line !== undefined || (answered !== undefined && !/^(GET|POST) /.test(answered))).length
}

function requestIn({ method, path, nth, when }: Extract<Place, { at: 'request' }>, trace: Trace): number {
  const wanted = `${method} ${path}`
  const places = trace.flatMap(({ sent, answered }, index) => {
    const request = when === 'before' ? sent : answered
    return request !== undefined && withoutDrawn(request) === wanted ? [index] : []
  })
  return places[nth - 1] ?? -1
}

interface Numbered {
  readonly method: string
  readonly path: string
  /** The how-manieth of this method and path. */
  readonly nth: number
}

const isWriteOfLock = ({ method, path }: Numbered): boolean => method !== 'GET' && isLock(path)

/** Less names that are drawn: a marker has the run in its name, and an operation is called by a guid. */
const withoutDrawn = (path: string): string =>
  path.replace(/pglink-owes-[0-9a-f]+/, 'pglink-owes-*').replace(/[^/]*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '*')

function numbered(log: readonly LogEntry[]): Numbered[] {
  const seen = new Map<string, number>()
  return log.map(({ method, path: given }) => {
    const path = withoutDrawn(given)
    const nth = (seen.get(`${method} ${path}`) ?? 0) + 1
    seen.set(`${method} ${path}`, nth)
    return { method, path, nth }
  })
}
