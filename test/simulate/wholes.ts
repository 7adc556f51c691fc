import { type Whole, whole } from './points.ts'
import { comeToRest, type Machine, machineOn, planned } from './run.ts'
import { exampleScenes, heavyScene, randomScenes, type Scene, sceneNamed, twoLoginsScene } from './scenes.ts'
import { untold } from './testimony.ts'

export interface Settings {
  /** How many points are taken, drawn by the seed. */
  readonly runs: number
  readonly seed: number
  /** How many topologies are drawn beside the examples: up to 50 when absent, fewer where few points are taken. */
  readonly randoms?: number
  /** The one scene that is looked at, by its name; every one when absent. */
  readonly scene?: string
}

/** Every example, locks that take several markers, and many random topologies, each with the points at which its apply could have died. */
export const wholes = async (settings: Settings): Promise<readonly Whole[]> => {
  const { runs, seed, randoms = Math.min(50, Math.ceil(runs / 40)), scene } = settings
  if (scene !== undefined) return exampleWholes(settings)
  return [
    ...(await exampleWholes(settings)),
    ...(await once(`two logins with seed ${seed}`, async () => [await twoLoginsScene()], seed)),
    ...(await once(`long bodies with seed ${seed}`, async () => [await heavyScene()], seed)),
    ...(await once(`${randoms} randoms of seed ${seed}`, () => randomScenes(randoms, seed), seed))
  ]
}

/** Every example, or the one scene. */
export const exampleWholes = ({ seed, scene }: Pick<Settings, 'seed' | 'scene'>): Promise<readonly Whole[]> =>
  scene === undefined
    ? once(`examples with seed ${seed}`, exampleScenes, seed)
    : once(`${scene} with seed ${seed}`, async () => [await sceneNamed(scene)], seed)

const known = new Map<string, Promise<readonly Whole[]>>()

/** A scene that is looked at in several ways is run to its end once. */
function once(key: string, scenes: () => Promise<readonly Scene[]>, seed: number): Promise<readonly Whole[]> {
  const made = known.get(key) ?? allOf(scenes, seed)
  known.set(key, made)
  return made
}

async function allOf(scenes: () => Promise<readonly Scene[]>, seed: number): Promise<readonly Whole[]> {
  const all: Whole[] = []
  for (const scene of await scenes()) all.push(await endsEven(await whole(scene, seed)))
  return all
}

/**
 * A plan is made of what is there: where the one after the uninterrupted run is empty, so is each that is made of an end which
 * equals that one's.
 *
 * @throws Error where it is not empty
 */
async function endsEven(one: Whole): Promise<Whole> {
  const on = machineOn(one.scene, { state: one.left })
  try {
    const left = [...(await stillDiffers(on)), ...(await untold(one.scene, one.left, { ...one.ran, command: 'apply' }))]
    if (left.length > 0) throw new Error(`${one.scene.name}: ${left.join(', ')}`)
    return one
  } finally {
    on.remove()
  }
}

const alone = new WeakMap<Scene, Promise<ReadonlySet<string>>>()

/** The paths of locks that only the journal remembers while they are off, where the user has accepted that. */
export function unmarked(scene: Scene): Promise<ReadonlySet<string>> {
  const known = alone.get(scene) ?? onlyInJournal(scene)
  alone.set(scene, known)
  return known
}

async function onlyInJournal(scene: Scene): Promise<ReadonlySet<string>> {
  if (!scene.flags.journalOnlyMemory) return new Set()
  const on = machineOn(scene)
  try {
    const { steps } = await planned(on)
    return new Set(
      steps.flatMap(({ action }) => (action.do === 'lift' && action.memory.in === 'journal' ? [action.lock.path.toLowerCase()] : []))
    )
  } finally {
    on.remove()
  }
}

/** The steps of a plan at that time: there are to be none. */
export async function stillDiffers(on: Machine): Promise<string[]> {
  await comeToRest(on)
  const { steps } = await planned(on)
  return steps.length > 0 ? [`the plan after it has steps: ${steps.map(({ id }) => id).join(', ')}`] : []
}
