import { sameId, subscriptionOf, typeOf } from './armPath.ts'
import type { Core } from './core.ts'
import { isObject, type Json, type JsonObject, objectAt, textAt } from './json.ts'
import type { Refusal } from './refusal.ts'
import type { ArmRequest } from './request.ts'
import { type Caller, can } from './rights/caller.ts'
import type { Answer } from './type.ts'

/** The types whose changes Resource Graph keeps, of those that are played here [azure-docs, supported tables and resources]. */
const tracked = [
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.network/virtualnetworks',
  'microsoft.network/privateendpoints',
  'microsoft.network/privatednszones',
  'microsoft.network/privatednszones/virtualnetworklinks',
  'microsoft.datafactory/factories'
]

/** For so many days changes are kept [azure-docs, get-resource-changes]. */
const days = 14

/** The one query that is answered: the changes of some ids since a time, newest first. */
const query =
  /^resourcechanges \| where todatetime\(properties\.changeAttributes\.timestamp\) >= datetime\(([^)]+)\) \| where properties\.targetResourceId in~ \(((?:'[^']+'(?:, )?)+)\) \| project properties \| order by todatetime\(properties\.changeAttributes\.timestamp\) desc$/

const refused = (message: string): Refusal => ({ status: 400, code: 'BadRequest', message })

/** Answers the query after changes of resources; undefined for any other address. */
export function aboutChanges(core: Core, { path, method, body, caller }: ArmRequest): Answer | Refusal | undefined {
  const types = path.part?.types ?? []
  if (method !== 'POST' || path.subscription !== undefined || types.join('/').toLowerCase() !== 'resources') return undefined
  const [, since = '', list = ''] = query.exec(textAt(body, 'query') ?? '') ?? []
  if (list === '') return refused('InvalidQuery: the sandbox answers one query after resource changes alone.')
  const from = Math.max(Date.parse(since), Date.now() - days * 86_400_000)
  const ids = [...list.matchAll(/'([^']+)'/g)].map(([, id = '']) => id)
  const asked = Array.isArray(body?.['subscriptions']) ? body['subscriptions'].map(String) : []
  const data = core.activity
    .events(core)
    .filter(event => isChange(event) && Date.parse(textAt(event, 'eventTimestamp') ?? '') >= from)
    .filter(event => asked.some(one => sameId(one, textAt(event, 'subscriptionId') ?? '')))
    .filter(event => ids.some(id => sameId(id, textAt(event, 'resourceId') ?? '')))
    .filter(event => mayRead(core, caller, textAt(event, 'resourceId') ?? ''))
    .map(event => ({ properties: changeOf(event) }))
  const $top = objectAt(body, 'options')['$top']
  const shown = data.slice(0, typeof $top === 'number' ? $top : 100)
  const resultTruncated = shown.length < data.length ? 'true' : 'false'
  return { status: 200, body: { totalRecords: data.length, count: shown.length, data: shown, facets: [], resultTruncated } }
}

/** Nothing is refused here: the answer has less in it [azure-docs, governance/resource-graph/overview, Permissions]. */
const mayRead = ({ principals }: Core, caller: Caller, id: string): boolean =>
  principals.length === 0 || can(caller, `${typeOf(id)}/read`, id)

function isChange(event: JsonObject): boolean {
  const type = typeOf(textAt(event, 'resourceId') ?? '').toLowerCase()
  const action = textAt(event, 'operationName', 'value') ?? ''
  return textAt(event, 'status', 'value') === 'Succeeded' && /\/(write|delete)$/i.test(action) && tracked.includes(type)
}

/** As the documentation has it in its example, without the values that changed. */
function changeOf(event: JsonObject): JsonObject {
  const id = textAt(event, 'resourceId') ?? ''
  const operation = textAt(event, 'operationName', 'value') ?? ''
  const who = textAt(event, 'caller') ?? ''
  const changeAttributes: JsonObject = {
    changesCount: 1,
    clientType: 'Unspecified',
    correlationId: textAt(event, 'correlationId') ?? '',
    changedBy: who,
    changedByType: isObject(event['claims'] as Json) && who.includes('@') ? 'User' : 'Application',
    operation,
    timestamp: textAt(event, 'eventTimestamp') ?? ''
  }
  return {
    targetResourceId: id,
    targetResourceType: typeOf(id).toLowerCase(),
    targetTenantId: textAt(event, 'claims', 'http://schemas.microsoft.com/identity/claims/tenantid') ?? '',
    subscriptionId: subscriptionOf(id),
    changeType: /\/delete$/i.test(operation) ? 'Delete' : 'Update',
    changeAttributes,
    changes: {}
  }
}

/** The namespace, of which nothing else is played. */
export const resourceGraph = { namespace: 'Microsoft.ResourceGraph', types: [] } as const
