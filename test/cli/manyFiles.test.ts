import { expect, test } from 'vitest'
import { type EstatesSize, estatesOf, type Logged, reckoned } from '../bench/driftMany.ts'
import { type Folder, folder, jsonLines, type Ran } from '../support/cli.ts'

function place(size: EstatesSize): Folder {
  const { files, bodies } = estatesOf(size)
  const texts = Object.entries(files).map(([path, topology]) => [path, JSON.stringify(topology)])
  return folder({ ...Object.fromEntries(texts), 'seed.json': JSON.stringify(bodies) })
}

const estate = '--sandbox --sandbox-state estate.json --sandbox-seed seed.json --sandbox-log log --allow-env BENCH_PASSWORD'
const ran = (here: Folder, args: string): Promise<Ran> => here.pglink(`${args} ${estate}`, { BENCH_PASSWORD: 'Bench-only-1' })
const logOf = (here: Folder): readonly Logged[] => jsonLines(here, 'log')

const small = { topologies: 6, subscriptions: 2, servers: 2 }

test.each(['drift', 'plan'])(
  '%s of a pattern looks at every file, and says to whoever cannot see a line drawn over which of how many',
  async command => {
    const here = place(small)
    const { code, stdout, stderr } = await ran(here, `${command} estates/**/topology.yaml`)
    expect(code).toBe(0)
    expect(stdout.match(/^Topology estate-00\d-0 \(estates\/00\d\/topology\.yaml\)/gm)?.map(line => line.slice(16, 19))).toEqual(
      Array.from({ length: 6 }, (_, index) => `00${index}`)
    )
    const lines = stderr.trim().split('\n')
    expect(lines.map(line => line.replace(/: .*/, ''))).toEqual(
      Array.from({ length: 6 }, (_, index) => `Read ${index + 1} of 6 topologies`)
    )
    expect(new Set(lines.map(line => line.replace(/.*: /, ''))).size).toBe(6)
  }
)

test.each(['drift', 'plan'])('%s of many files asks for nothing twice', async command => {
  const here = place(small)
  await ran(here, `${command} estates/**/topology.yaml`)
  const asked = logOf(here).map(({ method, path }) => `${method} ${path}`)
  // ARM looks for the tag of each topology itself.
  const once = asked.filter(one => !/^GET \/subscriptions\/[^/]+\/resource(s|groups)$/i.test(one))
  expect(once.filter((one, index) => once.indexOf(one) !== index)).toEqual([])
  expect(once.length).toBeGreaterThan(30)
})

test('many files cost fewer calls than each by itself', async () => {
  const [together, apart] = [place(small), place(small)]
  await ran(together, 'drift estates/**/topology.yaml')
  for (let index = 0; index < 6; index += 1) await ran(apart, `drift estates/00${index}/topology.yaml`)
  expect(logOf(together).length).toBeLessThan(logOf(apart).length * 0.8)
})

test('in a sandbox that refuses what is too much none of many reads is refused, and subscriptions do not wait for each other', async () => {
  const here = place({ topologies: 8, subscriptions: 2, servers: 50 })
  const { code, stderr } = await ran(here, 'drift estates/**/topology.yaml --sandbox-throttle')
  expect(code).toBe(0)
  expect(stderr).toMatch(
    /^Waiting .*for our turn: reads in subscription 0000000\d-1111-4111-8111-111111111111, of which Azure takes 250 at once/m
  )
  const { throttled, ratioToBuckets, leastSeconds } = reckoned(logOf(here))
  expect(throttled).toBe(0)
  expect(leastSeconds).toBeGreaterThan(5)
  expect(ratioToBuckets).toBeGreaterThanOrEqual(1)
  expect(ratioToBuckets).toBeLessThanOrEqual(1.1)
}, 120_000)

test('an error of one topology is said, and no other is begun after it', async () => {
  const here = place(small)
  here.write(
    'faults.json',
    JSON.stringify([{ method: 'GET', path: '00000002-.*/flexibleServers$', nth: 'every', status: 500, code: 'InternalServerError' }])
  )
  const { code, stderr } = await ran(here, 'drift estates/**/topology.yaml --sandbox-faults faults.json')
  expect(code).toBe(1)
  expect(stderr).toContain('InternalServerError')
  expect(stderr).not.toContain('Read 6 of 6')
})
