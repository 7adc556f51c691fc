import { expect, test } from 'vitest'
import { linkedService as kind } from '../../src/kinds/linkedService.ts'
import type { Body } from '../../src/model/json.ts'
import { Secret } from '../../src/model/secret.ts'
import { json, networkArm } from './networkArm.ts'
import { comesBack, contextOf, factoryPath, outcome } from './serviceContext.ts'

const path = `${factoryPath}/linkedServices/orders_pg`
const key = new Secret('ADF_KEY', 'Correct-Horse-9')
const common = { type: 'AzurePostgreSql', server: 'orders-pg', database: 'orders' }
const byIdentity = { ...common, authentication: 'managedIdentity' }
const byPrincipal = {
  ...common,
  authentication: 'servicePrincipal',
  username: 'adf-orders',
  tenant: 'contoso.com',
  servicePrincipalId: '44444444-4444-4444-8444-444444444444',
  password: key
}
const byPassword = { ...common, username: 'reader', password: key }

const desired = (spec: object) => kind.desired(spec, contextOf(path)) as object
const body = (typeProperties: Body): Body => ({ properties: { type: 'AzurePostgreSql', version: '2.0', typeProperties } })
const reach = { server: 'orders-pg.postgres.database.azure.com', port: 5432, database: 'orders', sslMode: 3 }

/** The bodies of learn.microsoft.com/azure/postgresql/integration/how-to-connect-data-factory, with the secret as a SecureString. */
const documented: Readonly<Record<string, Body>> = {
  identity: { ...reach, authenticationType: 'SystemAssignedManagedIdentity' },
  principal: {
    ...reach,
    username: 'adf-orders',
    authenticationType: 'ServicePrincipal',
    tenant: 'contoso.com',
    servicePrincipalId: '44444444-4444-4444-8444-444444444444',
    servicePrincipalCredentialType: 'ServicePrincipalKey',
    servicePrincipalKey: { type: 'SecureString', value: 'Correct-Horse-9' }
  }
}

async function sent(spec: object, live?: Body): Promise<Body | undefined> {
  const arm = networkArm(live === undefined ? {} : { [path]: live })
  const write = { azure: arm.azure, path, props: desired(spec), tags: {} }
  await (live === undefined ? kind.create(write) : kind.update({ ...write, fields: new Set(['authentication']) }))
  const put = arm.requests.find(({ method }) => method === 'PUT')?.body as { readonly properties: { readonly typeProperties: Body } }
  return put.properties.typeProperties
}

test.each([
  ['identity', byIdentity],
  ['principal', byPrincipal]
])('with an %s the documented members are written, come back, and are no difference', async (name, spec) => {
  expect(await sent(spec)).toEqual(documented[name])
  expect(comesBack(kind, desired(spec))).toEqual([[], []])
  expect(outcome(kind.diff(kind.fromArm({ id: path, ...body(documented[name] ?? {}) }), desired(spec)))).toEqual([])
})

const held: Body = {
  ...reach,
  username: 'reader',
  password: { type: 'SecureString', value: '**********' },
  encryptedCredential: 'kept',
  timezone: 'UTC'
}

test('another way to sign in leaves nothing of the one before, and all else', async () => {
  expect(await sent(byIdentity, body(held))).toEqual({ ...documented['identity'], timezone: 'UTC' })
  expect(await sent(byPrincipal, body(held))).toEqual({ ...documented['principal'], timezone: 'UTC' })
  const back = await sent(byPassword, body({ ...documented['principal'], encryptedCredential: 'kept' }))
  expect(back).toEqual({ ...reach, username: 'reader', password: { type: 'SecureString', value: 'Correct-Horse-9' } })
})

test('one with a password is told from one without, whatever its name for it', () => {
  const outcomes = (live: Body, want: object) => outcome(kind.diff(kind.fromArm({ id: path, ...body(live) }), desired(want)))
  expect(outcomes({ ...held, authenticationType: 'BasicAuth' }, byPassword)).toEqual([])
  expect(outcomes(held, byIdentity)).toEqual(['authentication: update'])
  expect(outcomes({ ...reach, authenticationType: 'UserAssignedManagedIdentity' }, byIdentity)).toEqual(['authentication: update'])
})

test('the SQL that makes the role is told with a create and with another role, quoted', () => {
  const told = (spec: object, fields?: readonly string[]) => kind.byHand(desired(spec), fields && new Set(fields), path)
  const factory = factoryPath.split('/').at(-1)
  expect(told(byIdentity)).toContain(`select * from pgaadauth_create_principal('${factory}', false, false);`)
  expect(told({ ...byPrincipal, username: 'o\'hara "x"', database: 'a"b' })).toMatch(
    /pgaadauth_create_principal\('o''hara "x"', false, false\); in its database postgres, and grant connect on database "a""b" to "o'hara ""x""";$/
  )
  expect([told(byIdentity, ['port']), told(byPassword)]).toEqual([undefined, undefined])
  expect(told(byIdentity, ['authentication'])).toBeDefined()
})

test.each([
  ['28P01: password authentication failed for user "x"', byIdentity, 'waiting'],
  ['role "x" does not exist', byPrincipal, 'waiting'],
  ['3D000: database "orders" does not exist', byIdentity, 'failed'],
  ['28P01: password authentication failed for user "reader"', byPassword, 'failed']
])('a test that fails with %s', async (message, spec, expected) => {
  const arm = networkArm({ [path]: body({}) }, ({ path: asked }) =>
    asked.endsWith('/testConnectivity') ? json(200, { succeeded: false, errors: [{ code: '1', message }] }) : undefined
  )
  const result = await kind.invoke({ azure: arm.azure, path, verb: 'testConnection', props: desired(spec), say: arm.say })
  expect(result.outcome).toBe(expected)
  if (expected === 'waiting') expect(result.message).toMatch(/^waiting on dba: /)
})
