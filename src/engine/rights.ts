import { type Permissions, permissionsThrough } from '../azure/permissions.ts'
import { kindOf } from '../kinds/index.ts'
import { lockReadsFor, ownRequests, readRightsFor, rightsFor, rightsOf } from '../live/preflight/rights.ts'
import type { Plan, Step } from '../model/change.ts'
import { oncePer } from '../model/once.ts'
import { addAsked } from '../model/reads.ts'
import type { Connection } from './azure.ts'
import type { Planned } from './look.ts'
import type { Session } from './session.ts'

/** The rights of the login of a way to Azure. Each scope is asked once, however many plans and topologies there are. */
const askedThrough = oncePer((connection: Connection) => {
  const azure = connection.open('reading')
  return { azure, permissions: permissionsThrough(azure) }
})

export const permissionsOf = ({ connection }: Pick<Session, 'connection'>): Permissions => askedThrough(connection).permissions

/** The plan with the rights that this login lacks for it. A plan without steps takes none. */
export async function withRights(planned: Planned, { connection }: Session): Promise<Planned> {
  const steps = stepsOf(planned.plan)
  if (steps.length === 0) return planned
  const { azure, permissions } = askedThrough(connection)
  const known = new Map(azure.calls.asked)
  const duty = planned.plan.part?.ofDuty?.duty
  const own = [...planned.desired.values()].filter(one => kindOf(one).duty === duty)
  const unseen = permissions.forLocks === undefined ? [] : lockReadsFor(steps, planned.live)
  const rights = await rightsOf([...rightsFor(steps), ...readRightsFor(own), ...unseen], planned.live, permissions)
  const requests = duty === undefined || duty === 'dba' ? [] : await ownRequests(steps, planned.live, permissions)
  const asked = new Map(
    [...azure.calls.asked].flatMap(([key, calls]) => (calls === known.get(key) ? [] : [[key, calls - (known.get(key) ?? 0)]]))
  )
  return {
    ...planned,
    plan: { ...planned.plan, rights, ...(requests.length > 0 && { ownRequests: requests }) },
    asked: addAsked(planned.asked, asked)
  }
}

/** The steps that rights are asked for: of the part of a duty also those that wait, so that a login which lacks one is told before it begins. */
export const stepsOf = ({ steps, part }: Plan): readonly Step[] => part?.ofDuty?.steps ?? steps
