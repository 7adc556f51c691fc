import { expect, onTestFinished, test } from 'vitest'
import { estateAt } from '../../src/azure/estate.ts'
import type { LogEntry } from '../../src/sandbox/sandbox.ts'
import { type Folder, folder, jsonLines } from '../support/cli.ts'
import { sandboxHere } from '../support/sandbox.ts'
import { trusting } from '../support/trust.ts'
import { subnetIn } from './topologies.ts'

const { 'topology.yaml': topology = '', 'seed.json': seed = '' } = subnetIn('ReadOnly')
const place = (): Folder => folder({ 'topology.yaml': topology, 'seed.json': seed })
const entries = (here: Folder): readonly LogEntry[] => jsonLines(here, 'log')

test.each(['plan', 'drift'])('%s reads no more often a minute than it is told, and says that it waits', async command => {
  const here = place()
  const { stderr } = await here.pglink(`${command} --sandbox --sandbox-seed seed.json --sandbox-log log --max-reads-per-minute 2`)
  expect(stderr).toMatch(/^Waiting (59s|1m0s) for our turn: reads, of which no more than 2 a minute are asked for\.$/m)
  const times = entries(here).map(({ time }) => Date.parse(time))
  expect(times.length).toBeGreaterThan(4)
  for (const at of times) expect(times.filter(one => one >= at && one < at + 60_000).length).toBeLessThanOrEqual(2)
})

test('the plan of an apply is read as slowly, and what a lock waits for while it is off is not', async () => {
  const [slowly, usually] = [place(), place()]
  const apply = 'apply --sandbox --sandbox-seed seed.json --sandbox-log log --auto-approve'
  const { stderr } = await slowly.pglink(`${apply} --max-reads-per-minute 2`)
  expect(stderr).toContain('no more than 2 a minute are asked for')
  await usually.pglink(apply)
  const offMs = (here: Folder): number => {
    const locks = entries(here).filter(({ method, path }) => method !== 'GET' && /\/locks\/keep$/.test(path))
    const [first, last] = [locks.at(0), locks.at(-1)].map(entry => Date.parse(entry?.time ?? ''))
    return Number(last) - Number(first)
  }
  expect(offMs(slowly)).toBe(offMs(usually))
})

test.each([
  ['plan --sandbox --max-reads-per-minute 0', '--max-reads-per-minute takes a whole number from 1, not "0".'],
  ['plan --sandbox --max-reads-per-minute 1.5', '--max-reads-per-minute takes a whole number from 1, not "1.5".'],
  ['apply --sandbox --parallelism 0', '--parallelism takes a whole number from 1, not "0".']
])('%s is refused', async (args, says) => {
  const { code, stderr } = await place().pglink(args)
  expect(stderr).toContain(says)
  expect(code).toBe(64)
})

test.each([
  [['--throttle'], true],
  [[], false]
])('a sandbox that is served with %s says whether it refuses what is too much', async (flags, limited) => {
  const served = await sandboxHere(flags)
  onTestFinished(async () => void (await served.stop()))
  expect(await trusting({ NODE_EXTRA_CA_CERTS: served.caFile }, () => estateAt(served.url, ''))).toMatchObject({ limited })
})
