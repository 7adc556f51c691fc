import { migrationsIn } from '../kinds/migration.ts'
import { type Ending, worst } from '../model/ending.ts'
import { option } from '../model/option.ts'
import { printable } from '../model/printable.ts'
import { movedSince } from '../plan/digest.ts'
import { unsetSecrets } from '../plan/secrets.ts'
import type { Agreed } from './carryOut.ts'
import { caughtUp } from './catchUp.ts'
import { afterEarlierRuns } from './earlierRuns.ts'
import { proofEnding, refusalEnding } from './endings.ts'
import type { Planned } from './look.ts'
import type { AppliedTopology } from './outcomes.ts'
import { withRights } from './rights.ts'
import type { Session } from './session.ts'
import { LacksRights, Stop } from './stop.ts'

/** The plan of a topology that is ready to be carried out. */
export interface Ready extends Agreed {
  /** With which it ends at least, by what came before its plan. */
  readonly atLeast: Ending
}

export interface Looked extends Agreed {
  readonly ending: Ending
}

/** Plans one topology anew once what earlier runs left behind has come to its end: where there is nothing of that, the plan is as it was. */
export async function lookedAt(session: Session, now: Planned): Promise<Looked> {
  const { planned: first, ending } = await afterEarlierRuns(session, now)
  // With steps the wait comes after them.
  const isIdle = first.plan.steps.length === 0 && first.plan.refusals.length === 0
  return { session, planned: isIdle ? await caughtUp(session, first) : first, ending }
}

/** Shows a plan, and what keeps it from being carried out. @throws Stop where a step would have to send what is not there */
export async function shown({ session, planned: made, ending }: Looked, stale: Stop | undefined): Promise<AppliedTopology | Ready> {
  const { host, prepared } = session
  // The plan of a part tells whether its login may approve what it asks for.
  // And the rights for the new path of a server decide whether it may be migrated.
  const early = made.plan.part?.ofDuty !== undefined || migrationsIn(made.plan.changes).length > 0
  const planned = early ? await withRights(made, session) : made
  const { plan } = planned
  host.notify({ type: 'planned', planned, session })
  if (stale !== undefined) {
    host.notify({ type: 'failed', error: stale })
    return { ending: 'stale', session, planned, problem: stale }
  }
  if (plan.refusals.length > 0) return { ending: refusalEnding(plan), session, planned }
  if (plan.steps.length === 0) {
    const waits: readonly Ending[] = plan.waiting.length > 0 ? ['waiting'] : []
    const idle: AppliedTopology = { ending: worst([ending, ...waits, proofEnding(planned, false)]), session, planned, closing: planned }
    host.notify({ type: 'concluded', applied: idle })
    return idle
  }
  nothingUnset(planned, session)
  const rightful = planned.plan.rights ? planned : await withRights(planned, session)
  const { rights } = rightful.plan
  if (rights === undefined || rights.lacking.length === 0) return { session, planned, atLeast: ending }
  const problem = new LacksRights(rights, prepared.resolved.desired)
  host.notify({ type: 'failed', error: problem })
  return { ending: 'waiting', session, planned: rightful, problem }
}

/** @throws Stop when a step would have to send what is not there */
function nothingUnset({ plan }: Planned, { settings }: Session): void {
  const unset = unsetSecrets(plan, settings)
  if (unset.length === 0) return
  const names = [...new Set(unset.map(({ variable }) => variable))]
  const ways = unset.flatMap(({ address, otherwise }) => (otherwise === undefined ? [] : [` ${printable(address)}: ${otherwise}.`]))
  throw new Stop(
    'invalid',
    `Not set, and a step must send it: ${names.join(', ')}. Nothing was changed. Set it in the environment or in a file given with ${option(settings, 'envFile')}.${ways.join('')}`
  )
}

/** The estate is not as it was when the plan was made. */
export const movedStop = (since: string, moved: readonly string[]): Stop =>
  new Stop('stale', `Something moved since ${since}. Nothing was changed. Plan again and look at it.`, moved)

/** The reason why a plan is another than the one that is to be applied, or nothing where it is the same. */
export function movedFrom({ digest, foundation }: Planned, { settings: { saved, planDigest } }: Session): Stop | undefined {
  if (saved && saved.digest !== digest) return movedStop('the plan was saved', movedSince(saved.foundation, foundation()))
  if (planDigest !== undefined && planDigest.replace(/^sha256:/, '') !== digest.replace(/^sha256:/, ''))
    return new Stop('stale', `The plan made now has the digest ${digest}, not ${planDigest}. Nothing was changed.`)
  return undefined
}
