import { expect, test } from 'vitest'
import { type Arm, armWithGroup, type Body, group, hub, ours, type Reply, subscription } from './arm.ts'
import { clientId, objectId, office, somebody } from './principals.ts'

const hubBody = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const values = `${subscription}/providers/Microsoft.Insights/eventtypes/management/values`

const hour = 3_600_000
const iso = (ago: number): string => new Date(Date.now() - ago).toISOString()
/** As the Azure CLI writes it: without quotes around the times. */
const since = (ago = hour): string => `eventTimestamp ge ${iso(ago)} and eventTimestamp le ${iso(-hour)}`

const ask = ({ send }: Pick<Arm, 'send'>, filter: string, more = ''): Promise<Reply> =>
  send('GET', `${values}?$filter=${encodeURIComponent(filter)}${more}`, undefined, '2015-04-01')

const events = async (client: Pick<Arm, 'send'>, filter: string, more = ''): Promise<Body[]> => [
  ...((await ask(client, filter, more)).body['value'] as unknown as Body[])
]

/** Oldest first: the action's last words, and how it went. */
const told = (all: readonly Body[]): string[] =>
  all.toReversed().map(one => `${String(one['operationName']?.['value']).split('/').slice(-2).join('/')} ${one['status']?.['value']}`)

/** Begun anew, so that nothing of other tests is in it. */
async function armWithHub(): Promise<Arm> {
  const client = await armWithGroup({ behaviours: { logDelayMs: 0 } })
  await client.done('PUT', hub, hubBody)
  return client
}

ours('ACTIVITY-01 ACTIVITY-02 writes, deletes and actions are told from their beginning to their end, newest first', async () => {
  const client = await armWithHub()
  await client.send('PUT', `${group}/providers/Microsoft.Authorization/locks/l`, { properties: { level: 'CanNotDelete' } })
  await client.send('DELETE', hub)
  await client.send('GET', hub)
  expect(told(await events(client, since()))).toEqual([
    'resourceGroups/write Started',
    'resourceGroups/write Succeeded',
    'virtualNetworks/write Started',
    'virtualNetworks/write Accepted',
    'virtualNetworks/write Succeeded',
    'locks/write Started',
    'locks/write Succeeded',
    'virtualNetworks/delete Started',
    'virtualNetworks/delete Failed'
  ])
})

ours('ACTIVITY-02 an operation that fails is told with its error, and one that runs is only accepted', async () => {
  const client = await armWithHub()
  await client.control('PUT', 'faults', [
    { method: 'PUT', path: '/subnets/', operation: { code: 'InternalServerError', message: 'An error occurred.' } }
  ])
  await client.send('PUT', `${hub}/subnets/apps`, { properties: { addressPrefix: '10.0.1.0/24' } })
  const own = `${since()} and resourceUri eq '${hub}/subnets/apps'`
  expect(told(await events(client, own))).toEqual(['subnets/write Started', 'subnets/write Accepted'])
  await client.wait(600)
  const [failed, ...before] = await events(client, own)
  expect([failed?.['status']?.['value'], failed?.['level'], before.length]).toEqual(['Failed', 'Error', 2])
  expect(String(failed?.['properties']?.['statusMessage'])).toContain('InternalServerError')
})

ours('ACTIVITY-03 an event has the members of the specification', async () => {
  const ann = somebody(3, 'ann', { scope: '/', role: 'Owner' })
  const { as } = await office([ann], { behaviours: { logDelayMs: 0 } })
  const client = await as(ann)
  const headers = { 'x-ms-correlation-request-id': '55555555-5555-4555-8555-555555555555' }
  await client.send('PUT', `${group}-2`, { location: 'eastus2' }, { headers })
  const [ended, begun] = await events(client, `${since()} and correlationId eq '${headers['x-ms-correlation-request-id']}'`)
  const action = 'Microsoft.Resources/subscriptions/resourceGroups/write'
  const shared = {
    authorization: { action, scope: `${group}-2` },
    caller: objectId(3),
    claims: { appid: clientId(3) },
    channels: 'Operation',
    category: { value: 'Administrative' },
    correlationId: headers['x-ms-correlation-request-id'],
    operationId: headers['x-ms-correlation-request-id'],
    httpRequest: { method: 'PUT' },
    operationName: { value: action },
    resourceGroupName: 'rg-net-2',
    resourceId: `${group}-2`,
    resourceProviderName: { value: 'Microsoft.Resources' },
    subscriptionId: subscription.split('/')[2],
    level: 'Informational',
    submissionTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
  }
  expect(begun).toMatchObject({ ...shared, eventName: { value: 'BeginRequest' }, status: { value: 'Started' }, subStatus: { value: '' } })
  expect(ended).toMatchObject({
    ...shared,
    eventName: { value: 'EndRequest', localizedValue: 'End request' },
    status: { value: 'Succeeded' },
    subStatus: { value: 'Created', localizedValue: 'Created (HTTP Status Code: 201)' },
    properties: { statusCode: 'Created' },
    id: `${group}-2/events/${ended?.['eventDataId']}/ticks/${String(ended?.['id']).split('/').at(-1)}`
  })
})

ours('ACTIVITY-04 a filter picks by group, resource, provider, status, caller and time, and $select by member', async () => {
  const client = await armWithHub()
  await client.send('PUT', `${group}-2`, { location: 'eastus2' })
  const count = async (filter: string): Promise<number> => (await events(client, filter)).length
  expect(await count(`${since()} and resourceGroupName eq 'RG-NET-2'`)).toBe(2)
  expect(await count(`${since()} and resourceUri eq '${hub}'`)).toBe(3)
  expect(await count(`${since()} and resourceProvider eq 'Microsoft.Network'`)).toBe(3)
  expect(await count(`${since()} and resourceGroupName eq 'rg-net' and status eq 'Accepted'`)).toBe(1)
  expect(await count(`${since()} and caller eq 'ann@example.com'`)).toBe(0)
  expect(await count(`eventTimestamp ge '${iso(-hour)}'`)).toBe(0)
  expect(await count(`eventTimestamp ge ${iso(hour).replace('Z', '')} and eventTimestamp le ${iso(-hour).replace('Z', '+00:00')}`)).toBe(7)
  const [first] = await events(client, since(), '&$select=eventName,caller')
  expect(Object.keys(first ?? {}).sort()).toEqual(['caller', 'eventName'])
})

test.each([
  ['', /start time/],
  ["resourceGroupName eq 'rg'", /start time/],
  [`eventTimestamp ge 2018-01-01T00:00:00+00:00`, /^The start time cannot be more than 90 days in the past\.$/],
  [`eventTimestamp ge ${new Date().toISOString()} and weather eq 'fine'`, /not supported/]
])('ACTIVITY-05 the filter "%s" is refused in words of its own form', async (filter, words) => {
  const { status, body } = await ask(await armWithGroup(), filter)
  expect([status, body['Code']]).toEqual([400, 'BadRequest'])
  expect(String(body['Message'])).toMatch(words)
})

ours('ACTIVITY-06 ACTIVITY-07 the log begins anew with the estate, and is no part of the state', async () => {
  const client = await armWithHub()
  expect((await events(client, since())).length).toBeGreaterThan(3)
  expect(JSON.stringify(await client.control('GET', 'state'))).not.toContain('BeginRequest')
  const other = await armWithGroup()
  expect(told(await events(other, since()))).toEqual([])
  await other.wait(300)
  expect(told(await events(other, since()))).toEqual(['resourceGroups/write Started', 'resourceGroups/write Succeeded'])
})

ours('GRAPH-01 GRAPH-02 one query after changes is answered, of types whose history is kept, and no other', async () => {
  const client = await armWithHub()
  await client.send('PUT', `${group}/providers/Microsoft.Authorization/locks/l`, { properties: { level: 'CanNotDelete' } })
  const time = 'todatetime(properties.changeAttributes.timestamp)'
  const query = `resourcechanges | where ${time} >= datetime(${iso(hour)}) | where properties.targetResourceId in~ ('${hub.toUpperCase()}', '${group}') | project properties | order by ${time} desc`
  const graph = (words: string): Promise<Reply> =>
    client.send(
      'POST',
      '/providers/Microsoft.ResourceGraph/resources',
      { subscriptions: [subscription.split('/')[2]], query: words },
      '2022-10-01'
    )
  const { body } = await graph(query)
  expect(body).toMatchObject({ totalRecords: 1, count: 1, resultTruncated: 'false' })
  expect(body['data']?.[0]).toMatchObject({
    properties: {
      targetResourceType: 'microsoft.network/virtualnetworks',
      changeAttributes: { operation: 'Microsoft.Network/virtualNetworks/write' }
    }
  })
  expect((await graph(`${query} | take 1`)).status).toBe(400)
})
