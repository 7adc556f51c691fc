import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { administrator } from '../../src/kinds/administrator.ts'
import { configuration } from '../../src/kinds/configuration.ts'
import { database } from '../../src/kinds/database.ts'
import { dataFactory } from '../../src/kinds/dataFactory.ts'
import { firewallRule } from '../../src/kinds/firewallRule.ts'
import { flexibleServer } from '../../src/kinds/flexibleServer.ts'
import { integrationRuntime } from '../../src/kinds/integrationRuntime.ts'
import { linkedService } from '../../src/kinds/linkedService.ts'
import { managedPrivateEndpoint } from '../../src/kinds/managedPrivateEndpoint.ts'
import { managedVirtualNetwork } from '../../src/kinds/managedVirtualNetwork.ts'
import { privateEndpointConnection } from '../../src/kinds/privateEndpointConnection.ts'
import { nameOf } from '../../src/model/id.ts'
import type { Body } from '../../src/model/json.ts'
import { propsOf } from './networkArm.ts'

interface Pair {
  readonly kind: string
  readonly why: string
  readonly path: string
  readonly sent: Body
  readonly settled: Body
}

const recorded = (file: string) => JSON.parse(readFileSync(new URL(`fixtures/${file}.json`, import.meta.url), 'utf8')) as readonly Pair[]
const pairs = [...recorded('postgres'), ...recorded('dataFactory')]

const kinds = [
  flexibleServer,
  administrator,
  firewallRule,
  database,
  configuration,
  privateEndpointConnection,
  dataFactory,
  managedVirtualNetwork,
  integrationRuntime,
  managedPrivateEndpoint,
  linkedService
]

describe.each(kinds)('$name as Azure recorded it', kind => {
  test.each(pairs.filter(pair => pair.kind === kind.name))('$why', async ({ path, sent, settled }) => {
    // A patch says nothing of the location, and a body that was sent nothing of its name.
    const whole = { name: nameOf(path), location: settled['location'] ?? '', ...sent }
    const asked = await propsOf(kind, path, whole)
    const live = await propsOf(kind, path, settled)
    expect(kind.diff(live, asked)).toEqual([])
    expect(kind.diff(live, live)).toEqual([])
  })
})

test('every kind has a recording, and a difference in one is seen', async () => {
  for (const kind of kinds) expect(pairs.some(pair => pair.kind === kind.name)).toBe(true)
  const [first] = pairs.filter(pair => pair.kind === 'flexibleServer')
  const { path = '', settled = {} } = first ?? {}
  const live = await propsOf(flexibleServer, path, settled)
  expect(flexibleServer.diff(live, { ...live, backupRetentionDays: 8 }).map(({ field }) => field)).toEqual(['backupRetentionDays'])
})
