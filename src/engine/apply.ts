import { option } from '../model/option.ts'
import type { Tagging } from '../plan/tagPlan.ts'
import { mustDeclare } from './entries.ts'
import { alone } from './exclusive.ts'
import type { Host } from './host.ts'
import { planIn } from './look.ts'
import type { AppliedTopology, Outcome } from './outcomes.ts'
import { withLiftedForEach } from './plan.ts'
import { type Looked, lookedAt, movedFrom, type Ready, shown } from './ready.ts'
import { inSession, type Session, type Way } from './session.ts'
import type { SavedApplyOptions, TagOptions } from './settings.ts'
import { settingsOf } from './settings.ts'
import { sideBySide } from './sideBySide.ts'
import { UsageError } from './stop.ts'
import { type Prepared, prepare } from './topology.ts'
import { inTurn } from './turns.ts'
import { changesNothing } from './verdict.ts'

/**
 * Plans every topology, asks the user once, and carries the plans out, one after the other, in the order given.
 *
 * @throws Stop where nothing was begun; a step that fails is an outcome
 */
export async function apply(options: SavedApplyOptions & TagOptions, host: Host): Promise<Outcome<AppliedTopology>> {
  const settings = settingsOf(options)
  const files = await prepare(settings, host)
  if (!files.sound) return files
  if (settings.planDigest !== undefined && files.prepared.length > 1)
    throw new UsageError(`${option(settings, 'planDigest')} is of the plan of one topology; there are several.`)
  if (settings.tagging) mustBeNamed(files.prepared, settings.tagging)
  return { ...files, topologies: await open(files.prepared, [], { settings, host }) }
}

/** All are open, and kept for this run, from the first read to the end of the last: they are shown and confirmed together. */
async function open(left: readonly Prepared[], sessions: readonly Session[], way: Way): Promise<readonly AppliedTopology[]> {
  const [next, ...more] = left
  if (next === undefined) return applyIn(sessions)
  const work = (one: Session): Promise<readonly AppliedTopology[]> => alone(one, () => open(more, [...sessions, one], way), sessions)
  return inSession(next, way, work, { beside: sessions })
}

/** Ends what earlier runs left behind, plans all, asks where it has to, and carries out in the order given. */
export async function applyIn(sessions: readonly Session[]): Promise<readonly AppliedTopology[]> {
  const how = sessions.length > 1 ? 'beside' : 'now'
  let isOld = false
  const looked = await sideBySide(sessions, {
    look: session => planIn(session, how),
    // One after the other: what is restored or waited for here may change what was read for the next.
    async goOn(first, session): Promise<Looked> {
      const one = await lookedAt(session, isOld ? await planIn(session, how) : first)
      isOld ||= one.planned !== first
      return one
    }
  })
  const begun: (AppliedTopology | Ready)[] = []
  for (const one of withLiftedForEach(looked)) {
    if (sessions.length > 1) one.session.host.notify({ type: 'topology', prepared: one.session.prepared })
    begun.push(await shown(one, movedFrom(one.planned, one.session)))
  }
  const ready = begun.flatMap(one => ('atLeast' in one ? [one] : []))
  const [first] = sessions
  // A look changes nothing.
  if (ready.some(({ planned: { plan } }) => !changesNothing(plan)) && first?.settings.saved === undefined)
    await first?.host.confirm({ about: 'plans', topologies: ready })
  return inTurn(begun)
}

/** @throws Stop where the one file declares no entry at an address */
function mustBeNamed(prepared: readonly Prepared[], { as, addresses }: Tagging): void {
  const [one, ...more] = prepared
  if (one === undefined || more.length > 0) throw new UsageError(`${as} is about the entries of one topology; there are several.`)
  mustDeclare(one.file, one.resolved.desired, addresses)
}
