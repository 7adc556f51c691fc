import type { Host } from './host.ts'
import { planIn } from './look.ts'
import type { PlanOptions } from './options.ts'
import type { PlanOutcome } from './outcomes.ts'
import { planEach } from './plan.ts'

/** Plans for a picture: a right that is missing is nothing that is drawn. @throws Stop where there is no plan */
export const pictured = (options: PlanOptions, host: Host): Promise<PlanOutcome> => planEach(options, host, { look: planIn })
