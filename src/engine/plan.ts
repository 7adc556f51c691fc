import { liftedForEach } from '../plan/several.ts'
import { wayTo } from './azure.ts'
import type { Host } from './host.ts'
import { type Planned, planIn, withNotes } from './look.ts'
import type { PlanOptions } from './options.ts'
import type { Outcome, PlannedTopology } from './outcomes.ts'
import { withRights } from './rights.ts'
import { type Session, together } from './session.ts'

/**
 * Tells what an apply would do. Makes no request but reads.
 *
 * @throws Stop where there is no plan; one that is refused is a plan, which says so
 */
export const plan = (options: PlanOptions, host: Host): Promise<Outcome<PlannedTopology>> => planEach(options, host, withRights)

/** Plans for a picture: a right that is missing is nothing that is drawn. @throws Stop where there is no plan */
export const pictured = (options: PlanOptions, host: Host): Promise<Outcome<PlannedTopology>> =>
  planEach(options, host, async planned => planned)

async function planEach(
  options: PlanOptions,
  host: Host,
  goOn: (planned: Planned, session: Session) => Promise<Planned>
): Promise<Outcome<PlannedTopology>> {
  const outcome = await together(options, host, {
    look: planIn,
    goOn: async (looked, session): Promise<PlannedTopology> => ({ session, planned: await goOn(looked, session) })
  })
  return outcome.sound ? { ...outcome, topologies: withLiftedForEach(outcome.topologies) } : outcome
}

/** A lock that several topologies need is lifted once for each, and each plan says so. */
export function withLiftedForEach<T extends PlannedTopology>(all: readonly T[]): readonly T[] {
  const notes = liftedForEach(
    all.map(({ session: { prepared, settings }, planned: { plan } }) => ({
      topology: prepared.resolved.name,
      estate: wayTo(prepared, settings),
      plan
    }))
  )
  return all.map((one, index) => ({ ...one, planned: withNotes(one.planned, notes[index] ?? []) }))
}
