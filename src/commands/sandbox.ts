import { resolve } from 'node:path'
import { realClock } from '../sandbox/clock.ts'
import { startSandboxServer } from '../sandbox/serve.ts'
import { openSandbox } from './azure.ts'
import { codeOfSignal, type ExitCode, exitCodes, type Signal } from './exitCodes.ts'
import type { Flags } from './flags.ts'
import type { Terminal } from './terminal.ts'
import { Stop, UsageError } from './usage.ts'

const portMax = 65_535

/** Serves the sandbox on this machine until it is interrupted, and says how to reach it. */
export async function sandbox(_given: readonly string[], flags: Flags, terminal: Terminal): Promise<ExitCode> {
  if ((flags.port ?? 0) > portMax) throw new UsageError(`--port takes a number up to ${portMax}.`)
  if (flags.speed !== undefined && flags.speed <= 0) throw new UsageError('--speed takes a number above 0.')
  const state = resolve(terminal.cwd, flags.sandboxState ?? '.pglink/sandbox.json')
  const caFile = resolve(terminal.cwd, flags.caOut ?? '.pglink/sandbox-ca.pem')
  const clock = realClock(flags.speed === undefined ? {} : { speed: flags.speed })
  const { sandbox: estate, close } = openSandbox(state, flags, terminal, clock)
  try {
    const server = await started({ sandbox: estate, port: flags.port ?? 0, caOut: caFile })
    terminal.out(
      [
        `The sandbox listens on ${server.url} until you stop it with Ctrl-C. Its estate is kept in ${state}.`,
        'In another shell:',
        `  export NODE_EXTRA_CA_CERTS=${caFile} PGLINK_ARM_ENDPOINT=${server.url} ARM_TOKEN=sandbox`,
        '  pglink plan',
        ''
      ].join('\n')
    )
    const signal = await interrupted(terminal)
    await server.close()
    return signal === 'SIGINT' ? exitCodes.ok : codeOfSignal(signal)
  } finally {
    close()
  }
}

async function started(options: Parameters<typeof startSandboxServer>[0]): ReturnType<typeof startSandboxServer> {
  try {
    return await startSandboxServer(options)
  } catch (error) {
    throw new Stop(1, `The sandbox cannot listen on port ${options.port}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const interrupted = (terminal: Terminal): Promise<Signal> => new Promise(stop => void terminal.onSignal(stop))
