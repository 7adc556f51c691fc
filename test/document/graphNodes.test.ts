import { describe, expect, test } from 'vitest'
import { exampleGraphs, ofFile, ofPlan } from '../report/graphs.ts'
import { anything, failures, putLockOn, reconcile, resolved } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import { base, built, node, outline } from './graphs.ts'

describe('locks', () => {
  test('those that are lifted say so, those that are declared say what becomes of them', async () => {
    const { made } = await exampleGraphs('quickstart')
    expect(outline(made).filter(one => one.includes('['))).toEqual([
      'same existing networks/hub [lifted CanNotDelete keep]',
      'same existing networks/hub/subnets/endpoints in networks/hub [lifted ReadOnly frozen]',
      'create servers/orders-pg [create CanNotDelete keep]'
    ])
  })

  test('a lock on what has no box of its own is named with that', async () => {
    const on = await built()
    const database = [...resolved(topologyFrom(base)).desired.values()].find(({ kind }) => kind === 'database')
    expect((await putLockOn(on, database?.path ?? '', 'keep', { level: 'ReadOnly' })).status).toBe(201)
    const graph = await ofPlan(on, topologyFrom(base))
    expect(node(graph, 'servers/base-pg')?.locks).toEqual([{ name: 'one/keep', level: 'ReadOnly', mark: 'same' }])
  })

  test('one that goes with what it is on is not called restored', async () => {
    const on = await built()
    const endpoint = [...resolved(topologyFrom(base)).desired.values()].find(({ kind }) => kind === 'privateEndpoint')
    await putLockOn(on, endpoint?.path ?? '', 'keep', { level: 'CanNotDelete' })
    const without = topologyFrom(base.replace(/ {4}privateEndpoints:[\s\S]*$/, ''))
    const addresses = [...resolved(topologyFrom(base)).desired.values()].map(({ address }) => address)
    const graph = await ofPlan(on, without, {
      baseline: topologyFrom(base),
      prune: true,
      allowDelete: addresses,
      allowLockedDelete: addresses
    })
    expect(node(graph, 'servers/base-pg/privateEndpoints/pe')).toMatchObject({ mark: 'delete', locks: [{ name: 'keep', mark: 'delete' }] })
  })
})

describe('the ways in over public networks', () => {
  const open = base.replace(
    'publicAccess: { enabled: false }',
    'publicAccess: { enabled: true, firewallRules: { office: { start: 203.0.113.7, end: 203.0.113.7 } } }'
  )

  test('a file alone names public access and each firewall rule', () => {
    expect(node(ofFile(topologyFrom(open)), 'servers/base-pg')?.ways).toEqual([
      { text: 'public access on', mark: 'same' },
      { text: 'office: 203.0.113.7', mark: 'same' }
    ])
  })

  test('one that is opened, moved or taken away says so', async () => {
    const on = await built()
    const ways = async (text: string, settings = {}) => {
      const graph = await ofPlan(on, topologyFrom(text), settings)
      return [
        node(graph, 'servers/base-pg')?.mark,
        ...(node(graph, 'servers/base-pg')?.ways ?? []).map(({ mark, text: way }) => `${mark} ${way}`)
      ]
    }
    expect(await ways(open)).toEqual(['update', 'update public access off → public access on', 'create office: 203.0.113.7'])
    expect(failures(await reconcile(on, topologyFrom(open)))).toEqual([])
    const moved = open.replaceAll('203.0.113.7', '203.0.113.9')
    expect(await ways(moved)).toEqual(['inside', 'same public access on', 'update office: 203.0.113.7 → office: 203.0.113.9'])
    const closed = open.replace(/, firewallRules.*?\} \}/, '')
    expect(await ways(closed, anything(topologyFrom(open)))).toEqual(['inside', 'same public access on', 'delete office: 203.0.113.7'])
  })
})

test('a lock that is lowered is not called lifted', async () => {
  const { made } = await exampleGraphs('locked')
  expect(node(made, 'servers/vault-pg')?.locks).toEqual([{ name: 'frozen', level: 'ReadOnly', mark: 'lowered' }])
  expect(node(made, 'networks/vault')?.locks).toEqual([{ name: 'keep', level: 'CanNotDelete', mark: 'lifted' }])
})
