import type { Judged } from '../drift/index.ts'
import type { Journals } from '../locks/index.ts'
import type { Note, Plan } from '../model/change.ts'
import { resourceId } from '../model/id.ts'
import { namingFrom } from '../model/naming.ts'
import { option, type Worded } from '../model/option.ts'
import { printable } from '../model/printable.ts'
import type { Desired } from '../model/resource.ts'
import { unsetSecrets } from '../plan/secrets.ts'
import { matters } from './claims.ts'
import type { RestoreMore } from './host.ts'
import { notOurs, notOursSaid } from './journals.ts'
import type { Seen } from './look.ts'
import { isLeftover } from './recovery.ts'
import type { Prepared } from './topology.ts'

/** The facts that the notes on locks are made of. */
export interface Noting {
  readonly desired: Desired
  readonly restoreLine: string
  readonly run: string
}

/** Journals that are not restored from here are at least named. */
export const othersNotes = (prepared: Prepared, journals: Journals, restoreLine: (more?: RestoreMore) => string): Note[] =>
  notOurs(prepared, journals).map(one => ({ address: printable(one.place), message: notOursSaid(one, restoreLine) }))

export const damagedNotes = ({ live: { damagedMarkers } }: Pick<Seen, 'live'>, desired: Desired): Note[] =>
  damagedMarkers
    .filter(({ scope }) => matters(scope, desired))
    .map(({ path }) => ({
      address: path,
      message: 'is a marker of pglink that cannot be read: see which lock is missing, and delete the marker'
    }))

/** Locks that are back, while not all that remembers them could be deleted. */
export function markerNotes(
  { live: { marked }, left: { leftover } }: Pick<Seen, 'live' | 'left'>,
  { desired, restoreLine, run }: Noting
): Note[] {
  const naming = namingFrom(desired)
  // This run has restored its locks when it reads again; those that it could not restore it says by itself.
  const own = marked.filter(one => one.lease.run === run && !isLeftover(one, leftover))
  const all = [...leftover, ...own.map(({ lock, markers }) => ({ lock, markers: markers.map(({ path }) => path) }))]
  return all.map(({ lock: { scope, name }, markers }) => ({
    address: naming(scope),
    message: `its lock ${name} is back, but not all that remembers it could be deleted: an apply, or \`${restoreLine}\`, removes ${markers.join(', ')}`
  }))
}

/** Operations that an earlier run began, and did not see the end of. */
export function runningNotes({ left: { running } }: Pick<Seen, 'left'>, desired: Desired, worded: Worded): Note[] {
  const naming = namingFrom(desired)
  return running.map(({ path }) => ({
    address: naming(resourceId(path)),
    message: `an earlier run began an operation on it and did not see its end: an apply waits for it where it has to write, and with ${option(worded, 'resume', true)} in any case`
  }))
}

/** Connections that ask to be let in, where the file says whom it trusts and does not name them. */
export const askingNotes = (drift: readonly Judged[]): Note[] =>
  drift.flatMap(({ class: of, address, message, ignored }) => (of === 'asking' && ignored === undefined ? [{ address, message }] : []))

/** A secret that a step must send may be set later, by the user who applies: the plan only says so. */
export function withUnset(plan: Plan, worded: Worded): Plan {
  const unset = unsetSecrets(plan, worded).map(({ address, variable, otherwise }): Note => {
    const ways = otherwise === undefined ? '' : `: ${otherwise}`
    return { address, message: `the variable ${variable} is not set; the apply must send it${ways}` }
  })
  return unset.length === 0 ? plan : { ...plan, notes: [...plan.notes, ...unset] }
}
