import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { typeOf } from '../../src/sandbox/armPath.ts'
import { providers } from '../../src/sandbox/providers/index.ts'
import { comparable, type Recording, replay } from './recorded.ts'

const recorded = (file: string): readonly Recording[] => JSON.parse(readFileSync(new URL(`fixtures/${file}.json`, import.meta.url), 'utf8'))

const files = ['resources', 'network', 'privateDns', 'postgres', 'dataFactory']
const all = files.flatMap(recorded)

const title = ({ method, path, apiVersion, before }: Recording): string =>
  `${method} ${typeOf(path)} ${apiVersion}, ${before === undefined ? 'which was not there' : 'over what was there'}`

describe('what was sent to Azure settles to what Azure answered', () => {
  test.each(all.map(one => [title(one), one] as const))('%s', async (_title, recording) => {
    expect(comparable(await replay(recording))).toEqual(comparable(recording.settled))
  })
})

/** Of these nothing was recorded that could be sent again, or the record sets of one type stand for all. */
const unrecorded = /\/(networkInterfaces|networkSecurityGroups|routeTables|privateDnsZones\/(AAAA|CNAME|MX|PTR|SOA|SRV|TXT))$/

test('of every type that can be written there is a recording', () => {
  const types = providers.flatMap(one => one.types).filter(({ methods = ['PUT'] }) => methods.length > 0)
  const seen = new Set(all.map(({ path }) => typeOf(path).toLowerCase()))
  const without = types.map(({ type }) => type).filter(type => !seen.has(type.toLowerCase()) && !unrecorded.test(type))
  expect(without).toEqual([])
})
