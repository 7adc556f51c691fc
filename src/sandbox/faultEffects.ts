import { azureFailures } from './azureFailures.ts'
import type { FaultAnswer, FaultEffect } from './faults.ts'
import type { ErrorDetail } from './refusal.ts'

type Given = ReadonlyMap<string, unknown>

/** Exactly one of these members says the effect of a fault; with each, those that may stand beside it. */
const kinds: Readonly<
  Record<string, { readonly beside: readonly string[]; readonly effect: (given: Given, where: string) => FaultEffect }>
> = {
  status: { beside: ['code', 'message', 'headers', 'body', 'contentType', 'after', 'before'], effect: ofStatus },
  azure: { beside: ['after', 'before'], effect: ofAzure },
  operation: { beside: [], effect: ofOperation },
  expire: { beside: [], effect: simply('expire') },
  stale: { beside: [], effect: simply('stale') },
  pageSize: { beside: [], effect: (given, where) => ({ do: 'pageSize', size: wholeOf(given, 'pageSize', where) }) },
  delayMs: { beside: [], effect: (given, where) => ({ do: 'delay', ms: msOf(given, 'delayMs', where) }) },
  pauseMs: { beside: [], effect: (given, where) => ({ do: 'pause', ms: msOf(given, 'pauseMs', where) }) },
  drop: { beside: [], effect: ofDrop },
  reset: { beside: [], effect: simply('reset') }
}

/** The members of which each fault has exactly one: all that can go wrong on purpose. */
export const effectNames: readonly string[] = Object.keys(kinds)

/**
 * The effect of a fault, from the members that say it.
 * @param selectors the members that say when, for the message
 * @throws an error that begins with `where` and names the member that is wrong
 */
export function effectOf(given: Given, selectors: readonly string[], where: string): FaultEffect {
  const besides = Object.values(kinds).flatMap(({ beside }) => beside)
  for (const key of given.keys()) {
    if (!Object.hasOwn(kinds, key) && !besides.includes(key))
      throw new Error(
        `${where}: unknown member "${key}"; there are ${[...new Set([...selectors, ...Object.keys(kinds), ...besides])].join(', ')}`
      )
  }
  const named = Object.keys(kinds).filter(key => given.has(key))
  const [name = ''] = named
  const kind = kinds[name]
  if (named.length !== 1 || kind === undefined) {
    const all = Object.keys(kinds).map(key => `"${key}"`)
    throw new Error(
      `${where}: exactly one of ${all.join(', ')} is needed${named.length > 1 ? `, not ${named.map(key => `"${key}"`).join(' and ')}` : ''}`
    )
  }
  for (const key of given.keys()) {
    if (key === name || kind.beside.includes(key)) continue
    const owners = Object.keys(kinds).filter(other => kinds[other]?.beside.includes(key))
    throw new Error(`${where}: "${key}" belongs to ${owners.map(one => `"${one}"`).join(' and ')}, not to "${name}"`)
  }
  return kind.effect(given, where)
}

function simply(key: 'expire' | 'stale' | 'reset'): (given: Given, where: string) => FaultEffect {
  return (given, where) => {
    isTrue(given, key, where)
    return { do: key }
  }
}

function isTrue(given: Given, key: string, where: string): void {
  if (given.get(key) !== true) throw new Error(`${where}: "${key}" must be true`)
}

function msOf(given: Given, key: string, where: string): number {
  const ms = given.get(key)
  if (typeof ms !== 'number' || !(ms >= 0) || !Number.isFinite(ms)) throw new Error(`${where}: "${key}" must be a number from 0`)
  return ms
}

function wholeOf(given: Given, key: string, where: string): number {
  const value = given.get(key)
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw new Error(`${where}: "${key}" must be a whole number from 1`)
  return value
}

function ofDrop(given: Given, where: string): FaultEffect {
  const drop = given.get('drop')
  if (drop !== 'before' && drop !== 'after') throw new Error(`${where}: "drop" must be "before" or "after"`)
  return { do: 'drop', when: drop }
}

/** Whether the request takes effect although its answer is an error: not unless it is said. */
function whenOf(given: Given, where: string): 'instead' | 'after' {
  for (const key of ['after', 'before']) if (given.has(key)) isTrue(given, key, where)
  if (given.has('after') && given.has('before')) throw new Error(`${where}: "after" and "before" exclude each other`)
  return given.has('after') ? 'after' : 'instead'
}

function ofAzure(given: Given, where: string): FaultEffect {
  const name = given.get('azure')
  const failure = typeof name === 'string' && Object.hasOwn(azureFailures, name) ? azureFailures[name] : undefined
  if (typeof name !== 'string' || failure === undefined)
    throw new Error(`${where}: "azure" must be one of ${Object.keys(azureFailures).join(', ')}`)
  if (failure.in === 'answer') return { do: 'answer', when: whenOf(given, where), answer: { form: 'azure', name } }
  for (const key of ['after', 'before'])
    if (given.has(key)) throw new Error(`${where}: "${key}" does not go with "${name}", which comes in the operation`)
  return { do: 'failOperation', error: { azure: name } }
}

function ofOperation(given: Given, where: string): FaultEffect {
  return { do: 'failOperation', error: errorOf(given.get('operation'), `${where}: "operation"`) }
}

function ofStatus(given: Given, where: string): FaultEffect {
  const status = given.get('status')
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599)
    throw new Error(`${where}: "status" must be between 400 and 599`)
  const headers = headersOf(given.get('headers'), where)
  const when = whenOf(given, where)
  const answer = given.has('body') ? rawOf(given, status, headers, where) : wordsOf(given, status, headers, where)
  return { do: 'answer', when, answer }
}

function rawOf(given: Given, status: number, headers: Record<string, string>, where: string): FaultAnswer {
  for (const key of ['code', 'message']) if (given.has(key)) throw new Error(`${where}: "${key}" and "body" exclude each other`)
  const raw = given.get('body')
  const contentType = given.get('contentType')
  if (typeof raw !== 'string') throw new Error(`${where}: "body" must be a string`)
  if (contentType !== undefined && typeof contentType !== 'string') throw new Error(`${where}: "contentType" must be a string`)
  return { form: 'raw', status, raw, ...(contentType !== undefined && { contentType }), headers }
}

function wordsOf(given: Given, status: number, headers: Record<string, string>, where: string): FaultAnswer {
  if (given.has('contentType')) throw new Error(`${where}: "contentType" belongs to "body"`)
  return { form: 'error', status, error: errorOf({ code: given.get('code'), message: given.get('message') ?? '' }, where), headers }
}

function errorOf(value: unknown, where: string): ErrorDetail {
  const { code, message, ...more } = value !== null && typeof value === 'object' ? { code: undefined, message: undefined, ...value } : {}
  if (typeof code !== 'string' || typeof message !== 'string') throw new Error(`${where}: "code" and "message" must be strings`)
  const [other] = Object.keys(more)
  if (other !== undefined) throw new Error(`${where}: unknown member "${other}"; there are code, message`)
  return { code, message }
}

function headersOf(value: unknown, where: string): Record<string, string> {
  if (value === undefined) return {}
  if (value === null || typeof value !== 'object' || Object.values(value).some(one => typeof one !== 'string'))
    throw new Error(`${where}: "headers" must be an object of strings`)
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key.toLowerCase(), String(text)]))
}
