import type { PlanView } from '../engine/verdict.ts'
import type { PartOfPlan } from '../model/change.ts'
import type { PlanDocument } from './plan.generated.ts'

/** The part of the whole plan that a plan is of. */
export const partialJson = ({ target, exclude, left, ofDuty }: PartOfPlan): PlanDocument['partial'] & object => ({
  target,
  exclude,
  left_out: left,
  ...(ofDuty && { duty: ofDuty.duty, waits_for: ofDuty.waitsFor })
})

/** Each part is a plan by itself, which few forms show: it is made when it is asked for. */
export function withDuties(document: PlanDocument, parts: NonNullable<PlanView['parts']>): PlanDocument {
  let duties: PlanDocument['duties']
  return Object.defineProperty(document, 'duties', {
    enumerable: true,
    get: () => (duties ??= parts().map(({ waitsFor, ...part }) => ({ ...part, waits_for: waitsFor })))
  })
}
