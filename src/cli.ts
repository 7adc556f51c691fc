import pkg from '../package.json' with { type: 'json' }
import { asFlag } from './cli/asFlag.ts'
import { signalsOf } from './cli/signals.ts'
import type { Surroundings } from './cli/terminal.ts'
import type { Signal } from './model/ending.ts'

/** The process is about to end with what broke in it: what the command comes to meanwhile does not count. */
const failing = new AbortController()
/** The error that ends it is being said: a signal changes nothing any more. */
let isEnding = false

void main()

async function main(): Promise<void> {
  // A reader that went away must not keep locks from being restored.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
  const terminal = terminalOfProcess()
  // Thrown where no code waits for it: the command cannot go on, and is to say so as it says everything else.
  for (const stray of ['uncaughtException', 'unhandledRejection'] as const) process.once(stray, error => void failed(error, terminal))
  try {
    const { run } = await import('./cli/program.ts')
    const code = await run(process.argv.slice(2), terminal, pkg.version)
    if (!failing.signal.aborted) await end(code)
  } catch (error) {
    if (!failing.signal.aborted) await failed(error, terminal)
  }
}

async function failed(error: unknown, terminal: Surroundings): Promise<void> {
  failing.abort()
  isEnding = true
  // A second error while we say this must not bring a stack to the screen, or change the exit code.
  for (const stray of ['uncaughtException', 'unhandledRejection'] as const) process.removeAllListeners(stray).on(stray, () => undefined)
  try {
    const [{ explainFailure }, { exitCodes }] = await Promise.all([import('./cli/failure.ts'), import('./host/exitCodes.ts')])
    await end(exitCodes[await explainFailure(error, terminal)])
  } catch {
    terminal.err('Error: pglink has a bug, and could not even say which. Please report it with the command.\n')
    await end(1)
  }
}

/** At a moment at which no part of the command listens: the run is about to begin or to end. */
async function interrupted(signal: Signal, terminal: Surroundings): Promise<void> {
  if (isEnding) return
  failing.abort()
  isEnding = true
  const [{ stopped }, { exitCodes }] = await Promise.all([import('./cli/failure.ts'), import('./host/exitCodes.ts')])
  await end(exitCodes[await stopped(signal, terminal)])
}

async function end(code: number): Promise<void> {
  isEnding = true
  await Promise.all([process.stdout, process.stderr].map(stream => new Promise<void>(resolve => stream.write('', () => resolve()))))
  process.exit(code)
}

function terminalOfProcess(): Surroundings {
  const { stdout, stderr, env } = process
  const terminal: Surroundings = {
    words: asFlag,
    env,
    cwd: process.cwd(),
    isTty: stdout.isTTY === true,
    columns: stdout.columns ?? 0,
    platform: process.platform,
    // A build agent may have a terminal, and no person at it.
    interactive: stdout.isTTY === true && process.stdin.isTTY === true && (env['CI'] ?? '') === '',
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    ask: async question => (await import('./cli/ask.ts')).ask(question, process.stdin, stderr),
    onSignal: signalsOf({ on: (signal, listener) => process.on(signal, listener) }, signal => void interrupted(signal, terminal)),
    openHints: new Set(),
    exit: code => process.exit(code),
    standstill: failing.signal
  }
  return terminal
}
