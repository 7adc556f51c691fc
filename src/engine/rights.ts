import { type Permissions, permissionsThrough } from '../azure/permissions.ts'
import { kindOf } from '../kinds/index.ts'
import { migrationsIn, waysIn } from '../kinds/migration.ts'
import { lockReadsFor, ownRequests, readRightsFor, rightsFor, rightsOf } from '../live/preflight/rights.ts'
import { type EndpointProof, isWrite, type Plan, type Refusal, type Step, subjectOf } from '../model/change.ts'
import { grouped } from '../model/grouped.ts'
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
export async function withRights(planned: Planned, { connection, prepared }: Session): Promise<Planned> {
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
  const refusals = await withoutRights(planned, prepared.resolved.endpoints, permissions)
  return {
    ...planned,
    plan: {
      ...planned.plan,
      rights,
      refusals: [...planned.plan.refusals, ...refusals],
      ...(requests.length > 0 && { ownRequests: requests })
    },
    asked: addAsked(planned.asked, asked)
  }
}

/**
 * Refuses a server to be migrated while this login is not known to have the rights for its new path: without that no client reaches the server
 * any more. In the part of a duty, the rights of the others are theirs to know.
 */
async function withoutRights(
  { plan, desired, live }: Planned,
  endpoints: readonly EndpointProof[],
  permissions: Permissions
): Promise<Refusal[]> {
  const refusals: Refusal[] = []
  const migrations = migrationsIn(plan.changes)
  if (migrations.length === 0) return refusals
  const ways = waysIn(desired, endpoints)
  const writes = grouped(stepsOf(plan), ({ action }) => (isWrite(action) ? subjectOf(action).id : undefined))
  for (const { resource } of migrations) {
    const parts = new Set([resource.id, ...ways.to(resource.id).flatMap(way => [...ways.parts(way)])])
    const own = [...parts].flatMap(part => writes.get(part) ?? [])
    const { lacking, unknown } = await rightsOf(rightsFor(own), live, permissions)
    const short = [
      ...lacking.map(({ action, scope }) => `${action} on ${scope} is missing`),
      ...unknown.map(scope => `what it may do on ${scope} is unknown`)
    ]
    if (short.length === 0) continue
    const message = `${resource.address}: no client would reach it after the migration before its private endpoint is there, and this login is not known to have the rights for that: ${short.join('; ')}. Use a login that has them: there is no way back.`
    refusals.push({ code: 'PGL101', address: resource.address, message, exit: 6, at: resource.at })
  }
  return refusals
}

/** The steps that rights are asked for: of the part of a duty also those that wait, so that a login which lacks one is told before it begins. */
export const stepsOf = ({ steps, part }: Plan): readonly Step[] => part?.ofDuty?.steps ?? steps
