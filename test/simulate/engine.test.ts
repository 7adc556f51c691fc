import { expect, test } from 'vitest'
import { effectNames } from '../../src/sandbox/faultEffects.ts'
import { parseFaultList } from '../../src/sandbox/faults.ts'
import { everyCharacter } from '../support/anyLock.ts'
import { runs, seed } from '../support/parts.ts'
import { bundled } from './bundle.mjs'

const randoms = runs(3, 1)
const numbers = { kill: runs(70, 8), lostDisk: runs(25, 3), faults: runs(45, 6) }

const { allFaults, applied, cutAnywhere, exampleWholes, faults, heavyNames, heavyScene, kill, lostDisk, machineOn } =
  await bundled<typeof import('./engine.ts')>('engine.ts')

test('a run that dies at any request or line of its journal is finished by the next one', async () => {
  const { points, failed } = await kill({ runs: numbers.kill, seed, randoms })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThanOrEqual(numbers.kill)
}, 600_000)

test('a journal that is cut at any byte has each entry whole or not at all, and the next run writes on', async () => {
  const locked = (await exampleWholes({ seed })).filter(({ scene }) => scene.name === 'locked')
  expect(locked).toHaveLength(1)
  for (const one of locked) {
    const { points, failed } = await cutAnywhere(one)
    expect(failed).toEqual([])
    expect(points).toBeGreaterThan(1000)
  }
}, 600_000)

test('a run that dies with its disk while a lock is off loses no lock but those of a plan that accepted it', async () => {
  const { points, failed, says } = await lostDisk({ runs: numbers.lostDisk, seed, randoms })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThanOrEqual(numbers.lostDisk)
  console.log(says)
}, 600_000)

test('one scene has locks that take several markers, and names of every character, percent-encoded on the wire', async () => {
  const urls: string[] = []
  let most = 0
  const scene = await heavyScene()
  const on = machineOn(scene, {
    watch: {
      before: ({ url, method }) => void urls.push(`${method} ${url}`),
      after: () => {
        const lifted = on.sandbox.exportState().resources.flatMap(({ id }) => /pglink-owes-(\w+)-\d+$/.exec(id)?.[1] ?? [])
        for (const one of lifted) most = Math.max(most, lifted.filter(other => other === one).length)
      }
    }
  })
  try {
    const { code, text } = await applied(on)
    expect(code, text).toBe(0)
    expect(most).toBeGreaterThan(1)
    // By what RFC 3986 takes in a path, and no more: the server would have to guess at any other.
    for (const url of urls)
      expect(url).toMatch(/^[A-Z]+ https:\/\/[a-z.]+(\/([\w.~!$&'()*+,;=:@-]|%[0-9A-F]{2})*)*(\?[\w.~!$&'()*+,;=:@/?%-]*)?$/)
    const written = urls.filter(url => /^(PUT|DELETE) /.test(url)).map(url => decodeURIComponent(url))
    for (const name of [everyCharacter, ...Object.values(heavyNames)])
      expect(
        written.some(url => url.includes(`/${name}`)),
        name
      ).toBe(true)
  } finally {
    on.remove()
  }
})

test('every fault that the sandbox knows is tried', () => {
  const all = allFaults()
  const tried = new Set(all.flatMap(fault => Object.keys(fault).filter(key => effectNames.includes(key))))
  expect([...tried].sort()).toEqual([...effectNames].sort())
  expect(
    parseFaultList(
      all.map(fault => ({ path: '.', ...fault })),
      'all'
    )
  ).toHaveLength(all.length)
})

test('whatever goes wrong at any request: the right exit code, the locks back, and a second run converges', async () => {
  const { points, failed } = await faults({ runs: numbers.faults, seed })
  expect(failed).toEqual([])
  expect(points).toBeGreaterThanOrEqual(numbers.faults)
}, 600_000)
