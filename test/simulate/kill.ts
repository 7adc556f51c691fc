import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Settings as RunSettings } from '../../src/engine/settings.ts'
import type { Entry } from '../../src/locks/journal.ts'
import { openJournal } from '../../src/locks/journalFile.ts'
import { difference, textOf } from './estateText.ts'
import { entriesOf, twice, unannounced } from './laws.ts'
import { type Point, type Whole, writesIn } from './points.ts'
import { applied, comeToRest, type Disk, type Machine, machineOn, type Ran, type Simulated, sampled, temporary } from './run.ts'
import { locksApart, untold } from './testimony.ts'
import { type Settings, unmarked, wholes } from './wholes.ts'

/**
 * A run dies at a request or at a line of its journal, and another one follows. However that goes, the estate ends as it does
 * when nothing interrupts.
 */
export async function kill(settings: Settings): Promise<Simulated> {
  const failed: string[] = []
  const all = (await wholes(settings)).flatMap(one => one.points.map(point => ({ one, point })))
  const drawn = sampled(all, {
    count: settings.runs,
    seed: settings.seed,
    counts: ({ point }) => point.labels.length,
    groupOf: ({ one }) => one.scene.name
  })
  let lost = 0
  for (const { one, point } of drawn) {
    const short = await fallsShort(point, one)
    if (short.some(line => line.startsWith('lock '))) lost += 1
    if (short.length > 0) failed.push(`${titleOf(point)} (--seed ${settings.seed})\n${short.map(line => `    ${line}\n`).join('')}`)
  }
  const points = drawn.reduce((sum, { point }) => sum + point.labels.length, 0)
  // A line that is cut reads as if it were not there, at whichever byte: one cut of each line stands for all in the above.
  const cuts = drawn.length === all.length ? await cutsOf(drawn.map(({ one }) => one)) : { points: 0, failed: [] }
  const says = `${lost} points with locks lost, ${drawn.length} different estates and disks, ${cuts.points} cuts of a journal`
  return { points, failed: [...failed, ...cuts.failed], says }
}

async function cutsOf(wholes: readonly Whole[]): Promise<Simulated> {
  const all: Simulated[] = []
  for (const one of new Set(wholes)) all.push(await cutAnywhere(one))
  return { points: all.reduce((sum, { points }) => sum + points, 0), failed: all.flatMap(({ failed }) => failed) }
}

export const titleOf = ({ scene, labels: [first = '', ...more] }: Point): string =>
  `${scene.name}: ${first}${more.length > 0 ? `, and ${more.length} more that leave the same` : ''}`

/** In what the end differs from that of a run which nothing interrupted. */
async function fallsShort(point: Point, one: Whole): Promise<string[]> {
  const on = machineOn(point.scene, { state: point.state, disk: point.disk })
  try {
    const ran = await finished(on, { resume: point.labels.length % 2 === 0 })
    await comeToRest(on)
    const writes = [...point.writes, ...writesIn(on.log)]
    return [
      ...(await forgotten(point)),
      ...(await untold(point.scene, on.sandbox.exportState(), { ...ran, command: 'apply' })),
      ...unannounced({ ...point, begin: point.scene.begin, declares: point.scene.declares, entries: entriesOf(point.disk) }),
      ...endedOtherwise(ran, one),
      ...differs(on, one),
      ...twice({ writes, alone: one.writes, died: point.state, end: on.sandbox.exportState() })
    ]
  } finally {
    on.remove()
  }
}

/** Locks that were off at the instant of death and that nothing in Azure remembered, unless the plan had said so. */
async function forgotten({ scene, state }: Point): Promise<string[]> {
  const [{ lost }, alone] = [await locksApart(scene, state), await unmarked(scene)]
  return lost
    .filter(line => ![...alone].some(path => line.startsWith(`${path} `)))
    .map(line => `the witness: no marker holds a lock, ${line}`)
}

export const endedOtherwise = (ran: Ran, one: Whole): string[] =>
  ran.code === one.ran.code ? [] : [`ended with ${ran.code}, not ${one.ran.code}: ${ran.text.slice(-2000)}`]

export function differs(on: Machine, one: Whole): string[] {
  const end = textOf(on.sandbox.exportState().resources)
  return [
    ...difference(end.locks, one.end.locks).map(line => `lock ${line}`),
    ...end.markers.map(marker => `marker left: ${marker}`),
    ...difference(end.resources, one.end.resources)
  ]
}

/** Applies as its user would, once: what the dead run began and Azure is still at, the next one waits for by itself. */
export const finished = (on: Machine, more: Partial<RunSettings> = {}): Promise<Ran> => applied(on, more)

/**
 * Cuts every line of a scene's journals at every byte: it is there whole or not at all, now and after the next run wrote on. The line
 * before it stands for all that come before, since each is read by itself.
 */
export async function cutAnywhere(one: Whole): Promise<Simulated> {
  const folder = mkdtempSync(join(temporary, 'pglink-cut-'))
  const failed: string[] = []
  let points = 0
  try {
    for (const [name, bytes] of longest(one)) {
      const lines = bytes.toString('utf8').split('\n').slice(0, -1)
      for (const [index, line] of lines.entries()) {
        const before = lines.slice(Math.max(0, index - 1), index)
        const all = Buffer.from(line)
        for (let length = 0; length <= all.length; length += 1) {
          points += 1
          // A line that misses nothing but its end is an entry.
          const wanted = [...before, ...(length === all.length ? [line] : []), JSON.stringify(next)]
          const read = await readBack(join(folder, basename(name)), [...before.map(text => `${text}\n`), all.subarray(0, length)])
          if (read.join('\n') !== wanted.join('\n'))
            failed.push(`${one.scene.name}: line ${index + 1} of ${name} cut at byte ${length} reads ${read.length} entries`)
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { points, failed }
}

/** In the end nothing is owed, and there is no journal any more. */
const longest = ({ points }: Whole): Disk =>
  points.reduce<Disk>((most, { disk }) => (bytesOf(disk) > bytesOf(most) ? disk : most), new Map())

const bytesOf = (disk: Disk): number => [...disk.values()].reduce((sum, { length }) => sum + length, 0)

const next: Entry = { type: 'ended', at: 'after' }

/** Reads a journal of these bytes once the next run has written on. */
async function readBack(place: string, bytes: readonly (string | Buffer)[]): Promise<readonly string[]> {
  writeFileSync(place, Buffer.concat(bytes.map(some => Buffer.from(some))))
  const journal = openJournal(place)
  await journal.append(next)
  try {
    return journal.entries().map(entry => JSON.stringify(entry))
  } catch (error) {
    return [`${error}`]
  }
}
