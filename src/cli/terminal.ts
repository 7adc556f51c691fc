import type { Signal } from '../model/ending.ts'
import { type Style, styleOf } from '../report/style.ts'

/** The world a command runs in. Only the edge that builds it prints, exits or reads the environment. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly platform: string
  /** Whether the output is shown on a terminal. */
  readonly isTty: boolean
  /** 0 where nobody knows. */
  readonly columns: number
  /** A person is there to answer, and lines may be drawn over. */
  readonly interactive: boolean
  /** The text for whoever asked: the report, or with `--json` the document and nothing else. */
  out(text: string): void
  /** The lines said beside it. */
  err(text: string): void
  /** The answer, or `undefined` when the input ended. @throws Interrupted */
  ask(question: string): Promise<string | undefined>
  /** Until the returned function is called, signals go to `listener` instead of ending the process. */
  onSignal(listener: (signal: Signal) => void): () => void
  /** The hints of sessions that have not come to their end, should the command end before them. */
  readonly openHints: Set<() => Promise<string | undefined>>
  /** Ends the process at once: for the second signal. */
  exit(code: number): never
  /** A token that says who this job is, asked for anew each time. Only where a job can prove that. */
  readonly idToken?: (audience: string) => Promise<string>
  /** Whether a workflow run, `OWNER/NAME/runs/ID`, has come to its end; `undefined` where that cannot be told. */
  readonly workflowEnded?: (workflow: string) => Promise<boolean | undefined>
  /** Told until when the login is good, where it is not known to renew itself. */
  readonly signedInUntil?: (expiresOnTimestamp: number) => void
  /** Ends what only reads, and throws its reason, where no signal ends the process. */
  readonly stopping?: AbortSignal
  /** The command broke: whatever still goes on stands still from its abort on, so that what is said of it stays true. */
  readonly standstill?: AbortSignal
}

type Env = Terminal['env']

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

export const styleFor = ({ env, isTty, platform }: Terminal, noColor: boolean): Style =>
  styleOf({ color: wantsColor(env, isTty, noColor), unicode: showsUnicode(env, platform) })
