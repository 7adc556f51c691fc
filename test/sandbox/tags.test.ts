import { expect, test } from 'vitest'
import { type Arm, armWithGroup, group, hub, type Json, networks, ours, type Reply, subscription } from './arm.ts'
import { exchange } from './exchange.ts'
import { office, said, somebody, vnet } from './principals.ts'

/* Tags as a resource of their own, with the requests that the Azure CLI was recorded sending (test_tag_update_resourcegroup and others). */

const subnet = `${hub}/subnets/apps`
const tagsOf = (scope: string): string => `${scope}/providers/Microsoft.Resources/tags/default`

async function armWithHub(): Promise<Arm> {
  const client = await armWithGroup()
  const properties = {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
    subnets: [{ name: 'apps', properties: { addressPrefix: '10.0.1.0/24' } }]
  }
  await client.done('PUT', hub, { location: 'eastus2', properties })
  return client
}

const steps: readonly (readonly [call: string, sent: Json, tags: Json])[] = [
  ['PUT', { properties: { tags: { cliName1: 'cliValue1', cliName2: 'cliValue2' } } }, { cliName1: 'cliValue1', cliName2: 'cliValue2' }],
  [
    'PATCH',
    { operation: 'Merge', properties: { tags: { cliName1: 'cliValue1', cliName3: 'cliValue3' } } },
    { cliName1: 'cliValue1', cliName2: 'cliValue2', cliName3: 'cliValue3' }
  ],
  [
    'PATCH',
    { operation: 'Replace', properties: { tags: { cliName1: 'cliValue1', cliName4: 'cliValue4' } } },
    { cliName1: 'cliValue1', cliName4: 'cliValue4' }
  ],
  ['PATCH', { operation: 'Delete', properties: { tags: { cliName4: 'cliValue4' } } }, { cliName1: 'cliValue1' }]
]

test.each([
  ['subscription', subscription],
  ['group', group],
  ['resource', hub]
])('TAG-01 TAG-02 the tags of a %s are written, changed, read and deleted as the Azure CLI does', async (_what, scope) => {
  const client = await armWithHub()
  const id = tagsOf(scope)
  const ask = (call: string, body?: Json): Promise<Reply> =>
    exchange(client, { call: `${call} ${id}` as 'GET ', version: '2025-04-01', takes: [200], ...(body !== undefined && { body }) })
  const own = async (): Promise<unknown> => (await client.send('GET', scope)).body['tags']
  for (const [call, sent, tags] of steps) {
    expect((await ask(call, sent)).body).toEqual({ id, name: 'default', type: 'Microsoft.Resources/tags', properties: { tags } })
    expect((await ask('GET')).body['properties']).toEqual({ tags })
    expect(await own()).toEqual(tags)
  }
  expect((await ask('DELETE')).text).toBe('')
  expect((await ask('GET')).body['properties']).toEqual({ tags: {} })
  expect((await own()) ?? {}).toEqual({})
})

test('TAG-03 the tags of a subscription count among its tag names', async () => {
  const { send } = await armWithGroup()
  await send('PUT', tagsOf(subscription), { properties: { tags: { team: 'blue' } } })
  await send('PATCH', tagsOf(group), { operation: 'Merge', properties: { tags: { team: 'blue' } } })
  const names = (await send('GET', `${subscription}/tagNames`)).body['value']
  expect(names).toMatchObject([{ tagName: 'team', count: { value: 2 }, values: [{ tagValue: 'blue', count: { value: 2 } }] }])
  await send('DELETE', tagsOf(subscription))
})

test('TAG-04 names are the same in any case, and a value that is another one is not deleted', async () => {
  const { send } = await armWithGroup()
  await send('PUT', tagsOf(group), { properties: { tags: { Team: 'blue', stage: 'test', owner: 'ann' } } })
  const change = async (operation: string, tags: Json): Promise<unknown> =>
    (await send('PATCH', tagsOf(group), { operation, properties: { tags } })).body['properties']?.['tags']
  expect(await change('Merge', { team: 'red' })).toEqual({ stage: 'test', owner: 'ann', team: 'red' })
  expect(await change('Delete', { STAGE: '', owner: 'bob' })).toEqual({ owner: 'ann', team: 'red' })
})

const named = (count: number): Json => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, '']))

test.each([
  ['more than 50', named(51), 'TooManyTags'],
  ['a name of more than 512 characters', { ['n'.repeat(513)]: '' }, 'InvalidTagName'],
  ['a value of more than 256 characters', { name: 'v'.repeat(257) }, 'InvalidTagValue'],
  ['a name with a slash in it', { 'a/b': '' }, 'InvalidTagNameCharacters'],
  ['a value that is no text', { name: 1 }, 'InvalidRequestContent']
])('TAG-05 TAG-06 TAG-07 %s is refused for the tags of a scope, and in the body of a resource', async (_title, tags, code) => {
  const { send } = await armWithGroup()
  expect(said(await send('PUT', tagsOf(group), { properties: { tags } }))).toEqual([400, code])
  if (code !== 'InvalidRequestContent') expect(said(await send('PUT', group, { location: 'eastus2', tags }))).toEqual([400, code])
  expect((await send('GET', group)).body['tags'] ?? {}).toEqual({})
})

test.each([
  ['a resource that is not there', `${networks}/none`, [404, 'ResourceNotFound']],
  ['a group that is not there', `${group}-none`, [404, 'ResourceGroupNotFound']],
  ['a subnet, which takes none', subnet, [400, 'BadRequest']]
])('TAG-08 TAG-09 %s has no tags to ask for', async (_title, scope, refusal) => {
  const { send } = await armWithHub()
  expect(said(await send('GET', tagsOf(scope)))).toEqual(refusal)
  expect(said(await send('PUT', tagsOf(scope), { properties: { tags: {} } }))).toEqual(refusal)
})

test('TAG-08 tags of a group that is being deleted are refused as its own PUT is', async () => {
  const { send } = await armWithGroup()
  await send('DELETE', group)
  expect(said(await send('PUT', tagsOf(group), { properties: { tags: { a: 'b' } } }))).toEqual([409, 'ResourceGroupBeingDeleted'])
})

test.each([
  ['CanNotDelete', [200, 200, 409]],
  ['ReadOnly', [409, 409, 409]]
] as const)('TAG-10 a %s lock holds for the tags of its scope and beneath', async (level, statuses) => {
  const { send } = await armWithHub()
  await send('PUT', `${group}/providers/Microsoft.Authorization/locks/l`, { properties: { level } })
  const sent = [
    await send('PUT', tagsOf(hub), { properties: { tags: { a: 'b' } } }),
    await send('PATCH', tagsOf(hub), { operation: 'Delete', properties: { tags: { a: '' } } }),
    await send('DELETE', tagsOf(hub))
  ]
  expect(sent.map(one => one.status)).toEqual(statuses)
  await send('DELETE', `${group}/providers/Microsoft.Authorization/locks/l`)
})

ours('TAG-11 whoever may write tags needs no right on what has them', async () => {
  const tagger = somebody(3, 'tagger', { scope: group, actions: ['Microsoft.Resources/tags/*'] })
  const contributor = somebody(4, 'network', { scope: group, role: 'Network Contributor' })
  const { as } = await office([tagger, contributor])
  const sent = { properties: { tags: { a: 'b' } } }
  expect((await (await as(tagger)).send('PUT', tagsOf(vnet), sent)).status).toBe(200)
  expect(said(await (await as(tagger)).send('GET', vnet))).toEqual([403, 'AuthorizationFailed'])
  expect(said(await (await as(contributor)).send('PUT', tagsOf(vnet), sent))).toEqual([403, 'AuthorizationFailed'])
})
