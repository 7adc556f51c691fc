import { expect, test } from 'vitest'
import type { Topology } from '../../../src/model/topology.generated.ts'
import { type Estate, estate, plan, subscription } from '../../support/estate.ts'
import { topologyFrom } from '../../support/yaml.ts'
import { small } from './seeded.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-ids`
const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/keys`
const wanted = (id = identity): Topology =>
  topologyFrom(
    `servers:\n  case-pg: ${small}\n    identity: { userAssigned: [${id}] }\n    encryption: { key: https://kv-case.vault.azure.net/keys/k, identity: ${id} }`
  )

/** An estate with the identity, in which the list of vaults is answered so. */
const on = (answer?: () => Response): Estate =>
  estate(
    { seedBodies: { [group]: { location: 'westeurope' }, [identity]: { location: 'westeurope' } } } as never,
    {},
    async (request, sandbox) => (request.url.includes('/Microsoft.KeyVault/vaults') && answer ? answer() : sandbox.handle(request))
  )

const vaults = (properties: object) => () => Response.json({ value: [{ name: 'KV-case', properties }] })
const said = async (here: Estate, topology = wanted()) => {
  const { plan: made } = await plan(here, topology)
  return [
    made.refusals.map(({ code, exit, message }) => `${code} ${exit} ${message}`).join(),
    made.unknown.map(({ message }) => message).join()
  ]
}

test("the vault of a key is looked for in the subscription of the server, and one that lets keys be purged is 'PGL115'", async () => {
  expect(await said(on(vaults({ enablePurgeProtection: true })))).toEqual(['', ''])
  const [refusal] = await said(on(vaults({})))
  expect(refusal).toMatch(/^PGL115 4 the vault kv-case is not protected against purging/)
})

test('a vault that is not seen is unknown, and refuses nothing', async () => {
  const forbidden = () => Response.json({ error: { code: 'AuthorizationFailed', message: 'not for you' } }, { status: 403 })
  for (const here of [on(), on(forbidden), on(() => Response.json({ value: [] }))]) {
    const [refusal, unknown] = await said(here)
    expect(refusal).toBe('')
    expect(unknown).toContain('whether the server can use the key in kv-case.vault.azure.net could not be read')
  }
})

test("an identity that is not there is 'PGL070'", async () => {
  const [refusal] = await said(on(vaults({ enablePurgeProtection: true })), wanted(`${identity}-gone`))
  expect(refusal).toContain('PGL070 1 userAssigned leads to nothing: there is no such user-assigned identity')
})
