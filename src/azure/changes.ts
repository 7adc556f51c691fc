import { type ResourceId, resourceId, subscriptionOf } from '../model/id.ts'
import type { Azure } from './azure.ts'

/** A write of a resource, as one of Azure's logs tells it. */
export interface LoggedWrite {
  readonly id: ResourceId
  /** The name or the object id of the login. */
  readonly by: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** The action of ARM, such as `Microsoft.Network/privateEndpoints/write`. */
  readonly operation: string
  /** The program, in Azure's words; `undefined` where Azure does not say. */
  readonly client?: string
  readonly correlation: string
}

/** Azure keeps changes of resources for so long [azure-docs, governance/resource-graph/changes/get-resource-changes]. */
export const keptDays = 14

/** Pages that are read at most: what is older than all of them is not seen. */
const pagesMax = 20
const idsMax = 1_000

interface Changed {
  readonly properties?: {
    readonly targetResourceId?: string
    readonly changeAttributes?: {
      readonly changedBy?: string
      readonly clientType?: string
      readonly operation?: string
      readonly correlationId?: string
      readonly timestamp?: string
    }
  }
}

/**
 * The writes of these resources since a time, by the history of changes in Resource Graph: one query for 1,000 ids. It holds those that went
 * through ARM, some five minutes late.
 *
 * @param since milliseconds since 1970
 * @throws ArmError where it may not be read
 */
export async function changesOf(azure: Azure, ids: readonly ResourceId[], since: number): Promise<LoggedWrite[]> {
  const found: LoggedWrite[] = []
  for (let first = 0; first < ids.length; first += idsMax) found.push(...(await queried(azure, ids.slice(first, first + idsMax), since)))
  return found
}

async function queried(azure: Azure, ids: readonly ResourceId[], since: number): Promise<LoggedWrite[]> {
  // No name in Azure holds a quote, and no other sign could end the text.
  const list = ids.filter(id => !/['\\\n]/.test(id)).map(id => `'${id}'`)
  const time = 'todatetime(properties.changeAttributes.timestamp)'
  const query = [
    'resourcechanges',
    `where ${time} >= datetime(${new Date(since).toISOString()})`,
    `where properties.targetResourceId in~ (${list.join(', ')})`,
    'project properties',
    `order by ${time} desc`
  ].join(' | ')
  const subscriptions = [...new Set(ids.map(subscriptionOf))]
  const found: LoggedWrite[] = []
  let $skipToken: string | undefined
  for (let page = 0; page < pagesMax; page += 1) {
    const options = { resultFormat: 'objectArray', $top: 1_000, ...($skipToken !== undefined && { $skipToken }) }
    const body = { subscriptions, query, options }
    const path = '/providers/Microsoft.ResourceGraph/resources'
    const answer = (await azure.send({ method: 'POST', path, apiVersion: '2022-10-01', body })) as Answer
    found.push(...(answer.data ?? []).flatMap(changed))
    $skipToken = answer.$skipToken
    if (!$skipToken) break
  }
  return found
}

interface Answer {
  readonly data?: readonly Changed[]
  readonly $skipToken?: string
}

function changed({ properties: { targetResourceId, changeAttributes = {} } = {} }: Changed): LoggedWrite[] {
  const { changedBy, clientType, operation = '', correlationId = '', timestamp = '' } = changeAttributes
  return written({ id: targetResourceId, by: changedBy, at: timestamp, operation, client: clientType, correlation: correlationId })
}

interface Entry {
  readonly id: string | undefined
  readonly by: string | undefined
  readonly at: string
  readonly operation: string
  readonly client?: string | undefined
  readonly correlation: string
}

/** Nothing for an entry that does not say of what it is, when it was, or by whom: half an entry names no person. */
function written({ id, by, at, operation, client, correlation }: Entry): LoggedWrite[] {
  const time = Date.parse(at)
  if (!id || !by || by === 'Unspecified' || Number.isNaN(time)) return []
  const known = client !== undefined && client !== '' && client !== 'Unspecified'
  return [{ id: resourceId(id), by, at: time, operation, correlation, ...(known && { client }) }]
}

interface Event {
  readonly resourceId?: string
  readonly caller?: string
  readonly eventTimestamp?: string
  readonly correlationId?: string
  readonly operationName?: { readonly value?: string }
  readonly status?: { readonly value?: string }
}

/**
 * The writes that one provider took in a subscription in a span of time, by its activity log, newest first.
 *
 * @param since milliseconds since 1970, as `until`
 * @throws ArmError where it may not be read
 */
export async function activityOf(
  azure: Azure,
  {
    subscription,
    provider,
    since,
    until
  }: { readonly subscription: string; readonly provider: string; readonly since: number; readonly until: number }
): Promise<LoggedWrite[]> {
  const times = `eventTimestamp ge '${new Date(since).toISOString()}' and eventTimestamp le '${new Date(until).toISOString()}'`
  // Without $select: the list of members that it may name has no `caller` [REST: Activity Logs - List].
  const query = { $filter: `${times} and resourceProvider eq '${provider}'` }
  const found: LoggedWrite[] = []
  let path: string | undefined = `/subscriptions/${subscription}/providers/Microsoft.Insights/eventtypes/management/values`
  for (let page = 0; path !== undefined && page < pagesMax; page += 1) {
    const answer = (await azure.send({ method: 'GET', path, apiVersion: '2015-04-01', query })) as Page
    found.push(...(answer.value ?? []).flatMap(happened))
    path = answer.nextLink
  }
  return found
}

interface Page {
  readonly value?: readonly Event[]
  readonly nextLink?: string
}

function happened({ resourceId: id, caller, eventTimestamp = '', correlationId = '', operationName, status }: Event): LoggedWrite[] {
  const operation = operationName?.value ?? ''
  if (status?.value !== 'Succeeded' || !/\/(write|delete|action)$/i.test(operation)) return []
  return written({ id, by: caller, at: eventTimestamp, operation, correlation: correlationId })
}
