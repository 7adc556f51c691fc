import { resourceId } from '../model/id.ts'
import { isBody, type Json } from '../model/json.ts'
import { writtenIn } from './discover.ts'

const eachText = (value: Json, change: (text: string) => string): Json => {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map(one => eachText(one, change))
  return isBody(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, eachText(one, change)])) : value
}

/** Texts as the file takes them: `${` begins a variable there, but where it is doubled. */
export const escaped = (value: Json, secrets: ReadonlySet<string> = new Set()): Json =>
  eachText(value, text => (secrets.has(text) ? text : text.replaceAll('${', () => '$${')))

/** Ids are compared in lower case, and written as they were found. */
export const inCasing = (value: Json, body: unknown): Json =>
  eachText(value, text => (text.startsWith('/subscriptions/') ? writtenIn(body, resourceId(text)) : text))
