import { expect, test } from 'vitest'
import { kinds } from '../../src/kinds/index.ts'
import { locksUnder, typeOf } from '../../src/model/id.ts'

/* Facts about Azure of which no plan of ours would miss one. A kind states them; this table is the second pair of eyes. */

const named = (chosen: (kind: (typeof kinds)[number]) => unknown): string[] => kinds.filter(chosen).map(({ name }) => name)

// PostgreSQL fails a second write as busy, a network answers 409 or 429, a zone's deletes collide [CORPUS, TF-PG, TF#28715].
test('these take one write at a time', () => {
  expect(named(kind => kind.oneWriteAtATime)).toEqual(['virtualNetwork', 'privateDnsZone', 'flexibleServer', 'dataFactory'])
})

test('these have Azure go elsewhere when one is written or removed', () => {
  expect(named(kind => kind.reachesElsewhere)).toMatchInlineSnapshot(`
    [
      "flexibleServer",
      "privateEndpoint",
      "privateDnsZoneGroup",
      "privateEndpointConnection",
      "managedPrivateEndpoint",
    ]
  `)
})

test('markers lie on these, the best first', () => {
  const carrying = kinds.flatMap(({ name, carriesMarkers }) => (carriesMarkers ? [{ name, ...carriesMarkers }] : []))
  expect(
    carrying.sort((a, b) => a.rank - b.rank).map(({ name, onlyOurs }) => `${name}${onlyOurs ? ', only ours' : ''}`)
  ).toMatchInlineSnapshot(`
    [
      "flexibleServer",
      "dataFactory",
      "privateEndpoint",
      "resourceGroup",
      "database, only ours",
      "firewallRule, only ours",
      "integrationRuntime, only ours",
      "linkedService, only ours",
      "subnet, only ours",
      "virtualNetwork, only ours",
    ]
  `)
})

test('Azure asks for a region when one of these is made', () => {
  expect(named(kind => kind.inFile?.inRegion)).toMatchInlineSnapshot(`
    [
      "resourceGroup",
      "virtualNetwork",
      "flexibleServer",
      "privateEndpoint",
      "dataFactory",
    ]
  `)
})

test('these are nodes of the drawn graph', () => {
  expect(named(kind => typeof kind.drawn === 'object')).toMatchInlineSnapshot(`
    [
      "virtualNetwork",
      "subnet",
      "privateDnsZone",
      "flexibleServer",
      "privateEndpoint",
      "dataFactory",
      "integrationRuntime",
      "managedPrivateEndpoint",
      "linkedService",
    ]
  `)
  expect(named(kind => kind.joins)).toMatchInlineSnapshot(`
    [
      "virtualNetwork",
      "virtualNetworkLink",
      "flexibleServer",
      "virtualEndpoint",
      "privateEndpoint",
      "privateDnsZoneGroup",
      "managedPrivateEndpoint",
      "linkedService",
    ]
  `)
})

// A picture gives a kind a form of its own, and icons are told apart by what they show.
test('no two kinds have one icon', () => {
  const icons = kinds.flatMap(({ drawn }) => (typeof drawn === 'object' ? [drawn.icon] : []))
  expect(new Set(icons).size).toBe(icons.length)
})

test('what lies below the kinds writes the types of a group and of a lock as they do', () => {
  const typeNamed = (name: string) => kinds.find(kind => kind.name === name)?.type.toLowerCase()
  expect(typeOf('/subscriptions/s/resourceGroups/g')).toBe(typeNamed('resourceGroup'))
  expect(typeOf(`${locksUnder('/subscriptions/s/resourceGroups/g')}/keep`)).toBe(typeNamed('managementLock'))
})
