import { expect, test } from 'vitest'
import { folder } from '../support/cli.ts'

const admin = (name: string, type: string): string => `{ ${name}: { objectId: 22222222-2222-4222-8222-222222222222, type: ${type} } }`

const topology = (administrators: string): string => `
version: 1
name: pipe
subscription: 11111111-1111-4111-8111-111111111111
location: westeurope
resourceGroup: rg-pipe
servers:
  sales-pg:
    version: "16"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 64 }
    authentication: { password: false, entra: { administrators: ${administrators} } }
    networking: { publicAccess: { enabled: false } }
    databases: { sales: {} }
    connections:
      - { from: dataFactories/sales-adf/managedPrivateEndpoints/to-sales, decision: approve, response: CHG-1 }
dataFactories:
  sales-adf:
    managedVirtualNetwork: true
    integrationRuntimes: { managed: { type: Azure, managedVirtualNetwork: true } }
    managedPrivateEndpoints: { to-sales: { server: sales-pg } }
    linkedServices:
      sales_pg: { type: AzurePostgreSql, server: sales-pg, database: sales, authentication: managedIdentity, integrationRuntime: managed, testConnection: true }
`

test('a factory without a password waits for the DBA to make its role, and the plan has the SQL', async () => {
  const here = folder({ 'topology.yaml': topology(admin('dbas', 'Group')) })
  const plan = await here.pglink('plan --sandbox')
  expect(plan.stdout).toContain("select * from pgaadauth_create_principal('sales-adf', false, false);")
  expect(plan.stdout).toContain('grant connect on database "sales" to "sales-adf";')
  const { code, stdout } = await here.pglink('apply --sandbox --auto-approve')
  expect(stdout).toMatch(/waiting on dba: sales-pg\.postgres\.database\.azure\.com does not let the role sales-adf in: 28P01/)
  expect(code).toBe(7)
  const verified = await here.pglink('verify --sandbox')
  expect(verified.stdout).toMatch(/\? connection test: .*sales_pg yet\n.*waiting on dba: .* role sales-adf/)
  expect(verified.code).toBe(7)
  const again = await here.pglink('plan --sandbox')
  expect(again.stdout).toContain('matches')
})

test('a factory whose identity is an Entra administrator of the server connects', async () => {
  const here = folder({ 'topology.yaml': topology(admin('sales-adf', 'ServicePrincipal')) })
  const { code, stdout } = await here.pglink('apply --sandbox --auto-approve')
  expect(stdout).toContain('Connection successful: sales_pg connects.')
  expect(code).toBe(0)
})
