import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindNamed, kinds } from '../src/kinds/index.ts'
import type { Kind } from '../src/kinds/kind.ts'
import { read, withSecrets } from './laws/everyLeaf.ts'
import { estate, failures, reconcile, resolved } from './support/estate.ts'
import { topologies } from './support/topologies.ts'
import { topologyFrom } from './support/yaml.ts'

// Laws that every kind keeps. A new kind is held to them by being in the registry.

const seed = 20261122

/** Kinds that the random topologies leave out, as the sandbox stores them. */
const rest = topologyFrom(`
networks:
  core: { addressSpace: [10.40.0.0/16], subnets: { injected: { addressPrefix: 10.40.2.0/28, delegation: Microsoft.DBforPostgreSQL/flexibleServers } } }
privateDnsZones: { own: { name: own.private.postgres.database.azure.com, links: { core: { registration: false } } } }
servers:
  inside:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    authentication: { password: false, entra: { administrators: { dba: { objectId: 22222222-2222-4222-8222-222222222222, type: Group } } } }
    networking: { virtualNetwork: { subnet: core/injected, privateDnsZone: own } }
    locks: { keep: { level: CanNotDelete, notes: law } }
`)

const declaredOnly = (props: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(props as object).filter(([, value]) => value !== undefined))

/** In the first one is every kind, with all that an entry of it can say. */
const samples = [withSecrets(read('ours')), rest, ...fc.sample(topologies(2), { numRuns: 60, seed })].map(topology => [
  ...resolved(topology).desired.values()
])

describe.each(kinds.map(({ name }) => ({ name })))('$name', ({ name }) => {
  const kind = kindNamed.get(name) as Kind
  const own = samples.flat().filter(({ kind, managed }) => kind === name && managed)

  test('the samples have some', () => expect(own.length).toBeGreaterThan(0))

  test('a value that is mapped to a body and back has no difference', () => {
    for (const { props } of own) expect(kind.diff(kind.roundTrip(props), props)).toEqual([])
  })

  test('nothing differs from itself', () => {
    for (const { props } of own) expect(kind.diff(props, props)).toEqual([])
  })

  test('a field that is not declared is nobody’s business', () => {
    for (const { props } of own) {
      const nothing = Object.fromEntries(Object.keys(props as object).map(field => [field, undefined]))
      expect(kind.diff(props, nothing)).toEqual([])
    }
  })

  test('every declared field has a rule', () => {
    for (const { props } of own) expect(Object.keys(kind.fields)).toEqual(expect.arrayContaining(Object.keys(declaredOnly(props))))
  })
})

// The SDK writes it, Azure answers it, the SDK reads it: nothing may be lost or filled in on the way.
// That an apply of the topology with every leaf leaves no difference is in laws/compared.test.ts.
test('a value stored and read back on the sandbox is still equal', async () => {
  const seen = new Set<string>()
  for (const topology of [rest, ...fc.sample(topologies(1), { numRuns: 8, seed })]) {
    const on = estate()
    expect(failures(await reconcile(on, topology))).toEqual([])
    const { live, wanted } = await reconcile(on, topology)
    for (const { kind, id, props, address } of wanted.desired.values()) {
      const observed = live.resources.get(id)?.observed
      expect(observed?.state, address).toBe('present')
      if (observed?.state === 'present') expect(kindNamed.get(kind)?.diff(observed.props, props), address).toEqual([])
      seen.add(kind)
    }
  }
  expect(seen.size).toBeGreaterThan(15)
}, 120_000)
