import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/kinds/kind.ts'
import { managementLock } from '../../src/kinds/managementLock.ts'
import { privateDnsZone } from '../../src/kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../../src/kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../../src/kinds/privateEndpoint.ts'
import { resourceGroup } from '../../src/kinds/resourceGroup.ts'
import { subnet } from '../../src/kinds/subnet.ts'
import { virtualNetwork } from '../../src/kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../../src/kinds/virtualNetworkLink.ts'
import { resourceId } from '../../src/model/id.ts'
import type { Body } from '../../src/model/json.ts'
import { json, type NetworkArm, networkArm, refused } from './networkArm.ts'
import * as at from './networkSpecs.ts'

const subscription = '/subscriptions/11111111-1111-1111-1111-111111111111'
const tags = { 'pglink-topology': 'orders' }
const endpointSpec = {
  server: resourceId(at.server),
  entry: { subnet: 'hub/endpoints', ipAddress: '10.0.0.4', networkInterfaceName: 'nic' }
}
const bodyOf = (arm: NetworkArm, path: string) => arm.bodies.get(resourceId(path)) as { tags?: Body; properties: Record<string, unknown> }

const all: readonly [Kind, string, unknown][] = [
  [resourceGroup, at.group, {}],
  [virtualNetwork, at.network, { addressSpace: ['10.0.0.0/16'] }],
  [subnet, at.subnetPath, { addressPrefix: '10.0.0.0/24', delegation: 'Microsoft.DBforPostgreSQL/flexibleServers' }],
  [managementLock, at.lockPath, { level: 'ReadOnly', notes: 'netops', owners: ['a'] }],
  [managementLock, `${subscription}/providers/Microsoft.Authorization/locks/all`, { level: 'CanNotDelete' }],
  [privateDnsZone, at.zone, {}],
  [virtualNetworkLink, at.linkPath, { network: 'hub', resolution: 'NxDomainRedirect' }],
  [privateEndpoint, at.endpointPath, endpointSpec],
  [privateDnsZoneGroup, at.zoneGroupPath, { zones: [resourceId(at.zone)], server: resourceId(at.server) }]
]

test.each(all.map(([kind, path, spec]) => ({ kind, path, spec })))(
  '$kind.name at $path is made, read, and removed',
  async ({ kind, path, spec }) => {
    const arm = networkArm(path === at.subnetPath ? { [at.network]: { properties: {} } } : {})
    const props = at.desired(kind, path, spec)
    expect((await kind.observe(arm.azure, path)).observed).toEqual({ state: 'absent' })

    await kind.create({ azure: arm.azure, path, props, tags })
    expect(arm.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1)
    const { observed } = await kind.observe(arm.azure, path)
    if (observed.state !== 'present') throw new Error('it is not there')
    expect(kind.diff(observed.props, props)).toEqual([])
    expect(observed.tags).toEqual(kind.taggable ? tags : {})

    await kind.remove({ azure: arm.azure, path, props })
    expect((await kind.observe(arm.azure, path)).observed).toEqual({ state: 'absent' })
  }
)

test.each([
  { kind: resourceGroup, path: at.group, under: subscription },
  { kind: virtualNetwork, path: at.network, under: subscription },
  { kind: subnet, path: at.subnetPath, under: at.network },
  { kind: privateEndpoint, path: at.endpointPath, under: subscription },
  { kind: privateDnsZone, path: at.zone, under: subscription }
])('$kind.name is listed, and by group where there is such a list', async ({ kind, path, under }) => {
  const body = { id: path, location: 'eastus2', properties: {} }
  const arm = networkArm({}, () => json(200, { value: [body] }))
  const found = await kind.list(arm.azure, under)
  expect(found.map(one => one.path)).toEqual([path])
  if (!kind.listGroup) return
  expect((await kind.listGroup(arm.azure, at.group)).map(one => one.path)).toEqual([path])
  expect(arm.requests.at(-1)?.path).toMatch(/\/resourceGroups\/rg-orders\//)
})

test('a network is written without its subnets, and keeps what others set', async () => {
  const arm = networkArm({
    [at.network]: {
      location: 'eastus2',
      tags: { theirs: 'yes' },
      properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, flowTimeoutInMinutes: 4 }
    }
  })
  const props = at.desired(virtualNetwork, at.network, { addressSpace: ['10.1.0.0/16'] })
  await virtualNetwork.update({ azure: arm.azure, path: at.network, props, tags, fields: new Set(['addressSpace']) })
  const put = arm.requests.find(({ method }) => method === 'PUT')
  expect(put?.body?.['properties']).not.toHaveProperty('subnets')
  expect(bodyOf(arm, at.network)).toMatchObject({
    tags: { ...tags, theirs: 'yes' },
    properties: { addressSpace: { addressPrefixes: ['10.1.0.0/16'] }, flowTimeoutInMinutes: 4 }
  })
})

describe('a subnet that is updated', () => {
  const updated = async (properties: Body) => {
    const arm = networkArm({ [at.network]: { properties: {} }, [at.subnetPath]: { properties } })
    const spec = { addressPrefix: '10.0.9.0/24', delegation: 'Microsoft.DBforPostgreSQL/flexibleServers' }
    const props = at.desired(subnet, at.subnetPath, spec)
    await subnet.update({ azure: arm.azure, path: at.subnetPath, props, tags: {}, fields: new Set(['addressPrefixes']) })
    return bodyOf(arm, at.subnetPath).properties
  }

  test('keeps the form its prefix was written in', async () => {
    const asText = await updated({ addressPrefix: '10.0.0.0/24' })
    expect(asText).toMatchObject({ addressPrefix: '10.0.9.0/24' })
    expect(asText).not.toHaveProperty('addressPrefixes')
    const asList = await updated({ addressPrefixes: ['10.0.0.0/24', '10.0.1.0/24'] })
    expect(asList).toMatchObject({ addressPrefixes: ['10.0.9.0/24'] })
    expect(asList).not.toHaveProperty('addressPrefix')
  })

  test('keeps the name of a delegation that is the declared one, and what others set', async () => {
    const theirs = [{ name: '0', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
    expect(await updated({ delegations: theirs, natGateway: { id: '/nat' } })).toMatchObject({
      delegations: theirs,
      natGateway: { id: '/nat' }
    })
    const other = [{ name: '0', properties: { serviceName: 'Microsoft.Web/serverFarms' } }]
    expect(await updated({ delegations: other })).toMatchObject({
      delegations: [{ properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
    })
  })
})

test('a subnet is done when it and its network are at rest', async () => {
  let reads = 0
  const arm = networkArm({}, ({ method, path }) => {
    if (method !== 'GET') return undefined
    reads += 1
    const provisioningState = path === at.network && reads < 6 ? 'Updating' : 'Succeeded'
    return json(200, { id: path, properties: { provisioningState } })
  })
  const props = at.desired(subnet, at.subnetPath, { addressPrefix: '10.0.0.0/24' })
  await subnet.create({ azure: arm.azure, path: at.subnetPath, props, tags: {}, say: arm.say })
  expect(reads).toBe(6)
  expect(arm.said).toContain('waiting for virtual network Hub to be at rest')
})

describe('a subnet with an endpoint in it', () => {
  const inUse =
    'Subnet Endpoints is in use by /…/networkInterfaces/PE.NIC/ipConfigurations/PRIVATEENDPOINTIPCONFIG.1 and cannot be deleted.'
  const there = { [at.subnetPath]: { properties: { privateEndpoints: [{ id: at.endpointPath.toUpperCase() }] } } }
  const refusing = (times: number, message: string) => {
    let refusals = 0
    return ({ method }: { method: string }) => {
      if (method !== 'DELETE') return undefined
      refusals += 1
      return refusals <= times ? refused(400, 'InUseSubnetCannotBeDeleted', message) : undefined
    }
  }
  const props = at.desired(subnet, at.subnetPath, {})

  test('that is gone is deleted when its interface has left', async () => {
    const arm = networkArm(there, refusing(3, inUse))
    await subnet.remove({ azure: arm.azure, path: at.subnetPath, props, say: arm.say })
    expect(arm.bodies.has(resourceId(at.subnetPath))).toBe(false)
    expect(arm.waited()).toBe(1_000 + 2_000 + 4_000)
    expect(arm.said).toHaveLength(3)
  })

  test('that is still there, or with anything else in it, is not waited for', async () => {
    const alive = networkArm({ ...there, [at.endpointPath]: { location: 'eastus2', properties: {} } }, refusing(1, inUse))
    await expect(subnet.remove({ azure: alive.azure, path: at.subnetPath, props })).rejects.toMatchObject({
      code: 'InUseSubnetCannotBeDeleted'
    })
    const machine = networkArm(there, refusing(1, 'Subnet Endpoints is in use by /…/networkInterfaces/vm-nic and cannot be deleted.'))
    await expect(subnet.remove({ azure: machine.azure, path: at.subnetPath, props })).rejects.toMatchObject({
      code: 'InUseSubnetCannotBeDeleted'
    })
    expect(alive.said).toEqual([])
  })

  test('that never leaves is given up with the refusal itself', async () => {
    const arm = networkArm(there, refusing(Number.POSITIVE_INFINITY, inUse))
    await expect(subnet.remove({ azure: arm.azure, path: at.subnetPath, props })).rejects.toMatchObject({
      code: 'InUseSubnetCannotBeDeleted'
    })
    expect(arm.waited()).toBeGreaterThanOrEqual(15 * 60_000)
  })
})

test('an endpoint that is updated keeps its address, interface and application security groups as they are written', async () => {
  const theirs = {
    applicationSecurityGroups: [{ id: '/asg' }],
    ipConfigurations: [{ name: 'named-in-the-portal', properties: { privateIPAddress: '10.0.0.4' } }],
    customNetworkInterfaceName: 'Nic',
    subnet: { id: at.subnetPath }
  }
  const connection = {
    name: 'c',
    properties: { privateLinkServiceId: at.server, groupIds: ['postgresqlServer'], requestMessage: 'please' }
  }
  const arm = networkArm({
    [at.endpointPath]: { location: 'eastus2', properties: { ...theirs, manualPrivateLinkServiceConnections: [connection] } }
  })
  const { observed } = await privateEndpoint.observe(arm.azure, at.endpointPath)
  const live = observed.state === 'present' ? (observed.props as object) : {}
  const props = { ...live, requestMessage: 'now, please' }
  await privateEndpoint.update({ azure: arm.azure, path: at.endpointPath, props, tags, fields: new Set(['requestMessage']) })
  expect(bodyOf(arm, at.endpointPath).properties).toMatchObject({
    ...theirs,
    manualPrivateLinkServiceConnections: [{ name: 'c', properties: { requestMessage: 'now, please' } }]
  })
})

test('a new endpoint asks for what the file says', async () => {
  const arm = networkArm()
  await privateEndpoint.create({
    azure: arm.azure,
    path: at.endpointPath,
    props: at.desired(privateEndpoint, at.endpointPath, endpointSpec),
    tags
  })
  expect(bodyOf(arm, at.endpointPath)).toMatchObject({
    location: 'eastus2',
    properties: {
      customNetworkInterfaceName: 'nic',
      ipConfigurations: [{ properties: { groupId: 'postgresqlServer', memberName: 'postgresqlServer', privateIPAddress: '10.0.0.4' } }],
      privateLinkServiceConnections: [
        { name: 'orders-pg-pe', properties: { groupIds: ['postgresqlServer'], privateLinkServiceId: resourceId(at.server) } }
      ]
    }
  })
})

test('a zone group names its configs after the zones', async () => {
  const arm = networkArm()
  const props = at.desired(privateDnsZoneGroup, at.zoneGroupPath, { zones: [resourceId(at.zone)], server: resourceId(at.server) })
  await privateDnsZoneGroup.create({ azure: arm.azure, path: at.zoneGroupPath, props, tags: {} })
  expect(bodyOf(arm, at.zoneGroupPath).properties).toMatchObject({
    privateDnsZoneConfigs: [{ name: 'privatelink-postgres-database-azure-com' }]
  })
})

test('a link goes out with its resolution policy, in the version that has one, and keeps what it was not asked about', async () => {
  const arm = networkArm({
    [at.linkPath]: {
      location: 'global',
      tags: { theirs: 'yes' },
      properties: { virtualNetwork: { id: at.network }, registrationEnabled: false, theirs: 1 }
    }
  })
  const props = at.desired(virtualNetworkLink, at.linkPath, { network: 'hub', registration: false, resolution: 'NxDomainRedirect' })
  await virtualNetworkLink.update({ azure: arm.azure, path: at.linkPath, props, tags, fields: new Set(['resolution']) })
  expect(bodyOf(arm, at.linkPath)).toMatchObject({
    tags: { ...tags, theirs: 'yes' },
    properties: { resolutionPolicy: 'NxDomainRedirect', theirs: 1 }
  })
  expect(arm.requests.find(({ method }) => method === 'PUT')).toMatchObject({ path: at.linkPath, apiVersion: '2024-06-01' })
})

test('a deleted link is gone once it stays away', async () => {
  const shown = [false, true, false, false, false]
  const arm = networkArm({}, ({ method }) => {
    if (method !== 'GET') return undefined
    return shown.shift() ? json(200, { id: at.linkPath, properties: {} }) : refused(404, 'NotFound', 'gone')
  })
  await virtualNetworkLink.remove({
    azure: arm.azure,
    path: at.linkPath,
    props: at.desired(virtualNetworkLink, at.linkPath, { network: 'hub' })
  })
  expect(shown).toEqual([])
})

test('a zone is asked again for a while when Azure still counts links in it', async () => {
  let refusals = 0
  const arm = networkArm({ [at.zone]: { location: 'global', properties: {} } }, ({ method }) => {
    if (method !== 'DELETE') return undefined
    refusals += 1
    return refusals <= 2 ? refused(409, 'CannotDeleteResource', 'nested resources exist') : undefined
  })
  await privateDnsZone.remove({ azure: arm.azure, path: at.zone, props: {} })
  expect(refusals).toBe(3)
  expect(arm.waited()).toBe(1_000 + 2_000)
})

test('a lock is put at its own path as a whole: owners that left the file are gone', async () => {
  const arm = networkArm({ [at.lockPath]: { properties: { level: 'ReadOnly', notes: 'old', owners: [{ applicationId: 'a' }] } } })
  const props = at.desired(managementLock, at.lockPath, { level: 'CanNotDelete', notes: 'new', owners: [] })
  await managementLock.update({ azure: arm.azure, path: at.lockPath, props, tags: {}, fields: new Set(['level']) })
  expect(arm.requests.at(-1)).toMatchObject({
    path: at.lockPath,
    apiVersion: '2020-05-01',
    body: { properties: { level: 'CanNotDelete', notes: 'new' } }
  })
  expect(arm.requests.at(-1)?.body?.['properties']).not.toHaveProperty('owners')
})

test('an unreadable resource is not absent', async () => {
  const arm = networkArm({}, () => refused(403, 'AuthorizationFailed', 'no'))
  for (const [kind, path] of all) await expect(kind.observe(arm.azure, path)).rejects.toMatchObject({ status: 403 })
})
