import { describe, expect, test } from 'vitest'
import { flexibleServer } from '../../src/kinds/flexibleServer.ts'
import { json, networkArm } from './networkArm.ts'
import { comesBack, contextOf, outcome, serverPath } from './serviceContext.ts'

const key = 'https://kv-orders.vault.azure.net/keys/orders'
const desired = (spec: unknown) => flexibleServer.desired(spec, contextOf(serverPath)) as Record<string, unknown>

describe('a difference in keys and identities', () => {
  test.each([
    ['a key whose version Azure has rotated to', { encryptionKey: `${key}/abc` }, { encryptionKey: key }, []],
    ['a key with its version', { encryptionKey: `${key}/abc` }, { encryptionKey: `${key}/abc` }, []],
    ['a key with another version', { encryptionKey: `${key}/abc` }, { encryptionKey: `${key}/abd` }, ['encryptionKey: update']],
    ['a version of a key where there was none', { encryptionKey: key }, { encryptionKey: `${key}/abd` }, ['encryptionKey: update']],
    ['another key', { encryptionKey: `${key}/abc` }, { encryptionKey: `${key}2` }, ['encryptionKey: update']],
    ['a key in place of that of Azure', {}, { encryptionKey: key }, ['encryptionKey: fixed']],
    ['a key for backups where there was none', { encryptionKey: key }, { encryptionKey: key, geoBackupKey: key }, ['geoBackupKey: fixed']],
    ['another identity for a key', { encryptionIdentity: '/one' }, { encryptionIdentity: '/two' }, ['encryptionIdentity: update']],
    ['an identity beside others', { userAssigned: ['/one'] }, { userAssigned: ['/two'] }, ['userAssigned: update']],
    ['fewer identities than it has', { userAssigned: ['/one', '/two'] }, { userAssigned: ['/two'] }, []]
  ])('%s', (_, have, want, expected) => {
    const none = desired({ version: '17' })
    expect(outcome(flexibleServer.diff({ ...none, ...have }, { ...none, ...want }))).toEqual(expected)
  })
})

describe('the keys and identities of a server', () => {
  const one = '/subscriptions/s/resourceGroups/Rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/One'
  const keyed = {
    version: '17',
    identity: { system: true, userAssigned: [one] },
    encryption: { key, identity: one, geoBackup: { key: `${key}-west`, identity: one } }
  }
  const answering = (...statuses: string[]) => {
    const asked: string[] = []
    const arm = networkArm({ [serverPath]: { location: 'eastus2', properties: { state: 'Ready' } } }, ({ method }) => {
      if (method !== 'GET') return undefined
      asked.push(method)
      const status = statuses[Math.min(asked.length, statuses.length) - 1]
      return json(200, {
        id: serverPath,
        location: 'eastus2',
        properties: { state: 'Ready', dataEncryption: { primaryEncryptionKeyStatus: status } }
      })
    })
    return { arm, asked }
  }

  test('come back as declared', () => expect(comesBack(flexibleServer, desired(keyed))).toEqual([[], []]))

  test('a rotation sends the key alone, in a PATCH that adds no identity', async () => {
    const arm = networkArm({ [serverPath]: { location: 'eastus2', properties: {} } })
    await flexibleServer.update({ azure: arm.azure, path: serverPath, props: desired(keyed), tags: {}, fields: new Set(['encryptionKey']) })
    const { identity, properties } = arm.requests.find(({ method }) => method === 'PATCH')?.body ?? {}
    expect([identity, properties]).toEqual([undefined, { dataEncryption: { type: 'AzureKeyVault', primaryKeyURI: key } }])
  })

  test('a write of one ends when Azure knows whether it can use the key', async () => {
    const { arm, asked } = answering('Unknown', 'Unknown', 'Valid')
    await flexibleServer.update({ azure: arm.azure, path: serverPath, props: desired(keyed), tags: {}, fields: new Set(['encryptionKey']) })
    expect(asked.length).toBe(3)
  })

  test.each([
    ['Unknown', 'changing'],
    ['Valid', 'at rest']
  ])('with a key that is %s it is %s', async (status, motion) => {
    const { observed } = await flexibleServer.observe(answering(status).arm.azure, serverPath)
    expect(flexibleServer.motion(observed)).toBe(motion)
  })
})
