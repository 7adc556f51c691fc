import { restoreCommand } from '../document/commandLine.ts'
import { happenedOf, planDocumentOf } from '../document/documents.ts'
import type { Host, Notice } from '../engine/host.ts'
import { problemIn, tellingOf } from '../host/notice.ts'
import { problemText } from '../host/problem.ts'
import type { Ending } from '../model/ending.ts'
import { jsonText } from '../model/printable.ts'
import { validateJson } from '../report/diagnostics.ts'
import { confirm } from './consent.ts'
import type { Flags } from './flags.ts'
import { onInterrupt } from './interrupts.ts'
import type { Tell } from './outputs.ts'
import { live, type Progress } from './progress.ts'
import { readingLine } from './reading.ts'
import { requestLog } from './requestLog.ts'
import { type Surroundings, styleFor } from './terminal.ts'

export interface Showing {
  readonly flags: Flags
  readonly terminal: Surroundings
  /** Takes the report as it goes; without it what belongs to the report is not shown. */
  readonly report?: ((text: string) => void) | undefined
  readonly tell?: Tell | undefined
  /** Shows what is the command's own to show. @returns whether it did */
  readonly own?: (notice: Notice) => boolean
}

/** Narrower than this, a list that is drawn over is not readable any more. */
const columnsMin = 40

export interface HostOnTerminal extends Host {
  /** The last thing that was said to be wrong, in one sentence; '' where nothing was. */
  readonly problem: () => string
}

/** A command's outcome, for the Action: it shows more of it than a terminal does. */
export interface Shown<Document> {
  readonly ending: Ending
  /** One for each topology that was come to. */
  readonly documents: readonly Document[]
  /** The last thing that was said to be wrong, in one sentence; '' where nothing was. */
  readonly problem: string
}

/** The engine's host on a terminal: it shows what happens, asks and hears signals. */
export function hostOn(showing: Showing): HostOnTerminal {
  const { flags, terminal, report = () => undefined, tell, own = () => false } = showing
  const style = styleFor(terminal, flags.noColor)
  const line = readingLine(terminal)
  const log = requestLog(flags, terminal)
  let progress: Progress | undefined
  let problem = ''
  const aside = (text: string): void => (progress ? progress.say(text) : terminal.err(text))
  const isDrawnOver = terminal.interactive && terminal.columns >= columnsMin && !flags.json && log === undefined
  const notify = (notice: Notice): void => {
    problem = problemIn(notice) ?? problem
    if (notice.type === 'reading' || (notice.type === 'looked' && line)) {
      line?.on(notice)
      return
    }
    if (notice.type !== 'request' || log) line?.clear()
    if (notice.type === 'request') log?.(notice)
    else if (notice.type === 'step' && progress) onStep(progress, notice)
    else if (notice.type === 'stepped') {
      progress?.end()
      progress = undefined
    } else if (!own(notice)) show(notice)
    tell?.(notice)
  }
  const show = (notice: Notice): unknown => {
    // Files that are not sound have no other document.
    if (notice.type === 'problems' && !notice.sound && !notice.baseline && flags.json)
      return terminal.out(jsonText(validateJson(notice.diagnostics)))
    const telling = tellingOf(notice, style, terminal)
    if (telling !== undefined) (telling.to === 'report' ? report : aside)(telling.text)
    const why = notice.type === 'concluded' ? notice.applied.problem : undefined
    return why === undefined ? undefined : aside(problemText(why, terminal))
  }
  const { idToken, workflowEnded, signedInUntil, standstill, openHints } = terminal
  return {
    notify,
    problem: () => problem,
    async beforeSteps(planned, session) {
      if (isDrawnOver) progress = await live(planDocumentOf(planned, session).steps, terminal.err)
    },
    confirm: question => confirm(question, { flags, terminal, style }),
    onInterrupt: work => onInterrupt(work, { ...terminal, err: aside, end: () => progress?.end() }),
    restoreLine: restoreCommand,
    whileOpen(hint) {
      openHints.add(hint)
      return () => void openHints.delete(hint)
    },
    idToken,
    workflowEnded,
    signedInUntil,
    standstill
  }
}

function onStep(progress: Progress, notice: Extract<Notice, { type: 'step' }>): void {
  const happened = happenedOf(notice)
  if (happened !== undefined) progress.on(happened)
}
