import { effectOf } from './faultEffects.ts'
import { type Json, jsonIn } from './json.ts'
import { Random } from './random.ts'
import type { ErrorDetail } from './refusal.ts'

/** Something that goes wrong on purpose. The README says how one is written. */
export interface Fault {
  readonly method?: string
  /** Matched against the path, without the query, whatever its case. */
  readonly path: RegExp
  readonly when: Turn
  readonly effect: FaultEffect
  /** As it was written, for whoever asks what there is. */
  readonly given: Json
}

/** Which of the matching requests: one by its number from 1, each, or some of them by chance, the same ones in every run. */
type Turn = number | 'every' | { readonly probability: number; readonly seed: number }

export type FaultEffect =
  /** `after` carries the request out and loses its answer. */
  | { readonly do: 'answer'; readonly when: 'instead' | 'after'; readonly answer: FaultAnswer }
  /** The write is accepted, and its operation fails. */
  | { readonly do: 'failOperation'; readonly error: ErrorDetail | { readonly azure: string } }
  /** The operation that the write begins, or that is asked after, is forgotten at its addresses. It goes on. */
  | { readonly do: 'expire' }
  /** The answer is the last different one from before a write. */
  | { readonly do: 'stale' }
  | { readonly do: 'pageSize'; readonly size: number }
  | { readonly do: 'delay'; readonly ms: number }
  /** No request is answered for so long, this one included. */
  | { readonly do: 'pause'; readonly ms: number }
  /** The connection breaks, before the request takes effect or after. */
  | { readonly do: 'drop'; readonly when: 'before' | 'after' }
  /** The connection is reset in the middle of the answer. */
  | { readonly do: 'reset' }

export type FaultAnswer =
  | { readonly form: 'error'; readonly status: number; readonly error: ErrorDetail; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly form: 'raw'
      readonly status: number
      readonly raw: string
      readonly contentType?: string
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly form: 'azure'; readonly name: string }

/** The members that say which requests a fault is for. */
const selectors = ['method', 'path', 'nth', 'probability', 'seed']

/** A file of faults: a JSON array. @throws an error that names the entry and the member that is wrong */
export function parseFaults(text: string, file: string): Fault[] {
  let json: Json
  try {
    json = jsonIn(text) as Json
  } catch (error) {
    throw new Error(`${file} ${(error as Error).message}`)
  }
  return parseFaultList(json, file)
}

/** @throws an error that begins with `where` and names the entry and the member that is wrong */
export function parseFaultList(json: Json, where: string): Fault[] {
  if (!Array.isArray(json)) throw new Error(`${where}: must be an array of faults`)
  return json.map((entry: Json, index) => faultOf(entry, `${where}: fault ${index + 1}`))
}

function faultOf(entry: Json, where: string): Fault {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) throw new Error(`${where}: must be an object`)
  const given = new Map<string, unknown>(Object.entries(entry))
  const method = given.get('method')
  if (method !== undefined && typeof method !== 'string') throw new Error(`${where}: "method" must be a string`)
  const effect = effectOf(new Map([...given].filter(([key]) => !selectors.includes(key))), selectors, where)
  if ((effect.do === 'stale' || effect.do === 'pageSize') && method !== undefined && method.toUpperCase() !== 'GET')
    throw new Error(`${where}: "${effect.do}" is for reads, and "method" is ${method}`)
  return {
    ...(method !== undefined && { method: method.toUpperCase() }),
    path: pathOf(given.get('path'), where),
    when: turnOf(given, where),
    effect,
    given: entry
  }
}

function pathOf(path: unknown, where: string): RegExp {
  if (typeof path !== 'string') throw new Error(`${where}: "path" must be a regular expression as a string`)
  try {
    return new RegExp(path, 'i')
  } catch (error) {
    throw new Error(`${where}: "path": ${error instanceof Error ? error.message : error}`)
  }
}

function turnOf(given: ReadonlyMap<string, unknown>, where: string): Turn {
  const probability = given.get('probability')
  const seed = given.get('seed')
  if (probability === undefined) {
    if (seed !== undefined) throw new Error(`${where}: "seed" belongs to "probability"`)
    const nth = given.get('nth') ?? 1
    if (nth === 'every' || (typeof nth === 'number' && Number.isInteger(nth) && nth >= 1)) return nth
    throw new Error(`${where}: "nth" must be a whole number from 1, or "every"`)
  }
  if (given.has('nth')) throw new Error(`${where}: "nth" and "probability" exclude each other`)
  if (typeof probability !== 'number' || !(probability > 0 && probability <= 1))
    throw new Error(`${where}: "probability" must be a number above 0, up to 1`)
  if (seed !== undefined && !(typeof seed === 'number' && Number.isInteger(seed)))
    throw new Error(`${where}: "seed" must be a whole number`)
  return { probability, seed: seed ?? 1 }
}

export interface FaultCounter {
  /** The effects of the faults whose turn it is. */
  effects(method: string, path: string): FaultEffect[]
  /** Each fault as it was given, with how often it matched and how often it came. */
  report(): Json
}

/** Counts the requests that match each fault. */
export function faultCounter(faults: readonly Fault[]): FaultCounter {
  const counted = faults.map(fault => ({
    fault,
    matched: 0,
    came: 0,
    chance: typeof fault.when === 'object' ? new Random({ at: fault.when.seed }) : undefined
  }))
  return {
    effects(method, path) {
      const effects: FaultEffect[] = []
      for (const one of counted) {
        const { fault, chance } = one
        if ((fault.method !== undefined && fault.method !== method) || !fault.path.test(path)) continue
        one.matched += 1
        // Drawn for each match, so that what comes does not depend on the other faults.
        const drawn = chance?.next()
        const its =
          typeof fault.when === 'object' ? (drawn ?? 1) < fault.when.probability : fault.when === 'every' || fault.when === one.matched
        if (!its) continue
        one.came += 1
        effects.push(fault.effect)
      }
      return effects
    },
    report: () => counted.map(({ fault, matched, came }) => ({ fault: fault.given, matched, came }))
  }
}
