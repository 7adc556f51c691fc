import type { SandboxState } from '../../src/sandbox/state.ts'
import { alike, type Place, placesIn, type Trace, titleOf } from './aims.ts'
import { difference, textOf } from './estateText.ts'
import { entriesOf, twice, unannounced } from './laws.ts'
import { writesIn } from './points.ts'
import { machineOn, type Simulated, sampled } from './run.ts'
import { heavy, type Scene, sceneNamed } from './scenes.ts'
import { type Ended, type Served, serve, unhindered } from './served.ts'
import { untold } from './testimony.ts'
import { stillDiffers } from './wholes.ts'

const examples = ['locked', 'data-factory', 'approval', heavy]
const apply = 'apply topology.yaml --auto-approve'

interface Aim {
  /** The first of these is where it is killed; the others leave the same. */
  readonly places: readonly Place[]
  readonly whole: Uninterrupted
}

export interface Uninterrupted {
  readonly scene: Scene
  readonly code: number | null
  readonly text: ReturnType<typeof textOf>
  readonly writes: readonly string[]
}

export interface ProcessSettings {
  /** How many places; all of them when absent. */
  readonly runs?: number
  readonly seed: number
  /** How many are killed side by side: now and then each waits. */
  readonly atOnce?: number
  /** Whether places that leave the same are one kill. When absent, each has its own. */
  readonly merges?: boolean
  readonly of?: readonly string[]
  /** The one scene, if it is one of those that are served. */
  readonly scene?: string
}

/** The fate of one kill. */
interface Fate {
  /** The command had come to its end before: in another order of its steps there is no such request. */
  readonly missed?: true
  readonly short: readonly string[]
}

/** The command line as it ships, killed with SIGKILL and run again, against a sandbox in another process. */
export async function killProcess(settings: ProcessSettings): Promise<Simulated> {
  const { runs = Number.MAX_SAFE_INTEGER, seed, atOnce = 3, merges = false, scene, of = examples } = settings
  const free = pool()
  try {
    const chosen = of.filter(name => scene === undefined || name === scene)
    const aims = await allOf(chosen.map(name => aimsOf(name, merges, free)))
    const drawn = new Set(sampled(aims.flat(), { count: runs, seed, counts: ({ places }) => places.length }))
    const queues = aims.map(queue => queue.filter(aim => drawn.has(aim)))
    const fates = (await allOf(Array.from({ length: atOnce }, (_, nth) => worked(queues, nth, free)))).flat()
    const reached = fates.filter(({ fate }) => !fate.missed)
    const points = reached.reduce((sum, { aim }) => sum + aim.places.length, 0)
    const failed = fates.flatMap(({ aim: { places, whole }, fate: { short } }) =>
      short.length === 0
        ? []
        : `${whole.scene.name}: SIGKILL ${places.map(titleOf).join(', or ')} (--seed ${seed})\n${short.map(line => `    ${line}\n`).join('')}`
    )
    const missed = fates.length - reached.length
    return { points, failed, says: `${points} of them of processes, by ${reached.length} kills, ${missed} not reached` }
  } finally {
    await free.stop()
  }
}

/** Sandboxes by example, since it takes a while to start one: those that nobody uses at the moment, and all that were started. */
function pool() {
  const free = new Map<string, Served[]>()
  const all: Served[] = []
  return {
    async take(name: string): Promise<Served> {
      const known = free.get(name)?.pop()
      if (known !== undefined) return known
      const on = await serve(name)
      all.push(on)
      return on
    },
    give: (name: string, on: Served): void => void free.set(name, [...(free.get(name) ?? []), on]),
    async stop(): Promise<void> {
      for (const on of all) await on.stop()
    }
  }
}

/** Waits for each to end before it tells of one that failed: what they use is then used by nobody any more. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works)
  return Promise.all(works)
}

type Pool = ReturnType<typeof pool>

/** Each begins with an example of its own, and helps with the others when that is done. */
async function worked(queues: readonly Aim[][], nth: number, free: Pool) {
  const fates: { readonly aim: Aim; readonly fate: Fate }[] = []
  for (const turn of queues.keys()) {
    const queue = queues[(nth + turn) % queues.length] ?? []
    const name = queue[0]?.whole.scene.name
    if (name === undefined) continue
    const on = await free.take(name)
    try {
      for (let aim = queue.shift(); aim !== undefined; aim = queue.shift()) fates.push({ aim, fate: await fateOf(aim, on) })
    } finally {
      free.give(name, on)
    }
  }
  return fates
}

async function aimsOf(example: string, merges: boolean, free: Pool): Promise<Aim[]> {
  const scene = await sceneNamed(example)
  const on = await free.take(example)
  try {
    await on.reset([])
    const { code, text } = await on.start(apply, 'trace to trace.json').ended
    if (code !== 0 && code !== 7) throw new Error(`${example} ended with ${code} although nothing stopped it: ${text.slice(-2500)}`)
    const [log, state] = [await on.log(), await on.state()]
    await leavesNothing(scene, state)
    const whole = { scene, code, text: textOf(state.resources), writes: writesIn(log) }
    // In the end there is no journal any more: how many lines it had is in the trace.
    const trace: Trace = JSON.parse(on.read('trace.json'))
    const places = placesIn(log, trace.findLast(({ line }) => line !== undefined)?.line ?? 0)
    const groups = merges ? alike(places, trace) : places.map(place => [place])
    return groups.map(group => ({ places: group, whole }))
  } finally {
    free.give(example, on)
  }
}

/** Then an end that equals this one leaves nothing to do either. @throws Error where a plan would do something */
export async function leavesNothing(scene: Scene, state: SandboxState): Promise<void> {
  const machine = machineOn(scene, { state })
  try {
    const left = await stillDiffers(machine)
    if (left.length > 0) throw new Error(`${scene.name}: ${left.join(', ')}`)
  } finally {
    machine.remove()
  }
}

async function fateOf({ places: [place], whole }: Aim, on: Served): Promise<Fate> {
  if (place === undefined) return { missed: true, short: [] }
  const begin = await on.reset(faultsFor(place))
  const first = await on.start(apply, place.at === 'line' ? `line ${place.when} ${place.line}` : 'request').ended
  if (first.code !== null) return { missed: true, short: [] }
  await on.clearFaults()
  const state = await on.state()
  // A request that took effect and was never answered is written, too.
  const unheard = place.at === 'request' && place.when === 'after' ? 200 : 0
  const log = await on.log()
  const writes = writesIn(log.map(entry => (entry.status === 0 ? { ...entry, status: unheard } : entry)))
  const { scene } = whole
  const short = unannounced({ begin, declares: scene.declares, state, entries: entriesOf(on.disk()), writes })
  // As its user would, once: what the dead run began and Azure is still at, the next one waits for by itself.
  const ran = await unhindered(() => on.start(apply).ended)
  const end = await on.state()
  const all = [...writes, ...writesIn((await on.log()).slice(log.length))]
  const lies = await untold(scene, end, { ...ran, command: 'apply' })
  return { short: [...short, ...lies, ...fallsShort(ran, end, whole), ...twice({ writes: all, alone: whole.writes, died: state, end })] }
}

export function fallsShort(ran: Ended, { resources }: SandboxState, { code, text }: Uninterrupted): string[] {
  const end = textOf(resources)
  return [
    ...(ran.code === code ? [] : [`ended with ${ran.code}, not ${code}: ${ran.text.slice(-2000)}`]),
    ...difference(end.locks, text.locks).map(line => `lock ${line}`),
    ...end.markers.map(marker => `marker left: ${marker}`),
    ...difference(end.resources, text.resources)
  ]
}

/** The sandbox hangs up instead of an answer, and the command line dies of it. */
function faultsFor(place: Place): readonly object[] {
  if (place.at === 'line') return []
  const { method, path, nth, when } = place
  const exactly = path.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  return [{ method, path: `^${exactly}$`, nth, drop: when }]
}
