export const subscription = '11111111-1111-4111-8111-111111111111'
export const hub = `/subscriptions/${subscription}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub`
export const lockOnHub = `${hub}/providers/Microsoft.Authorization/locks/keep`
export const lockProperties = { level: 'ReadOnly', notes: 'owned by netops' }

/** A network of others under a lock, and three subnets of ours in it: one is made after the other while the lock is lowered. */
export const topology = `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: { name: rg-net, existing: true }
networks:
  hub:
    existing: true
    subnets:
      one: { addressPrefix: 10.20.1.0/24 }
      two: { addressPrefix: 10.20.2.0/24 }
      three: { addressPrefix: 10.20.3.0/24 }
`

/** The network as a sandbox begins with it, under that lock. */
export const seedOf = (lock: object = lockProperties): string =>
  JSON.stringify({
    [hub]: { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.20.0.0/16'] } } },
    [lockOnHub]: { properties: lock }
  })
