import type { TokenCredential } from '@azure/core-auth'
import type { Terminal } from '../cli/terminal.ts'
import { Interrupted } from '../engine/stop.ts'
import type { Event } from '../report/events.ts'
import type { ApplyOptions, PglinkEvent } from './options.ts'

/** A terminal that nobody looks at: what is said on it goes to the program that asked. */
export interface Silent {
  readonly terminal: Terminal
  /** The text for the caller: with `--json` the document. */
  readonly document: () => string
  /** The lines said beside it. */
  readonly said: () => readonly string[]
  /** The first error that a function of the caller's threw. It stops nothing, since locks may be off. */
  readonly thrown: () => { readonly by: string; readonly error: unknown } | undefined
  /** Lets go of the signal. */
  readonly end: () => void
}

export function silent(options: Partial<ApplyOptions>): Silent {
  const { estate, environment = {}, cwd = process.cwd(), signal, log, onEvent } = options
  const parts: string[] = []
  const guard = guarding()
  const lines = linesTo(log && guard.calling('log', log))
  const heard = onEvent && guard.calling('onEvent', onEvent)
  const stopping = new AbortController()
  const stop = (): void => stopping.abort(new Interrupted('SIGINT', 'Interrupted while reading.'))
  if (signal?.aborted) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  return {
    terminal: {
      env: estate && 'armEndpoint' in estate ? { ...environment, ARM_TOKEN: estate.token } : environment,
      cwd,
      platform: process.platform,
      isTty: false,
      columns: 0,
      interactive: false,
      out: text => void parts.push(text),
      err: lines.add,
      ask: async () => undefined,
      onSignal: listener => onceAborted(stopping.signal, () => listener('SIGINT')),
      openHints: new Set(),
      exit: code => {
        throw new Error(`a program was to be ended with ${code}`)
      },
      stopping: stopping.signal,
      ...credentialIn(options),
      ...(heard && { heard: line => heard(eventIn(line)) })
    },
    document: () => parts.join(''),
    said: lines.all,
    thrown: guard.thrown,
    end() {
      lines.end()
      signal?.removeEventListener('abort', stop)
    }
  }
}

const eventIn = (line: string): PglinkEvent => JSON.parse(line) as Event & Pick<PglinkEvent, '@timestamp'>

function credentialIn({ estate }: Partial<ApplyOptions>): { readonly credential?: TokenCredential } {
  return estate && 'azure' in estate && estate.azure !== 'default' ? { credential: estate.azure } : {}
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
