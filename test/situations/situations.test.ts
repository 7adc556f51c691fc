import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'vitest'
import { parse } from 'yaml'
import { shared } from '../support/parts.ts'
import { type Bases, play, type Situation } from './situation.ts'

const folder = 'test/situations'
const read = (file: string): unknown => parse(readFileSync(`${folder}/${file}`, 'utf8'), { merge: true, maxAliasCount: -1 })
const bases = read('bases.yaml') as Bases
const files = readdirSync(folder).filter(name => name.endsWith('.yaml') && name !== 'bases.yaml')

describe.each(files)('%s', file => {
  const situations = Object.entries(read(file) as Readonly<Record<string, Situation>>).filter(([name]) => !name.startsWith('.'))
  for (const [name, situation] of shared(situations, 8)) {
    // One that is right by now turns red, so that nobody forgets to say so.
    if (situation.pending === undefined || process.env['SHOW'] !== undefined) test(name, () => play(situation, bases))
    else test.fails(`${name} (waits for: ${situation.pending})`, () => play(situation, bases))
  }
})
