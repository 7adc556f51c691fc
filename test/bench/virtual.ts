// Applies on the clock that jumps, in this process: how long they took by it, beside the least that they could.
import type { Action, Plan, Step } from '../../src/model/change.ts'
import { nameOf } from '../../src/model/id.ts'
import type { LogEntry } from '../../src/sandbox/sandbox.ts'
import type { Operation, Pending, StoredResource } from '../../src/sandbox/state.ts'
import type { Store } from '../../src/sandbox/store.ts'
import { applied, machineOn, planned } from '../simulate/run.ts'
import { exampleScenes, heavyScene, type Scene, sceneNamed, sceneOf } from '../simulate/scenes.ts'
import { topologyFrom } from '../support/yaml.ts'
import { holderOf, leastMs, seenMs, type Wait, type Work } from './bounds.ts'
import { copiesOf, lockedNetworks } from './copies.ts'

/** As the command line has it. */
const stepsAtOnce = 10

/** By Azure's clock. */
interface Took {
  readonly tookMs: number
  readonly leastMs: number
}

export interface Timed extends Took {
  readonly name: string
  /** The time for which each lock was off or lowered, added up; absent where none was. */
  readonly unlocked?: Took
}

/** Every file of every example, and the example whose locks take several markers each. */
export async function ofExamples(): Promise<readonly Timed[]> {
  const all: Timed[] = []
  for (const scene of [...(await exampleScenes()), await heavyScene()]) all.push(await timed(scene))
  return all
}

/** @param locked a network of each is there, under a lock that has to be lifted */
export const ofCopies = (count: number, locked = false): Promise<Timed> => {
  const [topology, seedBodies] = [copiesOf(count, locked), locked ? lockedNetworks(count) : {}]
  return timed(sceneOf(locked ? `${count} locked` : `${count}`, topologyFrom(JSON.stringify(topology)), seedBodies))
}

async function timed(scene: Scene): Promise<Timed> {
  const pending = new Map<Pending, number>()
  const look = (): void => {
    for (const one of on.sandbox.store.pending) if (!pending.has(one)) pending.set(one, on.sandbox.clock.now())
  }
  const on = machineOn(scene, { watch: { before: () => undefined, after: look } })
  const { store, clock } = on.sandbox
  try {
    const plan = await planned(on)
    const earlier = new Set(store.operations.keys())
    const from = clock.now()
    const { code, text } = await applied(on)
    if (code !== 0 && code !== 7) throw new Error(`${scene.name} ended with ${code}: ${text}`)
    const operations = [...store.operations.values()].filter(({ id }) => !earlier.has(id))
    const tookMs = clock.now() - from
    const work = workOf(plan, { operations, pending, store })
    const unlocked = unlockedOf(plan, work, on.log)
    return { name: scene.name, tookMs, leastMs: leastMs(work, stepsAtOnce), ...(unlocked && { unlocked }) }
  } finally {
    on.remove()
  }
}

/** The account of a served sandbox, of an apply beside it. */
interface Told {
  readonly operations: readonly Operation[]
  readonly resources: readonly StoredResource[]
  readonly pending: readonly { readonly one: Pending; readonly at: number }[]
}

/** The least time by the wall for that, where Azure's time runs so much faster, and no Retry-After is below a second. */
export async function leastOf(example: string, { operations, resources, pending }: Told, speed: number): Promise<number> {
  const on = machineOn(await sceneNamed(example))
  try {
    const byId = new Map(resources.map(one => [one.id.toLowerCase(), one]))
    const store = { get: (id: string) => byId.get(id.toLowerCase()) }
    const doings = { operations, pending: new Map(pending.map(({ one, at }) => [one, at])), store }
    return leastMs(workOf(await planned(on), doings, speed), stepsAtOnce)
  } finally {
    on.remove()
  }
}

/** From the first write to each lifted lock to the last; and the least: only what waits for its lift is done meanwhile. */
function unlockedOf({ steps }: Plan, work: readonly Work[], log: readonly LogEntry[]): Took | undefined {
  const writes = log.filter(({ method }) => method !== 'GET')
  const lifts = steps.flatMap(({ id, action }) => (action.do === 'lift' ? [{ id, path: action.lock.path }] : []))
  const each = lifts.map(({ id, path }) => {
    const times = writes.flatMap(({ path: at, time }) => (same(decodeURIComponent(at), decodeURIComponent(path)) ? [Date.parse(time)] : []))
    const under = work.filter(({ after }) => after.includes(id))
    const own = new Set(under.map(one => one.id))
    const alone = under.map(one => ({ ...one, after: one.after.filter(before => own.has(before)) }))
    return { tookMs: Math.max(...times) - Math.min(...times), leastMs: leastMs(alone, stepsAtOnce) }
  })
  if (each.length === 0) return undefined
  return { tookMs: each.reduce((sum, { tookMs }) => sum + tookMs, 0), leastMs: each.reduce((sum, one) => sum + one.leastMs, 0) }
}

/** Azure's doings: operations, and what comes true without one, by when it was begun. */
interface Doings {
  readonly operations: readonly Operation[]
  readonly pending: ReadonlyMap<Pending, number>
  readonly store: Pick<Store, 'get'>
}

function workOf({ steps }: Plan, doings: Doings, speed = 1): readonly Work[] {
  const used = new Set<Operation>()
  return steps.map(step => ({
    id: step.id,
    after: [...step.after, ...step.afterEndOf],
    takes: takesOf(step.action),
    ms: seenMs(waitsOf(step, doings, used), speed)
  }))
}

const managedEndpoint = 'managedPrivateEndpoint'

/** Microsoft asks the server of a managed endpoint for the connection in its own time. */
function takesOf(action: Action): readonly string[] {
  if (action.do === 'invoke') return holders([action.id])
  const written = action.do === 'delete' ? action.old : action.do === 'create' || action.do === 'update' ? action.resource : undefined
  if (written === undefined) return []
  return holders([written.id, ...(written.kind === managedEndpoint ? [] : written.refs)])
}

const holders = (ids: readonly string[]): readonly string[] => [...new Set(ids.flatMap(id => holderOf(id) ?? []))]

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

function waitsOf({ action }: Step, { operations, pending, store }: Doings, used: Set<Operation>): readonly Wait[] {
  const methods = action.do === 'delete' ? ['DELETE'] : action.do === 'invoke' ? ['POST'] : ['PUT', 'PATCH']
  const isOf = ({ resource }: Operation): boolean => targetsOf(action, resource, store).some(path => same(path, resource))
  const operation = operations.find(one => !used.has(one) && methods.includes(one.method) && isOf(one))
  if (operation) used.add(operation)
  const began = operation?.startedAt
  const later = [...pending].flatMap(([{ effect, args, dueAt }, at]) =>
    comesTrue(action, effect, String(args['id'])) ? [{ ms: dueAt - (began ?? at) }] : []
  )
  return [...(operation ? [waitFor(operation)] : []), ...later.slice(0, 1)]
}

const waitFor = ({ startedAt, dueAt, retryAfter, style }: Operation): Wait => ({
  ms: dueAt - startedAt,
  ...(retryAfter !== undefined && style !== 'sync' && { retryAfter }),
  doubles: style === 'network'
})

/** The paths at which an action may be met. Azure names a connection, which tells by the endpoint that it comes from. */
function targetsOf(action: Action, resource: string, store: Doings['store']): readonly string[] {
  if (action.do === 'invoke' || action.do === 'update') return [action.path, ...byEndpoint(action.do === 'update' ? action : undefined)]
  if (action.do === 'delete') return [action.old.path]
  return action.do === 'create' ? [action.resource.path, ...byEndpoint(action)] : []

  function byEndpoint(written: Extract<Action, { do: 'create' | 'update' }> | undefined): readonly string[] {
    const from = (store.get(resource)?.body.properties as { readonly privateEndpoint?: { readonly id?: string } } | undefined)
      ?.privateEndpoint?.id
    if (from === undefined || written?.resource.kind !== 'privateEndpointConnection') return []
    return written.resource.refs.some(ref => same(ref, from) || same(behind(ref), nameOf(from))) ? [resource] : []
  }
}

/** Microsoft's name for the endpoint behind a managed one. */
const behind = (managed: string): string => `${managed.split('/')[8]}.${nameOf(managed)}`

function comesTrue(action: Action, effect: string, id: string): boolean {
  if (action.do === 'invoke') return effect.endsWith('/interactiveQuerySettled') && same(action.path, id)
  const isDecision = (action.do === 'create' || action.do === 'update') && action.resource.kind === 'privateEndpointConnection'
  return isDecision && effect.endsWith('/connectionNoticed') && action.resource.refs.some(ref => same(ref, id))
}
