import { movedSince } from '../plan/digest.ts'
import { unsetSecrets } from '../plan/secrets.ts'
import { applySummary, isComplete, outcomesJson } from '../report/applySummary.ts'
import { errorLine } from '../report/errorText.ts'
import { planText } from '../report/planText.ts'
import { jsonText, printable } from '../report/printable.ts'
import { namingFrom } from '../report/step.ts'
import { carryOut } from './carryOut.ts'
import { consent } from './consent.ts'
import { alone } from './exclusive.ts'
import { applyCode, type ExitCode, exitCodes, refusalCode, worst } from './exitCodes.ts'
import type { Flags } from './flags.ts'
import { owes, recover, restoredText } from './recovery.ts'
import { documentOf, isSavedPlan, readSavedPlan, type SavedPlan } from './savedPlan.ts'
import { inSession, type Planned, planIn, type Session } from './session.ts'
import { styleFor, type Terminal } from './terminal.ts'
import { type Prepared, prepare } from './topology.ts'
import { Stop, UsageError } from './usage.ts'

interface Ended {
  readonly code: ExitCode
  readonly document: Readonly<Record<string, unknown>>
}

/** Plans each topology and carries the plan out, one topology after the other. */
export async function apply(given: readonly string[], flags: Flags, terminal: Terminal): Promise<ExitCode> {
  if (flags.parallelism === 0) throw new UsageError('--parallelism takes a whole number from 1.')
  const [path = ''] = given
  const saved = isSavedPlan(given) ? readSavedPlan(path, flags, terminal) : undefined
  const settings = saved?.flags ?? flags
  const prepared = await prepare(saved ? [saved.file] : given, settings, terminal)
  if (prepared === undefined) return exitCodes.invalid
  if (settings.planDigest !== undefined && prepared.length > 1)
    throw new UsageError('--plan-digest is of the plan of one topology; there are several.')
  const codes: ExitCode[] = []
  const documents: unknown[] = []
  for (const one of prepared) {
    const { code, document } = await applyOne(one, saved, settings, terminal)
    codes.push(code)
    documents.push({ ...document, exit_code: code })
    // An interrupted run begins nothing more, and a lock that is off is seen to first.
    if (code === exitCodes.interrupted || code === exitCodes.terminated || code === exitCodes.lockNotRestored) break
  }
  if (settings.json) terminal.out(jsonText(documents.length === 1 ? documents[0] : { format_version: '1.0', applies: documents }))
  return worst(codes)
}

const applyOne = (prepared: Prepared, saved: SavedPlan | undefined, flags: Flags, terminal: Terminal): Promise<Ended> =>
  inSession(prepared, flags, terminal, session => alone(prepared, session.run, () => applyIn(session, saved, terminal)))

/** Ends what an earlier run left behind, plans, asks where it has to, and carries out. */
export async function applyIn(session: Session, saved: SavedPlan | undefined, terminal: Terminal): Promise<Ended> {
  const { flags, prepared } = session
  const say = flags.json ? terminal.err : terminal.out
  const planned = await recovered(await planIn(session), session, terminal, say)
  say(planText(planned.view, styleFor(terminal, flags.noColor)))
  const document = { format_version: '1.0', plan: documentOf(planned, session) }
  const { plan } = planned
  const stale = movedFrom(planned, saved, flags)
  if (stale !== undefined) {
    terminal.err(stale)
    return { code: exitCodes.stale, document }
  }
  if (plan.refusals.length > 0) return { code: refusalCode(plan), document }
  if (plan.steps.length === 0) return { code: plan.waiting.length > 0 ? exitCodes.waiting : exitCodes.ok, document }
  nothingUnset(planned)
  if (saved === undefined && !flags.autoApprove) await consent(prepared.resolved.name, terminal)
  return applied(planned, session, terminal)
}

/** What a run before this one left off, or going, comes first; then the plan is made anew. @throws Stop where a lock cannot be put back */
async function recovered(planned: Planned, session: Session, terminal: Terminal, say: (text: string) => void): Promise<Planned> {
  const { prepared, connection, journals, run, flags } = session
  const { desired } = prepared.resolved
  if (!owes(planned.left, planned.live.remembered, desired)) return planned
  say('An earlier run did not come to its end. What it left off is put back first.\n')
  const stopping = new AbortController()
  const ignore = terminal.onSignal(() => stopping.abort(new Error('Interrupted while waiting. Nothing was changed by this run.')))
  try {
    const azure = connection.open('writing')
    const waits = (what: string): void => terminal.err(`Waiting for ${printable(what)}\n`)
    const { remembered } = planned.live
    const asked = { resume: flags.resume, keep: [], atOnce: false }
    const restored = await recover({ prepared, azure, journals, remembered, run, say: waits, signal: stopping.signal, ...asked })
    say(restoredText(restored, namingFrom(desired), styleFor(terminal, flags.noColor)))
    if (restored.some(({ outcome }) => outcome === 'failed'))
      throw new Stop(9, `Nothing else was changed. Put them back first: pglink locks restore ${prepared.file}`)
  } finally {
    ignore()
  }
  return planIn(session)
}

/** @throws Stop when a step would have to send what is not there */
function nothingUnset({ plan }: Planned): void {
  const unset = unsetSecrets(plan)
  if (unset.length === 0) return
  const names = [...new Set(unset.map(({ variable }) => variable))]
  throw new Stop(
    4,
    `Not set, and a step must send it: ${names.join(', ')}. Nothing was changed. Set it in the environment or in a file given with --env-file.`
  )
}

/** What moved since the plan that is to be applied was made, or nothing where it is the same plan. */
function movedFrom({ view, foundation }: Planned, saved: SavedPlan | undefined, { planDigest }: Flags): string | undefined {
  if (saved && saved.digest !== view.digest) {
    const moved = movedSince(saved.foundation, foundation).map(one => `  ${printable(one)}\n`)
    return `Error: Something moved since the plan was saved. Nothing was changed. Plan again and look at it.\n${moved.join('')}`
  }
  if (planDigest !== undefined && planDigest.replace(/^sha256:/, '') !== view.digest.replace(/^sha256:/, ''))
    return `Error: The plan made now has the digest ${view.digest}, not ${printable(planDigest)}. Nothing was changed.\n`
  return undefined
}

async function applied(planned: Planned, session: Session, terminal: Terminal): Promise<Ended> {
  const { flags, prepared } = session
  const { plan } = planned
  const naming = namingFrom(prepared.resolved.desired)
  const { result, signal } = await carryOut(planned, session, terminal)
  const done = { plan, result, left: undefined, naming, file: prepared.file }
  // Where steps failed the difference is known, and an interrupted run is wanted to end.
  const failed = [...result.outcomes.values()].some(({ as }) => as === 'failed' || as === 'unknown' || as === 'unproven')
  const reads = !failed && !result.interrupted && result.missingRights.length === 0
  const closing = reads
    ? await planIn(session).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    : undefined
  const unread = closing instanceof Error ? closing : undefined
  const left = closing instanceof Error ? undefined : closing?.plan
  const say = flags.json ? terminal.err : terminal.out
  say(`\n${applySummary({ ...done, left }, styleFor(terminal, flags.noColor))}`)
  if (unread)
    terminal.err(
      `Error: Not proven, since the read after it failed: ${errorLine(unread)}\nSee what is left to do: pglink plan ${prepared.file}\n`
    )
  return {
    code: worst([applyCode(plan, result, left, signal), ...(unread ? [exitCodes.partial] : [])]),
    document: {
      format_version: '1.0',
      plan: documentOf(planned, session),
      complete: isComplete(done),
      steps: outcomesJson({ ...done, left }),
      locks_not_restored: result.owed.map(({ path }) => path),
      unlocked_ms: result.unlockedMs,
      missing_rights: result.missingRights,
      still_differs:
        left === undefined ? null : left.changes.map(change => (change.op === 'delete' ? change.old.address : change.resource.address)),
      waiting: left?.waiting ?? []
    }
  }
}
