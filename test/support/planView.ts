import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { planJson } from '../../src/document/planJson.ts'
import { type PlanView, verdictOf } from '../../src/engine/verdict.ts'
import type { Plan } from '../../src/model/change.ts'
import { nothingRead } from '../../src/model/paths.ts'
import type { Live } from '../../src/model/resource.ts'

/** The parts of a view that a command adds, from the plan alone: for a plan that is made here. */
export const judgedAlone = (plan: Plan): Pick<PlanView, 'estate' | 'verdict' | 'paths'> => ({
  estate: 'a sandbox of this test',
  verdict: verdictOf({ plan, paths: [], drift: [], locks: [], markers: [] }),
  paths: []
})

export const nowhere: Live = {
  resources: new Map(),
  locks: [],
  marked: [],
  damagedMarkers: [],
  locksUnreadable: [],
  unmanaged: [],
  sought: new Map(),
  undeclaredInside: new Map(),
  paths: nothingRead,
  lists: new Map()
} as unknown as Live

/** The document of a view of which nothing was read, or that needs no picture. */
export const documentFrom = (view: Omit<PlanView, 'live' | 'foundation'>, live: Live = nowhere): PlanDocument =>
  planJson(
    { ...view, live, foundation: () => ({}) },
    {
      toolVersion: '0.0.0',
      timestamp: '2026-01-01T00:00:00.000Z',
      flags: {},
      warnings: [],
      source: 'sandbox'
    }
  )
