import { expect, test } from 'vitest'
import { type Arm, arm, armWithGroup, type Body, group, networks, ours, type Reply, subscription, subscriptionId, unique } from './arm.ts'

const elsewhere = '44444444-4444-4444-8444-444444444444'
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`

const items = ({ body }: Reply): Body[] => [...(body['value'] as unknown as Body[])]
const namesIn = (reply: Reply): unknown[] => items(reply).map(one => one['name'])
const codeOf = ({ status, body }: Reply): unknown[] => [status, body['error']?.['code']]

const hub = (tags?: { readonly [name: string]: string }) => ({
  location: 'eastus2',
  ...(tags && { tags }),
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }
})

/** Two networks, a zone and its link, in one group. */
async function armWithResources(): Promise<Arm> {
  const client = await armWithGroup()
  await client.done('PUT', `${networks}/hub`, hub({ team: 'blue', Cost: 'Low' }))
  await client.done('PUT', `${networks}/spoke`, hub({ team: 'red' }))
  await client.done('PUT', zone, { location: 'global' })
  await client.done('PUT', `${zone}/virtualNetworkLinks/hub-link`, {
    location: 'global',
    properties: { registrationEnabled: false, virtualNetwork: { id: `${networks}/hub` } }
  })
  return client
}

const list = ({ send }: Arm, filter: string, scope = group): Promise<Reply> =>
  send('GET', `${scope}/resources?$filter=${encodeURIComponent(filter)}`)

ours('SUB-01 the list of subscriptions has those in which something lies, and one in which nothing does', async () => {
  const { send } = await arm({ seed: { [`/subscriptions/${elsewhere}/resourceGroups/rg`]: { location: 'eastus2' } } })
  const { body } = await send('GET', '/subscriptions?api-version=2022-12-01')
  const value = [subscriptionId, elsewhere].map(id => ({
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId: expect.any(String),
    displayName: expect.any(String),
    state: 'Enabled'
  }))
  expect(body).toMatchObject({ value, count: { type: 'Total', value: 2 } })
  const used = '55555555-5555-4555-8555-555555555555'
  await send('PUT', `/subscriptions/${used}/resourceGroups/rg`, { location: 'eastus2' })
  expect(items(await send('GET', '/subscriptions')).map(one => one['subscriptionId'])).toContain(used)
  const other = await arm({ behaviours: { subscriptions: [elsewhere] } })
  expect(items(await other.send('GET', '/subscriptions')).map(one => one['subscriptionId'])).toEqual([elsewhere])
})

ours('SUB-02 every well-formed subscription id leads to a subscription', async () => {
  const { send } = await arm()
  expect((await send('GET', `/subscriptions/${elsewhere}`)).body).toMatchObject({ subscriptionId: elsewhere, state: 'Enabled' })
  expect(codeOf(await send('GET', '/subscriptions/mine'))).toEqual([400, 'InvalidSubscriptionId'])
})

test('SUB-03 the tenant of the subscriptions is in the list of tenants', async () => {
  const { send } = await arm()
  const tenants = items(await send('GET', '/tenants')).map(one => one['tenantId'])
  expect(tenants).toContain((await send('GET', subscription)).body['tenantId'])
})

test('SUB-04 the locations of a subscription have both of their names', async () => {
  const { send } = await arm()
  expect(items(await send('GET', `${subscription}/locations`))).toContainEqual(
    expect.objectContaining({ id: `${subscription}/locations/eastus2`, name: 'eastus2', displayName: 'East US 2', type: 'Region' })
  )
})

test('SUB-05 a namespace names its types with their versions, the newest first', async () => {
  const { send } = await arm()
  const all = items(await send('GET', `${subscription}/providers`)).map(one => one['namespace'])
  expect(all).toEqual(expect.arrayContaining(['Microsoft.DBforPostgreSQL', 'Microsoft.DataFactory', 'Microsoft.Network']))
  const { body } = await send('GET', `${subscription}/providers/microsoft.dbforpostgresql`)
  expect(body).toMatchObject({ namespace: 'Microsoft.DBforPostgreSQL', registrationState: expect.any(String) })
  const types = [...(body['resourceTypes'] as unknown as Body[])]
  const versions = types.flatMap(one =>
    one['resourceType'] === ('flexibleServers' as unknown) ? [...(one['apiVersions'] as unknown as string[])] : []
  )
  const dates = versions.map(one => one.slice(0, 10))
  expect(dates.length).toBeGreaterThan(2)
  expect(dates).toEqual([...dates].sort().reverse())
  // The Azure CLI takes the first that is no preview for whatever it is not told the version of.
  const usual = versions.find(one => !one.includes('preview')) ?? ''
  expect((await send('GET', `${subscription}/providers/Microsoft.DBforPostgreSQL/flexibleServers`, undefined, usual)).status).toBe(200)
})

test('SUB-06 groups are listed, picked by a tag, and paged with $top', async () => {
  const { send } = await armWithGroup()
  const other = group.replace('rg-net', 'rg-other')
  await send('PUT', other, { location: 'eastus2', tags: { Team: 'Blue' } })
  const find = async (filter: string): Promise<unknown[]> =>
    namesIn(await send('GET', `${subscription}/resourcegroups?$filter=${encodeURIComponent(filter)}`))
  const [mine, theirs] = [unique('rg-net'), unique('rg-other')]
  expect(namesIn(await send('GET', `${subscription}/resourcegroups`))).toEqual(expect.arrayContaining([mine, theirs]))
  expect(await find("tagName eq 'team' and tagValue eq 'Blue'")).toEqual([theirs])
  expect(await find("tagName eq 'team' and tagValue eq 'blue'")).toEqual([])
  expect(await find("tagName eq 'team'")).toEqual([theirs])
  const first = await send('GET', `${subscription}/resourcegroups?$top=1`)
  expect(items(first)).toHaveLength(1)
  expect(items(await send('GET', String(first.body['nextLink'])))).toHaveLength(1)
})

test('SUB-07 the index has what has a location, however deep, by the names of all it lies in', async () => {
  const client = await armWithResources()
  const found = items(await client.send('GET', `${group}/resources`))
  expect(found.map(one => [one['name'], one['type']])).toEqual([
    ['privatelink.postgres.database.azure.com', 'Microsoft.Network/privateDnsZones'],
    ['privatelink.postgres.database.azure.com/hub-link', 'Microsoft.Network/privateDnsZones/virtualNetworkLinks'],
    ['hub', 'Microsoft.Network/virtualNetworks'],
    ['spoke', 'Microsoft.Network/virtualNetworks']
  ])
  expect(found[2]).toEqual({
    id: `${networks}/hub`,
    name: 'hub',
    type: 'Microsoft.Network/virtualNetworks',
    location: 'eastus2',
    tags: { team: 'blue', Cost: 'Low' }
  })
  const over = items(await client.send('GET', `${subscription}/resources`)).map(one => one['id'])
  expect(over).toEqual(expect.arrayContaining([`${networks}/hub`, zone]))
  expect(codeOf(await client.send('GET', `${subscription}/resourceGroups/none/resources`))).toEqual([404, 'ResourceGroupNotFound'])
})

test('SUB-08 a filter of the index compares, and joins what it compares', async () => {
  const client = await armWithResources()
  const find = async (filter: string): Promise<unknown[]> => namesIn(await list(client, filter))
  expect(await find("resourceType eq 'microsoft.network/virtualnetworks'")).toEqual(['hub', 'spoke'])
  expect(await find("resourceType eq 'Microsoft.Network/virtualNetworks' and name eq 'spoke'")).toEqual(['spoke'])
  expect(await find("name eq 'hub' or name eq 'spoke'")).toEqual(['hub', 'spoke'])
  expect(await find("resourceType ne 'Microsoft.Network/virtualNetworks' and location eq 'global'")).toHaveLength(2)
  expect(await find("substringof('pok', name)")).toEqual(['spoke'])
  expect(await find("(substringof('pok', name) or name eq 'hub') and location eq 'eastus2'")).toEqual(['hub', 'spoke'])
  expect(await find("tagName eq 'cost'")).toEqual(['hub'])
  expect(await find("startswith(tagName, 'te')")).toEqual(['hub', 'spoke'])
  expect(await find("tagName eq 'team' and tagValue eq 'red'")).toEqual(['spoke'])
  expect(await find("tagName eq 'cost' and tagValue eq 'red'")).toEqual([])
  const everywhere = await list(client, `resourceGroup eq '${unique('rg-net')}' and name eq 'hub'`, subscription)
  expect(namesIn(everywhere)).toEqual(['hub'])
})

test('SUB-09 the index tells times and states to whoever expands them', async () => {
  const client = await armWithResources()
  const [hubNow] = items(
    await client.send('GET', `${group}/resources?$filter=name eq 'hub'&$expand=createdTime,changedTime,provisioningState`)
  )
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
  expect(hubNow).toMatchObject({ createdTime: time, changedTime: time, provisioningState: 'Succeeded' })
  await client.wait(60)
  await client.done('PUT', `${networks}/hub`, hub({ team: 'green' }))
  const [later] = items(await client.send('GET', `${group}/resources?$filter=name eq 'hub'&$expand=createdTime,changedTime`))
  expect(later?.['createdTime']).toBe(hubNow?.['createdTime'])
  expect(String(later?.['changedTime']) > String(hubNow?.['changedTime'])).toBe(true)
})

test('SUB-10 what is picked by the value of a tag is listed without its tags', async () => {
  const client = await armWithResources()
  const [found] = items(await list(client, "tagName eq 'team' and tagValue eq 'red'"))
  expect(found).toMatchObject({ name: 'spoke' })
  expect(found).not.toHaveProperty('tags')
})

test.each(['name is hub', "name eq 'hub' and", "name eq 'hub", "(name eq 'hub'", 'substringof(name)'])(
  'SUB-11 %s is no filter',
  async filter => {
    const client = await armWithGroup()
    expect(codeOf(await list(client, filter))).toEqual([400, 'InvalidFilterInQueryString'])
  }
)

test('SUB-12 the names of tags are listed with their values and how often they are used', async () => {
  const { send } = await armWithResources()
  const team = items(await send('GET', `${subscription}/tagNames`)).find(one => one['tagName'] === ('team' as unknown))
  expect(team).toMatchObject({
    id: `${subscription}/tagNames/team`,
    count: { type: 'Total', value: 2 },
    values: [
      { tagValue: 'blue', count: { value: 1 } },
      { tagValue: 'red', count: { value: 1 } }
    ]
  })
})
