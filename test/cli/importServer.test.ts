import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { group, on, server, serverBody } from './portalEstate.ts'

test('Premium SSD v2 is imported with its speed', async () => {
  const storage = { storageSizeGB: 100, type: 'PremiumV2_LRS', iops: 3400, throughput: 200 }
  const here = on({ [server]: serverBody({}, { storage }) })
  await here.import(`--server ${server} --out topology.yaml`)
  expect(here.read('topology.yaml')).toContain('storage: { type: PremiumV2_LRS, sizeGiB: 100, iops: 3400, throughputMBps: 200 }')
  expect((await here.plan()).stdout).toContain('No changes.')
})

test('keys and identities are imported, with the version of a key', async () => {
  const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/keys`
  const dataEncryption = {
    type: 'AzureKeyVault',
    primaryKeyURI: 'https://kv.vault.azure.net/keys/k/1',
    primaryUserAssignedIdentityId: identity
  }
  const own = { type: 'SystemAssigned,UserAssigned', userAssignedIdentities: { [identity]: {} } }
  const here = on({ [identity]: { location: 'westeurope' }, [server]: { ...serverBody({}, { dataEncryption }), identity: own } })
  await here.import(`--server ${server} --out topology.yaml`)
  expect(parse(here.read('topology.yaml')).servers['shop-pg']).toMatchObject({
    identity: { system: true, userAssigned: [identity] },
    encryption: { key: 'https://kv.vault.azure.net/keys/k/1', identity: identity }
  })
  expect((await here.plan()).stdout).toContain('No changes.')
})
