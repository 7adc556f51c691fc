import { kindOf, kindOfType } from '../kinds/index.ts'
import { touched } from '../kinds/touched.ts'
import { addWindows } from '../locks/planning.ts'
import { type Action, isWrite, type Note, type Plan, subjectOf, type WorkOfDuty } from '../model/change.ts'
import { type Duty, duties } from '../model/duty.ts'
import { Graph, sorted } from '../model/graph.ts'
import { type ResourceId, scopesOf, typeOf } from '../model/id.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import type { Desired, Live } from '../model/resource.ts'
import { limitsOf, workByHand } from './byHand.ts'
import { addCutOver } from './cutover.ts'
import { diff } from './diff.ts'
import { digestOf } from './digest.ts'
import { partOfDuty } from './dutyPart.ts'
import { addEdges } from './edges.ts'
import { tooLong } from './estimate.ts'
import { addGates, waitingElsewhere, waitingOn } from './gates.ts'
import { addGrowth, type Leaders, leadersIn } from './growth.ts'
import { addHiding, hiddenByLinks } from './hiding.ts'
import { letNothingGo } from './letGo.ts'
import { addMigrationProofs, addMigrations, wayless } from './migration.ts'
import { needlessConsents } from './needless.ts'
import { misplaced } from './placement.ts'
import { addPolicyWaits } from './policy.ts'
import { publishedElsewhere } from './published.ts'
import { addClaims, addRecordSteps } from './recordSteps.ts'
import { renamed } from './renamed.ts'
import { addRestarts, notInForce } from './restarts.ts'
import { addPromotions, refusedRoles } from './roles.ts'
import { type Part, partOf, type Whole } from './selection.ts'
import { addSteps } from './steps.ts'
import { keptCredentials } from './storedCredential.ts'

/** Everything between what is and what should be: changes, their steps in order, and what stands against them. Pure. */
export function makePlan(desired: Desired, live: Live, options: PlanOptions): Plan {
  const whole = wholeOf(desired, live, options)
  const { selection, duty } = options
  if (duty !== undefined) return ofDuty(whole, duty)
  if (selection === undefined) return whole.plan
  const part = partOf(whole)
  return { ...partial(whole, part), part: { ...selection, left: part.left } }
}

function wholeOf(desired: Desired, live: Live, options: PlanOptions, ofParts = false): Whole & { readonly plan: Plan } {
  const { graph, rewrites, plan } = ordered(desired, live, options, undefined, ofParts)
  return { changes: plan.changes, desired, live, options, graph, rewrites, unmanaged: plan.unmanaged, plan }
}

function ofDuty(whole: ReturnType<typeof wholeOf>, duty: Duty): Plan {
  const part = partOfDuty(whole, duty)
  const plan = partial(whole, part)
  let steps: Plan['steps'] | undefined
  const work: WorkOfDuty = {
    duty,
    // Only a look at rights asks for them.
    get steps() {
      steps ??= ordered(whole.desired, whole.live, whole.options, { ...part, keeps: part.own }).plan.steps
      return steps
    },
    windows: whole.plan.steps.filter(({ action }) => action.do === 'lift' || action.do === 'restore'),
    inputs: part.inputs,
    waitsFor: part.waitsFor
  }
  return {
    ...plan,
    waiting: [...plan.waiting, ...part.waiting],
    // An entry that could not be read is among what is left: whether anything is to be done there, nothing tells.
    unknown: plan.unknown.filter(({ address }) => !part.waiting.some(one => one.address === address)),
    part: { target: [], exclude: [], left: part.left, ofDuty: work }
  }
}

/** One of the parts by which a plan can be carried out, each by the login of its duty. */
export interface DutyPart {
  readonly duty: Duty
  /** That of the plan of this part alone, made of the same read. */
  readonly digest: string
  /** How many changes of the whole plan are its work. */
  readonly changes: number
  /** How many steps it can do now. */
  readonly steps: number
  readonly waitsFor: readonly Duty[]
}

/** The parts of the whole plan, of each duty that has a change in it. */
export function partsByDuty(desired: Desired, live: Live, options: PlanOptions): readonly DutyPart[] {
  const whole = wholeOf(desired, live, options, true)
  return duties.flatMap(duty => {
    const changes = whole.changes.filter(change => kindOf(subjectOf(change)).duty === duty).length
    if (changes === 0) return []
    const part = ofDuty(whole, duty)
    const waitsFor = part.part?.ofDuty?.waitsFor ?? []
    return [{ duty, digest: digestOf(part, desired, live).digest, changes, steps: part.steps.length, waitsFor }]
  })
}

/** The plan of the part alone, with what is said of it. */
function partial({ desired, live, options }: Whole, part: Part): Plan {
  const { plan } = ordered(desired, live, options, part)
  return {
    ...plan,
    refusals: [...part.refusals, ...plan.refusals.filter(part.concerns)],
    waiting: plan.waiting.filter(part.concerns),
    notes: [...part.notes, ...plan.notes.filter(part.concerns)],
    unknown: plan.unknown.filter(part.concerns)
  }
}

/**
 * The plan, and what it was put in order from.
 *
 * @param ofParts parts are taken of it: it then has no order but that of needs
 */
function ordered(desired: Desired, live: Live, options: PlanOptions, part?: Part, ofParts = false) {
  const found = diff(desired, live, options, part?.keeps)
  const isInOrder = part !== undefined || (options.selection === undefined && options.duty === undefined && !ofParts)
  const { rewrites, claims, refusals, waiting, unknown, unmanaged, notes } = found
  const credentials = keptCredentials(found.changes, desired, options)
  const { changes } = credentials
  const placement = misplaced(desired, live, options)
  const graph = new Graph()
  addSteps(graph, changes)
  addEdges(graph, changes)
  const input = { changes, desired, live, options }
  addGates(graph, input)
  addHiding(graph, input)
  addRestarts(graph, input)
  addGrowth(graph, input)
  addPromotions(graph, input)
  addRecordSteps(graph, rewrites, input)
  addClaims(graph, claims)
  addMigrationProofs(graph, input)
  addCutOver(graph, input)
  const endpoints = options.endpoints.filter(part?.concerns ?? (() => true))
  const onPolicy = addPolicyWaits(graph, { ...input, options: { ...options, endpoints } })
  addMigrations(graph, input, isInOrder)
  const windows = addWindows(graph, input)
  const published = publishedElsewhere(input)
  const steps = sorted(graph, serialIn(leadersIn(desired, live)))
  const plan: Plan = {
    changes,
    steps,
    refusals: [
      ...placement.refusals,
      ...renamed(desired, options),
      ...refusals,
      ...refusedRoles(input),
      ...credentials.refusals,
      ...wayless(input),
      ...published.refusals,
      ...windows.refusals,
      ...tooLong(steps, options.safety.maxUnlockedSeconds)
    ],
    waiting: [...waitingOn(live, endpoints), ...waitingElsewhere(input), ...onPolicy, ...waiting],
    notes: [
      ...placement.notes,
      ...notes,
      ...hiddenByLinks(input),
      ...notInForce(input),
      ...published.notes,
      ...workByHand(changes),
      ...limitsOf(changes),
      ...windows.notes,
      ...letNothingGo(steps, options),
      ...credentials.notes,
      ...needlessConsents(input)
    ],
    unmanaged,
    unknown: [...unknown, ...locksUnseen(live)]
  }
  return { plan, graph, rewrites }
}

const locksUnseen = ({ locksUnreadable }: Live): Note[] =>
  locksUnreadable.map(scope => ({
    address: scope,
    message: 'the locks on it and above it may not be listed: one that stands in the way is met only when a step is refused'
  }))

/** Each resource that takes one write at a time and that this touches, refers to or lies in, with the one that it follows. */
const serialIn =
  (leaders: Leaders) =>
  (action: Action): ResourceId[] => {
    const written = isWrite(action) ? subjectOf(action) : undefined
    const isApart = written !== undefined && kindOf(written).writtenBesideRefs === true
    const ids = isApart ? [written.id] : [...touched(action).map(({ scope }) => scope), ...(written?.refs ?? [])]
    const single = ids.flatMap(scopesOf).filter(scope => kindOfType.get(typeOf(scope))?.oneWriteAtATime)
    return [...new Set(single.flatMap(scope => [scope, ...(leaders.get(scope) ?? [])]))].sort()
  }
