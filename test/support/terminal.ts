import pkg from '../../package.json' with { type: 'json' }
import { asFlag } from '../../src/cli/asFlag.ts'
import { explainFailure } from '../../src/cli/failure.ts'
import { run } from '../../src/cli/program.ts'
import type { Surroundings } from '../../src/cli/terminal.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import { hidingSecrets } from '../../src/model/redact.ts'

/** The place that a command is given. */
export interface Where {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

type Heard = (text: string) => void

/** A terminal that no person sits at, and that hears no signal. */
export const silentTerminal = ({ cwd, env }: Where, out: Heard, err: Heard): Surroundings => ({
  words: asFlag,
  env,
  cwd,
  platform: process.platform,
  isTty: false,
  columns: 0,
  interactive: false,
  out,
  err,
  ask: async () => undefined,
  onSignal: () => () => undefined,
  openHints: new Set(),
  exit: code => {
    throw new Error(`ended with ${code}`)
  }
})

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/**
 * A command in this process, with what `src/cli.ts` does for one in its own.
 *
 * @param heard is told each text before it is printed
 */
export async function inThisProcess(args: readonly string[], where: Where, heard: Heard = () => undefined): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  const out = (text: string): void => {
    heard(text)
    stdout += text
  }
  const terminal = silentTerminal(where, out, text => {
    stderr += text
  })
  const code = await ranOn(terminal, args)
  return { stdout, stderr, code }
}

/** @returns the exit code */
export const ranOn = (terminal: Surroundings, args: readonly string[]): Promise<number> =>
  hidingSecrets(() => run(args, terminal, pkg.version).catch(async (error: unknown) => exitCodes[await explainFailure(error, terminal)]))
