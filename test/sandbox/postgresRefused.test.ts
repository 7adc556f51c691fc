import { describe, expect, test } from 'vitest'
import { armWithGroup, group, type Json, ours } from './arm.ts'
import { armWithServer, code, failure, message, otherServer, refusalOf, server, serverBody, serverId, serverName } from './servers.ts'

describe('an impossible server is refused at once', () => {
  test.each([
    ['a weak password', { administratorLoginPassword: 'password' }, 'InvalidParameterValue'],
    ['a reserved login', { administratorLogin: 'root' }, 'InvalidParameterValue'],
    ['a size that there is not', { storage: { storageSizeGB: 100 } }, 'InvalidParameterValue'],
    ['a tier below the size', { storage: { storageSizeGB: 128, tier: 'P4' } }, 'InvalidParameterValue'],
    ['too many days', { backup: { backupRetentionDays: 36 } }, 'InvalidParameterValue'],
    ['a version that there is not', { version: '9' }, 'InvalidParameterValue'],
    ['no password', { administratorLoginPassword: null }, 'MissingRequiredParameter'],
    ['no login', { administratorLogin: null }, 'MissingRequiredParameter']
  ])('PG-34 PG-35 %s', async (_what, parts, expected) => {
    const { send } = await armWithGroup()
    expect(refusalOf(await send('PUT', server, serverBody(parts)))).toEqual([400, expected])
    expect((await send('GET', server)).status).toBe(404)
  })

  const fast = { type: 'PremiumV2_LRS', storageSizeGB: 100, iops: 3000, throughput: 125 }
  test.each([
    ['no speed', { storage: { type: 'PremiumV2_LRS', storageSizeGB: 100 } }],
    ['too few operations', { storage: { ...fast, iops: 2999 } }],
    ['too much throughput', { storage: { ...fast, throughput: 1201 } }],
    ['too small', { storage: { ...fast, storageSizeGB: 31 } }],
    ['a tier', { storage: { ...fast, tier: 'P10' } }],
    ['growth of its own', { storage: { ...fast, autoGrow: 'Enabled' } }],
    ['a burstable server', { sku: { name: 'Standard_B2s', tier: 'Burstable' }, storage: fast }]
  ])('PG-64 Premium SSD v2 with %s', async (_what, parts) => {
    const { send } = await armWithGroup()
    expect(refusalOf(await send('PUT', server, serverBody(parts)))).toEqual([400, 'InvalidParameterValue'])
  })

  test('PG-64 PG-65 PG-66 Premium SSD v2 is made, keeps its type and takes few changes of its speed a day', async () => {
    const { send, done, wait } = await armWithGroup()
    await done('PUT', server, serverBody({ storage: fast }))
    const speed = async (iops: number) => {
      const reply = await send('PATCH', server, { properties: { storage: { iops } } })
      await wait(3600)
      return reply.status === 202 ? 202 : code(reply)
    }
    expect((await send('GET', server)).body['properties']?.['storage']).toEqual({ ...fast, autoGrow: 'Disabled' })
    const typed = { properties: { storage: { type: 'Premium_LRS', storageSizeGB: 128 } } }
    expect(code(await send('PATCH', server, typed))).toBe('PropertyChangeNotAllowed')
    for (const iops of [3001, 3002, 3003]) expect(await speed(iops)).toBe(202)
    expect(await speed(3004)).toBe('OperationNotAllowed')
    await wait(24 * 3600)
    for (const iops of [3001, 3002, 3003, 3004]) expect(await speed(iops)).toBe(202)
    expect(await speed(3005)).toBe('OperationNotAllowed')
    expect((await send('PATCH', server, { tags: { a: 'b' } })).status).toBe(202)
  })

  test('PG-67 PG-68 PG-69 keys in a vault need identities, keep their mode, and a PATCH adds identities', async () => {
    const { send, done } = await armWithGroup()
    const identity = (name: string) => `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
    const users = (...names: string[]) => ({
      type: 'UserAssigned',
      userAssignedIdentities: Object.fromEntries(names.map(name => [identity(name), {}]))
    })
    const key = {
      type: 'AzureKeyVault',
      primaryKeyURI: 'https://kv.vault.azure.net/keys/k/1',
      primaryUserAssignedIdentityId: identity('one')
    }
    const made = (parts: Json, own?: Json) =>
      ({ ...(serverBody(parts as never) as object), ...(own !== undefined && { identity: own }) }) as Json
    const wrong = [400, 'CMKInvalidEncryptionParameters']
    expect(refusalOf(await send('PUT', server, made({ dataEncryption: key })))).toEqual(wrong)
    expect(
      refusalOf(await send('PUT', server, made({ dataEncryption: key, backup: { geoRedundantBackup: 'Enabled' } }, users('one'))))
    ).toEqual(wrong)
    await done('PUT', server, made({ dataEncryption: key }, users('one')))
    expect(code(await send('PATCH', server, { properties: { dataEncryption: { primaryUserAssignedIdentityId: identity('two') } } }))).toBe(
      wrong[1]
    )
    await done('PATCH', server, { identity: users('ONE', 'two') })
    const names = Object.keys((await send('GET', server)).body['identity']?.['userAssignedIdentities'] ?? {})
    expect(names).toEqual([identity('one'), identity('two')])
    await done('PUT', otherServer('orders-plain'), serverBody())
    expect(code(await send('PATCH', otherServer('orders-plain'), { properties: { dataEncryption: key }, identity: users('one') }))).toBe(
      'PropertyChangeNotAllowed'
    )
  })

  test('PG-34 a name with capitals', async () => {
    const { send } = await armWithGroup()
    expect(code(await send('PUT', server.replace(serverName, 'Orders'), serverBody()))).toBe('InvalidParameterValue')
  })

  test('PG-36 what cannot be changed', async () => {
    const { send } = await armWithServer()
    const refused = async (change: Json) => code(await send('PATCH', server, { properties: change }))
    expect(await refused({ storage: { storageSizeGB: 64 } })).toBe('StorageSizeDecreaseNotAllowed')
    expect(await refused({ version: '16' })).toBe('ServerVersionDowngradeNotAllowed')
    expect(await refused({ administratorLogin: 'other' })).toBe('PropertyChangeNotAllowed')
    expect(await refused({ network: { delegatedSubnetResourceId: `${serverId}/subnet` } })).toBe('PropertyChangeNotAllowed')
    expect(await refused({ backup: { geoRedundantBackup: 'Enabled' } })).toBe('PropertyChangeNotAllowed')
  })

  test('PG-38 PG-39 a geo-restore of what has no backup elsewhere, or not yet', async () => {
    const { send, done, wait } = await armWithServer({ backup: { geoRedundantBackup: 'Enabled' } })
    const restored = otherServer('orders-geo')
    const body = { location: 'westus', properties: { createMode: 'GeoRestore', sourceServerResourceId: serverId } }
    const early = await send('PUT', restored, body)
    expect(refusalOf(early)).toEqual([400, 'GeoBackupsNotAvailable'])
    expect(message(early)).toBe(`Unable to geo-restore server ${serverName} as its geo-backups are not available yet.`)
    await wait(900)
    expect((await done('PUT', restored, body)).body['status']).toBe('Succeeded')
    const local = otherServer('orders-local')
    await done('PUT', local, serverBody())
    await wait(900)
    const source = local.replace(/\?.*/, '')
    const never = { location: 'westus', properties: { createMode: 'GeoRestore', sourceServerResourceId: source } }
    expect(refusalOf(await send('PUT', otherServer('orders-never'), never))).toEqual([400, 'GeoBackupsNotAvailable'])
  })
})

describe('accidents that were recorded come from faults', () => {
  const text = {
    OperationTimedOut: 'The operation timed out and automatically rolled back. Please retry the operation.',
    GatewayTimeout: "The gateway did not receive a response from 'Microsoft.DBforPostgreSQL' within the specified time period."
  }

  ours('a write whose operation times out', async () => {
    const operation = { code: 'OperationTimedOut', message: text.OperationTimedOut }
    const { done } = await armWithServer({}, { faults: [{ method: 'PATCH', path: `${serverName}$`, operation }] })
    const ended = await done('PATCH', server, { tags: { a: 'b' } })
    expect([...failure(ended), message(ended)]).toEqual(['Failed', 'OperationTimedOut', text.OperationTimedOut])
    expect((await done('PATCH', server, { tags: { a: 'b' } })).body['status']).toBe('Succeeded')
  })

  ours('a gateway that waits in vain', async () => {
    const fault = { method: 'PATCH', path: `${serverName}$`, status: 504, code: 'GatewayTimeout', message: text.GatewayTimeout }
    const { send } = await armWithServer({}, { faults: [fault] })
    const answer = await send('PATCH', server, { tags: { a: 'b' } })
    expect([answer.status, code(answer), message(answer)]).toEqual([504, 'GatewayTimeout', text.GatewayTimeout])
  })
})
