import { expect, test } from 'vitest'
import { arm, group, networks, subscription } from './arm.ts'

const hub = `${networks}/hub`
const network = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }

test('a seed is in place before the first request, in whatever order it was written, locks on top of it', async () => {
  const { send, sandbox } = arm({
    seedBodies: {
      [`${subscription}/resourceGroups/rg-net/providers/Microsoft.Authorization/locks/keep`]: {
        properties: { level: 'ReadOnly', notes: 'theirs' }
      },
      [`${hub}/subnets/b`]: { properties: { addressPrefix: '10.0.1.0/24' } },
      [hub]: { ...network, properties: { ...network.properties, subnets: [{ name: 'a', properties: { addressPrefix: '10.0.0.0/24' } }] } }
    }
  })
  expect((await send('GET', group)).body).toMatchObject({ location: 'eastus2' })
  expect((await send('GET', hub)).body).toMatchObject({
    properties: { provisioningState: 'Succeeded', subnets: [{ name: 'a' }, { name: 'b' }] }
  })
  expect((await send('PUT', hub, network)).body).toMatchObject({ error: { code: 'ScopeLocked' } })
  expect(sandbox.changed()).toBe(false)
})

test.each([
  [{ [`${hub}/subnets/b`]: { properties: { addressPrefix: '10.0.1.0/24' } } }, 'has no parent'],
  [
    {
      [hub]: { ...network, properties: { ...network.properties, subnets: [{ name: 'a', properties: { addressPrefix: '10.9.0.0/24' } }] } }
    },
    'NetcfgSubnetRangeOutsideVnet'
  ],
  [{ hub: network }, 'is not the id of a resource']
])('a seed that cannot be names the id: %j', (seedBodies, why) => {
  expect(() => arm({ seedBodies })).toThrow(why)
  expect(() => arm({ seedBodies })).toThrow('hub')
})

test('a seed in a group whose name is longer in lower case is found where it was put', async () => {
  const { send } = arm({ seedBodies: { [hub.replace(/(resourceGroups\/)[^/]+/, '$1İİ')]: network } })
  const inGroup = `${subscription}/resourceGroups/${encodeURIComponent('İİ')}/providers/Microsoft.Network/virtualNetworks/hub`
  expect((await send('GET', inGroup)).body).toMatchObject({ id: decodeURIComponent(inGroup), name: 'hub' })
})

test('a seeded type that no provider knows is sent back as it came, and can be referred to', async () => {
  const nat = `${group}/providers/Microsoft.Network/natGateways/nat`
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv`
  const { send, done } = arm({
    seedBodies: { [nat]: { location: 'eastus2', properties: { rules: [] } }, [vault]: { location: 'eastus2' }, [hub]: network }
  })
  expect((await send('GET', nat)).body).toEqual({
    id: nat,
    name: 'nat',
    type: 'Microsoft.Network/natGateways',
    location: 'eastus2',
    properties: { rules: [] }
  })
  expect((await send('GET', vault)).body).toMatchObject({ name: 'kv' })
  expect((await send('GET', `${vault}x`)).status).toBe(404)
  await done('PUT', `${hub}/subnets/a`, { properties: { addressPrefix: '10.0.0.0/24', natGateway: { id: nat } } })
  expect((await send('GET', `${hub}/subnets/a`)).body).toMatchObject({ properties: { natGateway: { id: nat } } })
})
