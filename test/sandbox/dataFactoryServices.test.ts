import { describe, expect, test } from 'vitest'
import { type Json, ours, type Reply } from './arm.ts'
import {
  armWithFactory,
  cosmos,
  documentAt,
  factoryId,
  factoryName,
  managedRuntime,
  message,
  namesIn,
  properties,
  refusalOf,
  runtimeAt,
  sent,
  serviceAt,
  targetHost
} from './dataFactories.ts'

const pg = serviceAt('pg')
const secret = 'correct horse battery'
const mask = '**********'
const vault = { properties: { type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://kv.vault.azure.net/' } } }

const v2 = (password: Json, more: { readonly [name: string]: Json } = {}) => ({
  properties: {
    type: 'AzurePostgreSql',
    version: '2.0',
    typeProperties: { server: targetHost, port: 5432, username: 'etl', database: 'sales', sslMode: 3, password, ...more }
  }
})

const parts = (reply: Reply): Reply['body'] | undefined => properties(reply)['typeProperties']
const credentialOf = (reply: Reply): string => `${parts(reply)?.['encryptedCredential']}`

describe('a linked service', () => {
  test('LS-01 a secret comes back as ten asterisks and a credential', async () => {
    const { send } = await armWithFactory()
    const put = await send('PUT', pg, v2({ type: 'SecureString', value: secret }))
    expect(put.body).toMatchObject({
      id: `${factoryId}/linkedservices/pg`,
      name: 'pg',
      type: 'Microsoft.DataFactory/factories/linkedservices',
      etag: expect.stringMatching(cosmos)
    })
    expect([put.status, parts(put)?.['password']]).toEqual([200, { type: 'SecureString', value: mask }])
    expect(JSON.parse(Buffer.from(credentialOf(put), 'base64').toString())).toEqual({
      Version: '2017-11-30',
      ProtectionMode: 'Key',
      SecretContentType: 'Plaintext',
      CredentialId: expect.stringMatching(new RegExp(`^${factoryName.toUpperCase()}_[0-9a-f-]{36}$`))
    })
    expect((await send('GET', pg)).body).toEqual(put.body)
  })

  ours('LS-02 the secret itself is nowhere to be found in what is saved', async () => {
    const { send, control } = await armWithFactory()
    await send('PUT', pg, v2({ type: 'SecureString', value: secret }))
    const saved = JSON.stringify(await control('GET', 'state'))
    expect([saved.includes('/linkedservices/pg'), saved.includes(secret)]).toEqual([true, false])
  })

  test('LS-03 LS-04 a body that was read is taken back and keeps its credential; a new secret gets a new one', async () => {
    const { send } = await armWithFactory()
    await send('PUT', pg, v2({ type: 'SecureString', value: secret }))
    const read = await send('GET', pg)
    const back = await send('PUT', pg, sent(read.body))
    expect([back.status, back.body['properties']]).toEqual([200, read.body['properties']])
    expect(back.body['etag']).not.toEqual(read.body['etag'])
    const changed = await send('PUT', pg, v2({ type: 'SecureString', value: 'another' }, { encryptedCredential: credentialOf(read) }))
    expect(credentialOf(changed)).not.toBe(credentialOf(read))
    const { password: _password, ...open } = v2('').properties.typeProperties
    const without = await send('PUT', pg, { properties: { ...v2('').properties, typeProperties: open } })
    expect(parts(without)).toEqual(open)
  })

  test('LS-15 a credential without any password is taken in its place, or is lost', async () => {
    for (const [credentialWithoutMask, keeps] of [
      ['kept', true],
      ['lost', false]
    ] as const) {
      const { send } = await armWithFactory({ behaviours: { credentialWithoutMask } })
      const put = await send('PUT', pg, v2({ type: 'SecureString', value: secret }))
      const { password: _password, ...open } = v2('').properties.typeProperties
      const credential = { encryptedCredential: credentialOf(put) }
      const again = await send('PUT', pg, { properties: { ...v2('').properties, typeProperties: { ...open, ...credential } } })
      expect([again.status, parts(again)]).toEqual([200, keeps ? { ...open, ...credential } : open])
    }
  })

  test('LS-05 a reference to a key vault is echoed exactly', async () => {
    const { send } = await armWithFactory()
    await send('PUT', serviceAt('kv'), vault)
    expect(properties(await send('GET', serviceAt('kv')))).toEqual(vault.properties)
    const password = { type: 'AzureKeyVaultSecret', store: { referenceName: 'kv', type: 'LinkedServiceReference' }, secretName: 'etl' }
    const put = await send('PUT', pg, v2(password))
    expect([put.status, put.body['properties']]).toEqual([200, v2(password).properties])
  })

  test('LS-06 what it refers to has to be there, and stays', async () => {
    const { send } = await armWithFactory()
    const password = { type: 'AzureKeyVaultSecret', store: { referenceName: 'kv', type: 'LinkedServiceReference' }, secretName: 'etl' }
    const early = await send('PUT', pg, v2(password))
    expect([...refusalOf(early), message(early)]).toEqual([
      400,
      'BadRequest',
      "The document creation or update failed because of invalid reference 'kv'."
    ])
    await send('PUT', serviceAt('kv'), vault)
    await send('PUT', pg, v2(password))
    expect(message(await send('DELETE', serviceAt('kv')))).toBe('The document cannot be deleted since it is referenced by pg.')
    const connectVia = { referenceName: 'nowhere', type: 'IntegrationRuntimeReference' }
    expect((await send('PUT', pg, { properties: { ...v2({}).properties, connectVia } })).status).toBe(400)
    const builtIn = { ...connectVia, referenceName: 'AutoResolveIntegrationRuntime' }
    expect((await send('PUT', pg, { properties: { ...v2({}).properties, connectVia: builtIn } })).status).toBe(200)
  })

  test.each([
    [
      'a database',
      `host=${targetHost};port=5432;uid=etl;password=${secret};EncryptionMethod=1`,
      `host=${targetHost};port=5432;uid=etl;EncryptionMethod=1`
    ],
    ['a storage account', `AccountName=files;AccountKey=${secret}`, 'AccountName=files;']
  ])('LS-07 a secret in the connection string of %s is taken out of it', async (_what, connectionString, left) => {
    const { send } = await armWithFactory()
    const put = await send('PUT', pg, { properties: { type: 'AzurePostgreSql', typeProperties: { connectionString } } })
    expect(parts(put)).toEqual({ connectionString: left, encryptedCredential: expect.any(String) })
  })

  test('LS-08 one of another type is kept as it was sent, its secrets masked, its location not', async () => {
    const { send } = await armWithFactory()
    const typeProperties = {
      url: 'https://example.com',
      authHeaders: { key: { type: 'SecureString', value: secret } },
      unheardOf: [1, { of: null }]
    }
    const put = await send('PUT', serviceAt('web'), {
      location: 'eastus2',
      properties: { type: 'HttpServer', annotations: ['a'], parameters: { p: { type: 'String' } }, typeProperties }
    })
    expect(put.body).not.toHaveProperty('location')
    expect(properties(put)).toMatchObject({ type: 'HttpServer', annotations: ['a'], parameters: { p: { type: 'String' } } })
    expect(parts(put)).toMatchObject({ ...typeProperties, authHeaders: { key: { type: 'SecureString', value: mask } } })
  })

  test('LS-09 is refused without a type or under a name that is none', async () => {
    const { send } = await armWithFactory()
    expect((await send('PUT', pg, { properties: {} })).status).toBe(400)
    expect((await send('PUT', serviceAt('a+b'), v2({}))).status).toBe(400)
    expect((await send('PUT', serviceAt('x'.repeat(261)), v2({}))).status).toBe(400)
  })

  test('LS-10 a stale If-Match is 412; its path is the same in any case; DELETE is 200, then 204', async () => {
    const { send } = await armWithFactory()
    const etag = `${(await send('PUT', pg, v2({}))).body['etag']}`
    await send('PUT', pg.replace('linkedservices', 'linkedServices'), v2({}))
    expect(refusalOf(await send('PUT', pg, v2({}), { headers: { 'if-match': etag } }))).toEqual([412, 'PreconditionFailed'])
    expect(namesIn(await send('GET', `${factoryId}/linkedServices`))).toEqual(['pg'])
    expect([(await send('DELETE', pg)).status, (await send('DELETE', pg)).status]).toEqual([200, 204])
  })

  ours('LS-11 the references of a seeded one are not checked', async () => {
    const connectVia = { referenceName: 'later', type: 'IntegrationRuntimeReference' }
    const { send } = await armWithFactory({
      seed: {
        [factoryId]: { location: 'eastus2' },
        [`${factoryId}/linkedservices/pg`]: { properties: { ...v2({}).properties, connectVia } }
      }
    })
    expect(properties(await send('GET', pg))['connectVia']).toEqual(connectVia)
  })
})

const dataset = documentAt('datasets', 'orders')
const pipeline = documentAt('pipelines', 'nightly')
const ofService = { referenceName: 'pg', type: 'LinkedServiceReference' }
const table = {
  properties: { type: 'AzurePostgreSqlTable', linkedServiceName: ofService, typeProperties: { tableName: 'orders' }, unheardOf: [1] }
}
const copy = {
  properties: {
    activities: [
      { name: 'copy', type: 'Copy', inputs: [{ referenceName: 'orders', type: 'DatasetReference' }], typeProperties: { source: {} } }
    ]
  }
}

describe('datasets and pipelines', () => {
  test('LS-12 are kept and shown as they are sent', async () => {
    const { send } = await armWithFactory()
    await send('PUT', pg, v2({}))
    for (const [path, segment, body] of [
      [dataset, 'datasets', table],
      [pipeline, 'pipelines', copy]
    ] as const) {
      const put = await send('PUT', path, body)
      const name = path.split('?')[0]?.split('/').at(-1)
      expect([put.status, put.body]).toEqual([
        200,
        {
          id: `${factoryId}/${segment}/${name}`,
          name,
          type: `Microsoft.DataFactory/factories/${segment}`,
          ...body,
          etag: expect.stringMatching(cosmos)
        }
      ])
      expect((await send('GET', path)).body).toEqual(put.body)
    }
  })

  test('LS-13 name what has to be there, and what then cannot be deleted', async () => {
    const { send } = await armWithFactory()
    expect(message(await send('PUT', dataset, table))).toContain("invalid reference 'pg'")
    await send('PUT', pg, v2({}))
    await send('PUT', runtimeAt('ir-vnet'), managedRuntime)
    expect(message(await send('PUT', pipeline, copy))).toContain("invalid reference 'orders'")
    await send('PUT', dataset, table)
    await send('PUT', pipeline, copy)
    for (const [path, by] of [
      [pg, 'orders'],
      [dataset, 'nightly']
    ] as const) {
      const refused = await send('DELETE', path)
      expect([...refusalOf(refused), message(refused)]).toEqual([
        400,
        'BadRequest',
        `The document cannot be deleted since it is referenced by ${by}.`
      ])
    }
    for (const path of [pipeline, dataset, pg]) expect((await send('DELETE', path)).status).toBe(200)
  })

  test('LS-14 a dataset says of what type it is, and where it lies', async () => {
    const { send } = await armWithFactory()
    await send('PUT', pg, v2({}))
    expect((await send('PUT', dataset, { properties: { type: 'Json' } })).status).toBe(400)
    expect((await send('PUT', dataset, { properties: { linkedServiceName: ofService } })).status).toBe(400)
    expect((await send('PUT', documentAt('pipelines', 'a+b'), copy)).status).toBe(400)
    expect(refusalOf(await send('GET', dataset))).toEqual([404, 'NotFound'])
  })
})
