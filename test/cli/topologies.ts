/** A topology for the tests of the command line: small, and done in no time. */
export const network = (address = '10.20.1.0/24'): string => `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-net
networks:
  hub:
    addressSpace: [10.20.0.0/16]
    subnets:
      endpoints: { addressPrefix: ${address} }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
`

/** A network of others, under a lock; what is ours in it is one subnet. */
export const subnetIn = (level: 'ReadOnly' | 'CanNotDelete'): Readonly<Record<string, string>> => ({
  'topology.yaml': `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: { name: rg-net, existing: true }
networks:
  hub:
    existing: true
    subnets:
      ours: { addressPrefix: 10.20.1.0/24 }
`,
  'seed.json': JSON.stringify({
    [hub]: { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.20.0.0/16'] } } },
    [`${hub}/providers/Microsoft.Authorization/locks/keep`]: { properties: { level, notes: 'owned by netops' } }
  })
})

const hub = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub'
