import { liftedForEach } from '../plan/several.ts'
import { wayTo } from './azure.ts'
import type { Host } from './host.ts'
import type { ReadFor } from './look.ts'
import { type Planned, planIn, withNotes } from './look.ts'
import type { PlanOptions } from './options.ts'
import type { PlannedTopology, PlanOutcome } from './outcomes.ts'
import { withRights } from './rights.ts'
import { inSessions, type Session } from './session.ts'
import { settingsOf } from './settings.ts'
import { sideBySide } from './sideBySide.ts'
import { prepare } from './topology.ts'

/**
 * Tells what an apply would do. Makes no request but reads.
 *
 * @throws Stop where there is no plan; one that is refused is a plan, which says so
 */
export const plan = (options: PlanOptions, host: Host): Promise<PlanOutcome> => planEach(options, host, { look: planIn, goOn: withRights })

interface Planning {
  readonly look: (session: Session, how: ReadFor) => Promise<Planned>
  /** Adds to one plan after the other. */
  readonly goOn?: (planned: Planned, session: Session) => Promise<Planned>
}

/** Reads and plans each topology as `look` does. @throws Stop where there is no plan */
export async function planEach(
  options: PlanOptions,
  host: Host,
  { look, goOn = async planned => planned }: Planning
): Promise<PlanOutcome> {
  const settings = settingsOf(options)
  const files = await prepare(settings, host)
  if (!files.sound) return files
  const topologies = await inSessions(files.prepared, { settings, host }, sessions =>
    sideBySide(sessions, {
      look: session => look(session, sessions.length > 1 ? 'beside' : 'now'),
      goOn: async (looked, session): Promise<PlannedTopology> => ({ session, planned: await goOn(looked, session) })
    })
  )
  return { ...files, topologies: withLiftedForEach(topologies) }
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
