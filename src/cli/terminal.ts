import type { Host } from '../engine/host.ts'
import type { Signal } from '../model/ending.ts'
import type { OptionWords } from '../model/option.ts'
import { type Style, styleOf } from '../report/style.ts'

/** The user's end: all that is shown goes there, and the answers come from there. */
export interface Terminal {
  /** The text that was asked for: the report, or with `--json` the document and nothing else. */
  out(text: string): void
  /** The lines said beside it. */
  err(text: string): void
  /** 0 where it is not known. */
  readonly columns: number
  /** The answer, or `undefined` when the input ended. @throws Interrupted */
  ask(question: string): Promise<string | undefined>
}

/** The terminal, and the process around a command. Only the edge that builds it prints, exits or reads the environment. */
export interface Surroundings extends Terminal, Pick<Host, 'idToken' | 'workflowEnded' | 'signedInUntil' | 'standstill'> {
  /** The words of this host for options. */
  readonly words: OptionWords
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly platform: string
  /** Whether the output is shown on a terminal. */
  readonly isTty: boolean
  /** The user is there to answer, and lines may be drawn over. */
  readonly interactive: boolean
  /** Until the returned function is called, signals go to `listener` instead of ending the process. */
  onSignal(listener: (signal: Signal) => void): () => void
  /** The hints of sessions that have not come to their end, should the command end before them. */
  readonly openHints: Set<() => Promise<string | undefined>>
  /** Ends the process at once: for the second signal. */
  exit(code: number): never
}

type Env = Surroundings['env']

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ''

/** `NO_COLOR` wins over `FORCE_COLOR`, both over what the terminal can do. */
function wantsColor(env: Env, isTty: boolean, noColor: boolean): boolean {
  if (noColor || isSet(env['NO_COLOR'])) return false
  if (isSet(env['FORCE_COLOR'])) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false'
  return isTty && env['TERM'] !== 'dumb'
}

/** Where nothing says what a terminal can show, it is taken to show ASCII alone. */
function showsUnicode(env: Env, platform: string): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  if (isSet(locale)) return /utf-?8/i.test(locale ?? '')
  return platform === 'darwin' || (platform === 'win32' && isSet(env['WT_SESSION']))
}

export const styleFor = ({ env, isTty, platform }: Surroundings, noColor: boolean): Style =>
  styleOf({ color: wantsColor(env, isTty, noColor), unicode: showsUnicode(env, platform) })
