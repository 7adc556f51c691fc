import { describe, expect, test } from 'vitest'
import { arm, armWithGroup, type Body, group, type Json, ours, subscription } from './arm.ts'
import { exchange } from './exchange.ts'
import { clientId, objectId, office, said, somebody, vnet, words } from './principals.ts'

/*
 * Role assignments made by ARM's means, with the requests that the Azure CLI was recorded sending (its tests
 * test_role_assignment_no_graph and test_role_assignment_create_using_principal_type).
 */

const about = (scope: string, what: string): string => `${scope}/providers/Microsoft.Authorization/${what}`
const definition = (role: string): string => about(subscription, `roleDefinitions/${role}`)
const [reader, contributor] = ['acdd72a7-3385-48ef-bd42-f606fba81ae7', 'b24988ac-6180-42a0-ab88-20f7382dd24c']
const name = '88888888-0000-0000-0000-000000000001'
const who = 'b14ee29e-54cd-4425-a067-e35854a5d532'

const body = (properties: Readonly<Record<string, Json>> = {}): Json => ({
  properties: { roleDefinitionId: definition(reader), principalId: who, principalType: 'ServicePrincipal', ...properties }
})

const none = { condition: null, conditionVersion: null, delegatedManagedIdentityResourceId: null, description: null }

test('RASSIGN-01 a role is found by its name, assigned, listed and taken away as the Azure CLI does', async () => {
  const client = await armWithGroup()
  const found = await exchange(client, {
    call: `GET ${about(group, 'roleDefinitions')}?$filter=roleName%20eq%20'reader'`,
    version: '2022-05-01-preview',
    takes: [200]
  })
  expect(found.body['value']).toMatchObject([{ id: definition(reader), name: reader, properties: { roleName: 'Reader' } }])
  const id = about(group, `roleAssignments/${name}`)
  const put = await exchange(client, { call: `PUT ${id}`, version: '2022-04-01', takes: [201], body: body() })
  const properties = {
    roleDefinitionId: definition(reader),
    principalId: who,
    principalType: 'ServicePrincipal',
    scope: group,
    createdOn: expect.stringMatching(/^\d{4}-.*Z$/),
    updatedOn: expect.any(String),
    createdBy: null,
    ...none
  }
  expect(put.body).toMatchObject({ id, name, type: 'Microsoft.Authorization/roleAssignments', properties })
  for (const [scope, filter] of [
    [subscription, `principalId%20eq%20'${who}'`],
    [group, 'atScope()'],
    [group, `atScope()%20and%20assignedTo('${who}')`]
  ] as const) {
    const listed = await exchange(client, {
      call: `GET ${about(scope, 'roleAssignments')}?$filter=${filter}`,
      version: '2022-04-01',
      takes: [200]
    })
    expect(listed.body['value']).toMatchObject([{ id }])
  }
  const gone = await exchange(client, { call: `DELETE ${id}`, version: '2022-04-01', takes: [200] })
  expect(gone.body).toMatchObject({ id, properties: { principalId: who } })
  await exchange(client, { call: `DELETE ${id}`, version: '2022-04-01', takes: [204] })
  await exchange(client, { call: `GET ${id}`, version: '2022-04-01', takes: [404] })
})

test('RASSIGN-02 the members are those of the version that asks', async () => {
  const { send } = await armWithGroup()
  const id = about(group, `roleAssignments/${name}`)
  await send('PUT', id, body(), '2022-04-01')
  const members = async (version: string): Promise<string[]> =>
    Object.keys((await send('GET', id, undefined, version)).body['properties'] ?? {})
  expect(await members('2018-09-01-preview')).toEqual([
    'roleDefinitionId',
    'principalId',
    'principalType',
    'scope',
    'createdOn',
    'updatedOn',
    'createdBy',
    'updatedBy'
  ])
  expect(await members('2015-07-01')).not.toContain('principalType')
  expect(await members('2022-04-01')).toEqual(expect.arrayContaining(Object.keys(none)))
})

const id = about(group, `roleAssignments/${name}`)
const other = about(group, 'roleAssignments/88888888-0000-0000-0000-000000000002')

test.each([
  ['the same role of the same principal on the same scope', other, body(), [409, 'RoleAssignmentExists']],
  [
    'another role under a name that is taken',
    id,
    body({ roleDefinitionId: definition(contributor) }),
    [400, 'RoleAssignmentUpdateNotPermitted']
  ],
  ['a name that is no guid', about(group, 'roleAssignments/mine'), body(), [400, 'InvalidRoleAssignmentId']],
  ['a role that there is not', other, body({ roleDefinitionId: definition(clientId(8)) }), [400, 'RoleDefinitionDoesNotExist']],
  ['no principal', other, body({ principalId: '' }), [400, 'InvalidRequestContent']],
  ['a scope that is not there', about(`${group}-none`, `roleAssignments/${name}`), body(), [404, 'ResourceGroupNotFound']]
])('RASSIGN-03 RASSIGN-04 RASSIGN-05 RASSIGN-06 RASSIGN-07 RASSIGN-08 %s is refused', async (_title, path, sent, refusal) => {
  const { send } = await armWithGroup()
  expect((await send('PUT', id, body(), '2022-04-01')).status).toBe(201)
  const answer = await send('PUT', path, sent, '2022-04-01')
  expect(said(answer)).toEqual(refusal)
  if (refusal[0] === 409) expect(words(answer)).toContain('88888888000000000000000000000001')
  expect((await send('PUT', id, body(), '2022-04-01')).status).toBe(200)
})

describe('with principals', () => {
  const ann = somebody(3, 'ann')
  const bob = somebody(4, 'bob', { scope: group, role: 'Contributor' })

  ours('RASSIGN-09 a role that was assigned holds at once and for as long as it is assigned', async () => {
    const { as, boss } = await office([ann, bob])
    const [hers, his] = [await as(ann), await as(bob)]
    const listed = async (): Promise<unknown> =>
      ((await hers.send('GET', '/subscriptions')).body['value'] as unknown as Body[]).map(one => one['subscriptionId'])
    expect([said(await hers.send('GET', vnet)), await listed()]).toEqual([[403, 'AuthorizationFailed'], []])
    const given = body({ principalId: objectId(3) })
    expect(said(await his.send('PUT', id, given, '2022-04-01'))).toEqual([403, 'AuthorizationFailed'])
    expect((await boss.send('PUT', id, given, '2022-04-01')).status).toBe(201)
    expect([(await hers.send('GET', vnet)).status, await listed()]).toEqual([200, [subscription.split('/')[2]]])
    expect(said(await hers.send('DELETE', vnet))).toEqual([403, 'AuthorizationFailed'])
    expect((await boss.send('DELETE', id, undefined, '2022-04-01')).status).toBe(200)
    expect(said(await hers.send('GET', vnet))).toEqual([403, 'AuthorizationFailed'])
  })

  ours('RASSIGN-10 a principal that nobody knows is refused, unless the kind of principal is said', async () => {
    const { boss } = await office([ann])
    const unknown = await boss.send('PUT', id, { properties: { roleDefinitionId: definition(reader), principalId: who } }, '2022-04-01')
    expect(said(unknown)).toEqual([400, 'PrincipalNotFound'])
    expect(words(unknown)).toMatch(/^Principal b14ee29e54cd4425a067e35854a5d532 does not exist in the directory [0-9a-f]{32}\.$/)
    expect((await boss.send('PUT', id, body(), '2022-04-01')).status).toBe(201)
  })

  ours('RASSIGN-11 above all subscriptions only a role on everything assigns', async () => {
    const { as } = await office([somebody(5, 'sub owner', { scope: subscription, role: 'Owner' })])
    const path = about('', `roleAssignments/${name}`)
    expect(said(await (await as(somebody(5, 'sub owner'))).send('PUT', path, body(), '2022-04-01'))).toEqual([403, 'AuthorizationFailed'])
  })
})

test.each([
  ['CanNotDelete', 201, [409, 'ScopeLocked']],
  ['ReadOnly', 409, [409, 'ScopeLocked']]
] as const)('RASSIGN-12 a %s lock holds for the assignments on its scope', async (level, created, deleted) => {
  const { send } = await armWithGroup()
  expect((await send('PUT', id, body(), '2022-04-01')).status).toBe(201)
  await send('PUT', about(group, 'locks/l'), { properties: { level } })
  expect((await send('PUT', other, body({ roleDefinitionId: definition(contributor) }), '2022-04-01')).status).toBe(created)
  const answer = await send('DELETE', id, undefined, '2022-04-01')
  expect(said(answer)).toEqual(deleted)
  expect(words(answer)).toContain(`The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${group}'`)
  await send('DELETE', about(group, 'locks/l'))
})

test('RASSIGN-13 an assignment goes with the group or the resource that it lies on', async () => {
  const { send, done } = await armWithGroup()
  await send('PUT', id, body(), '2022-04-01')
  await done('DELETE', group)
  await send('PUT', group, { location: 'eastus2' })
  expect((await send('GET', id, undefined, '2022-04-01')).status).toBe(404)
})

ours('POLICY-01 no policy is assigned at any scope', async () => {
  const { send } = await arm()
  await send('PUT', group, { location: 'eastus2' })
  for (const scope of [subscription, group])
    expect((await send('GET', `${about(scope, 'policyAssignments')}?$filter=atScope()`, undefined, '2024-05-01')).body).toEqual({
      value: []
    })
  const missing = `${group}/providers/Microsoft.Network/virtualNetworks/none`
  expect((await send('GET', about(missing, 'policyAssignments'), undefined, '2024-05-01')).status).toBe(404)
  expect(said(await send('GET', about(group, 'policyAssignments/p'), undefined, '2024-05-01'))).toEqual([404, 'PolicyAssignmentNotFound'])
})
