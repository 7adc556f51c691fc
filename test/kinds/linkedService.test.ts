import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linkedService as kind } from '../../src/kinds/linkedService.ts'
import { resourceId } from '../../src/model/id.ts'
import type { Body } from '../../src/model/json.ts'
import { Secret } from '../../src/model/secret.ts'
import { json, networkArm, refused } from './networkArm.ts'
import { comesBack, contextOf, factoryPath, managedPath, outcome, serverPath } from './serviceContext.ts'

const path = `${factoryPath}/linkedServices/orders_pg`
const managed = resourceId(managedPath)
const vault = { keyVault: { linkedService: 'kv_orders', secret: 'adf-reader' } }
const variable = new Secret('ADF_PASSWORD', 'Correct-Horse-9')
const unset = new Secret('ADF_PASSWORD', undefined)
const mask = { type: 'SecureString', value: '**********' }

const postgres = (changes: object = {}) => ({
  type: 'AzurePostgreSql',
  server: 'orders-pg',
  database: 'orders',
  username: 'adf_reader',
  password: vault,
  integrationRuntime: 'Managed',
  ...changes
})
const desired = (spec: object) => kind.desired(spec, contextOf(path, managed)) as object

/** As Data Factory holds one with a password: masked, with the reference to what it keeps. */
const held = (typeProperties: Body = {}, around: Body = {}): Body => ({
  name: 'orders_pg',
  properties: {
    type: 'AzurePostgreSql',
    version: '2.0',
    annotations: ['owned by finance', 'pglink-password-version=1'],
    connectVia: { referenceName: 'managed', type: 'IntegrationRuntimeReference' },
    ...around,
    typeProperties: {
      server: 'ORDERS-PG.postgres.database.azure.com',
      port: '5432',
      database: 'orders',
      username: 'adf_reader',
      sslMode: 3,
      commandTimeout: 30,
      password: mask,
      encryptedCredential: 'kept-by-data-factory',
      ...typeProperties
    }
  }
})

describe('differences', () => {
  test('whatever is declared comes back', () => {
    const spec = fc.oneof(
      fc.record({
        type: fc.constant('AzureKeyVault'),
        baseUrl: fc.constantFrom('https://kv.vault.azure.net', 'https://kv.vault.azure.net/')
      }),
      fc.record(
        {
          type: fc.constant('AzurePostgreSql'),
          server: fc.constantFrom('orders-pg', { id: serverPath }),
          port: fc.integer({ min: 1, max: 65535 }),
          database: fc.string(),
          username: fc.string(),
          password: fc.constantFrom(variable, unset, vault, { keyVault: { linkedService: 'kv', secret: 's', version: '7' } }),
          passwordVersion: fc.nat(9),
          encryption: fc.constantFrom('SSL', 'VerifyCA', 'VerifyFull'),
          integrationRuntime: fc.constant('managed'),
          testConnection: fc.boolean()
        },
        { requiredKeys: ['type', 'server', 'database', 'username', 'password'] }
      )
    )
    fc.assert(
      fc.property(spec, entry => {
        expect(comesBack(kind, desired(entry))).toEqual([[], []])
      }),
      { numRuns: 200, seed: 20261122 }
    )
  })

  test.each([
    ['nothing: a masked password, a port as text, other cases', {}, { password: unset, passwordVersion: 1, port: 5432 }, []],
    ['another version of the password', {}, { password: variable, passwordVersion: 2 }, ['password: update', 'passwordVersion: update']],
    ['a key vault instead of a password', {}, {}, ['passwordType: update', 'keyVaultSecret: update']],
    ['stronger encryption', {}, { password: variable, encryption: 'VerifyFull' }, ['encryption: update']],
    ['another database', { database: 'old' }, { password: variable }, ['database: update']],
    ['another runtime', {}, { password: variable, integrationRuntime: 'other' }, ['integrationRuntime: update']]
  ])('%s', (_, live, want, expected) => {
    expect(outcome(kind.diff(kind.fromArm({ id: path, ...held(live) }), desired(postgres(want))))).toEqual(expected)
  })

  test('a password instead of a key vault, version 2.0 instead of 1.0, and another type', () => {
    const inVault = {
      type: 'AzureKeyVaultSecret',
      store: { referenceName: 'KV_orders', type: 'LinkedServiceReference' },
      secretName: 'adf-reader'
    }
    const live = kind.fromArm({ id: path, ...held({ password: inVault }) })
    expect(kind.diff(live, desired(postgres()))).toEqual([])
    expect(outcome(kind.diff(live, desired(postgres({ password: variable }))))).toEqual(['passwordType: update', 'password: update'])
    const old = kind.fromArm({ id: path, properties: { type: 'AzurePostgreSql', typeProperties: { connectionString: 'host=x' } } })
    expect(outcome(kind.diff(old, desired(postgres())))).toContain('version: update')
    expect(outcome(kind.diff(live, desired({ type: 'AzureKeyVault', baseUrl: 'https://kv' })))).toContain('type: replace')
  })
})

test('it comes after server, database, runtime and vault, and waits for the managed endpoint', () => {
  const { refs, gates, invokes } = kind.relations(desired(postgres({ testConnection: true })), contextOf(path, managed))
  expect(refs.map(id => id.split('/').at(-1))).toEqual(['orders-pg', 'orders', 'managed', 'kv_orders'])
  expect(gates).toEqual([{ endpoint: managed, server: resourceId(serverPath) }])
  expect(invokes.map(({ verb, kind, path }) => [verb, kind, path])).toEqual([
    ['enableInteractiveAuthoring', 'integrationRuntime', `${factoryPath}/integrationRuntimes/Managed`],
    ['testConnection', 'linkedService', path]
  ])
  const direct = kind.relations(desired(postgres({ testConnection: true })), contextOf(path))
  expect([direct.gates, direct.invokes.map(({ verb }) => verb)]).toEqual([[], ['testConnection']])
  const unasked = kind.relations(desired(postgres()), contextOf(path, managed)).invokes
  expect(unasked.map(({ only }) => only)).toEqual(['kept credential', 'kept credential'])
})

describe('the body that is sent', () => {
  const create = async (spec: object) => {
    const arm = networkArm()
    await kind.create({ azure: arm.azure, path, props: desired(spec), tags: {} })
    return arm.requests.find(({ method }) => method === 'PUT')
  }
  const update = async (spec: object, live: Body = held()) => {
    const arm = networkArm({ [path]: live })
    await kind.update({ azure: arm.azure, path, props: desired(spec), tags: {}, fields: new Set(['database']) })
    return arm.requests.find(({ method }) => method === 'PUT')?.body?.['properties'] as Record<string, Body>
  }

  test('version 2.0 with the secret of a vault', async () => {
    expect(await create(postgres({ encryption: 'VerifyCA' }))).toMatchObject({
      apiVersion: '2018-06-01',
      body: {
        properties: {
          type: 'AzurePostgreSql',
          version: '2.0',
          connectVia: { referenceName: 'Managed', type: 'IntegrationRuntimeReference' },
          typeProperties: {
            server: 'orders-pg.postgres.database.azure.com',
            port: 5432,
            sslMode: 4,
            password: {
              type: 'AzureKeyVaultSecret',
              store: { type: 'LinkedServiceReference', referenceName: 'kv_orders' },
              secretName: 'adf-reader'
            }
          }
        }
      }
    })
  })

  test('a password from a variable, which a create cannot do without', async () => {
    expect((await create(postgres({ password: variable, passwordVersion: 3 })))?.body).toMatchObject({
      properties: {
        annotations: ['pglink-password-version=3'],
        typeProperties: { password: { type: 'SecureString', value: 'Correct-Horse-9' } }
      }
    })
    await expect(create(postgres({ password: unset }))).rejects.toThrow('orders_pg has to be sent')
  })

  test('an update keeps what others set, and the annotations that are not ours', async () => {
    const sent = await update(postgres({ password: variable, passwordVersion: 2 }), held({}, { description: 'theirs' }))
    expect(sent).toMatchObject({ description: 'theirs', annotations: ['owned by finance', 'pglink-password-version=2'] })
    expect(sent['typeProperties']).toMatchObject({ commandTimeout: 30, password: { type: 'SecureString', value: 'Correct-Horse-9' } })
    expect(sent['typeProperties']).not.toHaveProperty('encryptedCredential')
  })

  // A PUT replaces all of it; nothing says that the credential alone keeps the password.
  test('without the variable no update is made, and the mask is never sent', async () => {
    const inVault = { type: 'AzureKeyVaultSecret', store: { referenceName: 'kv', type: 'LinkedServiceReference' }, secretName: 's' }
    for (const live of [held(), held({ password: inVault })])
      for (const passwordVersion of [1, 2])
        await expect(update(postgres({ password: unset, passwordVersion }), live)).rejects.toThrow('has to be sent')
    const sent = await update(postgres({ password: variable, passwordVersion: 1 }))
    expect(JSON.stringify(sent)).not.toContain('*****')
  })

  test('a password from a variable goes along with every update, one in a vault with none', () => {
    const sends = (password: unknown) => kind.sends(desired(postgres({ password })), new Set(['username'])).map(one => one.variable)
    expect([sends(unset), sends(vault)]).toEqual([['ADF_PASSWORD'], []])
  })

  test('the note of the version comes with the next write of a password, and is no difference before', () => {
    const unknown = kind.fromArm({ id: path, ...held({}, { annotations: [] }) })
    const fields = (passwordVersion: number) => outcome(kind.diff(unknown, desired(postgres({ password: variable, passwordVersion }))))
    expect(fields(1)).toEqual([])
    expect(fields(2)).toEqual(['password: update', 'passwordVersion: update'])
  })

  test('a version does not fall', () => {
    const second = kind.fromArm({ id: path, ...held({}, { annotations: ['pglink-password-version=2'] }) })
    const [field, ...more] = kind.diff(second, desired(postgres({ password: variable, passwordVersion: 1 })))
    expect([field?.field, field?.forces, more]).toEqual(['passwordVersion', 'fixed', []])
    expect(field?.instead).toContain('Write passwordVersion: 2, or 3')
  })

  test('a vault instead of a password leaves nothing of the old one, nor version 1.0 of its connection string', async () => {
    const sent = await update(postgres())
    expect(sent['typeProperties']).not.toHaveProperty('encryptedCredential')
    expect(sent['typeProperties']?.['password']).not.toHaveProperty('value')
    const old: Body = { properties: { type: 'AzurePostgreSql', typeProperties: { connectionString: mask, encryptedCredential: 'x' } } }
    expect(Object.keys((await update(postgres(), old))['typeProperties'] ?? {}).sort()).toEqual([
      'database',
      'password',
      'port',
      'server',
      'sslMode',
      'username'
    ])
  })
})

describe('testing the connection', () => {
  const run = (answer: Response) => {
    const arm = networkArm({ [path]: held() }, ({ path: asked }) =>
      asked.endsWith('/testConnectivity') ? (answer.clone() as Response) : undefined
    )
    const done = kind.invoke({ azure: arm.azure, path, verb: 'testConnection', props: desired(postgres()), say: arm.say })
    return { arm, done }
  }
  test.each([
    [json(200, { succeeded: true }), 'ok', 'connects'],
    [json(200, { succeeded: false, errors: [{ code: '9603', message: 'no route to host' }] }), 'failed', 'no route to host'],
    [json(200, { succeeded: false }), 'failed', 'did not say why'],
    [json(200, {}), 'cannot-tell', 'did not say'],
    [refused(404, 'NotFound', 'no such action'), 'cannot-tell', 'no such action'],
    [refused(400, 'BadRequest', 'not here'), 'cannot-tell', 'not here']
  ])('%#', async (answer, expected, message) => {
    const { done } = run(answer)
    const result = await done
    expect(result.outcome).toBe(expected)
    expect(result.message).toContain(message)
  })

  test.each([
    refused(400, 'BadRequest', 'Interactive authoring is not enabled on the runtime.'),
    json(200, { succeeded: false, errors: [{ code: 'InteractiveAuthoringNotEnabled', message: 'it is off' }] })
  ])('where interactive authoring has gone off it is turned on again before the next test: %#', async off => {
    let isOn = false
    const arm = networkArm({ [path]: held() }, ({ path: asked }) => {
      if (asked.endsWith('/testConnectivity')) return isOn ? json(200, { succeeded: true }) : (off.clone() as Response)
      if (asked.endsWith('/enableInteractiveQuery')) isOn = true
      const interactiveQuery = { status: isOn ? 'Enabled' : 'Disabled', autoTerminationMinutes: 25 }
      return asked.includes('/integrationRuntimes/')
        ? json(200, { properties: { type: 'Managed', typeProperties: { interactiveQuery } } })
        : undefined
    })
    const result = await kind.invoke({ azure: arm.azure, path, verb: 'testConnection', props: desired(postgres()), say: arm.say })
    expect(result).toMatchObject({ outcome: 'ok' })
    const asked = arm.requests.filter(({ path: at }) => at === `${factoryPath}/integrationRuntimes/managed/enableInteractiveQuery`)
    expect(asked.map(({ body }) => body)).toEqual([{ autoTerminationMinutes: 25 }])
  })

  test('Data Factory is given what it answers itself, and a refused right is no answer', async () => {
    const { arm, done } = run(json(200, { succeeded: true }))
    await done
    const post = arm.requests.find(({ method }) => method === 'POST')
    expect(post).toMatchObject({ path: `${factoryPath}/testConnectivity`, body: { linkedService: held() } })
    await expect(run(refused(403, 'AuthorizationFailed', 'no')).done).rejects.toThrow('no')
  })
})

test('it is listed page by page', async () => {
  const arm = networkArm({}, ({ apiVersion }) =>
    apiVersion === '2018-06-01'
      ? json(200, { value: [{ id: path, ...held() }], nextLink: 'https://management.azure.com/next?api-version=x' })
      : json(200, { value: [] })
  )
  expect((await kind.list(arm.azure, factoryPath)).map(read => read.path)).toEqual([path])
  expect(arm.requests.map(request => request.path)).toEqual([`${factoryPath}/linkedservices`, '/next'])
})
