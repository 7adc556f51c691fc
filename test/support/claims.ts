import { appliedJson } from '../../src/document/appliedJson.ts'
import { happenings } from '../../src/document/happened.ts'
import type { Closing } from '../../src/engine/closing.ts'
import { applyEnding } from '../../src/engine/endings.ts'
import { locksNow, offNotes } from '../../src/engine/locksOff.ts'
import { verdictOf } from '../../src/engine/verdict.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import type { ApplyEvent, ApplyResult } from '../../src/model/events.ts'
import { namingFrom } from '../../src/model/naming.ts'
import { pathsOf } from '../../src/proof/path.ts'
import { applySummary } from '../../src/report/applySummary.ts'
import { eventLine } from '../../src/report/applyText.ts'
import { styleOf } from '../../src/report/style.ts'
import type { Estate, Planned } from './estate.ts'
import { documentFrom, judgedAlone } from './planView.ts'
import { watchedIn } from './watched.ts'
import { brokenPaths, type Claimed } from './witness.ts'

const restoreLine = 'pglink locks restore topology.yaml'

/** The tool's own verdict of a plan, below the command line, as the command line makes it. */
async function closingOf({ plan, live, wanted }: Planned, now: number): Promise<Closing> {
  const { desired, endpoints } = wanted
  const paths = pathsOf({ desired, live, endpoints })
  const left = { owed: [], awaitingScope: [], held: [], leftover: [], running: [], writes: [], unfinished: false }
  const looks = { journals: { ofRun: () => undefined }, left, marked: live.marked, listed: live.listedLocks, desired, now, run: '' }
  const locks = offNotes(await locksNow(looks), { desired, restoreLine }).notes
  const verdict = verdictOf({ plan, paths, drift: [], locks, markers: [] })
  return { plan, verdict, paths, desired }
}

/** The paths that the witness finds broken although the tool says that all matches. */
export const mistaken = async (on: Estate, topology: object, planned: Planned): Promise<string[]> =>
  (await closingOf(planned, on.sandbox.clock.now())).verdict.as === 'matches' ? brokenPaths(on.sandbox.handle, watchedIn(topology)) : []

/** A run as it went. */
export interface Gone {
  readonly planned: Planned
  readonly result: ApplyResult
  readonly events: readonly ApplyEvent[]
  /** The plan that is made after it. */
  readonly closing: Planned
  /** Milliseconds since 1970, by the estate's clock. */
  readonly now: number
}

/** The text that `pglink apply` would have printed of a run, and its exit code. */
export async function claimOf({ planned: { plan, wanted, live }, result, events, closing: after, now }: Gone): Promise<Claimed> {
  const naming = namingFrom(wanted.desired)
  const failed = [...result.outcomes.values()].some(({ as }) => as === 'failed' || as === 'unknown' || as === 'unproven')
  // Where steps failed the command line reads no more.
  const closing = failed ? undefined : await closingOf(after, now)
  const made = documentFrom(
    { plan, desired: wanted.desired, topology: { name: '', file: '' }, asked: new Map(), digest: '', ...judgedAlone(plan) },
    live
  )
  const applied = appliedJson({ made, plan, result, naming, restoreLine, closing })
  const happened = happenings(made.steps, naming)
  const lines = events.flatMap(event => happened(event) ?? []).map(eventLine)
  const text = [...lines, applySummary(applied, styleOf({ color: false, unicode: true }))].join('\n')
  return { text, code: exitCodes[applyEnding(plan, result, closing, undefined)], command: 'apply' }
}
