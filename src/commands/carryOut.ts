import { apply } from '../apply/apply.ts'
import type { ApplyResult } from '../apply/events.ts'
import { proveEndpoint } from '../proof/endpoint.ts'
import { namingFrom } from '../report/step.ts'
import { codeOfSignal, type Signal } from './exitCodes.ts'
import { journalFor } from './journals.ts'
import { lines, live, type Progress } from './progress.ts'
import { restoreCommand } from './restoreCommand.ts'
import type { Planned, Session } from './session.ts'
import type { Terminal } from './terminal.ts'

const stepsAtOnce = 10

/** Narrower than this, a list that is drawn over is not readable any more. */
const columnsMin = 40

export interface CarriedOut {
  readonly result: ApplyResult
  /** What interrupted it. */
  readonly signal: Signal | undefined
}

/** Runs the steps of a plan to their end, or to where somebody stops it: locks go back either way. */
export async function carryOut({ plan }: Planned, session: Session, terminal: Terminal): Promise<CarriedOut> {
  const { prepared, connection, flags } = session
  const azure = connection.open('writing')
  const journal = journalFor(prepared, session.run)
  const naming = namingFrom(prepared.resolved.desired)
  const say = flags.json ? terminal.err : terminal.out
  const progress =
    terminal.interactive && terminal.columns >= columnsMin && !flags.json ? await live(plan.steps, naming) : lines(say, naming)
  const stopping = new AbortController()
  const heard: { signal: Signal | undefined } = { signal: undefined }
  const ignore = terminal.onSignal(signal => interrupt(signal, { heard, stopping, progress, session, terminal }))
  const watch = azure.onOperation(({ path, url }) => journal.append({ type: 'operation', path, url, at: now() }))
  try {
    const maxUnlockedMs = prepared.resolved.safety.maxUnlockedSeconds * 1_000
    const parallelism = flags.parallelism ?? stepsAtOnce
    const executor = { azure, journal, prove: proveEndpoint, run: session.run, parallelism, maxUnlockedMs }
    const result = await apply(plan, executor, event => progress.on(event), stopping.signal)
    await journal.append({ type: 'ended', at: now() })
    return { result, signal: heard.signal }
  } finally {
    watch()
    ignore()
    progress.end()
  }
}

const now = (): string => new Date().toISOString()

interface Interruptible {
  readonly heard: { signal: Signal | undefined }
  readonly stopping: AbortController
  readonly progress: Progress
  readonly session: Session
  readonly terminal: Terminal
}

/** The first stops what has not begun and lets the locks go back; the second stops at once and says what that may leave. */
function interrupt(signal: Signal, { heard, stopping, progress, session, terminal }: Interruptible): void {
  if (heard.signal === undefined) {
    heard.signal = signal
    terminal.err(
      '\nInterrupt received. Nothing new is started, what is in flight finishes, and the locks go back. Once more to stop at once.\n'
    )
    stopping.abort()
    return
  }
  progress.end()
  const back = restoreCommand(session.prepared.file, session.flags)
  terminal.err(`\nTwo interrupts received. Stopped at once: locks may be off. Put them back:\n  ${back}\n`)
  terminal.exit(codeOfSignal(signal))
}
