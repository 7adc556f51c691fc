import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ours } from './arm.ts'
import { diverging, type Recording } from './recorded.ts'
import { typeOf } from './recording.ts'

const recorded = (file: string): readonly Recording[] => JSON.parse(readFileSync(new URL(`fixtures/${file}.json`, import.meta.url), 'utf8'))

/** One recording a line, as there are many. */
const writes = new URL('fixtures/writes/', import.meta.url)
const linesOf = (file: string): readonly Recording[] =>
  readFileSync(new URL(file, writes), 'utf8')
    .split('\n')
    .flatMap(line => (line === '' ? [] : [JSON.parse(line)]))

const files = ['resources', 'network', 'privateDns', 'postgres', 'dataFactory']
const all = [...files.flatMap(recorded), ...readdirSync(writes).sort().flatMap(linesOf)]

const title = ({ method, path, apiVersion, before }: Recording): string =>
  `${method} ${typeOf(path) || 'resource group'} ${apiVersion}, ${before === undefined ? 'which was not there' : 'over what was there'}`

describe("a body that was sent to Azure settles to Azure's answer", () => {
  ours.each(all.map(one => [title(one), one] as const))('%s', async (_title, recording) => {
    expect(await diverging(recording)).toEqual([])
  })
})

test('there is a recording of each type that somebody writes', () => {
  const seen = new Set(files.flatMap(recorded).map(({ path }) => typeOf(path).replace(/\/a$/, '/A')))
  expect([...seen].map(type => type.split('/').slice(1).join('/')).sort()).toEqual([
    '',
    'factories',
    'factories/integrationRuntimes',
    'factories/linkedservices',
    'factories/managedVirtualNetworks',
    'factories/managedVirtualNetworks/managedPrivateEndpoints',
    'flexibleServers',
    'flexibleServers/administrators',
    'flexibleServers/configurations',
    'flexibleServers/databases',
    'flexibleServers/firewallRules',
    'flexibleServers/privateEndpointConnections',
    'locks',
    'privateDnsZones',
    'privateDnsZones/A',
    'privateDnsZones/virtualNetworkLinks',
    'privateEndpoints',
    'privateEndpoints/privateDnsZoneGroups',
    'virtualNetworks',
    'virtualNetworks/subnets'
  ])
})
