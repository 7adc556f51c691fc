import { expect, test } from 'vitest'
import { folder } from '../support/cli.ts'

const group = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups'
const vault = `${group}/rg-secrets/providers/Microsoft.KeyVault/vaults/KV-sales`
const hub = `${group}/rg-pipe/providers/Microsoft.Network/virtualNetworks/hub`
const topology = `
version: 1
name: pipe
subscription: 11111111-1111-4111-8111-111111111111
location: westeurope
resourceGroup: rg-pipe
networks: { hub: { addressSpace: [10.40.0.0/16], dnsServers: [10.40.0.5, 10.40.0.4] } }
dataFactories:
  sales-adf:
    managedVirtualNetwork: true
    managedPrivateEndpoints:
      to-vault: { resource: { id: ${vault}, groupId: vault } }
`

test('an endpoint to a key vault, and the DNS servers of a network, are drawn, and imported as the file has them', async () => {
  const here = folder({ 'topology.yaml': topology })
  const applied = await here.pglink('apply --sandbox --auto-approve')
  expect(applied.stdout).toContain('managedPrivateEndpoints/to-vault is Pending on ')
  expect(applied.code).toBe(7)
  const drawn = await here.pglink('graph --format dot')
  expect(drawn.stdout).toMatch(/label="kv-sales\\nexisting resource"/)
  expect(drawn.stdout).toContain('label="Pending"')
  expect(drawn.stdout).toContain('DNS servers 10.40.0.5, 10.40.0.4')
  const imported = await here.pglink(
    `import --sandbox --factory ${group}/rg-pipe/providers/Microsoft.DataFactory/factories/sales-adf --own ${hub} --out imported.yaml`
  )
  expect([imported.code, imported.stderr]).toEqual([0, ''])
  expect(here.read('imported.yaml').replaceAll(/\s+/g, ' ')).toContain(`to-vault: resource: id: ${vault} groupId: vault`)
  expect(here.read('imported.yaml')).toMatch(/dnsServers:\s+(?:\[|- )\s*10\.40\.0\.5,?\s+(?:- )?10\.40\.0\.4/)
  const again = await here.pglink('plan imported.yaml --sandbox')
  expect(again.stdout).not.toContain('will be')
  expect(again.code).toBe(7)
})
