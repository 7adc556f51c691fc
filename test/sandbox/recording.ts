import type { Json } from './arm.ts'

/* A recording's parts, and what recorders changed in it undone. */

export interface Exchange {
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers?: { readonly [name: string]: string }
    readonly body?: Json
  }
  readonly response: { readonly status: number; readonly headers: { readonly [name: string]: string }; readonly body?: Json }
}

export type Members = { readonly [key: string]: Json }

export const isObject = (value: Json): value is Members => value !== null && typeof value === 'object' && !Array.isArray(value)

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

export function at(value: Json, ...keys: readonly string[]): Json {
  let found = value
  for (const key of keys) found = isObject(found) ? found[key] : undefined
  return found
}

export function textAt(value: Json, ...keys: readonly string[]): string {
  const found = at(value, ...keys)
  return typeof found === 'string' ? found : ''
}

/** Without the address of the host, which is another one in every estate. */
export const pathOf = (url: string): string => new URL(url).pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '')

/** Every id that a body holds, at any depth. */
export function idsIn(value: Json): string[] {
  if (typeof value === 'string') return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\//i.test(value) ? [value] : []
  if (isList(value)) return value.flatMap(idsIn)
  return isObject(value) ? Object.values(value).flatMap(idsIn) : []
}

/** The type of an id or of the path to a collection; '' for what lies in no provider. */
export function typeOf(path: string): string {
  const [namespace, ...rest] = (path.split(/\/providers\//i).at(-1) ?? '').split('/')
  return /\/providers\//i.test(path) ? [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/') : ''
}

/** The id of what something lies in, and of what that lies in, from the outermost; the id itself last. */
export function lineage(id: string): string[] {
  const start = id.toLowerCase().lastIndexOf('/providers/')
  if (start < 0) return []
  const scope = id.slice(0, start)
  const [namespace, ...levels] = id.slice(start + '/providers/'.length).split('/')
  const own = levels.flatMap((_, index) =>
    index % 2 === 1 ? [`${scope}/providers/${namespace}/${levels.slice(0, index + 1).join('/')}`] : []
  )
  return [...lineage(scope), ...own]
}

export const versionOf = (url: string): string => new URL(url).searchParams.get('api-version') ?? ''

/** Most errors are wrapped; those of Private DNS are not. */
export const errorOf = (body: Json): { readonly code: string; readonly message: string } => {
  const error = isObject(at(body, 'error')) ? at(body, 'error') : body
  return { code: textAt(error, 'code'), message: textAt(error, 'message') }
}

/** The bodies in an answer: itself, or the members of the collection. */
export function membersOf(body: Json): readonly Members[] {
  const value = at(body, 'value')
  return (isList(value) ? value : [body]).filter(isObject)
}

/** Names of factories that Azure has lower-cased, with what they would be of the name that recorders put in. */
function lowerCased(body: Members): readonly (readonly [was: string, name: string])[] {
  const id = textAt(body, 'id')
  const factory = /\/factories\/([^/]+)/i.exec(id)?.[1] ?? ''
  if (factory === '') return []
  const own = /\/factories\/[^/]+$/i.test(id) ? [factory, textAt(body, 'name')] : []
  const alias = textAt(body, 'properties', 'alias')
  const endpoint = /\/privateEndpoints\/([^/.]+)\./.exec(textAt(body, 'properties', 'resourceId'))?.[1] ?? ''
  return [own, [alias, factory], [endpoint, factory]].flatMap(([was = '', name = '']) =>
    was === '' || was.toLowerCase() === name.toLowerCase() ? [] : [[was, name.toLowerCase()] as const]
  )
}

/**
 * Undoes what recorders changed. A random name was put back by a plain one, but not where Azure had lower-cased it; and
 * requests were given newer api-versions than were sent, which the address of the operation still tells.
 */
export function restored(exchanges: readonly Exchange[]): readonly Exchange[] {
  let text = JSON.stringify(exchanges)
  for (const body of exchanges.flatMap(({ response }) => membersOf(response.body)))
    for (const [was, name] of lowerCased(body)) if (was !== name) text = text.replaceAll(was, name)
  for (const { request, response } of exchanges) {
    const [asked, is] = [pathOf(request.url).split('/').at(-1)?.toLowerCase() ?? '', textAt(response.body, 'name')]
    if (/\/virtualNetworkLinks\/[^/]+$/i.test(pathOf(request.url)) && is !== '' && is !== asked) text = text.replaceAll(is, asked)
  }
  const all: readonly Exchange[] = JSON.parse(text)
  const edited = new Map<string, string>()
  for (const { request, response } of all) {
    const operation = response.headers['azure-asyncoperation']
    if (!/\/Microsoft\.Network\//i.test(request.url) || operation === undefined || versionOf(operation) === versionOf(request.url)) continue
    edited.set(`${typeOf(pathOf(request.url))} ${versionOf(request.url)}`.toLowerCase(), versionOf(operation))
  }
  return all.map(one => {
    const asked = versionOf(one.request.url)
    const version = edited.get(`${typeOf(pathOf(one.request.url))} ${asked}`.toLowerCase())
    const url = one.request.url.replace(`api-version=${asked}`, `api-version=${version ?? asked}`)
    return { ...one, request: { ...one.request, url } }
  })
}
