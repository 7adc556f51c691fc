import type { Plan } from '../../src/model/change.ts'
import type { PlanView } from '../../src/report/planText.ts'
import { verdictOf } from '../../src/report/verdict.ts'

/** What a view says of where its plan was read, and of the plan alone: for a plan that is made here, and not by a command. */
export const judgedAlone = (plan: Plan): Pick<PlanView, 'estate' | 'verdict' | 'paths'> => ({
  estate: 'a sandbox of this test',
  verdict: verdictOf({ plan, paths: [], drift: [], locks: [], markers: [] }),
  paths: []
})
