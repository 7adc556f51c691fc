import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/sandbox/json.ts'
import { group, type Reply, subscription } from './arm.ts'
import {
  actionAt,
  armWithFactory,
  endpointAt,
  endpointBody,
  factory,
  factoryId,
  managedRuntime,
  namesIn,
  network,
  networkId,
  properties,
  runtimeAt,
  sent,
  serviceAt
} from './dataFactories.ts'

const code = ({ body }: Reply): unknown => body?.['error']?.['code']
const message = ({ body }: Reply): unknown => body?.['error']?.['message']
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const cosmos = /^[0-9a-f]{8}-0000-0100-0000-[0-9a-f]{8}0000$/
const version = 'api-version=2018-06-01'

describe('a factory', () => {
  test('is there at once, its name in lower case in its id alone', async () => {
    const { send } = await armWithFactory()
    const put = await send('PUT', factory, { location: 'EastUS2', identity: { type: 'SystemAssigned' }, properties: { encryption: {} } })
    expect([put.status, put.headers.get('azure-asyncoperation'), put.headers.get('location')]).toEqual([200, null, null])
    expect(put.body).toEqual({
      id: `${group}/providers/Microsoft.DataFactory/factories/sales-factory`,
      name: 'Sales-Factory',
      type: 'Microsoft.DataFactory/factories',
      properties: { provisioningState: 'Succeeded', createTime: expect.any(String), version: '2018-06-01', encryption: {} },
      eTag: expect.stringMatching(/^"[0-9a-f]{8}-0000-0100-0000-[0-9a-f]{8}0000"$/),
      location: 'eastus2',
      identity: { type: 'SystemAssigned', principalId: expect.stringMatching(guid), tenantId: expect.any(String) },
      tags: {}
    })
  })

  test('has statistics in a GET and nowhere else', async () => {
    const { send } = await armWithFactory()
    expect(properties(await send('GET', factory))['factoryStatistics']).toMatchObject({ totalResourceCount: 0 })
    const list = await send('GET', `${group}/providers/Microsoft.DataFactory/factories?${version}`)
    expect(namesIn(list)).toEqual(['Sales-Factory'])
    expect(list.body['value']?.[0]?.['properties']).not.toHaveProperty('factoryStatistics')
    expect(properties(await send('PUT', factory, { location: 'eastus2' }))).not.toHaveProperty('factoryStatistics')
  })

  test('PATCH changes tags and nothing that it does not take', async () => {
    const { send } = await armWithFactory()
    const patch = await send('PATCH', factory, { tags: { team: 'data' }, properties: { publicNetworkAccess: 'Disabled' } })
    expect([patch.status, patch.body['tags'], properties(patch)['publicNetworkAccess']]).toEqual([200, { team: 'data' }, 'Disabled'])
    expect((await send('PATCH', factory, { properties: { encryption: {} } })).status).toBe(400)
  })

  test('its name is taken everywhere', async () => {
    const { send } = await armWithFactory()
    const other = `${subscription}/resourceGroups/rg-other`
    await send('PUT', other, { location: 'eastus2' })
    const refused = await send('PUT', `${other}/providers/Microsoft.DataFactory/factories/SALES-factory?${version}`, {
      location: 'eastus2'
    })
    expect([refused.status, code(refused)]).toEqual([409, 'FactoryNameInUse'])
    const ill = await send('PUT', `${group}/providers/Microsoft.DataFactory/factories/a--b?${version}`, { location: 'eastus2' })
    expect(ill.status).toBe(400)
  })

  test('a write under an old etag is refused', async () => {
    const { sandbox, send } = await armWithFactory()
    const etag = `${(await send('GET', factory)).body['eTag']}`
    const put = (wanted: string) =>
      sandbox.handle(
        new Request(`https://management.azure.com${factory}`, {
          method: 'PUT',
          headers: { 'if-match': wanted },
          body: JSON.stringify({ location: 'eastus2' })
        })
      )
    expect((await put(etag)).status).toBe(200)
    expect((await put(etag)).status).toBe(412)
    expect((await put('*')).status).toBe(200)
  })

  test('DELETE is 200, then 204, and takes along what is in it', async () => {
    const { send } = await armWithFactory()
    expect([(await send('DELETE', factory)).status, (await send('DELETE', factory)).status]).toEqual([200, 204])
    const gone = await send('GET', factory)
    expect([gone.status, code(gone)]).toEqual([404, 'ResourceNotFound'])
    await send('PUT', factory, { location: 'eastus2' })
    expect((await send('GET', network)).status).toBe(404)
  })
})

describe('a managed virtual network', () => {
  test('has what Azure adds, under ids in lower case with the name of the factory as it was made', async () => {
    const { send } = await armWithFactory()
    const got = await send('GET', network.replace('Sales-Factory', 'SALES-FACTORY'))
    expect(got.body).toEqual({
      id: networkId,
      name: 'default',
      type: 'Microsoft.DataFactory/factories/managedvirtualnetworks',
      properties: { vNetId: expect.stringMatching(guid), preventDataExfiltration: false, alias: 'sales-factory' },
      etag: expect.stringMatching(cosmos)
    })
    const again = await send('PUT', network, { properties: {} })
    expect([again.status, properties(again)['vNetId']]).toEqual([200, properties(got)['vNetId']])
    expect(again.body['etag']).not.toEqual(got.body['etag'])
  })

  test('cannot be deleted', async () => {
    const { send } = await armWithFactory()
    expect((await send('DELETE', network)).status).toBe(405)
    expect((await send('GET', network)).status).toBe(200)
  })

  test('a missing one is a missing document', async () => {
    const { send } = await armWithFactory()
    const missing = await send('GET', network.replace('default', 'other'))
    expect([missing.status, missing.body['error']]).toEqual([
      404,
      {
        code: 'NotFound',
        message: 'The document could not be retrieved because it does not exist.',
        target: `${factoryId}/managedvirtualnetworks/other`,
        details: null
      }
    ])
  })
})

describe('an integration runtime', () => {
  const runtime = runtimeAt('ir-vnet')
  const interactive = async (send: (method: string, path: string) => Promise<Reply>) =>
    properties(await send('POST', actionAt(runtime, 'getStatus')))['typeProperties']?.['interactiveQuery']?.['status'] as unknown

  test('comes back as it was sent', async () => {
    const { send } = await armWithFactory()
    const put = await send('PUT', runtime, managedRuntime)
    expect([put.status, put.body]).toEqual([
      200,
      {
        id: `${factoryId}/integrationruntimes/ir-vnet`,
        name: 'ir-vnet',
        type: 'Microsoft.DataFactory/factories/integrationruntimes',
        ...(managedRuntime as object),
        etag: expect.stringMatching(cosmos)
      }
    ])
    expect((await send('GET', runtime)).body).toEqual(put.body)
    await send('PUT', runtimeAt('self'), { properties: { type: 'SelfHosted', description: 'ours' } })
    const self = await send('GET', runtimeAt('self'))
    expect(self.body['properties']).toEqual({ type: 'SelfHosted', description: 'ours' })
    const patched = await send('PATCH', runtimeAt('self'), { autoUpdate: 'Off' })
    expect([patched.status, patched.body]).toEqual([200, self.body])
    expect(properties(await send('POST', actionAt(runtimeAt('self'), 'getStatus')))['state']).toBe('NeedRegistration')
  })

  test('is refused in a managed network that is not there, and cannot leave its own', async () => {
    const { send } = await armWithFactory()
    const managedVirtualNetwork = { type: 'ManagedVirtualNetworkReference', referenceName: 'other' }
    const refused = await send('PUT', runtime, { properties: { type: 'Managed', managedVirtualNetwork } })
    expect([refused.status, message(refused)]).toEqual([
      400,
      "The document creation or update failed because of invalid reference 'other'."
    ])
    await send('PUT', runtime, managedRuntime)
    expect((await send('PUT', runtime, { properties: { type: 'Managed' } })).status).toBe(400)
    expect((await send('PUT', runtime, { properties: { type: 'SelfHosted' } })).status).toBe(400)
    expect((await send('PUT', runtimeAt('odd'), { properties: { type: 'Other' } })).status).toBe(400)
  })

  test('interactive authoring takes a minute or two to begin, and ends when it is not used', async () => {
    const { send, wait } = await armWithFactory()
    await send('PUT', runtime, managedRuntime)
    expect(await interactive(send)).toBe('Disabled')
    const asked = await send('POST', actionAt(runtime, 'enableInteractiveQuery'), { autoTerminationMinutes: 10 })
    expect([asked.status, await interactive(send)]).toEqual([202, 'Enabling'])
    await wait(59)
    expect(await interactive(send)).toBe('Enabling')
    await wait(61)
    expect(await interactive(send)).toBe('Enabled')
    expect(properties(await send('GET', runtime))['typeProperties']?.['interactiveQuery']).toEqual({
      status: 'Enabled',
      autoTerminationMinutes: 10
    })
    await wait(11 * 60)
    expect(await interactive(send)).toBe('Disabled')
  })

  test('interactive authoring can be switched off before it has begun', async () => {
    const { send, wait } = await armWithFactory()
    await send('PUT', runtime, managedRuntime)
    await send('POST', actionAt(runtime, 'enableInteractiveQuery'), {})
    await send('POST', actionAt(runtime, 'disableInteractiveQuery'), {})
    expect(await interactive(send)).toBe('Disabling')
    await wait(120)
    expect(await interactive(send)).toBe('Disabled')
    await wait(3600)
    expect(await interactive(send)).toBe('Disabled')
    await send('PUT', runtimeAt('public'), { properties: { type: 'Managed' } })
    expect((await send('POST', actionAt(runtimeAt('public'), 'enableInteractiveQuery'), {})).status).toBe(400)
    expect((await send('POST', actionAt(runtime, 'unheardOf'), {})).status).toBe(404)
  })

  test('stays while a linked service names it', async () => {
    const { send } = await armWithFactory()
    await send('PUT', runtime, managedRuntime)
    const connectVia = { referenceName: 'ir-vnet', type: 'IntegrationRuntimeReference' }
    await send('PUT', serviceAt('pg'), { properties: { type: 'AzurePostgreSql', connectVia, typeProperties: {} } })
    const refused = await send('DELETE', runtime)
    expect([refused.status, code(refused), message(refused)]).toEqual([
      400,
      'BadRequest',
      'The document cannot be deleted since it is referenced by pg.'
    ])
    await send('DELETE', serviceAt('pg'))
    expect((await send('DELETE', runtime)).status).toBe(200)
    expect((await send('DELETE', runtime)).status).toBe(204)
    expect(code(await send('GET', runtime))).toBe('NotFound')
  })
})

describe('a linked service', () => {
  const pg = serviceAt('pg')
  const secret = 'correct horse battery'
  const v2 = (password: JsonObject, more: JsonObject = {}) => ({
    properties: {
      type: 'AzurePostgreSql',
      version: '2.0',
      typeProperties: { server: 'gold.vault.contoso.net', port: 5432, username: 'etl', database: 'sales', sslMode: 3, password, ...more }
    }
  })
  const credentialOf = (reply: Reply): string => `${properties(reply)['typeProperties']?.['encryptedCredential']}`

  test('a secret comes back as ten asterisks and a credential, and is nowhere to be found', async () => {
    const { sandbox, send } = await armWithFactory()
    const put = await send('PUT', pg, v2({ type: 'SecureString', value: secret }))
    expect([put.status, put.body['id'], put.body['type']]).toEqual([
      200,
      `${factoryId}/linkedservices/pg`,
      'Microsoft.DataFactory/factories/linkedservices'
    ])
    expect(properties(put)['typeProperties']?.['password']).toEqual({ type: 'SecureString', value: '**********' })
    expect(JSON.parse(Buffer.from(credentialOf(put), 'base64').toString())).toEqual({
      Version: '2017-11-30',
      ProtectionMode: 'Key',
      SecretContentType: 'Plaintext',
      CredentialId: expect.stringMatching(/^SALES-FACTORY_[0-9a-f-]{36}$/)
    })
    expect((await send('GET', pg)).body).toEqual(put.body)
    expect(JSON.stringify(sandbox.exportState())).not.toContain(secret)
  })

  test('a body that was read is taken back and keeps its credential; a new secret gets a new one', async () => {
    const { send } = await armWithFactory()
    await send('PUT', pg, v2({ type: 'SecureString', value: secret }))
    const read = await send('GET', pg)
    const back = await send('PUT', pg, sent(read.body))
    expect([back.status, back.body['properties']]).toEqual([200, read.body['properties']])
    expect(back.body['etag']).not.toEqual(read.body['etag'])
    const changed = await send('PUT', pg, v2({ type: 'SecureString', value: 'another' }, { encryptedCredential: credentialOf(read) }))
    expect(credentialOf(changed)).not.toBe(credentialOf(read))
  })

  test('a secret in a key vault is echoed exactly; the vault has to be there, and stays', async () => {
    const { send } = await armWithFactory()
    const password = { type: 'AzureKeyVaultSecret', store: { referenceName: 'kv', type: 'LinkedServiceReference' }, secretName: 'etl' }
    const early = await send('PUT', pg, v2(password))
    expect([early.status, message(early)]).toEqual([400, "The document creation or update failed because of invalid reference 'kv'."])
    await send('PUT', serviceAt('kv'), {
      properties: { type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://kv.vault.azure.net/' } }
    })
    const put = await send('PUT', pg, v2(password))
    expect([put.status, put.body['properties']]).toEqual([200, v2(password).properties])
    expect(message(await send('DELETE', serviceAt('kv')))).toBe('The document cannot be deleted since it is referenced by pg.')
  })

  test('a password in a connection string is taken out of it', async () => {
    const { send } = await armWithFactory()
    const connectionString = `host=gold.vault.contoso.net;port=5432;database=sales;uid=etl;password=${secret};EncryptionMethod=1`
    const put = await send('PUT', pg, { properties: { type: 'AzurePostgreSql', typeProperties: { connectionString } } })
    expect(properties(put)['typeProperties']).toEqual({
      connectionString: 'host=gold.vault.contoso.net;port=5432;database=sales;uid=etl;EncryptionMethod=1',
      encryptedCredential: expect.any(String)
    })
  })

  test('is refused without a type, under a name that is none, or on a runtime that is not there', async () => {
    const { send } = await armWithFactory()
    expect((await send('PUT', pg, { properties: {} })).status).toBe(400)
    expect((await send('PUT', serviceAt('a+b'), v2({}))).status).toBe(400)
    const connectVia = { referenceName: 'nowhere', type: 'IntegrationRuntimeReference' }
    expect((await send('PUT', pg, { properties: { ...v2({}).properties, connectVia } })).status).toBe(400)
    const builtIn = { ...connectVia, referenceName: 'AutoResolveIntegrationRuntime' }
    expect((await send('PUT', pg, { properties: { ...v2({}).properties, connectVia: builtIn } })).status).toBe(200)
  })

  test('is found under its path in lower case too', async () => {
    const { send } = await armWithFactory()
    await send('PUT', pg, v2({ type: 'SecureString', value: secret }))
    expect((await send('GET', pg.replace('linkedServices', 'linkedservices'))).status).toBe(200)
    expect(namesIn(await send('GET', `${factoryId}/linkedservices?${version}`))).toEqual(['pg'])
    expect((await send('GET', endpointAt('none'))).status).toBe(400)
    expect((await send('PUT', endpointAt('one'), endpointBody())).status).toBe(200)
  })

  test('can be seeded before what it names', async () => {
    const connectVia = { referenceName: 'ir-self', type: 'IntegrationRuntimeReference' }
    const { send } = await armWithFactory({
      seedBodies: {
        [`${factoryId}/linkedservices/pg`]: { properties: { type: 'AzurePostgreSql', connectVia } },
        [`${factoryId}/integrationRuntimes/ir-self`]: { properties: { type: 'SelfHosted' } },
        [factoryId]: { location: 'eastus2' }
      }
    })
    expect(properties(await send('GET', pg))['connectVia']).toEqual(connectVia)
    expect((await send('DELETE', runtimeAt('ir-self'))).status).toBe(400)
  })
})
