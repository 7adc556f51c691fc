import type { ErrorDetail } from './refusal.ts'

/** Something that goes wrong on purpose. Exactly one of answer, operation, delayMs and drop says what. */
export interface Fault {
  readonly method?: string
  /** Matched against the path, without the query, whatever its case. */
  readonly path: RegExp
  /** Which of the matching requests, counted from 1. */
  readonly nth: number | 'every'
  readonly effect: FaultEffect
}

export type FaultEffect =
  | { readonly do: 'answer'; readonly status: number; readonly error: ErrorDetail; readonly headers: Readonly<Record<string, string>> }
  /** The write is accepted, and its operation fails. */
  | { readonly do: 'failOperation'; readonly error: ErrorDetail }
  | { readonly do: 'delay'; readonly ms: number }
  /** The connection breaks: before the request has any effect, or after it had it. */
  | { readonly do: 'drop'; readonly when: 'before' | 'after' }

const members = ['method', 'path', 'nth', 'status', 'code', 'message', 'headers', 'operation', 'delayMs', 'drop']

/** A file of faults: a JSON array. Throws an error that names the entry and the member that is wrong. */
export function parseFaults(text: string, file: string): Fault[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new Error(`${file}: not JSON: ${error instanceof Error ? error.message : error}`)
  }
  if (!Array.isArray(json)) throw new Error(`${file}: must be an array of faults`)
  return json.map((entry, index) => faultOf(entry, `${file}: fault ${index + 1}`))
}

function faultOf(entry: unknown, where: string): Fault {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) throw new Error(`${where}: must be an object`)
  const given = new Map(Object.entries(entry))
  for (const key of given.keys()) {
    if (!members.includes(key)) throw new Error(`${where}: unknown member "${key}"; there are ${members.join(', ')}`)
  }
  const method = given.get('method')
  if (method !== undefined && typeof method !== 'string') throw new Error(`${where}: "method" must be a string`)
  const nth = given.get('nth') ?? 1
  if (nth !== 'every' && !isCount(nth)) throw new Error(`${where}: "nth" must be a whole number from 1, or "every"`)
  return {
    ...(method !== undefined && { method: method.toUpperCase() }),
    path: pathOf(given.get('path'), where),
    nth,
    effect: effectOf(given, where)
  }
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 1

function pathOf(path: unknown, where: string): RegExp {
  if (typeof path !== 'string') throw new Error(`${where}: "path" must be a regular expression as a string`)
  try {
    return new RegExp(path, 'i')
  } catch (error) {
    throw new Error(`${where}: "path": ${error instanceof Error ? error.message : error}`)
  }
}

function effectOf(given: ReadonlyMap<string, unknown>, where: string): FaultEffect {
  const kinds = ['status', 'operation', 'delayMs', 'drop'].filter(key => given.has(key))
  if (kinds.length !== 1) throw new Error(`${where}: exactly one of "status", "operation", "delayMs", "drop" is needed`)
  for (const key of ['code', 'message', 'headers']) {
    if (given.has(key) && !given.has('status')) throw new Error(`${where}: "${key}" belongs to "status"`)
  }
  if (given.has('operation')) return { do: 'failOperation', error: errorOf(given.get('operation'), `${where}: "operation"`) }
  const delay = given.get('delayMs')
  if (given.has('delayMs')) {
    if (typeof delay !== 'number' || !(delay >= 0)) throw new Error(`${where}: "delayMs" must be a number from 0`)
    return { do: 'delay', ms: delay }
  }
  if (given.has('drop')) {
    const drop = given.get('drop')
    if (drop !== 'before' && drop !== 'after') throw new Error(`${where}: "drop" must be "before" or "after"`)
    return { do: 'drop', when: drop }
  }
  const status = given.get('status')
  if (!isCount(status) || status < 400 || status > 599) throw new Error(`${where}: "status" must be between 400 and 599`)
  return {
    do: 'answer',
    status,
    error: errorOf({ code: given.get('code'), message: given.get('message') ?? '' }, where),
    headers: headersOf(given.get('headers'), where)
  }
}

function errorOf(value: unknown, where: string): ErrorDetail {
  const { code, message } = value !== null && typeof value === 'object' ? { code: undefined, message: undefined, ...value } : {}
  if (typeof code !== 'string' || typeof message !== 'string') throw new Error(`${where}: "code" and "message" must be strings`)
  return { code, message }
}

function headersOf(value: unknown, where: string): Record<string, string> {
  if (value === undefined) return {}
  if (value === null || typeof value !== 'object' || Object.values(value).some(one => typeof one !== 'string'))
    throw new Error(`${where}: "headers" must be an object of strings`)
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key.toLowerCase(), String(text)]))
}

/** Counts the requests that match each fault; gives the effects of those whose turn it is. */
export function faultCounter(faults: readonly Fault[]): (method: string, path: string) => FaultEffect[] {
  const counts = new Map<Fault, number>()
  return (method, path) => {
    const effects: FaultEffect[] = []
    for (const fault of faults) {
      if ((fault.method !== undefined && fault.method !== method) || !fault.path.test(path)) continue
      const count = (counts.get(fault) ?? 0) + 1
      counts.set(fault, count)
      if (fault.nth === 'every' || fault.nth === count) effects.push(fault.effect)
    }
    return effects
  }
}
