import type { LockNeed, MarkedBy, Note, Refusal, StepId } from '../model/change.ts'
import type { Graph, Node } from '../model/graph.ts'
import { canBeMarked, type How, needsMarkers } from '../model/marker.ts'
import { option, type PassesWords, type Worded } from '../model/option.ts'
import type { Safety } from '../model/planOptions.ts'
import type { Lock } from '../model/resource.ts'
import type { Carriers, MarkerPlaces, Span } from './markerPlaces.ts'
import { liesUnder } from './need.ts'

/** How a lock is lifted, for what, and where Azure remembers it meanwhile. */
export interface Lift {
  readonly how: How
  readonly needs: readonly LockNeed[]
  readonly memory: MarkedBy
  readonly span: Window
  readonly carriers: Pick<Carriers, 'waitsFor' | 'defers'>
  readonly notes: readonly Note[]
  readonly refusals: readonly Refusal[]
}

/** Only the how-to advises to lift it, and nothing in Azure could remember it: it stays on. */
export interface NotMade {
  readonly needs: undefined
  readonly notes: readonly Note[]
}

export interface LiftPlan extends PassesWords {
  readonly graph: Graph
  /** Every step but those of locks. */
  readonly work: readonly Node[]
  readonly places: MarkerPlaces
  /** Whether this plan deletes the scope of the lock. */
  readonly goes: boolean
  readonly safety: Pick<Safety, 'lockMemory'>
}

/** The steps around a lift, before it is in the graph. */
interface Window extends Span {
  /** Those that the lock stops. */
  readonly blocked: ReadonlySet<StepId>
  /** Steps outside of the window that the blocked ones wait for: they end before the lift, which comes as late as can be. */
  readonly before: readonly StepId[]
  /** Every step under the lock: it is restored after all of these. */
  readonly under: readonly StepId[]
}

/**
 * A lock is never off without a marker in Azure. A lift that the how-to advises is not done where nothing could carry one, and one
 * that ARM requires only where the user accepts that.
 */
export function liftOf(lock: Lock, needs: readonly LockNeed[], lifting: LiftPlan): Lift | NotMade {
  const whole = marked(lock, needs, lifting)
  if (whole.memory !== undefined) return { ...whole, memory: whole.memory, notes: [], refusals: [] }
  const required = needs.filter(({ strength }) => strength === 'required')
  const isAdvised = required.length < needs.length
  const notes = isAdvised ? [notFollowed(lock, needs, whole.because, required.length > 0)] : []
  if (required.length === 0) return { needs: undefined, notes }
  const least = isAdvised ? marked(lock, required, lifting) : whole
  if (least.memory !== undefined) return { ...least, memory: least.memory, notes, refusals: [] }
  const refusals =
    lifting.safety.lockMemory === 'journal' && canBeMarked(lock)
      ? []
      : [noMemory(lock, { needs: required, because: least.because }, lifting)]
  return { ...least, memory: { in: 'journal' }, notes, refusals }
}

interface Tried extends Pick<Lift, 'how' | 'needs' | 'span' | 'carriers'> {
  readonly memory: MarkedBy | undefined
  readonly because: readonly string[]
}

const none: Carriers = { on: [], waitsFor: [], defers: [], because: [] }

function marked(lock: Lock, needs: readonly LockNeed[], { graph, work, places, goes }: LiftPlan): Tried {
  const span = windowOf(lock, needs, graph, work)
  const onlyWrites = needs.every(({ strength, as }) => strength === 'required' && as === 'write')
  const how = lock.level === 'ReadOnly' && !goes && onlyWrites ? 'lower' : 'remove'
  const tried = (memory: MarkedBy | undefined, carriers = none): Tried => ({
    how,
    needs,
    span,
    memory,
    carriers,
    because: carriers.because
  })
  if (!canBeMarked(lock)) return tried(undefined, { ...none, because: ['its own text could not be read again'] })
  if (how === 'lower' && !needsMarkers(lock)) return tried({ in: 'notes' })
  // A marker beside a lowered lock refuses no write.
  const own = how === 'lower' ? places.own(lock) : undefined
  const carriers = own === undefined ? places.carriersOf(lock, how, span) : { ...none, on: [own] }
  const [first] = carriers.on
  if (first === undefined) return tried(undefined, carriers)
  places.reserve(lock, how, first)
  return tried({ in: 'markers', on: carriers.on }, carriers)
}

function windowOf(lock: Lock, needs: readonly LockNeed[], graph: Graph, work: readonly Node[]): Window {
  const blocked = new Set(needs.map(({ step }) => step))
  const behind = graph.behind(blocked)
  const before = [...blocked]
    .flatMap(step => [...(graph.get(step)?.after ?? []), ...(graph.get(step)?.afterEndOf ?? [])])
    .filter(step => !step.startsWith('unlock ') && !behind.has(step))
  const under = work.flatMap(({ id, action }) => (blocked.has(id) || liesUnder(lock, action) ? [id] : []))
  const isRequired = needs.every(({ strength }) => strength === 'required')
  return { blocked, before, under, behind, earlier: graph.before(before), inside: [...blocked, ...under], isRequired }
}

const why = (because: readonly string[]): string =>
  because.length === 0
    ? 'the file has no server, data factory, private endpoint or resource group that could carry a marker lock'
    : `${because.slice(0, shownMax).join('; ')}${because.length > shownMax ? `; and ${because.length - shownMax} more` : ''}`

const shownMax = 5

const stepsOf = (needs: readonly LockNeed[]): string => {
  const [first = '', ...more] = [...new Set(needs.map(({ step }) => step))]
  return more.length === 0 ? first : `${first} and ${more.length} more`
}

const notFollowed = (lock: Lock, needs: readonly LockNeed[], because: readonly string[], isLowered: boolean): Note => ({
  address: lock.path,
  message: `is not removed, although the how-to advises it for: ${stepsOf(needs.filter(({ strength }) => strength === 'advised'))}. Nothing in Azure could remember it while it is off: ${why(because)}. It ${isLowered ? 'is lifted only as far as ARM requires' : 'stays on'}.`
})

interface Unremembered {
  readonly needs: readonly LockNeed[]
  readonly because: readonly string[]
}

const noMemory = (lock: Lock, { needs, because }: Unremembered, worded: Worded): Refusal => ({
  code: 'no-lock-memory',
  address: lock.path,
  exit: 6,
  message: `The ${lock.level} lock ${lock.path} has to be off for: ${stepsOf(needs)}. Nothing in Azure could remember it meanwhile: ${why(because)}. Make these changes one after the other, or accept that only the journal in the data directory remembers the lock: \`safety.lockMemory: journal\` or \`${option(worded, 'journalOnlyMemory', true)}\`.`
})
