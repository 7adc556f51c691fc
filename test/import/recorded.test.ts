import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { importTopology } from '../../src/engine/import.ts'
import { resourceId, typeOf } from '../../src/model/id.ts'
import type { Body } from '../../src/model/json.ts'
import { networkArm } from '../kinds/networkArm.ts'

/* Bodies as Azure recorded them, each with the one that it lies in: the plan that the import makes of its own file is to be empty. */

interface Pair {
  readonly kind?: string
  readonly why?: string
  readonly path: string
  readonly settled: Body
}

const recorded = (file: string): readonly Pair[] =>
  JSON.parse(readFileSync(new URL(`../kinds/fixtures/${file}.json`, import.meta.url), 'utf8')) as readonly Pair[]

const [server, factory] = [recorded('postgres')[0], recorded('dataFactory')[0]]
const network = recorded('virtualNetwork')[0]
const zone: Body = { location: 'global' }

/** The path of the resource right below the group that one lies in, or is. */
const topOf = (path: string): string => path.split('/').slice(0, 9).join('/')

/** Members of the body that it lies in: Azure shows these there. */
const carried: Readonly<Record<string, string>> = { subnets: 'subnets', privateendpointconnections: 'privateEndpointConnections' }

function parentsOf(path: string, own: Body): Readonly<Record<string, Body>> {
  const top = topOf(path)
  if (top === path) return {}
  const type = typeOf(top)
  const body = type.endsWith('servers') ? server : type.endsWith('factories') ? factory : type.endsWith('networks') ? network : undefined
  const member = carried[typeOf(path).split('/').at(-1) ?? '']
  const settled: Body = body?.settled ?? zone
  // Wide enough for every recorded subnet.
  const space = type.endsWith('networks') ? { addressSpace: { addressPrefixes: ['10.0.0.0/8', '14.0.0.0/8'] } } : {}
  const properties = { ...(settled['properties'] as Body), ...space, ...(member !== undefined && { [member]: [own] }) }
  return { [top]: { ...settled, id: top, name: top.split('/').at(-1) ?? '', properties } }
}

const none = {
  servers: [],
  factories: [],
  groups: [],
  own: [],
  also: [],
  theirs: [],
  cloud: 'AzureCloud' as const,
  name: 'recorded',
  lowerRules: true,
  said: new Map()
}

function rootsOf(path: string): typeof none {
  const top = topOf(path)
  const type = typeOf(top)
  const flag = type.endsWith('servers') ? 'servers' : type.endsWith('factories') ? 'factories' : 'own'
  return { ...none, [flag]: [top] }
}

const pairs = ['postgres', 'dataFactory', 'virtualNetwork', 'subnet', 'privateDnsZone', 'virtualNetworkLink'].flatMap(recorded)

/** No entry can say these so that a write would keep them. */
const byId: Readonly<Record<string, string>> = {
  'runtime-1': 'coreCount cannot be 4; it takes 8, 16, 32, 48, 80, 144, 272 (PGL923)',
  adf_linkedservice_azurepostgre_1495: 'it is of version 1.0 of its connector, and an entry is of version 2.0',
  exampleManagedPr000003:
    'managed private endpoint exampleManagedPr000003 needs the managed virtual network, which factory factory-1 does not have (PGL014)'
}

test.each(pairs.map(pair => [`${typeOf(pair.path)}, ${pair.why ?? pair.path.split('/').at(-1)}`, pair] as const))(
  '%s',
  async (_, { path, settled }) => {
    const proper = path.replace('/resourcegroups/', '/resourceGroups/')
    const name = proper.split('/').at(-1) ?? ''
    // Whoever took the names out of a recording did so in the name and the id by themselves.
    const own = { ...settled, id: proper, name }
    const { azure, requests } = networkArm({ ...parentsOf(proper, own), [proper]: own })
    const imported = await importTopology(azure, rootsOf(proper))
    expect(imported.changes).toEqual([])
    expect(imported.errors).toEqual([])
    expect(imported.composed.layout.byId.has(resourceId(proper))).toBe(true)
    expect(imported.composed.byId.map(({ reason }) => reason)).toEqual(byId[name] === undefined ? [] : [byId[name]])
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([])
  }
)
