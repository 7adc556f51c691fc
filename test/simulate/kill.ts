import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, openJournal } from '../../src/apply/journal.ts'
import type { Flags } from '../../src/commands/flags.ts'
import { difference, textOf, withoutChance } from './estateText.ts'
import { type Point, type Whole, whole, writesIn } from './points.ts'
import { applied, type Disk, type Machine, machineOn, planned, type Ran, type Simulated, sampled, temporary } from './run.ts'
import { exampleScenes, randomScenes } from './scenes.ts'

export interface Settings {
  /** How many points are taken, drawn by the seed. */
  readonly runs: number
  readonly seed: number
  /** How many topologies are drawn beside the examples: up to 50 when absent, fewer where few points are taken. */
  readonly randoms?: number
}

/** Every example and many random topologies, each with the points at which its apply could have died. */
export async function wholes({ runs, seed, randoms = Math.min(50, Math.ceil(runs / 40)) }: Settings): Promise<readonly Whole[]> {
  const all: Whole[] = []
  for (const scene of [...(await exampleScenes()), ...(await randomScenes(randoms, seed))]) all.push(await whole(scene, seed))
  return all
}

/**
 * A run dies at a request or at a line of its journal, and another one follows. However that goes, the estate ends as it does
 * when nothing interrupts.
 */
export async function kill(settings: Settings): Promise<Simulated> {
  const failed: string[] = []
  const all = (await wholes(settings)).flatMap(one => one.points.map(point => ({ one, point })))
  const drawn = sampled(all, settings.runs, settings.seed, ({ point }) => point.labels.length)
  let lost = 0
  for (const { one, point } of drawn) {
    const short = await fallsShort(point, one)
    if (short.some(line => line.startsWith('lock '))) lost += 1
    if (short.length > 0) failed.push(`${titleOf(point)} (--seed ${settings.seed})\n${short.map(line => `    ${line}\n`).join('')}`)
  }
  const points = drawn.reduce((sum, { point }) => sum + point.labels.length, 0)
  return { points, failed, says: `${lost} points with locks lost` }
}

export const titleOf = ({ scene, labels: [first = '', ...more] }: Point): string =>
  `${scene.name}: ${first}${more.length > 0 ? `, and ${more.length} more that leave the same` : ''}`

/** In what the end differs from that of a run which nothing interrupted. */
export async function fallsShort(point: Point, one: Whole): Promise<string[]> {
  const on = machineOn(point.scene, { state: point.state, disk: point.disk })
  try {
    const ran = await finished(on, { resume: point.labels.length % 2 === 0 })
    return [...endedOtherwise(ran, one), ...(await stillDiffers(on)), ...differs(on, one), ...twice(on, point, one)]
  } finally {
    on.remove()
  }
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

/** What was written more often than by one run alone. What Azure accepted and then failed at, or was in flight, may be sent again. */
function twice(on: Machine, { writes, disk }: Point, one: Whole): string[] {
  const failed = on.sandbox
    .exportState()
    .operations.flatMap(({ status, resource }) => (status === 'Failed' ? [resource.toLowerCase()] : []))
  const again = [...openIn(entriesOf(disk)), ...failed.map(withoutChance)]
  const all = [...writes, ...writesIn(on.log)]
  return [...new Set(all)].flatMap(key => {
    const often = (list: readonly string[]): number => list.filter(other => other === key).length
    const path = key.slice(key.indexOf('/'))
    return often(all) > often(one.writes) + again.filter(other => path === other).length ? [`written ${often(all)} times: ${key}`] : []
  })
}

/** Paths whose write was announced, and whose end was not. */
function openIn(entries: readonly Entry[]): readonly string[] {
  const open = new Set<string>()
  for (const entry of entries) {
    if (entry.type === 'writing') open.add(withoutChance(entry.path.toLowerCase()))
    if (entry.type === 'wrote') open.delete(withoutChance(entry.path.toLowerCase()))
  }
  return [...open]
}

const entriesOf = (disk: Disk): Entry[] =>
  [...disk.values()].flatMap(bytes =>
    bytes
      .toString('utf8')
      .split('\n')
      .flatMap(line => entryOf(line) ?? [])
  )

function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** What a plan would do once all that goes on has come to its end: nothing. */
export async function stillDiffers(on: Machine): Promise<string[]> {
  await on.sandbox.clock.sleep(3_600_000)
  const { steps } = await planned(on)
  return steps.length > 0 ? [`the plan after it has steps: ${steps.map(({ id }) => id).join(', ')}`] : []
}

const triesMax = 40

/** Applies as its user would: where Azure is still at what the dead run began, the tool says to try again, and so it is done. */
export async function finished(on: Machine, more: Partial<Flags> = {}): Promise<Ran> {
  for (let tries = 1; ; tries += 1) {
    const ran = await applied(on, more)
    if (tries === triesMax || !/try again in a minute|Plan again\./.test(ran.text)) return ran
    await on.sandbox.clock.sleep(5 * 60_000)
  }
}

/** Cuts the journals of every scene at every byte: each entry is there whole or not at all, now and after the next run wrote on. */
export async function cutAnywhere(one: Whole): Promise<Simulated> {
  const folder = mkdtempSync(join(temporary, 'pglink-cut-'))
  const failed: string[] = []
  let points = 0
  try {
    for (const [name, bytes] of one.points.at(-1)?.disk ?? []) {
      const lines = bytes.toString('utf8').split('\n')
      const place = join(folder, name)
      for (let length = 0; length <= bytes.length; length += 1) {
        writeFileSync(place, bytes.subarray(0, length))
        const journal = openJournal(place)
        const more: Entry = { type: 'ended', at: 'after' }
        await journal.append(more)
        // A line that misses nothing but its end is an entry.
        const left = bytes.subarray(0, length).toString('utf8').split('\n')
        const whole = left.length - 1 + Number(left.at(-1) !== '' && left.at(-1) === lines[left.length - 1])
        const wanted = [...lines.slice(0, whole), JSON.stringify(more)]
        const read = (await journal.read().catch(error => [error.message])).map(entry => JSON.stringify(entry))
        points += 1
        if (read.join('\n') !== wanted.join('\n'))
          failed.push(`${one.scene.name}: ${name} cut at byte ${length} reads ${read.length} entries`)
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { points, failed }
}
