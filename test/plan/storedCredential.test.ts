import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Body } from '../../src/model/json.ts'
import { arm, type Estate, estate, failures, plan, reconcile } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import { linked, open, outside, service, world } from './cutoverWorld.ts'

const address = 'dataFactories/orders-adf/linkedServices/orders'
const principal = {
  authentication: 'servicePrincipal',
  username: 'adf-orders',
  tenant: 'contoso.com',
  servicePrincipalId: '44444444-4444-4444-8444-444444444444'
}
const topology = (more: object) =>
  topologyFrom(
    stringify(
      world({
        networking: open,
        factories: { integrationRuntimes: { one: outside }, linkedServices: { orders: { ...service('one'), ...more } } }
      })
    )
  )

const kept = { keepStoredCredential: [address] }

/** The properties of a linked service as Data Factory shows them. */
async function shown(on: Estate): Promise<Body> {
  const { properties } = (await (await arm(on, 'GET', linked, '2018-06-01')).json()) as {
    readonly properties: { readonly typeProperties: Body }
  }
  return properties.typeProperties
}

test('an update keeps what is stored, of a password and of a key of a service principal, and is followed by a test', async () => {
  for (const by of [{}, principal]) {
    const on = estate()
    await reconcile(on, topology(by))
    const { encryptedCredential } = await shown(on)
    const applied = await reconcile(on, topology({ ...by, port: 6432 }), kept)
    const steps = applied.plan.steps.map(({ id }) => id)
    expect(steps).toEqual([`update ${linked.toLowerCase()}`, `invoke ${linked.toLowerCase()}#testConnection`])
    const { password, servicePrincipalKey, ...now } = await shown(on)
    expect(now).toMatchObject({ port: 6432, encryptedCredential })
    expect([password, servicePrincipalKey]).toEqual([undefined, undefined])
    expect((await plan(on, topology({ ...by, port: 6432 }))).plan.changes).toEqual([])
  }
}, 20_000)

test('an update that loses what was stored ends as failed, since the test of the connection says so', async () => {
  const on = estate({ behaviours: { credentialWithoutMask: 'lost' } })
  await reconcile(on, topology({}))
  const applied = await reconcile(on, topology({ encryption: 'VerifyFull' }), kept)
  expect(failures(applied)).toEqual([expect.stringMatching(/testConnection.*28P01/)])
})

test('without the option the password is sent, and no test follows', async () => {
  const on = estate()
  await reconcile(on, topology({}))
  const { plan: made } = await plan(on, topology({ port: 6432 }))
  expect(made.steps.map(({ id }) => id)).toEqual([`update ${linked.toLowerCase()}`])
})
