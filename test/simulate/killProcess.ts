import type { SandboxState } from '../../src/sandbox/state.ts'
import { alike, type Place, placesIn, titleOf } from './aims.ts'
import { difference, textOf, withoutChance } from './estateText.ts'
import { comeToRest, finished as finishedHere, stillDiffers } from './kill.ts'
import { entriesOf, twice, unannounced } from './laws.ts'
import { writesIn } from './points.ts'
import { type Disk, machineOn, type Simulated, sampled } from './run.ts'
import { exampleScenes, type Scene } from './scenes.ts'
import { type Ended, type Served, serve } from './served.ts'

const examples = ['locked', 'data-factory', 'approval']
const apply = 'apply topology.yaml --auto-approve'

interface Aim {
  /** The first of these is where it is killed; the others leave the same. */
  readonly places: readonly Place[]
  readonly whole: Uninterrupted
}

interface Uninterrupted {
  readonly scene: Scene
  readonly code: number | null
  readonly text: ReturnType<typeof textOf>
  readonly writes: readonly string[]
}

export interface ProcessSettings {
  /** How many kills; all of them when absent. */
  readonly runs?: number
  readonly seed: number
  /** How many are killed side by side: now and then each waits. */
  readonly atOnce?: number
  /**
   * For a shorter run: of how many different things that are left behind one is finished by a process; the others are by the
   * same code in this one. Places that leave the same are one kill. When absent, each has its own, and each is followed by a process.
   */
  readonly finishedBy?: number
}

/** What kills have left so far, and how each was finished. */
interface Seen {
  readonly every: number
  readonly ends: Map<string, Promise<readonly string[]>>
}

/** What became of one kill. */
interface Fate {
  /** The command had come to its end before: in another order of its steps there is no such request. */
  readonly missed?: true
  readonly short: readonly string[]
}

/** The command line as it ships, killed with SIGKILL and run again, against a sandbox in another process. */
export async function killProcess(settings: ProcessSettings): Promise<Simulated> {
  const { runs = Number.MAX_SAFE_INTEGER, seed, atOnce = 4, finishedBy } = settings
  const scenes = await exampleScenes()
  const aims = (await Promise.all(examples.map(name => aimsOf(name, scenes, finishedBy !== undefined)))).flat()
  const drawn = sampled(aims, runs, seed, ({ places }) => places.length)
  const failed: string[] = []
  const seen = finishedBy === undefined ? undefined : { every: finishedBy, ends: new Map<string, Promise<readonly string[]>>() }
  const left = [...drawn]
  let missed = 0
  const worker = async (): Promise<void> => {
    const open = new Map<string, Served>()
    try {
      for (let aim = left.shift(); aim !== undefined; aim = left.shift()) {
        const { name } = aim.whole.scene
        const on = open.get(name) ?? (await serve(name))
        open.set(name, on)
        const fate = await fateOf(aim, on, seen)
        if (fate.missed) missed += aim.places.length
        if (fate.short.length > 0)
          failed.push(
            `${name}: SIGKILL ${aim.places.map(titleOf).join(', or ')} (--seed ${seed})\n${fate.short.map(line => `    ${line}\n`).join('')}`
          )
      }
    } finally {
      for (const on of open.values()) await on.stop()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const points = drawn.reduce((sum, { places }) => sum + places.length, 0) - missed
  return { points, failed, says: `${points} of them of processes, by ${drawn.length} kills, ${missed} not reached` }
}

async function aimsOf(example: string, scenes: readonly Scene[], merges: boolean): Promise<readonly Aim[]> {
  const scene = scenes.find(({ name }) => name === example)
  if (scene === undefined) throw new Error(`There is no example ${example}`)
  const on = await serve(example)
  try {
    await on.reset([])
    const { code, text } = await on.start(apply, 'trace to trace.json').ended
    if (code !== 0 && code !== 7) throw new Error(`${example} ended with ${code} although nothing stopped it: ${text.slice(-2500)}`)
    const log = await on.log()
    const whole = { scene, code, text: textOf((await on.state()).resources), writes: writesIn(log) }
    const lines = [...on.disk().values()].reduce((sum, bytes) => sum + bytes.toString('utf8').split('\n').length - 1, 0)
    const places = placesIn(log, lines)
    const groups = merges ? alike(places, JSON.parse(on.read('trace.json'))) : places.map(place => [place])
    return groups.map(group => ({ places: group, whole }))
  } finally {
    await on.stop()
  }
}

async function fateOf({ places: [place], whole }: Aim, on: Served, seen: Seen | undefined): Promise<Fate> {
  if (place === undefined) return { missed: true, short: [] }
  const begin = await on.reset(faultsFor(place))
  const first = await on.start(apply, place.at === 'line' ? `line ${place.when} ${place.line}` : 'request').ended
  if (first.code !== null) return { missed: true, short: [] }
  await on.clearFaults()
  const [state, disk] = [await on.state(), on.disk()]
  // What took effect and was never answered was written, too.
  const unheard = place.at === 'request' && place.when === 'after' ? 200 : 0
  const writes = writesIn((await on.log()).map(entry => (entry.status === 0 ? { ...entry, status: unheard } : entry)))
  const short = unannounced({ begin, state, entries: entriesOf(disk), writes })
  const key = withoutChance(
    JSON.stringify([whole.scene.name, textOf(state.resources), goingOn(state), journalText(disk), [...writes].sort()])
  )
  const inProcess = seen === undefined || seen.ends.size % seen.every === 0
  const rest = seen?.ends.get(key) ?? (inProcess ? again(on, { state, writes, whole }) : againHere({ state, disk, writes, whole }))
  seen?.ends.set(key, rest)
  return { short: [...short, ...(await rest)] }
}

interface Dead {
  readonly state: SandboxState
  readonly writes: readonly string[]
  readonly whole: Uninterrupted
}

async function again(on: Served, { state, writes, whole }: Dead): Promise<readonly string[]> {
  const before = (await on.log()).length
  const ran = await finished(on)
  const end = await on.state()
  const all = [...writes, ...writesIn((await on.log()).slice(before))]
  return [...(await fallsShort(ran, end, whole)), ...twice({ writes: all, alone: whole.writes, died: state, end })]
}

/** The same in this process: on the same estate, with the same bytes on the disk. */
async function againHere({ state, disk, writes, whole }: Dead & { readonly disk: Disk }): Promise<readonly string[]> {
  // Where the journal has an operation's address, that is where the sandbox listens.
  const here = new Map(
    [...disk].map(([name, bytes]) => [
      name,
      Buffer.from(bytes.toString('utf8').replaceAll(/https:\/\/localhost:\d+/g, 'https://management.azure.com'))
    ])
  )
  const on = machineOn(whole.scene, { state, disk: here })
  try {
    const ran = await finishedHere(on)
    await comeToRest(on)
    const end = on.sandbox.exportState()
    const all = [...writes, ...writesIn(on.log)]
    return [...(await fallsShort(ran, end, whole)), ...twice({ writes: all, alone: whole.writes, died: state, end })]
  } finally {
    on.remove()
  }
}

/** How long Azure will still be at it is by chance in any case. */
const goingOn = ({ operations, pending, settlingLocks }: SandboxState): readonly unknown[] => [
  operations.map(({ method, resource, status }) => `${method} ${resource} ${status}`).sort(),
  pending.length,
  settlingLocks.map(({ scope, level }) => `${scope} ${level}`).sort()
]

const journalText = (disk: Disk): readonly string[] =>
  [...disk].map(([name, bytes]) => `${name}\n${bytes.toString('utf8').replaceAll(/pglink-owes-[0-9a-f]+/g, 'pglink-owes-*')}`)

async function fallsShort(ran: Ended, state: SandboxState, { scene, code, text }: Uninterrupted) {
  const end = textOf(state.resources)
  const machine = machineOn(scene, { state })
  try {
    return [
      ...(ran.code === code ? [] : [`ended with ${ran.code}, not ${code}: ${ran.text.slice(-2000)}`]),
      ...difference(end.locks, text.locks).map(line => `lock ${line}`),
      ...end.markers.map(marker => `marker left: ${marker}`),
      ...difference(end.resources, text.resources),
      ...(await stillDiffers(machine))
    ]
  } finally {
    machine.remove()
  }
}

/** The sandbox hangs up instead of an answer, and the command line dies of it. */
function faultsFor(place: Place): readonly object[] {
  if (place.at === 'line') return []
  const { method, path, nth, when } = place
  const exactly = path.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  return [{ method, path: `^${exactly}$`, nth, drop: when }]
}

/** As its user would, once: what the dead run began and Azure is still at, the next one waits for by itself. */
const finished = (on: Served): Promise<Ended> => on.start(apply).ended
