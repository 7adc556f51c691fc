import type { PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { isBody } from '../model/json.ts'
import { withoutSecrets } from '../model/redact.ts'
import { addressIn, addressKey, placeOf } from './address.ts'
import { parsed, UnusableAnswer } from './error.ts'
import { pagesThrough } from './pages.ts'

const shownCharacters = 200

/** No body of Azure's is deeper, and a function that walks through a deeper one would overflow the stack. */
const depthMax = 100

/** Headers that say where to go on. */
const leading: Readonly<Record<string, string>> = {
  'azure-asyncoperation': 'an Azure-AsyncOperation',
  'operation-location': 'an Operation-Location',
  location: 'a Location'
}

/** The answer at the address of an operation: a body with its status, or any body at all. */
type Poll = 'status' | 'whatever'
/** Known so far, by address. */
export type Polls = Map<string, Poll>

/** The addresses of operations that a run before this one started, which no answer has told us of. */
export const isOfOperation = (url: string): boolean =>
  /\/(operations|operationResults|operationStatuses|azureAsyncOperation|privateDnsOperationStatuses)\/[^/]+$/i.test(new URL(url).pathname)

/**
 * The first look at an answer, before other code reads it: addresses in it lead to Azure, its body is JSON of the shape that the address
 * promises, and a list comes to its end. The code above may rely on an answer that passes.
 *
 * @throws UnusableAnswer
 */
export function answers(at: string, polls: Polls): PipelinePolicy {
  const endpoint = new URL(at)
  const pages = pagesThrough(endpoint)
  return {
    name: 'answers',
    async sendRequest(request, next) {
      const response = await next(request)
      const { status, headers } = response
      if (status >= 400) return response
      const poll = polls.get(addressKey(request.url)) ?? (isOfOperation(request.url) ? 'whatever' : undefined)
      for (const [name, as] of Object.entries(leading)) {
        const said = headers.get(name)
        // No client follows the location of a plain read.
        if (said === undefined || (name === 'location' && request.method === 'GET' && status < 300 && poll === undefined)) continue
        const to = addressIn(said, { at: request.url, endpoint, as })
        headers.set(name, to)
        if (status < 300 && polls.get(addressKey(to)) !== 'status') polls.set(addressKey(to), name === 'location' ? 'whatever' : 'status')
      }
      if (status >= 300) return response
      const body = bodyOf(request, response)
      if (body === undefined && isBodiless(request, status, poll)) return response
      const wrong = poll === undefined ? faultIn(body, shapeOf(request, status)) : faultInPoll(body, poll)
      if (wrong !== undefined) throw unusable(wrong, request, response)
      if (request.method === 'GET' && isBody(body)) pages.turn(request.url, body, response)
      return response
    }
  }
}

/** The body of an answer; `undefined` for nothing. @throws UnusableAnswer for a text that is no JSON */
function bodyOf(request: PipelineRequest, response: PipelineResponse): unknown {
  const text = response.bodyAsText ?? ''
  if (text.trim() === '') return undefined
  const body = parsed(text)
  if (body === undefined) throw unusable('something that is no JSON', request, response)
  if (isDeep(text) && depthOf(body) > depthMax) throw unusable(`JSON that is more than ${depthMax} levels deep`, request, response)
  // The SDKs make something of it only where it is said to be what it is.
  response.headers.set('content-type', 'application/json')
  return body
}

/** Cheap, and right where it says no: it also counts brackets in texts. */
function isDeep(text: string): boolean {
  let depth = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 0x7b || code === 0x5b) depth += 1
    else if (code === 0x7d || code === 0x5d) depth -= 1
    if (depth > depthMax) return true
  }
  return false
}

function depthOf(value: unknown): number {
  let depth = 0
  for (let level = [value]; level.length > 0 && depth <= depthMax; depth += 1)
    level = level.flatMap(one => (one !== null && typeof one === 'object' ? Object.values(one) : []))
  return depth
}

/** Where the operation declares no body, or not with this status. */
function isBodiless({ method }: PipelineRequest, status: number, poll: Poll | undefined): boolean {
  if (poll !== undefined) return poll === 'whatever' || status !== 200
  return method === 'DELETE' || method === 'POST' || (method !== 'GET' && (status === 202 || status === 204))
}

type Shape = 'object' | 'resource' | 'list' | 'list of resources'

/** Lists whose items have no id of their own, or no properties. */
const noResources = /\/(permissions|capabilities|usages|operations|skus|locations|providers|subscriptions|tenants|resources|values)$/i

/** By the address, whose parts are in turn a type and a name. `undefined`: it may have any shape. */
function shapeOf({ method, url }: PipelineRequest, status: number): Shape | undefined {
  if (status === 202 || method === 'DELETE') return undefined
  if (method !== 'GET') return 'object'
  const { pathname } = new URL(url)
  const parts = pathname.split('/').filter(part => part !== '')
  const provided = parts.map(part => part.toLowerCase()).lastIndexOf('providers')
  const after = parts.length - 1 - provided
  const isList = provided < 0 ? parts.length % 2 === 1 : after % 2 === 0
  if (isList) return noResources.test(pathname) ? 'list' : 'list of resources'
  const isResource = provided < 0 ? parts.length === 4 : after > 1
  return isResource ? 'resource' : 'object'
}

/** The fault of a body, to follow "Azure answered with"; `undefined` where it is as it has to be. */
function faultIn(body: unknown, shape: Shape | undefined): string | undefined {
  if (shape === undefined) return undefined
  if (body === undefined) return 'nothing'
  if (!isBody(body)) return 'JSON that is no object'
  const state = isBody(body['properties']) ? body['properties']['provisioningState'] : undefined
  if (state !== undefined && state !== null && typeof state !== 'string') return 'JSON whose provisioningState is no text'
  if (shape === 'resource') return isResource(body) ? undefined : 'JSON that is no resource: it lacks an id, a name or properties'
  if (shape === 'object') return undefined
  const items = body['value']
  if (!Array.isArray(items)) return 'JSON that is no list: it lacks a value'
  const isItem = shape === 'list' ? isBody : isResource
  return items.every(isItem) ? undefined : 'JSON that is no list of resources: an item lacks an id, a name or properties'
}

/** The pollers would take an operation without a word on how it goes for done. */
function faultInPoll(body: unknown, poll: Poll): string | undefined {
  const status = isBody(body) ? body['status'] : undefined
  if (typeof status === 'string' || (status === undefined && poll === 'whatever')) return undefined
  return 'JSON that does not say how the operation goes'
}

/** Nothing in their properties is read: they may be left out. */
const isPlain = (id: string): boolean => /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+$|\/privatednszones\/[^/]+$/i.test(id)

/** It is known by its id or its name; of a lock all is in its level. */
function isResource(value: unknown): boolean {
  if (!isBody(value)) return false
  const { id, name, properties } = value
  const known = [id, name].filter(one => one !== undefined)
  if (known.length === 0 || known.some(one => typeof one !== 'string')) return false
  if (properties === undefined) return isPlain(String(id))
  return isBody(properties) && (!isLock.test(String(id)) || typeof properties['level'] === 'string')
}

const isLock = /\/providers\/microsoft\.authorization\/locks\/[^/]+$/i

/** With where it came from, and its first characters, in which no secret stands. */
function unusable(what: string, { method, url }: PipelineRequest, { status, bodyAsText }: PipelineResponse): UnusableAnswer {
  const text = (bodyAsText ?? '').trim()
  const begins = text === '' ? '' : `: ${JSON.stringify(withoutSecrets(text.slice(0, readCharacters)).slice(0, shownCharacters))}`
  return new UnusableAnswer(`${what}, ${status} to ${method} ${placeOf(url)}${begins}`)
}

/** As much of an answer as is looked through for secrets before it is shown. */
const readCharacters = 100_000
