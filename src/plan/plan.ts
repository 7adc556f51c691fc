import { kindOf, kindOfType } from '../kinds/index.ts'
import { touched } from '../kinds/touched.ts'
import { addWindows } from '../locks/planning.ts'
import { type Action, isWrite, type Plan, subjectOf } from '../model/change.ts'
import { Graph, sorted } from '../model/graph.ts'
import { type ResourceId, scopesOf, typeOf } from '../model/id.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import type { Desired, Live } from '../model/resource.ts'
import { addCutOver } from './cutover.ts'
import { diff } from './diff.ts'
import { addEdges } from './edges.ts'
import { tooLong } from './estimate.ts'
import { addGates, waitingOn } from './gates.ts'
import { addHiding, hiddenByLinks } from './hiding.ts'
import { letNothingGo } from './letGo.ts'
import { misplaced } from './placement.ts'
import { addPolicyWaits } from './policy.ts'
import { publishedElsewhere } from './published.ts'
import { addClaims, addRecordSteps } from './recordSteps.ts'
import { renamed } from './renamed.ts'
import { addRestarts, notInForce } from './restarts.ts'
import { type Part, partOf } from './selection.ts'
import { addSteps } from './steps.ts'

/** Everything between what is and what should be: changes, their steps in order, and what stands against them. Pure. */
export function makePlan(desired: Desired, live: Live, options: PlanOptions): Plan {
  const { graph, rewrites, plan } = ordered(desired, live, options)
  if (options.selection === undefined) return plan
  const part = partOf({ changes: plan.changes, desired, live, options, graph, rewrites, unmanaged: plan.unmanaged })
  const partial = ordered(desired, live, options, part).plan
  return {
    ...partial,
    refusals: [...part.refusals, ...partial.refusals.filter(part.concerns)],
    waiting: partial.waiting.filter(part.concerns),
    notes: [...part.notes, ...partial.notes.filter(part.concerns)],
    unknown: partial.unknown.filter(part.concerns),
    part: { ...options.selection, left: part.left }
  }
}

/** The plan, and what it was put in order from. */
function ordered(desired: Desired, live: Live, options: PlanOptions, part?: Part) {
  const found = diff(desired, live, options, part?.kept)
  const { changes, rewrites, claims, refusals, waiting, unknown, unmanaged, notes } = found
  const placement = misplaced(desired, live, options)
  const graph = new Graph()
  addSteps(graph, changes)
  addEdges(graph, changes)
  const input = { changes, desired, live, options }
  addGates(graph, input)
  addHiding(graph, input)
  addRestarts(graph, input)
  addRecordSteps(graph, rewrites, input)
  addClaims(graph, claims)
  addCutOver(graph, input)
  const endpoints = options.endpoints.filter(part?.concerns ?? (() => true))
  const onPolicy = addPolicyWaits(graph, { ...input, options: { ...options, endpoints } })
  const windows = addWindows(graph, input)
  const steps = sorted(graph, serialOf)
  const plan: Plan = {
    changes,
    steps,
    refusals: [
      ...placement.refusals,
      ...renamed(desired, options),
      ...refusals,
      ...windows.refusals,
      ...tooLong(steps, options.safety.maxUnlockedSeconds)
    ],
    waiting: [...waitingOn(live, endpoints), ...onPolicy, ...waiting],
    notes: [
      ...placement.notes,
      ...notes,
      ...hiddenByLinks(input),
      ...notInForce(input),
      ...publishedElsewhere(input),
      ...windows.notes,
      ...letNothingGo(steps, options)
    ],
    unmanaged,
    unknown: [
      ...unknown,
      ...live.locksUnreadable.map(scope => ({
        address: scope,
        message: 'the locks on it and above it may not be listed: one that stands in the way is met only when a step is refused'
      }))
    ]
  }
  return { plan, graph, rewrites }
}

/** Each resource that takes one write at a time and that this touches, refers to or lies in. */
function serialOf(action: Action): ResourceId[] {
  const written = isWrite(action) ? subjectOf(action) : undefined
  const isApart = written !== undefined && kindOf(written).writtenBesideRefs === true
  const ids = isApart ? [written.id] : [...touched(action).map(({ scope }) => scope), ...(written?.refs ?? [])]
  return [...new Set(ids.flatMap(scopesOf).filter(scope => kindOfType.get(typeOf(scope))?.oneWriteAtATime))].sort()
}
