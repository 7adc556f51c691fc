import { describe, expect, test } from 'vitest'
import type { Action, EndpointProof } from '../../src/model/change.ts'
import { resourceId } from '../../src/model/id.ts'
import type { Existing, Resource } from '../../src/model/resource.ts'
import { type Ended, proveEndpoint, prover } from '../../src/proof/endpoint.ts'
import { rig } from '../azure/rig.ts'
import { ask, azureSays, dns, good, group, minutes, path, proof, refused, server, type World, zone } from './world.ts'

describe('an endpoint', () => {
  test.each<[string, World, Partial<EndpointProof>]>([
    ['approved at both ends, without DNS', { own: 'Approved', onServer: 'Approved' }, {}],
    ['with its record', good, { dns }]
  ])('%s is proven at once', async (_name, world, over) => {
    const { azure, clock } = azureSays(world)
    expect(await proveEndpoint(azure, proof(over), ask())).toEqual({ as: 'proven' })
    expect(clock.waits).toEqual([])
  })

  test.each<[string, World, Partial<EndpointProof>, string, RegExp, number]>([
    ['that is not there', {}, {}, 'broken', /is not there/, 0],
    ['rejected at the server', { ...good, onServer: 'Rejected' }, {}, 'broken', /is Rejected/, 0],
    ['disconnected at its own end', { ...good, own: 'Disconnected' }, {}, 'broken', /is Disconnected/, 0],
    ['pending, which nobody here decides', { ...good, onServer: 'Pending' }, {}, 'pending', /is Pending on orders-pg/, 0],
    ['pending, which the file decides', { ...good, onServer: 'Pending' }, { decided: true }, 'pending', /is Pending/, 15],
    ['that lost its connection on the server', { own: 'Approved' }, {}, 'broken', /does not show the connection/, 1],
    ['that has not noticed', { ...good, own: 'Pending' }, {}, 'pending', /has not noticed/, 15],
    ['without a zone group', { ...good, zones: [] }, { dns }, 'broken', /has no zone group/, 0],
    ['in a group of another zone', { ...good, zones: [`${zone}2`] }, { dns }, 'broken', /has no zone group/, 0],
    [
      'with a group that a policy has not written',
      { ...good, zones: [] },
      { dns: { ...dns, managedBy: 'policy' } },
      'pending',
      /waiting on the policy/,
      15
    ],
    [
      'with a record that a policy has not written',
      { ...good, records: [] },
      { dns: { ...dns, managedBy: 'policy' } },
      'pending',
      /waiting on the policy/,
      15
    ],
    [
      'with a record that a policy has written wrong',
      { ...good, records: ['10.9.9.9'] },
      { dns: { ...dns, managedBy: 'policy' } },
      'broken',
      /leads to 10\.9\.9\.9/,
      0
    ],
    [
      'without a record',
      { ...good, records: [] },
      { dns },
      'broken',
      /has no record.*should lead to.*10\.0\.1\.4.*writes its zone group/,
      0
    ],
    [
      'with a record that leads elsewhere',
      { ...good, records: ['10.9.9.9'] },
      { dns },
      'broken',
      /leads to 10\.9\.9\.9.*zone group again/,
      0
    ],
    ['with more addresses than its own', { ...good, records: ['10.0.1.4', '10.9.9.9'] }, { dns }, 'broken', /more than the address/, 0],
    [
      'with a record that may not be read',
      { ...good, records: undefined },
      { dns },
      'pending',
      /Microsoft\.Network\/privateDnsZones\/A\/read/,
      0
    ],
    ['with a limit of its own', { ...good, own: 'Pending' }, { timeoutMs: 5 * 60_000 }, 'pending', /has not noticed/, 5]
  ])('%s is not proven', async (_name, world, over, as, reason, waited) => {
    const { azure, clock } = azureSays(world)
    expect(await proveEndpoint(azure, proof(over), ask())).toEqual({ as, reason: expect.stringMatching(reason) })
    expect(minutes(clock.waits)).toBe(waited)
  })

  test('a record that comes by itself is waited for, and said', async () => {
    const said: string[] = []
    const { azure, clock } = azureSays({ own: 'Pending' }, { ...good, own: 'Pending' }, { ...good, records: [] }, good)
    expect(await proveEndpoint(azure, proof({ dns, decided: true }), ask({ say: what => said.push(what) }))).toEqual({ as: 'proven' })
    expect(clock.waits).toEqual([1_000, 2_000, 4_000])
    expect(said).toEqual([
      expect.stringMatching(/is Pending/),
      expect.stringMatching(/has not noticed/),
      expect.stringMatching(/has no record/)
    ])
  })

  describe('with a wrong record', () => {
    const wrong: World = { ...good, records: ['10.9.9.9'] }
    const of = (kind: string, id: string, refs: readonly string[] = []) =>
      ({ kind, id: resourceId(id), path: id, address: id, refs: refs.map(resourceId) }) as unknown as Resource & Existing
    const group: Action = { do: 'update', resource: of('privateDnsZoneGroup', `${path}/privateDnsZoneGroups/default`) } as unknown as Action
    const approval: Action = {
      do: 'create',
      resource: of('privateEndpointConnection', `${server}/privateEndpointConnections/x`, [path])
    } as unknown as Action
    const otherGroup: Action = { do: 'delete', replaced: false, old: of('privateDnsZoneGroup', `${path}-2/privateDnsZoneGroups/g`, [zone]) }
    const otherEndpoint: Action = { do: 'delete', replaced: false, old: of('privateEndpoint', `${path}-2`, [server]) }
    const elsewhere: Action = {
      do: 'update',
      resource: of('privateDnsZoneGroup', `${path}-3/privateDnsZoneGroups/g`, [zone])
    } as unknown as Action

    test.each<[string, Action, number, number]>([
      ['its zone group was written just now', group, 0, 60],
      ['another group of the zone was deleted just now', otherGroup, 0, 60],
      ['another endpoint of the server was deleted just now', otherEndpoint, 0, 60],
      ['its connection was approved just now', approval, 0, 60],
      ['its zone group was written half a minute ago', group, 30, 30],
      ['its zone group was written a minute ago', group, 60, 0],
      ['only the zone group of another endpoint was written', elsewhere, 0, 0]
    ])('is read again until a minute has passed: %s', async (_name, action, ago, waited) => {
      const { azure, clock } = azureSays(wrong)
      const ended: Ended[] = [{ action, at: azure.clock.now() - ago * 1000 }]
      expect(await proveEndpoint(azure, proof({ dns }), ask({ ended }))).toMatchObject({ as: 'broken' })
      expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBe(waited * 1000)
    })

    test('and comes right meanwhile is proven', async () => {
      const { azure } = azureSays(wrong, wrong, good)
      const ended: Ended[] = [{ action: group, at: azure.clock.now() }]
      expect(await proveEndpoint(azure, proof({ dns }), ask({ ended }))).toEqual({ as: 'proven' })
    })

    test('is nothing to a look at the connection alone', async () => {
      const { azure } = azureSays(wrong)
      expect(await proveEndpoint(azure, proof({ dns }), ask({ depth: 'connection' }))).toEqual({ as: 'proven' })
    })
  })

  test('the connection of what this run made is waited for', async () => {
    const { azure, clock } = azureSays({ own: 'Approved' })
    const made = { do: 'create', resource: { kind: 'privateEndpoint', id: resourceId(path), refs: [] } } as unknown as Action
    expect(await proveEndpoint(azure, proof(), ask({ ended: [{ action: made, at: azure.clock.now() }] }))).toMatchObject({ as: 'pending' })
    expect(minutes(clock.waits)).toBe(15)
  })

  test('that may not be looked at is unknown', async () => {
    const { azure } = rig(async () => refused(403, 'AuthorizationFailed'))
    expect(await proveEndpoint(azure, proof(), ask())).toEqual({
      as: 'pending',
      reason: expect.stringMatching(/unknown: .*AuthorizationFailed/)
    })
  })

  test.each<[string, string | undefined, string]>([
    ['is linked to what the file links it to', `${group}/providers/Microsoft.Network/virtualNetworks/hub`, 'proven'],
    ['is linked to another network', `${group}/providers/Microsoft.Network/virtualNetworks/other`, 'broken'],
    ['is linked to nothing', undefined, 'broken']
  ])('a zone that %s is %s', async (_name, network, as) => {
    const link = { kind: 'virtualNetworkLink', id: resourceId(`${zone}/virtualNetworkLinks/hub`), path: `${zone}/virtualNetworkLinks/hub` }
    const hub = resourceId(`${group}/providers/Microsoft.Network/virtualNetworks/hub`)
    const declared = { ...link, address: 'hub', refs: [hub], props: { network: hub } } as unknown as Resource
    const { azure } = azureSays({ ...good, links: network === undefined ? [] : [network] })
    expect(await prover(new Map([[declared.id, declared]]))(azure, proof({ dns }), ask())).toMatchObject({ as })
  })

  test('a wait ends when it is told to', async () => {
    const stopping = new AbortController()
    const { azure } = azureSays({ own: 'Approved' })
    const clock = { ...azure.clock, sleep: (_ms: number, signal?: unknown) => Promise.reject((signal as AbortSignal).reason) }
    stopping.abort(new Error('stopped'))
    await expect(proveEndpoint({ ...azure, clock }, proof(), ask({ signal: stopping.signal }))).rejects.toThrow('stopped')
  })
})
