import type { Ignoring } from '../drift/index.ts'
import { type Compared, judged, locksOff, locksUnseen, readUndeclared } from '../drift/index.ts'
import { readsIn } from '../model/reads.ts'
import { notesOn, pathsOf } from '../proof/path.ts'
import { type Acceptance, acceptDrift } from './accepting.ts'
import { baselineTime } from './baseline.ts'
import type { Host } from './host.ts'
import type { ReadFor } from './look.ts'
import { type Drafted, draftIn, type Planned, preparedFrom, undeclaredWanted } from './look.ts'
import type { Outcome } from './outcomes.ts'
import { type Session, together } from './session.ts'
import type { RevertOptions } from './settings.ts'
import { withWho } from './who.ts'

/** Where Azure and a topology do not agree, by one read. */
export interface Drifted {
  readonly session: Session
  readonly compared: Compared
  readonly found: Ignoring
  readonly notes: ReturnType<typeof notesOn>
  /** When it was read, RFC 3339. */
  readonly at: string
  readonly reads: number
}

export interface DriftedTopology extends Drifted {
  /** With the option `revert`: the plan of what puts the drift back. */
  readonly revert?: Planned
  /** With the option `accept`: the drift that was written into the files. */
  readonly acceptance?: Acceptance
}

/**
 * Looks where Azure and the topology do not agree, with requests that only read, and writes to no file but with the option `accept`.
 *
 * @throws Stop where nothing can be found out
 */
export const drift = (options: RevertOptions, host: Host): Promise<Outcome<DriftedTopology>> =>
  together(options, host, {
    look: lookIn,
    goOn(looked, session, how) {
      if (how === 'beside') host.notify({ type: 'topology', prepared: session.prepared })
      return toldOf(looked, session)
    }
  })

interface Looked {
  readonly drifted: Drifted
  readonly drafted: Drafted | undefined
}

/** Reads once: what is declared, today and as last applied, and then what no file declares. */
async function lookIn(session: Session, how: ReadFor): Promise<Looked> {
  const { prepared, baseline, connection, settings } = session
  const { resolved } = prepared
  const drafted = await draftIn(session, how)
  const { live, locks, owners, asked } = drafted.seen
  const { plan } = drafted.whole
  const compared: Compared = { resolved, baseline, live, words: settings.words }
  const azure = connection.open('reading', how === 'beside' ? connection.answers : undefined)
  const undeclared = await readUndeclared(azure, undeclaredWanted(session, live, owners))
  const left = [
    ...locksOff({ desired: resolved.desired, baseline: baseline?.desired, off: locks.off }),
    ...locksUnseen(resolved.desired, live.locksUnreadable)
  ]
  const found = judged(compared, plan, [...undeclared, ...left])
  const drifted = {
    session,
    compared,
    found: settings.who ? await withWho(found, azure, await baselineTime(prepared.file, settings)) : found,
    notes: notesOn(pathsOf({ ...resolved, live }), { ...resolved, live }),
    at: new Date().toISOString(),
    reads: readsIn(asked) + azure.calls.reads
  }
  // Only a plan needs the whole of what was read.
  return { drifted, drafted: session.settings.revert ? drafted : undefined }
}

/** Tells of it, and does about it what the options ask for. */
async function toldOf({ drifted, drafted }: Looked, session: Session): Promise<DriftedTopology> {
  const { settings, host } = session
  host.notify({ type: 'drifted', drifted })
  if (settings.accept) {
    const acceptance = await acceptDrift(session, drifted.compared)
    host.notify({ type: 'accepted', drifted, acceptance })
    return { ...drifted, acceptance }
  }
  if (drafted === undefined) return drifted
  const revert = await preparedFrom(session, drafted)
  host.notify({ type: 'revert planned', drifted, planned: revert })
  return { ...drifted, revert }
}
