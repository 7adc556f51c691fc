import TinyQueue from 'tinyqueue'
import type { Action, RecordClaim, Step, StepId } from './change.ts'
import type { ResourceId } from './id.ts'
import { invariant, unreachable } from './invariant.ts'

export interface Node {
  readonly id: StepId
  readonly action: Action
  readonly after: Set<StepId>
  readonly afterEndOf: Set<StepId>
  interrupts: boolean
  unless?: StepId
  /** See {@link Step}, as the next. */
  takes?: true
  claims?: readonly RecordClaim[]
  unproven: boolean
}

/** Steps and their order, while a plan is being put together. Edges to steps that are not there are dropped. */
export class Graph {
  readonly #nodes = new Map<StepId, Node>()
  /** By a step, those that wait for it: the edges the other way round. */
  readonly #waiting = new Map<StepId, Set<StepId>>()

  add(action: Action, interrupts = false): Node {
    const id = idOf(action)
    const node: Node = { id, action, after: new Set(), afterEndOf: new Set(), interrupts, unproven: false }
    this.#nodes.set(id, node)
    return node
  }

  get(id: StepId): Node | undefined {
    return this.#nodes.get(id)
  }

  /** Takes a step out again, before another waits for it. */
  drop(id: StepId): void {
    this.#nodes.delete(id)
  }

  /** The steps that wait for `step` directly. */
  next(step: StepId): readonly Node[] {
    return [...(this.#waiting.get(step) ?? [])].flatMap(id => this.#nodes.get(id) ?? [])
  }

  get nodes(): readonly Node[] {
    return [...this.#nodes.values()]
  }

  /** `step` comes after `before` has been done. */
  needs(step: StepId, before: StepId): void {
    this.#connect(step, before, 'after')
  }

  /** `step` comes after `before` has ended, however. */
  waitsForEndOf(step: StepId, before: StepId): void {
    this.#connect(step, before, 'afterEndOf')
  }

  #connect(step: StepId, before: StepId, how: 'after' | 'afterEndOf'): void {
    const node = this.#nodes.get(step)
    if (node === undefined || step === before || !this.#nodes.has(before)) return
    node[how].add(before)
    const waiting = this.#waiting.get(before)
    if (waiting) waiting.add(step)
    else this.#waiting.set(before, new Set([step]))
  }

  /** These steps and all that they wait for, however indirectly. */
  before(steps: Iterable<StepId>): Set<StepId> {
    return reached(steps, step => {
      const node = this.#nodes.get(step)
      return node ? [...node.after, ...node.afterEndOf] : []
    })
  }

  /** These steps and all that wait for one of them, however indirectly. */
  behind(steps: Iterable<StepId>): Set<StepId> {
    return reached(steps, step => this.#waiting.get(step) ?? [])
  }

  /** Whether `step` waits for `before`, however indirectly. */
  waitsFor(step: StepId, before: StepId): boolean {
    const seen = new Set<StepId>()
    const open = [step]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === before) return true
      if (seen.has(next)) continue
      seen.add(next)
      const node = this.#nodes.get(next)
      if (node) open.push(...node.after, ...node.afterEndOf)
    }
    return false
  }
}

function reached(from: Iterable<StepId>, next: (step: StepId) => Iterable<StepId>): Set<StepId> {
  const seen = new Set<StepId>()
  const open = [...from]
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    if (seen.has(step)) continue
    seen.add(step)
    open.push(...next(step))
  }
  return seen
}

type Prove = Extract<Action, { do: 'prove' }>

/** A look at all endpoints of a server has its name; one at a single endpoint, that of the endpoint and how far it goes. */
export function proofId({ server, endpoints, depth, for: purpose, decides }: Omit<Prove, 'do' | 'address'>): StepId {
  const endpoint = endpoints[0]?.endpoint ?? ''
  if (purpose === 'record') return `prove ${endpoint}#${decides ? 'written' : 'record'}`
  if (purpose === 'cut-over') return `prove ${server}`
  const at = purpose === 'policy' ? '@policy' : depth === 'connection' ? '' : `@${depth}`
  return `prove ${server}#${endpoint}${at}`
}

/** The first word of an id, where that is another than the action's own: documents keep the words of the first version. */
const doOfWord: Readonly<Record<string, Action['do']>> = { unlock: 'lift', relock: 'restore' }

/** The word for what a step does, from its id; '' for an id of nothing that we know. */
export function doOf(id: string): Action['do'] | '' {
  const [word = ''] = id.split(' ', 1)
  return doOfWord[word] ?? (dos.find(one => one === word) || '')
}

const dos: readonly Action['do'][] = ['create', 'update', 'delete', 'prove', 'invoke']

/** The step that lifts the lock at `path`. */
export const liftIdOf = (path: string): StepId => `unlock ${path}`

export const restoreIdOf = (path: string): StepId => `relock ${path}`

/** The step that changes the resource of this id by a call of its own. */
export const callIdOf = (id: ResourceId): StepId => `update ${id}#call`

export function idOf(action: Action): StepId {
  switch (action.do) {
    case 'lift':
      return liftIdOf(action.lock.path)
    case 'restore':
      return restoreIdOf(action.was.path)
    case 'delete':
      return `delete ${action.old.id}`
    case 'create':
      return `create ${action.resource.id}`
    case 'update':
      return action.phase === 'main' ? `update ${action.resource.id}` : `update ${action.resource.id}#${action.phase}`
    case 'prove':
      return proofId(action)
    case 'invoke':
      return `invoke ${action.id}#${action.verb}`
    default:
      return unreachable(action)
  }
}

/** Kahn's algorithm; of those that are ready, the one with the least id comes first, so equal plans print equal. */
export function sorted(graph: Graph, serialOf: (action: Action) => readonly ResourceId[]): Step[] {
  const result: Step[] = []
  const waves = new Map<StepId, number>()
  const open = new Map(graph.nodes.map(({ id, after, afterEndOf }) => [id, new Set([...after, ...afterEndOf]).size]))
  const ready = new TinyQueue(
    graph.nodes.filter(({ id }) => open.get(id) === 0),
    (one, other) => (one.id < other.id ? -1 : 1)
  )
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    const wave = 1 + Math.max(0, ...[...node.after, ...node.afterEndOf].map(before => waves.get(before) ?? 0))
    waves.set(node.id, wave)
    result.push(stepOf(node, wave, serialOf))
    for (const next of graph.next(node.id)) {
      const left = (open.get(next.id) ?? 0) - 1
      open.set(next.id, left)
      if (left === 0) ready.push(next)
    }
  }
  const waiting = [...open.keys()].filter(id => !waves.has(id))
  invariant(waiting.length === 0, `steps wait for each other: ${waiting.join(', ')}`)
  // Read wave by wave; what starts together stands together.
  return result.sort((a, b) => a.wave - b.wave)
}

const stepOf = (node: Node, wave: number, serialOf: (action: Action) => readonly ResourceId[]): Step => ({
  id: node.id,
  action: node.action,
  after: [...node.after].sort(),
  afterEndOf: [...node.afterEndOf].filter(id => !node.after.has(id)).sort(),
  serial: serialOf(node.action),
  interrupts: node.interrupts,
  ...(node.takes && { takes: true as const }),
  ...(node.claims && { claims: node.claims }),
  ...(node.unless !== undefined && { unless: node.unless }),
  unproven: node.unproven,
  wave
})
