import * as core from '@actions/core'
import { stopped } from '../cli/failure.ts'
import { signalsOf } from '../cli/signals.ts'
import type { Surroundings } from '../cli/terminal.ts'
import { kebab } from '../model/kebab.ts'
import type { OptionWords } from '../model/option.ts'
import type { JobPlace } from './surroundings.ts'

/** Inputs that are called otherwise than the flag: as azure/login calls them, or after one that it has. */
const inputNames: Readonly<Record<string, string>> = { subscription: 'subscription-id', lockIdentity: 'lock-client-id' }

/** An option as an input of the action. */
const asInput: OptionWords = (name, value) => {
  const input = inputNames[name] ?? kebab(name)
  return value === undefined ? input : `${input}: ${value}`
}

/** A terminal that is the log of a step, and what was said on it. */
export interface RunnerTerminal extends Surroundings {
  /** Until when the login is good; `undefined` where it renews itself, or there was none. */
  readonly goodUntil: () => number | undefined
  /** Told when a login is known to end, before anything is done with it. */
  onLogin(listener: (until: number) => void): void
  /** The same, without the text that was asked for. */
  quietly(): Surroundings
}

/** The process that the runner started, less the parts that the action itself decides. */
export type Runner = Pick<NodeJS.Process, 'env' | 'platform' | 'stdout' | 'exit' | 'on' | 'cwd'>

/**
 * Two signals come when a job is cancelled: SIGINT, and SIGTERM 7.5 s later; after another 2.5 s the process is killed [GH docs
 * workflow-cancellation-reference]. The first lets the run restore locks, the second ends the process, and the post step goes on
 * from there.
 */
export function runnerTerminal(runner: Runner, { env, cwd, asJob }: JobPlace): RunnerTerminal {
  const login: { until: number | undefined; tell: (until: number) => void } = { until: undefined, tell: () => undefined }
  const log = logOf(text => void runner.stdout.write(text))
  const terminal: Surroundings = {
    words: asInput,
    env,
    cwd,
    isTty: false,
    columns: 0,
    platform: runner.platform,
    interactive: false,
    out: log,
    err: log,
    ask: async () => undefined,
    onSignal: signalsOf(
      { on: (signal, listener) => runner.on(signal, listener) },
      signal => void stopped(signal, terminal).then(code => runner.exit(code))
    ),
    openHints: new Set(),
    exit: code => runner.exit(code),
    ...(asJob && { idToken: core.getIDToken }),
    signedInUntil: until => {
      login.until = until
      login.tell(until)
    }
  }
  return {
    ...terminal,
    goodUntil: () => login.until,
    onLogin(listener) {
      login.tell = listener
    },
    quietly: () => ({ ...terminal, out: () => undefined })
  }
}

/**
 * The runner carries out a line that begins with two colons, whatever blanks are before it, and one with `##[` anywhere in it
 * [GH actions/runner, ActionCommand.cs]; a person who names a resource could write either. We print text here, and ours was made
 * printable before; this holds for a text that was put together to become such a line.
 */
export function logOf(write: (text: string) => void): (text: string) => void {
  let beginning = true
  let held = ''
  return text => {
    const lines = `${held}${text}`.split('\n')
    const last = lines.at(-1) ?? ''
    // A text that may still become the beginning of a command waits for what comes after it.
    held = ((beginning || lines.length > 1) && /^\s+:?$|^:$/u.test(last) ? last : /#{1,2}$/.exec(last)?.[0]) ?? ''
    const shown = [...lines.slice(0, -1), last.slice(0, last.length - held.length)]
    const harmless = (line: string, index: number): string =>
      (index > 0 || beginning ? line.replace(/^(\s*):(?=:)/u, '$1\\u003a') : line).replace(/(?<=#)#(?=\[)/g, '\\u0023')
    write(shown.map(harmless).join('\n'))
    beginning = lines.length > 1 ? shown.at(-1) === '' : beginning && shown.at(-1) === ''
  }
}
