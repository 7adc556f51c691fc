import { verdictOf } from '../../src/engine/verdict.ts'
import type { Plan } from '../../src/model/change.ts'
import type { PlanView } from '../../src/report/planText.ts'

/** The parts of a view that a command adds, from the plan alone: for a plan that is made here. */
export const judgedAlone = (plan: Plan): Pick<PlanView, 'estate' | 'verdict' | 'paths'> => ({
  estate: 'a sandbox of this test',
  verdict: verdictOf({ plan, paths: [], drift: [], locks: [], markers: [] }),
  paths: []
})
