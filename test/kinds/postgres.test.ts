import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { administrator } from '../../src/kinds/administrator.ts'
import { configuration } from '../../src/kinds/configuration.ts'
import { database } from '../../src/kinds/database.ts'
import { firewallRule } from '../../src/kinds/firewallRule.ts'
import { flexibleServer } from '../../src/kinds/flexibleServer.ts'
import { Secret } from '../../src/model/secret.ts'
import { networkArm } from './networkArm.ts'
import { comesBack, contextOf, networkPath, outcome, serverPath } from './serviceContext.ts'

const password = new Secret('ORDERS_PG_PASSWORD', 'Correct-Horse-9')
const orders = {
  version: '17',
  compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
  storage: { sizeGiB: 128, autoGrow: false, tier: 'P10' },
  administrator: { login: 'orders_admin', password, passwordVersion: 1 },
  authentication: { password: true, entra: { tenantId: '22222222-2222-2222-2222-222222222222' } },
  networking: { publicAccess: { enabled: true } },
  highAvailability: { mode: 'ZoneRedundant', standbyZone: '2' },
  zone: '1',
  backup: { retentionDays: 14, geoRedundant: true },
  maintenanceWindow: { day: 'Sunday', hour: 2, minute: 30 }
}
const boughtSpeed = { storageType: 'PremiumV2_LRS', iops: 3000, throughputMBps: 125 }
const ledger = { version: '17', networking: { virtualNetwork: { subnet: 'hub/injected', privateDnsZone: 'ledger' } } }

const desired = (spec: unknown) => flexibleServer.desired(spec, contextOf(serverPath)) as Record<string, unknown>
const live = (changes: object = {}) => ({ ...desired(orders), password: undefined, ...changes })
const changesOf = (have: object, want: object) => outcome(flexibleServer.diff(have, { ...desired(orders), ...want }))

describe('flexibleServer', () => {
  test.each([orders, ledger, { version: '16' }])('comes back as declared', spec => {
    expect(comesBack(flexibleServer, desired(spec))).toEqual([[], []])
  })

  test('whatever is declared of it comes back', () => {
    const spec = fc.record(
      {
        version: fc.constantFrom('15', '16', '17'),
        compute: fc.record({
          tier: fc.constantFrom('Burstable', 'GeneralPurpose'),
          size: fc.constantFrom('Standard_B1ms', 'Standard_D2ds_v5')
        }),
        storage: fc.oneof(
          fc.record({ sizeGiB: fc.constantFrom(32, 128, 4096), autoGrow: fc.boolean() }, { requiredKeys: ['sizeGiB'] }),
          fc.record({
            type: fc.constant('PremiumV2_LRS'),
            sizeGiB: fc.integer({ min: 32, max: 65_536 }),
            iops: fc.integer({ min: 3000, max: 80_000 }),
            throughputMBps: fc.integer({ min: 125, max: 1200 })
          })
        ),
        authentication: fc.record({ password: fc.boolean(), entra: fc.constant({}) }, { requiredKeys: [] }),
        networking: fc.constantFrom(ledger.networking, { publicAccess: { enabled: false } }, { publicAccess: { enabled: true } }),
        highAvailability: fc.record(
          { mode: fc.constantFrom('Disabled', 'SameZone'), standbyZone: fc.constantFrom('1', '2') },
          { requiredKeys: ['mode'] }
        ),
        zone: fc.constantFrom('1', '2', '3'),
        backup: fc.record({ retentionDays: fc.integer({ min: 7, max: 35 }), geoRedundant: fc.boolean() }, { requiredKeys: [] }),
        maintenanceWindow: fc.record({ day: fc.constantFrom('Sunday', 'Saturday'), hour: fc.integer({ min: 0, max: 23 }) })
      },
      { requiredKeys: [] }
    )
    fc.assert(
      fc.property(spec, entry => {
        expect(comesBack(flexibleServer, desired(entry))).toEqual([[], []])
      }),
      { numRuns: 200, seed: 20261122 }
    )
  })

  test.each([
    ['a region of its own', { location: 'westus' }, {}, ['location: fixed']],
    ['a newer version', { version: '16' }, {}, ['version: update restarts']],
    ['an older version', { version: '18' }, {}, ['version: fixed']],
    ['another size', { computeSize: 'Standard_D4ds_v5' }, {}, ['computeSize: update restarts']],
    ['a size in another case', { computeSize: 'standard_d2ds_v5', computeTier: 'generalpurpose' }, {}, []],
    ['more storage', { storageGiB: 64 }, {}, ['storageGiB: update']],
    ['less storage', { storageGiB: 256 }, {}, ['storageGiB: fixed']],
    ['storage that auto-grow has grown', { storageGiB: 256, autoGrow: true }, { autoGrow: true }, []],
    ['storage whose type is not told, or told as nothing', { storageType: undefined }, { storageType: 'Premium_LRS' }, []],
    [
      'another type of storage',
      { storageType: 'Premium_LRS' },
      { ...boughtSpeed, storageTier: undefined },
      ['storageType: fixed', 'iops: fixed', 'throughputMBps: fixed']
    ],
    [
      'other figures of Premium SSD v2',
      { ...boughtSpeed, storageTier: undefined },
      { ...boughtSpeed, iops: 4000, storageTier: undefined },
      ['iops: update']
    ],
    [
      'more Premium SSD v2',
      { ...boughtSpeed, storageGiB: 100, storageTier: undefined },
      { ...boughtSpeed, storageTier: undefined },
      ['storageGiB: update restarts']
    ],
    [
      'a tier and growth of Premium SSD v2',
      { ...boughtSpeed, storageTier: undefined },
      { ...boughtSpeed, autoGrow: true },
      ['autoGrow: fixed', 'storageTier: fixed']
    ],
    ['another login', { login: 'somebody' }, {}, ['login: fixed']],
    [
      'a login where there was none',
      { login: undefined, passwordAuth: false },
      {},
      ['login: update', 'password: update', 'passwordAuth: update']
    ],
    ['a password to be sent again', { passwordVersion: 1 }, { passwordVersion: 2 }, ['password: update', 'passwordVersion: update']],
    ['a password of which nothing is known', { passwordVersion: undefined }, { passwordVersion: 2 }, ['passwordVersion: update']],
    ['a password that was sent later', { passwordVersion: 3 }, { passwordVersion: 2 }, ['passwordVersion: fixed']],
    ['public access off', {}, { publicAccess: false }, ['publicAccess: update cut-over']],
    ['public access on', { publicAccess: false }, {}, ['publicAccess: update']],
    [
      'a server that is taken out of its network',
      { publicAccess: undefined, delegatedSubnet: '/injected' as never },
      {},
      ['publicAccess: update later', 'delegatedSubnet: update call']
    ],
    ['zones swapped by a failover', { zone: '2', standbyZone: '1' }, {}, []],
    [
      'a zone of neither',
      { zone: '3', highAvailability: 'Disabled', standbyZone: undefined },
      {},
      ['highAvailability: update', 'standbyZone: update', 'zone: fixed']
    ],
    ['a standby elsewhere', { highAvailability: 'zoneredundant', standbyZone: '3' }, {}, ['standbyZone: fixed']],
    ['a standby where the primary is declared, which is elsewhere', { zone: '3', standbyZone: '1' }, {}, ['standbyZone: fixed']],
    ['a standby that Azure does not tell', { standbyZone: undefined }, {}, []],
    ['geo-redundant backup', { geoRedundantBackup: false }, {}, ['geoRedundantBackup: fixed']],
    ['another window', { maintenanceWindow: undefined }, {}, ['maintenanceWindow: update']],
    ['a window of nobody', { maintenanceWindow: 'azure' }, {}, ['maintenanceWindow: update']],
    ['a window that Azure is to choose', {}, { maintenanceWindow: 'azure' }, ['maintenanceWindow: update']],
    ['a minute that is not declared', {}, { maintenanceWindow: { day: 'Sunday', hour: 2 } }, []]
  ])('%s', (_, have, want, expected) => {
    expect(changesOf(live(have), want)).toEqual(expected)
  })

  test('the zone of an integrated server moves only without high availability', () => {
    const want = desired(ledger)
    const elsewhere = { ...want, privateDnsZone: '/other' }
    expect(outcome(flexibleServer.diff({ ...elsewhere, highAvailability: 'Disabled' }, want))).toEqual(['privateDnsZone: update'])
    expect(outcome(flexibleServer.diff({ ...elsewhere, highAvailability: 'SameZone' }, want))).toEqual(['privateDnsZone: fixed'])
    expect(outcome(flexibleServer.diff({ ...want, delegatedSubnet: undefined }, want))).toEqual(['delegatedSubnet: fixed'])
  })

  test('integration refers to subnet and zone, reaches both, the subnet while it is made, and wants the locks of the network off', () => {
    const { refs, reach, advice } = flexibleServer.relations(desired(ledger), contextOf(serverPath))
    expect(refs.map(id => id.split('/').at(-1))).toEqual(['injected', 'ledger.private.postgres.database.azure.com'])
    expect(reach.map(({ scope, as, only }) => [scope.split('/').at(-1), as, only])).toEqual([
      ['ledger.private.postgres.database.azure.com', 'write', undefined],
      ['injected', 'write', 'create']
    ])
    expect(advice).toMatchObject([{ scope: networkPath.toLowerCase(), children: 'Microsoft.Network/virtualNetworks/subnets' }])
    expect(flexibleServer.relations(desired(orders), contextOf(serverPath)).advice).toEqual([])
  })

  test('a create sends the password and remembers its version, but never in what is read', async () => {
    const arm = networkArm()
    await flexibleServer.create({ azure: arm.azure, path: serverPath, props: desired(orders), tags: { 'pglink-topology': 'orders' } })
    const put = arm.requests.find(({ method }) => method === 'PUT')
    expect(put?.body).toMatchObject({
      location: 'eastus2',
      tags: { 'pglink-topology': 'orders', 'pglink-password-version': '1' },
      properties: { createMode: 'Default', administratorLoginPassword: 'Correct-Horse-9', network: { publicNetworkAccess: 'Enabled' } }
    })
    const { observed } = await flexibleServer.observe(arm.azure, serverPath)
    expect(observed).toMatchObject({ state: 'present', props: { passwordVersion: 1 }, facts: { location: 'eastus2' } })
    expect(observed).not.toHaveProperty('props.password')
  })

  test('a create without the password is refused before it is sent', async () => {
    const arm = networkArm()
    const unset = { ...orders, administrator: { login: 'orders_admin', password: new Secret('UNSET', undefined) } }
    await expect(flexibleServer.create({ azure: arm.azure, path: serverPath, props: desired(unset), tags: {} })).rejects.toThrow(
      'orders_admin'
    )
    expect(arm.requests).toEqual([])
  })

  test.each([
    [['publicAccess'], { network: { publicNetworkAccess: 'Enabled' } }],
    [['computeSize'], {}],
    [['storageGiB'], { storage: { storageSizeGB: 128, autoGrow: 'Disabled' } }],
    [['storageTier'], { storage: { storageSizeGB: 128, autoGrow: 'Disabled', tier: 'P10' } }],
    [['passwordVersion'], {}],
    [['password', 'passwordVersion'], { administratorLoginPassword: 'Correct-Horse-9' }],
    [['maintenanceWindow'], { maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 0, startHour: 2, startMinute: 30 } }],
    [['backupRetentionDays'], { backup: { backupRetentionDays: 14 } }]
  ])('an update of %s is a patch of that alone', async (fields, properties) => {
    const arm = networkArm({ [serverPath]: { location: 'East US 2', tags: { owner: 'dba' }, properties: { version: '17' } } })
    await flexibleServer.update({ azure: arm.azure, path: serverPath, props: desired(orders), tags: {}, fields: new Set(fields) })
    const sent = arm.requests.find(({ method }) => method === 'PATCH')?.body
    expect(sent?.['properties'] ?? {}).toEqual(properties)
    expect(sent?.['location']).toBeUndefined()
    if (fields.includes('computeSize')) expect(sent?.['sku']).toEqual({ name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' })
    if (fields.includes('passwordVersion')) expect(sent?.['tags']).toEqual({ owner: 'dba', 'pglink-password-version': '1' })
  })
})

describe('children of a server', () => {
  const range = (start: string, end: string) => firewallRule.desired({ start, end }, contextOf(`${serverPath}/firewallRules/office`))
  test.each([
    ['wider', range('203.0.113.10', '203.0.113.20'), range('203.0.113.1', '203.0.113.99'), ['range: update']],
    ['narrower', range('203.0.113.1', '203.0.113.99'), range('203.0.113.10', '203.0.113.20'), ['range: update cut-over']],
    ['elsewhere', range('10.0.0.1', '10.0.0.2'), range('203.0.113.10', '203.0.113.20'), ['range: update cut-over']],
    ['from all Azure services', range('0.0.0.0', '0.0.0.0'), range('0.0.0.0', '1.0.0.0'), ['range: update cut-over']],
    ['the same', range('10.0.0.1', '10.0.0.2'), range('10.0.0.1', '10.0.0.2'), []]
  ])('a firewall rule %s', (_, have, want, expected) => {
    expect(comesBack(firewallRule, want)).toEqual([[], []])
    expect(outcome(firewallRule.diff(have, want))).toEqual(expected)
  })

  test('charset and collation of a database', () => {
    const want = database.desired({ charset: 'utf8', collation: 'en_US.utf8' }, contextOf(`${serverPath}/databases/orders`))
    expect(comesBack(database, want)).toEqual([[], []])
    expect(database.diff({ charset: 'UTF8', collation: 'en_US.utf8' }, want)).toEqual([])
    expect(outcome(database.diff({ charset: 'LATIN1', collation: 'C' }, want))).toEqual(['charset: fixed', 'collation: fixed'])
  })

  test('an administrator is made again when its principal is another', () => {
    const spec = { entry: { objectId: '3', type: 'Group' }, principalName: 'dba-group', tenantId: '2' }
    const want = administrator.desired(spec, contextOf(`${serverPath}/administrators/3`))
    expect(comesBack(administrator, want)).toEqual([[], []])
    expect(outcome(administrator.diff({ principalName: 'DBA-group', principalType: 'User', tenantId: '2' }, want))).toEqual([
      'principalType: replace'
    ])
  })

  const sort = (dataType: string, dynamic = true, readOnly = false) => ({ dataType, dynamic, readOnly })
  test.each([
    ['on', 'ON', sort('Boolean'), []],
    ['on', 'off', sort('Boolean'), ['value: update']],
    ['2000', '02000', sort('Integer'), []],
    ['0.50', '.5', sort('Numeric'), []],
    ['2000', '2001', sort('Integer', false), ['value: update restarts']],
    ['READ, write', 'write,read', sort('Set'), []],
    ['%m', '%M', sort('String'), ['value: update']],
    ['on', 'off', sort('Boolean', true, true), ['value: fixed']]
  ])('a parameter at %s that is declared %s', (have, value, its, expected) => {
    const want = configuration.desired({ value }, contextOf(`${serverPath}/configurations/p`))
    expect(comesBack(configuration, want)).toEqual([[], []])
    expect(outcome(configuration.diff({ value: have, sort: its }, want))).toEqual(expected)
  })

  test('removing a parameter writes its default back as the system’s', async () => {
    const path = `${serverPath}/configurations/log_connections`
    const arm = networkArm({ [path]: { properties: { value: 'on', defaultValue: 'off', source: 'user-override' } } })
    await configuration.remove({ azure: arm.azure, path, props: { value: 'on' } })
    expect(arm.requests.find(({ method }) => method === 'PUT')?.body).toEqual({ properties: { value: 'off', source: 'system-default' } })
    expect(arm.requests.some(({ method }) => method === 'DELETE')).toBe(false)
  })
})
