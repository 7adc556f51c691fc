import { describe, expect, test } from 'vitest'
import { here } from '../hostile/here.ts'

const [ours, theirs] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']

const topology = (server: string, more = ''): string => `version: 1
name: app
subscription: ${ours}
location: eastus2
resourceGroup: rg-app
tags: { team: x }
networks:
  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } }
servers:
  dba-pg:
    ${server}
    privateEndpoints:
      app-pe: { subnet: hub/a, privateDns: none, approval: { manual: please }${more} }
rules: { PGL003: { level: warn, reason: the server is the DBA's } }
`

const path = `/subscriptions/${theirs}/resourceGroups/rg-dba/providers/Microsoft.DBforPostgreSQL/flexibleServers/dba-pg`

describe.each([
  ['existing', `existing: true\n    subscription: ${theirs}\n    resourceGroup: rg-dba`],
  [
    'existing, in a group that says more than its name',
    `existing: true\n    subscription: ${theirs}\n    resourceGroup: { name: rg-dba, location: westus }`
  ],
  ['given by id', `id: ${path}`]
])('a server that is not ours, %s', (_how, server) => {
  test('lies in a group that is neither planned nor made, and its endpoint where the other things of the file do', async () => {
    const line = here({ 'topology.yaml': topology(server) })
    expect((await line.pglink(['validate'])).code).toBe(0)
    const { stdout } = await line.pglink(['plan', '--sandbox', '--json'])
    const { steps } = JSON.parse(stdout) as { readonly steps: readonly { readonly address: string; readonly id: string }[] }
    expect(stdout).not.toContain('resourceGroups/rg-dba (resource group)')
    expect(steps.map(({ address }) => address)).not.toContain('resourceGroups/rg-dba')
  })

  test('PGL005 speaks of an endpoint only where it lies elsewhere itself', async () => {
    const line = here({ 'topology.yaml': topology(server, `, subscription: ${theirs}, resourceGroup: rg-else`) })
    const { code, stdout } = await line.pglink(['validate'])
    expect(code).toBe(4)
    expect(stdout).toContain('PGL005')
    expect(stdout).toContain(`private endpoint app-pe in ${theirs}`)
  })
})
