#!/usr/bin/env -S node --
// The two dashes keep Node 20 from taking our --env-file for its own, wherever that stands.
import pkg from '../package.json' with { type: 'json' }
import type { Terminal } from './commands/terminal.ts'

const args = process.argv.slice(2)

// Asked for by scripts, often and in a hurry: nothing is loaded for it.
if (args.length === 1 && args[0] === '--version') process.stdout.write(`${pkg.version}\n`)
else await main()

async function main(): Promise<void> {
  // A reader that went away must not stop locks from going back.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
  const terminal = terminalOfProcess()
  let code: number
  try {
    const { run } = await import('./commands/program.ts')
    code = await run(args, terminal, pkg.version)
  } catch (error) {
    const { explain } = await import('./commands/failure.ts')
    code = await explain(error, terminal)
  }
  await Promise.all([process.stdout, process.stderr].map(stream => new Promise<void>(resolve => stream.write('', () => resolve()))))
  process.exit(code)
}

function terminalOfProcess(): Terminal {
  const { stdin, stdout, stderr, env } = process
  return {
    env,
    cwd: process.cwd(),
    isTty: stdout.isTTY === true,
    columns: stdout.columns ?? 0,
    platform: process.platform,
    // A build agent may have a terminal, and nobody at it.
    interactive: stdin.isTTY === true && stdout.isTTY === true && (env['CI'] ?? '') === '',
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    ask: async question => (await import('./commands/ask.ts')).ask(question, stdin, stderr),
    onSignal(listener) {
      const heard = { SIGINT: () => listener('SIGINT'), SIGTERM: () => listener('SIGTERM') } as const
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, heard[signal])
      return () => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, heard[signal])
      }
    },
    exit: code => process.exit(code)
  }
}
