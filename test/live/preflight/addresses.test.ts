import { describe, expect, test } from 'vitest'
import type { Topology } from '../../../src/model/topology.generated.ts'
import { type Estate, failures, plan, reconcile } from '../../support/estate.ts'
import { topologyFrom } from '../../support/yaml.ts'
import { other, seeded, small } from './seeded.ts'

describe('a fixed address of an endpoint', () => {
  const far = `${other}/providers/Microsoft.Network/virtualNetworks/far`
  const subnets = {
    [other]: { location: 'westeurope' },
    [far]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } } },
    [`${far}/subnets/a`]: { properties: { addressPrefix: '10.9.1.0/24' } }
  }
  const wanted = (...addresses: readonly string[]): Topology =>
    topologyFrom(`servers:
  case-pg: ${small}
    privateEndpoints:
${addresses.map(one => `      pe${one.split('.').at(-1)}: { subnet: { id: ${far}/subnets/a }, privateDns: none, approval: automatic, ipAddress: ${one} }`).join('\n')}`)
  /** It is of others, in the subnet. */
  const theirs = async (on: Estate, address: string): Promise<void> => {
    const them = { ...wanted(address), name: 'them', resourceGroup: 'rg-them' } as Topology
    expect(failures(await reconcile(on, JSON.parse(JSON.stringify(them).replaceAll('case-pg', 'them-pg'), revived)))).toEqual([])
  }
  const revived = (key: string, value: unknown): unknown =>
    key === 'password' ? topologyFrom('servers: { x: { administrator: { password: y } } }').servers?.['x']?.administrator?.password : value

  test.each([
    ['outside of the subnet', '10.9.2.9', 'is not in the subnet a (10.9.1.0/24)', 'PrivateIPAddressNotInSubnet'],
    ['that Azure keeps', '10.9.1.3', 'is one of the five addresses that Azure keeps of 10.9.1.0/24', 'PrivateIPAddressInReservedRange'],
    ['that Azure keeps at the end', '10.9.1.255', 'is one of the five', 'PrivateIPAddressInReservedRange']
  ])("%s is 'PGL085'", async (_what, address, says, code) => {
    const { plan: made } = await plan(seeded(subnets), wanted(address))
    expect(made.refusals.map(one => [one.code, one.exit])).toEqual([['PGL085', 6]])
    expect(made.refusals[0]?.message).toContain(says)
    expect(made.refusals[0]?.message).toContain(code)
  })

  test("that an endpoint of others has is 'PGL085', one that nobody has is not, and one without is not asked about", async () => {
    const on = seeded(subnets)
    await theirs(on, '10.9.1.40')
    const { plan: made } = await plan(on, wanted('10.9.1.40', '10.9.1.41'))
    expect(made.refusals.map(({ code, exit, address }) => [code, exit, address.split('/').at(-1)])).toEqual([['PGL085', 6, 'pe40']])
    expect(made.refusals[0]?.message).toMatch(
      /10\.9\.1\.40 is in use in the subnet a, by \S+\/privateEndpoints\/pe40\. Azure would refuse it/i
    )
    on.requests.length = 0
    await plan(on, topologyFrom(JSON.stringify(wanted('10.9.1.44')).replace(',"ipAddress":"10.9.1.44"', '')))
    expect(on.requests.filter(request => /networkInterfaces/i.test(request))).toEqual([])
  })

  test('whose holder may not be read is unknown', async () => {
    const on = seeded(subnets, {}, /networkInterfaces\?/)
    await theirs(on, '10.9.1.40')
    const { plan: made } = await plan(on, wanted('10.9.1.40'))
    expect(made.refusals).toEqual([])
    expect(made.unknown.map(({ message }) => message)).toContain('who has the address 10.9.1.40 could not be read: not for you')
  })
})
