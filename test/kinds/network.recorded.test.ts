import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { managementLock } from '../../src/kinds/managementLock.ts'
import { privateDnsZone } from '../../src/kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../../src/kinds/privateDnsZoneGroup.ts'
import { privateEndpoint } from '../../src/kinds/privateEndpoint.ts'
import { resourceGroup } from '../../src/kinds/resourceGroup.ts'
import { subnet } from '../../src/kinds/subnet.ts'
import { virtualNetwork } from '../../src/kinds/virtualNetwork.ts'
import { virtualNetworkLink } from '../../src/kinds/virtualNetworkLink.ts'
import type { Body } from '../../src/model/json.ts'
import { propsOf } from './networkArm.ts'

interface Pair {
  readonly path: string
  readonly sent: Body
  readonly settled: Body
}

const recorded = (kind: string) => JSON.parse(readFileSync(new URL(`fixtures/${kind}.json`, import.meta.url), 'utf8')) as Pair[]

const kinds = [
  resourceGroup,
  virtualNetwork,
  subnet,
  managementLock,
  privateDnsZone,
  virtualNetworkLink,
  privateEndpoint,
  privateDnsZoneGroup
]

describe.each(kinds)('$name as Azure recorded it', kind => {
  test.each(recorded(kind.name))('$path: what was sent and what it settled to do not differ', async ({ path, sent, settled }) => {
    const asked = await propsOf(kind, path, sent)
    const live = await propsOf(kind, path, settled)
    // Nothing but a zone is without a word of its own.
    if (kind.name !== 'privateDnsZone') expect(Object.values(asked).filter(value => value !== undefined && value !== '')).not.toEqual([])
    expect(kind.diff(live, asked)).toEqual([])
    expect(kind.diff(live, live)).toEqual([])
  })
})

test('the fixtures hold what they are there for', () => {
  const all = JSON.stringify(kinds.map(kind => recorded(kind.name)))
  for (const seen of [
    'SOUTHCENTRALUS',
    'delegations',
    'networkSecurityGroup',
    'NxDomainRedirect',
    'recordSets',
    'flexibleServers',
    'Auto-Approved'
  ]) {
    expect(all).toContain(seen)
  }
})
