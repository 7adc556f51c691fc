import { describe, expect } from 'vitest'
import { group, ours, subscription } from './arm.ts'
import { clientId, nobody, objectId, office, reader, said, somebody, subnet, vnet } from './principals.ts'

describe('questions about rights', () => {
  const custom = { scope: vnet, actions: ['Microsoft.Network/*'], notActions: ['*/delete'] }
  const ann = somebody(3, 'ann', { scope: group, role: 'Reader' }, custom)
  const about = (scope: string, what: string): string => `${scope}/providers/Microsoft.Authorization/${what}`
  const assignments = (body: unknown): unknown =>
    (body as { value: { properties: { principalId: string; scope: string } }[] }).value.map(({ properties }) => [
      properties.principalId.slice(0, 8),
      properties.scope
    ])

  ours('RIGHT-50 permissions are the own ones of the caller at a scope, an entry for each role', async () => {
    const { as } = await office([ann, reader])
    const read = { actions: ['*/read'], notActions: [], dataActions: [], notDataActions: [] }
    const { send } = await as(ann)
    expect((await send('GET', about(group, 'permissions'))).body).toEqual({ value: [read] })
    expect((await send('GET', about(subnet, 'permissions'))).body).toEqual({
      value: [read, { ...read, actions: ['Microsoft.Network/*'], notActions: ['*/delete'] }]
    })
  })

  ours('RIGHT-51 permissions are told to whoever has signed in, with or without a role', async () => {
    const { as } = await office([nobody])
    const answer = await (await as(nobody)).send('GET', about(group, 'permissions'))
    expect([answer.status, answer.body]).toEqual([200, { value: [] }])
  })

  ours('RIGHT-52 role definitions are listed, found by name and by guid, and are Azure’s for the built-in ones', async () => {
    const { as } = await office([ann, reader])
    const { send } = await as(reader)
    const named = await send('GET', `${about(subscription, 'roleDefinitions')}?$filter=roleName%20eq%20'Network%20Contributor'`)
    const id = about(subscription, 'roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7')
    expect(named.body['value']).toMatchObject([
      {
        id,
        name: '4d97b98b-1d4f-4787-a291-c67834d212e7',
        type: 'Microsoft.Authorization/roleDefinitions',
        properties: { roleName: 'Network Contributor', type: 'BuiltInRole', assignableScopes: ['/'] }
      }
    ])
    expect((await send('GET', id)).body).toEqual((named.body['value'] as unknown as unknown[])[0])
    const own = await send('GET', `${about(subscription, 'roleDefinitions')}?$filter=type%20eq%20'CustomRole'`)
    expect(own.body['value']).toMatchObject([
      { properties: { permissions: [{ actions: ['Microsoft.Network/*'], notActions: ['*/delete'] }] } }
    ])
    expect((await send('GET', about(subscription, `roleDefinitions/${clientId(8)}`))).status).toBe(404)
  })

  ours(
    'RIGHT-53 role assignments are those above, at and beneath a scope; atScope() leaves out those beneath, a principal all others',
    async () => {
      const { as } = await office([ann, reader])
      const { send } = await as(reader)
      const list = async (scope: string, filter = ''): Promise<unknown> =>
        assignments((await send('GET', `${about(scope, 'roleAssignments')}${filter === '' ? '' : `?$filter=${filter}`}`)).body)
      const [annAtGroup, annAtVnet] = [
        ['00000003', group],
        ['00000003', vnet]
      ]
      const [readers, owners] = [
        ['00000001', subscription],
        ['00000009', '/']
      ]
      expect(await list(group)).toEqual([annAtGroup, annAtVnet, readers, owners])
      expect(await list(group, 'atScope()')).toEqual([annAtGroup, readers, owners])
      expect(await list(subnet, `principalId%20eq%20'${objectId(3)}'`)).toEqual([annAtGroup, annAtVnet])
      expect(await list(subscription, `atScope()%20and%20assignedTo('${objectId(3)}')`)).toEqual([])
      const one = (await send('GET', `${about(group, 'roleAssignments')}?$filter=principalId%20eq%20'${objectId(3)}'`)).body
      const [{ id, name }] = one['value'] as unknown as [{ id: string; name: string }]
      expect((await send('GET', id)).body).toMatchObject({
        id,
        name,
        type: 'Microsoft.Authorization/roleAssignments',
        properties: {
          roleDefinitionId: about(subscription, 'roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7'),
          principalType: 'ServicePrincipal'
        }
      })
    }
  )

  ours('RIGHT-54 role definitions, and the assignments that the sandbox began with, cannot be written', async () => {
    const { boss } = await office([ann])
    expect(said(await boss.send('PUT', about(group, `roleDefinitions/${clientId(8)}`), {}))).toEqual([405, 'HttpMethodNotAllowed'])
    const mine = await boss.send('GET', `${about(group, 'roleAssignments')}?$filter=principalId%20eq%20'${objectId(3)}'`)
    const [{ id }] = mine.body['value'] as unknown as [{ id: string }]
    expect(said(await boss.send('DELETE', id))).toEqual([409, 'Conflict'])
  })
})
