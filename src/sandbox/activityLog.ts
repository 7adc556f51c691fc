import { STATUS_CODES } from 'node:http'
import { groupNameOf, parseArmPath, sameId, shortOf, subscriptionOf, typeOf } from './armPath.ts'
import type { Core } from './core.ts'
import { isObject, type JsonObject, textAt } from './json.ts'
import { errorJson, isRefusal, type Refusal } from './refusal.ts'
import type { ArmRequest, SentHeaders } from './request.ts'
import { isRaw, type Outcome } from './response.ts'
import { needOf } from './rights/actions.ts'
import { guidFor } from './rights/principals.ts'
import { tenantId } from './subscriptions.ts'
import { claimsOf } from './token.ts'
import type { Answer } from './type.ts'

/** A request that has been answered, and how. */
interface Happened {
  readonly method: string
  readonly url: URL
  readonly headers: SentHeaders
  readonly outcome: Outcome
  readonly correlation: string
}

/**
 * The writes, deletes and actions of late, as the activity log of a subscription tells them. Its times are those of the wall's clock,
 * since clients ask for a span of time by theirs.
 */
export interface ActivityLog {
  record(core: Core, happened: Happened): void
  /** Newest first, and none of the last minutes: see the switch `logDelayMs`. */
  events(core: Core): readonly JsonObject[]
  clear(): void
}

/** The members that all events of one request share. */
interface Request {
  readonly method: string
  readonly action: string
  readonly scope: string
  readonly correlation: string
  readonly headers: SentHeaders
}

interface Running {
  readonly request: Request
  readonly operation: string
  readonly since: number
}

/** The oldest are forgotten beyond this many. */
const keptMax = 10_000

/** Refusals of what is no resource of anybody, or of somebody whom nobody knows. */
const unlogged = [
  'NotFound',
  'InvalidResourceNamespace',
  'InvalidResourceType',
  'MissingApiVersionParameter',
  'InvalidApiVersionParameter',
  'NoRegisteredProviderFound',
  'InvalidSubscriptionId'
]

export function activityLog(): ActivityLog {
  let events: { readonly event: JsonObject; readonly at: number }[] = []
  let running: Running[] = []
  let count = 0

  function add(core: Core, request: Request, at: number, end: Ending): void {
    count += 1
    events.push({ event: eventOf(request, at, count, end), at: core.now })
    if (events.length > keptMax) events = events.slice(-keptMax * 0.9)
  }

  /** Operations are looked at when something happens and when somebody asks: between the two nothing can be seen of them. */
  function settle(core: Core): void {
    const now = Date.now()
    running = running.filter(({ request, operation, since }) => {
      const known = core.store.operations.get(operation)
      if (known?.status === 'InProgress') return true
      if (known === undefined) return false
      const took = core.speed > 0 ? (known.dueAt - known.startedAt) / core.speed : 0
      const status = known.status === 'Succeeded' ? 'Succeeded' : 'Failed'
      add(core, request, Math.min(now, since + took), {
        status,
        code: status === 'Succeeded' ? 200 : 409,
        ...(known.error && { error: errorJson(known.error) })
      })
      return false
    })
  }

  return {
    record(core, { method, url, headers, outcome, correlation }) {
      const path = parseArmPath(url.pathname)
      if (/^(GET|HEAD)$/.test(method) || path?.subscription === undefined || isRaw(outcome)) return
      const need = needOf(core.registry, { method, path })
      if (need === undefined || need.action.endsWith('/read') || isUnlogged(outcome)) return
      settle(core)
      const since = Date.now()
      const request = { method, action: need.action, scope: need.scope, correlation, headers }
      add(core, request, since, { status: 'Started' })
      if (isRefusal(outcome)) return add(core, request, since, { status: 'Failed', code: outcome.status, error: errorJson(outcome) })
      const operation = operationOf(core, outcome)
      add(core, request, since, { status: operation === undefined ? 'Succeeded' : 'Accepted', code: outcome.status })
      if (operation !== undefined) running.push({ request, operation, since })
    },
    events(core) {
      settle(core)
      const until = core.now - core.behaviours.logDelayMs
      return events.flatMap(({ event, at }) => (at <= until ? [event] : [])).toReversed()
    },
    clear() {
      events = []
      running = []
    }
  }
}

const isUnlogged = (outcome: Answer | Refusal): boolean =>
  isRefusal(outcome) && (outcome.status === 401 || outcome.status === 429 || unlogged.includes(outcome.code))

/** The operation that an answer leads to and that still runs. */
function operationOf(core: Core, { headers = {} }: Answer): string | undefined {
  const address = headers['azure-asyncoperation'] ?? headers['location']
  if (address === undefined) return undefined
  const id = decodeURIComponent(new URL(address).pathname.split('/').at(-1) ?? '')
  return core.store.operations.get(id)?.status === 'InProgress' ? id : undefined
}

interface Ending {
  readonly status: 'Started' | 'Accepted' | 'Succeeded' | 'Failed'
  readonly code?: number
  readonly error?: JsonObject
}

const named = (value: string, localizedValue = value): JsonObject => ({ value, localizedValue })

/** .NET's count of 100 nanoseconds since the year 1. */
const ticksOf = (at: number): string => String(621_355_968_000_000_000n + BigInt(Math.floor(at)) * 10_000n)

/** As the specification has it in its example (GetActivityLogsFiltered). */
function eventOf({ method, action, scope, correlation, headers }: Request, at: number, number: number, end: Ending): JsonObject {
  const { status, code, error } = end
  const begins = status === 'Started'
  const words = code === undefined ? '' : (STATUS_CODES[code] ?? '').replaceAll(/[ -]/g, '')
  const id = guidFor(`activity ${number}`)
  const time = new Date(at).toISOString().replace('Z', '0000Z')
  const claims = claimsOf(headers.get('authorization'))
  const who = claims?.objectId ?? claims?.clientId ?? ''
  return {
    authorization: { action, scope },
    caller: who,
    channels: 'Operation',
    claims: {
      'http://schemas.microsoft.com/identity/claims/tenantid': tenantId,
      'http://schemas.microsoft.com/identity/claims/objectidentifier': who,
      appid: claims?.clientId ?? who,
      ver: '1.0'
    },
    correlationId: correlation,
    description: '',
    eventDataId: id,
    eventName: begins ? named('BeginRequest', 'Begin request') : named('EndRequest', 'End request'),
    category: named('Administrative'),
    httpRequest: { clientRequestId: headers.get('x-ms-client-request-id') ?? correlation, clientIpAddress: '127.0.0.1', method },
    id: `${scope}/events/${id}/ticks/${ticksOf(at)}`,
    level: status === 'Failed' ? 'Error' : 'Informational',
    resourceGroupName: groupNameOf(scope),
    resourceProviderName: named(scope.includes('/providers/') ? (shortOf(scope).split('/')[0] ?? '') : 'Microsoft.Resources'),
    resourceType: named(typeOf(scope) || 'Microsoft.Resources/subscriptions'),
    resourceId: scope,
    operationId: correlation,
    operationName: named(action),
    properties: { ...(!begins && { statusCode: words }), ...(error && { statusMessage: JSON.stringify({ error }) }) },
    status: named(status),
    subStatus: begins ? named('') : named(words, `${STATUS_CODES[code ?? 0] ?? ''} (HTTP Status Code: ${code})`),
    eventTimestamp: time,
    submissionTimestamp: time,
    subscriptionId: subscriptionOf(scope)
  }
}

/** In Azure's log for so long, and asked for no further back. */
const days = 90

/** Its errors are not ARM's, capitals included [azure-cli, recorded activity log]. */
const badRequest = (Message: string): Answer => ({ status: 400, body: { Code: 'BadRequest', Message } })

/** Answers a question after the activity log of a subscription; undefined for any other address. */
export function aboutActivity(core: Core, { path, method, url }: ArmRequest): Answer | undefined {
  const { types = [], names = [] } = path.part ?? {}
  const asked = [...types, ...names].join('/').toLowerCase() === 'eventtypes/values/management'
  if (!asked || method !== 'GET' || path.subscription === undefined || path.resourceGroup !== undefined) return undefined
  const filter = parsed(url.searchParams.get('$filter') ?? '')
  if (typeof filter === 'string') return badRequest(filter)
  const select = (url.searchParams.get('$select') ?? '').split(',').flatMap(one => one.trim().toLowerCase() || [])
  const own = core.activity.events(core).filter(one => sameId(String(one['subscriptionId']), path.subscription ?? ''))
  const value = own.filter(filter).map(one => (select.length === 0 ? one : selected(one, select)))
  return { status: 200, body: { value } }
}

const selected = (event: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(event).filter(([key]) => keys.includes(key.toLowerCase())))

/** The members that a filter can ask for, by its words for them, in lower case. */
const members: Readonly<Record<string, (event: JsonObject) => string | undefined>> = {
  resourcegroupname: event => textAt(event, 'resourceGroupName'),
  resourceuri: event => textAt(event, 'resourceId'),
  resourceprovider: event => textAt(event, 'resourceProviderName', 'value'),
  resourcetype: event => textAt(event, 'resourceType', 'value'),
  correlationid: event => textAt(event, 'correlationId'),
  caller: event => textAt(event, 'caller'),
  status: event => textAt(event, 'status', 'value'),
  levels: event => textAt(event, 'level'),
  eventchannels: event => textAt(event, 'channels')
}

/** @returns the test of an event, or the words of the refusal */
function parsed(text: string): ((event: JsonObject) => boolean) | string {
  const parts = text
    .split(/\s+and\s+/i)
    .filter(one => one.trim() !== '')
    .map(one => /^\s*(\w+)\s+(ge|le|eq)\s+'?(.*?)'?\s*$/i.exec(one))
  const tests: ((event: JsonObject) => boolean)[] = []
  let from: number | undefined
  for (const part of parts) {
    const [, key = '', operator = '', value = ''] = part ?? []
    const member = members[key.toLowerCase()]
    const at = timeIn(value)
    if (/^eventTimestamp$/i.test(key) && /^[gl]e$/i.test(operator) && !Number.isNaN(at)) {
      const after = operator.toLowerCase() === 'ge'
      if (after) from = at
      tests.push(event =>
        after ? timeIn(textAt(event, 'eventTimestamp') ?? '') >= at : timeIn(textAt(event, 'eventTimestamp') ?? '') <= at
      )
    } else if (member && operator.toLowerCase() === 'eq') tests.push(event => member(event)?.toLowerCase() === value.toLowerCase())
    else return `The filter '${text}' is not supported.`
  }
  if (from === undefined) return 'The start time of the query is required: $filter=eventTimestamp ge TIME.'
  if (from < Date.now() - days * 86_400_000) return `The start time cannot be more than ${days} days in the past.`
  return event => isObject(event) && tests.every(test => test(event))
}

/** In milliseconds. A time without a zone is UTC, and a plus that came as a blank is one. */
function timeIn(text: string): number {
  const whole = text.replace(' ', '+')
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(whole) ? whole : `${whole}Z`)
}

/** The namespace, of which nothing else is played. */
export const insights = { namespace: 'Microsoft.Insights', types: [] } as const
