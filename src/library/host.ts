import { restoreCommand } from '../document/commandLine.ts'
import { written } from '../document/documents.ts'
import type { Event } from '../document/event.ts'
import type { Host, Notice } from '../engine/host.ts'
import { Interrupted } from '../engine/stop.ts'
import { problemIn, tellingOf } from '../host/notice.ts'
import { eventsOf } from '../host/noticeEvents.ts'
import { stamped } from '../report/events.ts'
import { plain } from '../report/style.ts'
import type { ApplyOptions, PglinkEvent } from './options.ts'

/** The host of a run that no user looks at: all that happens is told to the program that asked. */
export interface QuietHost extends Host {
  /** The lines that the command line would say. */
  readonly said: () => readonly string[]
  /** The last thing that was said to be wrong, in one sentence; '' where nothing was. */
  readonly problem: () => string
  /** The first error that a function of the caller's threw. It stops nothing, since locks may be off. */
  readonly thrown: () => { readonly by: string; readonly error: unknown } | undefined
  readonly tell: (events: readonly Event[]) => void
  /** The hints for a user whose run broke off. */
  readonly hints: () => Promise<readonly string[]>
  /** Lets go of the signal. */
  readonly end: () => void
}

/** @param logsReport whether the report of the run is told to `log` as well, as an apply's is while it goes on */
export function hostFor(options: Partial<ApplyOptions>, logsReport: boolean): QuietHost {
  const { signal, log, onEvent } = options
  const guard = guarding()
  const lines = linesTo(log && guard.calling('log', log))
  const heard = onEvent && guard.calling('onEvent', onEvent)
  const stopping = new AbortController()
  const stop = (): void => stopping.abort(new Interrupted('SIGINT', 'Interrupted while reading.'))
  if (signal?.aborted) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  const open = new Set<() => Promise<string | undefined>>()
  const tell = (events: readonly Event[]): void => {
    for (const event of events) heard?.(written(stamped(event)) as Event & Pick<PglinkEvent, '@timestamp'>)
  }
  let problem = ''
  return {
    notify(notice: Notice) {
      problem = problemIn(notice) ?? problem
      const telling = tellingOf(notice, plain)
      if (telling && (telling.to === 'aside' || logsReport)) lines.add(telling.text)
      if (heard) tell(eventsOf(notice))
    },
    // The call is the yes that a user would type.
    confirm: async () => undefined,
    onInterrupt: ({ stop: end }) => onceAborted(stopping.signal, () => end('SIGINT')),
    restoreLine: restoreCommand,
    whileOpen(hint) {
      open.add(hint)
      return () => void open.delete(hint)
    },
    stopping: stopping.signal,
    tell,
    said: lines.all,
    problem: () => problem,
    thrown: guard.thrown,
    hints: async () => (await Promise.all([...open].map(hint => hint().catch(() => undefined)))).flatMap(hint => hint ?? []),
    end() {
      lines.end()
      signal?.removeEventListener('abort', stop)
    }
  }
}

/** As a second Ctrl-C never comes of an AbortSignal, the process is never ended. @returns an end to the listening */
function onceAborted(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

function guarding() {
  let first: { readonly by: string; readonly error: unknown } | undefined
  return {
    thrown: () => first,
    calling:
      <T>(by: string, callback: (value: T) => void) =>
      (value: T): void => {
        try {
          callback(value)
        } catch (error) {
          first ??= { by, error }
        }
      }
  }
}

/** Takes text as it comes and passes it on a line at a time. */
function linesTo(log: ((line: string) => void) | undefined) {
  const all: string[] = []
  let rest = ''
  const add = (text: string): void => {
    const [last = '', ...whole] = (rest + text).split('\n').reverse()
    rest = last
    for (const line of whole.reverse()) {
      all.push(line)
      log?.(line)
    }
  }
  return {
    add,
    all: (): readonly string[] => all,
    end: () => {
      if (rest !== '') add('\n')
    }
  }
}
