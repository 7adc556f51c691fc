import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ours } from './arm.ts'
import { type Recording, settledHere } from './recorded.ts'
import { type Exchange, typeOf } from './recording.ts'
import { replay, titleOf } from './replay.ts'
import { Figures } from './replayFigures.ts'

/** `RECORDINGS=folder` replays the recordings of another folder, and of those below it, and says what differs. */
const elsewhere = process.env['RECORDINGS']
const folder = elsewhere ?? fileURLToPath(new URL('fixtures/scenarios', import.meta.url))

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.json'))
  .sort()

const figures = new Figures()

describe("Azure's recorded answers are answered here in turn", () => {
  ours.each(files)('%s', async file => {
    const { exchanges, day }: { exchanges?: readonly Exchange[]; day?: string } = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
    if (exchanges === undefined) return
    const outcomes = await replay(exchanges, day)
    for (const one of outcomes) figures.addReplayed(one)
    const found = outcomes.flatMap(({ exchange, outcome }) =>
      'leftOut' in outcome ? [] : outcome.differences.map(each => `${titleOf(exchange)}: ${each}`)
    )
    if (elsewhere !== undefined) for (const each of found) console.info(`${file}: ${each}`)
    else expect(found).toEqual([])
  })
})

const recorded = (file: string): readonly Recording[] => JSON.parse(readFileSync(new URL(`fixtures/${file}.json`, import.meta.url), 'utf8'))

/** One recording a line, as there are many. */
const writes = new URL('fixtures/writes/', import.meta.url)
const linesOf = (file: string): readonly Recording[] =>
  readFileSync(new URL(file, writes), 'utf8')
    .split('\n')
    .flatMap(line => (line === '' ? [] : [JSON.parse(line)]))

const kinds = ['resources', 'network', 'privateDns', 'postgres', 'dataFactory']
const all = elsewhere === undefined ? [...kinds.flatMap(recorded), ...readdirSync(writes).sort().flatMap(linesOf)] : []

const title = ({ method, path, apiVersion, before }: Recording): string =>
  `${method} ${typeOf(path) || 'resource group'} ${apiVersion}, ${before === undefined ? 'which was not there' : 'over what was there'}`

describe.runIf(elsewhere === undefined)("a body that was sent to Azure settles to Azure's answer", () => {
  ours.each(all.map(one => [title(one), one] as const))('%s', async (_title, recording) => {
    const outcome = await settledHere(recording)
    figures.add(recording.path, outcome)
    expect(outcome.differences).toEqual([])
  })
})

describe('the figures of the replay', () => {
  ours('for each provider every status is the same, and 99 % of members, types and values at the least', () => {
    console.info(figures.table())
    if (elsewhere !== undefined) return
    const shares = figures.figures().filter(one => one.leftOut < one.exchanges)
    expect(shares.map(one => one.provider)).toEqual(['ARM', 'Data Factory', 'PostgreSQL', 'network', 'private DNS'])
    for (const { provider, exchanges, leftOut, status, code, membersAndTypes, values } of shares) {
      expect([provider, status, code]).toEqual([provider, 100, 100])
      expect(membersAndTypes, provider).toBeGreaterThanOrEqual(99)
      expect(values, provider).toBeGreaterThanOrEqual(99)
      expect(leftOut, provider).toBeLessThan(exchanges / 4)
    }
  })

  ours('need every kind of difference that is forgiven, and every reason to leave an exchange out', () => {
    if (elsewhere === undefined) expect(figures.unused()).toEqual([])
  })
})

test('there is a recording of each type that somebody writes', () => {
  const seen = new Set(kinds.flatMap(recorded).map(({ path }) => typeOf(path).replace(/\/a$/, '/A')))
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
