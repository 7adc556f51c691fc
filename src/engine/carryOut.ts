import { apply } from '../apply/apply.ts'
import { leftOff, onInterrupts } from '../cli/interrupts.ts'
import { lines, live, type Progress } from '../cli/progress.ts'
import { requestLog } from '../cli/requestLog.ts'
import { restoreCommand } from '../cli/restoreCommand.ts'
import type { Terminal } from '../cli/terminal.ts'
import { type Happened, happenings } from '../document/happened.ts'
import type { PlanDocument, PlanStep } from '../document/plan.generated.ts'
import type { Entry, Journal } from '../locks/index.ts'
import type { Signal } from '../model/ending.ts'
import type { ApplyEvent, ApplyResult } from '../model/events.ts'
import { addressesIn, namingFrom } from '../model/naming.ts'
import { printed } from '../model/printable.ts'
import { prover } from '../proof/endpoint.ts'
import { errorLine } from './errorText.ts'
import { offNow } from './recovery.ts'
import { permissionsOf } from './rights.ts'
import type { Planned, Session } from './session.ts'
import { workflowIn } from './workflow.ts'

const stepsAtOnce = 10

/** Narrower than this, a list that is drawn over is not readable any more. */
const columnsMin = 40

/** The plan of a topology that is to be carried out. */
export interface Agreed {
  readonly session: Session
  readonly planned: Planned
}

export interface CarriedOut {
  readonly result: ApplyResult
  /** The signal that interrupted it. */
  readonly signal: Signal | undefined
  /** Whether something of it could not be written to the journal, which was said then. */
  readonly unwritten: boolean
}

/**
 * Runs the steps of the plan to their end, or to where somebody stops it: locks are restored either way.
 *
 * @param heard is told of each event, beside whoever watches the terminal
 */
export async function carryOut(
  { session, planned: { plan }, made }: Agreed & { readonly made: PlanDocument },
  terminal: Terminal,
  heard: (happened: Happened) => void
): Promise<CarriedOut> {
  const { connection, flags, run, prepared, journals } = session
  const { file, resolved } = prepared
  const { desired } = resolved
  const azure = connection.open('writing')
  const naming = namingFrom(addressesIn(desired, plan))
  const progress = await progressOf(made.steps, flags, terminal, terminal.err)
  const stopping = new AbortController()
  const stopped: { signal: Signal | undefined } = { signal: undefined }
  const restoreLine = (...more: readonly string[]): string => restoreCommand(file, flags, more)
  const ignore = onInterrupts(
    { ...terminal, err: progress.say },
    {
      first: 'Nothing new is started, what is in flight finishes, and the locks are restored.',
      stop(signal) {
        stopped.signal = signal
        stopping.abort()
      },
      second() {
        progress.end()
        return leftOff(offNow([journals], naming), restoreLine())
      }
    }
  )
  const noted = noting(journals, progress.say)
  const watch = azure.onOperation(({ path, url }) => noted.append({ type: 'operation', path, url, at: now() }))
  try {
    const maxUnlockedMs = resolved.safety.maxUnlockedSeconds * 1_000
    const parallelism = flags.parallelism ?? stepsAtOnce
    const beside = { permissions: permissionsOf(session), ...workflowIn(terminal.env) }
    const executor = { azure, journal: journals, desired, prove: prover(desired), run, ...beside, parallelism, maxUnlockedMs, restoreLine }
    const tell = happenings(made.steps, naming)
    const told = (event: ApplyEvent): void => {
      const happened = tell(event)
      if (happened === undefined) return
      progress.on(happened)
      heard(happened)
    }
    const result = await apply(plan, executor, told, stopping.signal)
    await noted.append({ type: 'ended', at: now() })
    if (!noted.failed()) journals.conclude()
    return { result, signal: stopped.signal, unwritten: noted.failed() }
  } finally {
    watch()
    ignore()
    progress.end()
  }
}

const progressOf = async (
  steps: readonly PlanStep[],
  flags: Session['flags'],
  terminal: Terminal,
  err: Progress['say']
): Promise<Progress> =>
  terminal.interactive && terminal.columns >= columnsMin && !flags.json && requestLog(flags, terminal) === undefined
    ? await live(steps, err)
    : lines(flags.json ? terminal.err : terminal.out, err)

const now = (): string => new Date().toISOString()

/**
 * For what is noted when it has happened already: nothing that follows may be left out because the disk does not take that. Says so,
 * the first time.
 */
function noting(journal: Journal, err: (text: string) => void) {
  let failed = false
  return {
    async append(entry: Entry): Promise<void> {
      try {
        await journal.append(entry)
      } catch (error) {
        if (!failed) err(printed`Error: Not all of this run is in its journal: ${errorLine(error)}\n`)
        failed = true
      }
    },
    failed: () => failed
  }
}
