import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { app, injected, oldZone, server } from '../plan/migrationWorld.ts'
import { brokenInside } from '../support/insideWitness.ts'
import { differs, endedOtherwise, finished, titleOf } from './kill.ts'
import { type Point, type Whole, whole } from './points.ts'
import { comeToRest, machineOn, type Simulated, sampled } from './run.ts'
import { migrationScene } from './scenes.ts'
import type { Settings } from './wholes.ts'

/**
 * A run that migrates a server dies at a request or a line of its journal, with its disk or without; the next one, with the same file and
 * flags, comes to the declared state. Azure takes the call once: where it has taken it, no other is sent. Until then the old path is whole.
 */
export async function migrationKilled({ runs, seed }: Pick<Settings, 'runs' | 'seed'>): Promise<Simulated> {
  const one = await whole(await migrationScene(), seed)
  if (one.ran.code !== 0) throw new Error(one.ran.text)
  const all = one.points.flatMap(point => [true, false].map(lost => ({ point, lost })))
  const drawn = sampled(all, { count: runs, seed, counts: () => 1, groupOf: ({ point }) => (isTaken(point) ? 'taken' : 'not yet') })
  const failed: string[] = []
  let taken = 0
  for (const { point, lost } of drawn) {
    if (isTaken(point)) taken += 1
    const short = await fallsShort(point, lost, one)
    if (short.length > 0) failed.push(`${titleOf(point)}${lost ? ', with its disk' : ''}\n${short.map(line => `    ${line}\n`).join('')}`)
  }
  return {
    points: drawn.length,
    failed,
    says: `${taken} of ${drawn.length} points after Azure had taken the call, of ${all.length} in all`
  }
}

/** Azure has begun it: its own list of operations says so. */
const isTaken = ({ state }: Point): boolean => state.operations.some(({ name }) => /MigrateNetwork/i.test(name))

async function fallsShort(point: Point, lost: boolean, one: Whole): Promise<string[]> {
  const on = machineOn(point.scene, { state: point.state, ...(!lost && { disk: point.disk }) })
  try {
    const before = await brokenInside(createSandbox({ state: point.state }).handle, {
      server,
      subnet: injected,
      zone: oldZone,
      network: app
    })
    const ran = await finished(on)
    await comeToRest(on)
    const calls = on.log.filter(({ method, path, status }) => method === 'POST' && /\/migrateNetwork$/i.test(path) && status < 300).length
    const wanted = isTaken(point) ? 0 : 1
    const writes = on.log.filter(({ method }) => method !== 'GET').map(({ method }) => method)
    const early = writes.indexOf('DELETE') >= 0 && writes.indexOf('DELETE') < writes.lastIndexOf('PUT')
    return [
      ...(before ?? []).map(line => `the witness: ${line}`),
      ...(before === undefined && !isTaken(point) ? ['the witness: it is not in its network although Azure was not asked'] : []),
      ...(calls === wanted ? [] : [`the call was taken ${calls} times, not ${wanted}`]),
      ...(early ? ['the old path goes before the new one is made'] : []),
      ...endedOtherwise(ran, one),
      ...differs(on, one)
    ]
  } finally {
    on.remove()
  }
}
