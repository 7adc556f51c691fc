import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { madeDataDir } from '../engine/dataDir.ts'
import { openSandbox } from '../engine/inSandbox.ts'
import { Stop, UsageError } from '../engine/stop.ts'
import type { Ending, Signal } from '../model/ending.ts'
import { type Json, jsonIn, NoJson } from '../model/json.ts'
import { jsonLine, printed } from '../model/printable.ts'
import { shellWord } from '../model/shell.ts'
import { parseBehaviours } from '../sandbox/behaviours.ts'
import { makeAuthority } from '../sandbox/certificate.ts'
import { realClock } from '../sandbox/clock.ts'
import { control } from '../sandbox/control.ts'
import { requestLog } from '../sandbox/requestLog.ts'
import { parsePrincipals } from '../sandbox/rights/principals.ts'
import type { Sandbox, Settings } from '../sandbox/sandbox.ts'
import { startSandboxServer } from '../sandbox/serve.ts'
import { tenantId, usualSubscription } from '../sandbox/subscriptions.ts'
import { anyClient, clientEnv } from './clientEnv.ts'
import type { Flags } from './flags.ts'
import type { Surroundings } from './terminal.ts'

const portMax = 65_535

/** Serves the sandbox on this machine until it is interrupted, and says how to reach it; or only says how others can. */
export async function sandbox(_given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  if ((flags.port ?? 0) > portMax) throw new UsageError(`--port takes a number up to ${portMax}.`)
  const caFile = resolve(terminal.cwd, flags.caOut ?? '.pglink/sandbox-ca.pem')
  if (flags.printEnv !== undefined) return printEnv(flags.printEnv, flags, terminal)
  const tls = ownCertificate(flags, terminal)
  if (tls && flags.dataPlane) throw new UsageError('--data-plane makes certificates of its own: not together with --tls-cert.')
  const state = resolve(terminal.cwd, flags.state ?? '.pglink/sandbox.json')
  if (flags.state === undefined) madeDataDir(dirname(state))
  const clock = realClock(flags.speed === undefined ? {} : { speed: flags.speed })
  const log = requestLog()
  const files = { seed: flags.seed, faults: flags.faults, log: flags.log }
  const { sandbox: estate, close } = openSandbox(state, files, terminal.cwd, { clock, log: log.add, ...settingsOf(flags, terminal) })
  const closing: (() => Promise<void>)[] = []
  try {
    const plane = flags.dataPlane ? await dataPlane(estate, caFile, terminal) : undefined
    closing.push(async () => plane?.close())
    const way = tls ? { tls } : { caOut: caFile }
    const server = await started({ sandbox: estate, control: control(estate, log), port: flags.port ?? 0, ...way, ...plane?.serving })
    closing.push(() => server.close())
    const ca = tls ? {} : { ca: caFile }
    // One line for a program, which waits for it; what a person needs beside it is on the other channel.
    terminal.out(jsonLine({ url: server.url, ...ca, state, ...plane?.ready, control: `${server.url}/_sandbox/` }))
    terminal.err(
      [
        `The sandbox listens on ${server.url} until you stop it with Ctrl-C. Its estate is kept in ${state}.`,
        'In another shell:',
        `  export ${tls ? '' : `NODE_EXTRA_CA_CERTS=${caFile} `}PGLINK_ARM_ENDPOINT=${server.url} ARM_TOKEN=sandbox`,
        '  pglink plan',
        `Other clients: pglink sandbox --port ${server.port}${toTrust(flags)} --print-env az (or terraform, sdk, powershell)`,
        ...(plane?.lines ?? []),
        ''
      ].join('\n')
    )
    await interrupted(terminal)
    return 'ok'
  } finally {
    for (const end of closing.reverse()) await end()
    close()
  }
}

interface Plane {
  readonly serving: Pick<Parameters<typeof startSandboxServer>[0], 'issuer' | 'answered'>
  readonly ready: { readonly flags: string }
  readonly lines: readonly string[]
  readonly close: () => Promise<void>
}

/** @throws Stop where PostgreSQL is not installed, or cannot be set up */
async function dataPlane(sandbox: Sandbox, caFile: string, terminal: Surroundings): Promise<Plane> {
  const { startDataPlane, NoPostgres } = await import('../sandbox/dataPlane/dataPlane.ts')
  const issuer = await makeAuthority()
  const flagsFolder = join(dirname(caFile), 'data-plane')
  try {
    const plane = await startDataPlane({
      sandbox,
      authority: issuer,
      caFile: shellWord(caFile),
      flagsFolder,
      say: line => terminal.err(printed`${line}\n`)
    })
    return {
      serving: { issuer, answered: plane.answered },
      ready: { flags: flagsFolder },
      lines: [`All flags of a network: pglink verify --live $(cat ${shellWord(join(flagsFolder, 'NETWORK'))})`],
      close: () => plane.close()
    }
  } catch (error) {
    throw new Stop('error', error instanceof NoPostgres ? error.message : `PostgreSQL cannot be set up: ${messageOf(error)}`)
  }
}

/** The flags of the served sandbox that `--print-env` has to be given as well. */
function toTrust({ caOut, tlsCert, principals }: Flags): string {
  const given = { '--ca-out': caOut, '--tls-cert': tlsCert, '--principals': principals }
  return Object.entries(given)
    .map(([flag, file]) => (file === undefined ? '' : ` ${flag} ${shellWord(file)}`))
    .join('')
}

/** @throws Stop where the file to trust is not there, so that no client is pointed at a sandbox that it would refuse */
function printEnv(client: string, flags: Flags, terminal: Surroundings): Ending {
  const { port, principals } = flags
  if (!port) throw new UsageError('--print-env needs --port N, the port that the sandbox listens on.')
  const lines = clientEnv(client)
  const given = flags.tlsCert ?? flags.caOut ?? '.pglink/sandbox-ca.pem'
  const first =
    principals === undefined ? undefined : read('--principals', principals, terminal.cwd, text => parsePrincipals(text, principals))[0]
  const signsIn = first === undefined ? anyClient : { id: first.clientId, secret: first.secret ?? anyClient.secret }
  const ca = realPath(given, terminal.cwd)
  if (ca === undefined)
    throw new Stop(
      'error',
      `There is no ${given}, which a client has to trust. Start the sandbox first, or name its file by --ca-out or --tls-cert.`
    )
  terminal.out(lines({ port, ca, subscription: usualSubscription, tenant: tenantId, client: signsIn }))
  return 'ok'
}

function realPath(file: string, cwd: string): string | undefined {
  try {
    return realpathSync(resolve(cwd, file))
  } catch {
    return undefined
  }
}

/** @throws Stop where one of the files cannot be used; UsageError where only one is named */
function ownCertificate(
  { tlsCert, tlsKey, caOut }: Flags,
  { cwd }: Surroundings
): { readonly cert: string; readonly key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined) throw new UsageError('--tls-cert and --tls-key go together: one is missing.')
  if (caOut !== undefined) throw new UsageError('--ca-out is where a certificate that is made here goes: not together with --tls-cert.')
  const tls = { cert: contents('--tls-cert', tlsCert, cwd), key: contents('--tls-key', tlsKey, cwd) }
  try {
    createSecureContext(tls)
  } catch (error) {
    throw new Stop('error', `The sandbox cannot use ${tlsCert} with ${tlsKey}: ${messageOf(error)}`)
  }
  return tls
}

/** @throws Stop naming the file */
function settingsOf({ behaviours, principals, throttle }: Flags, { cwd }: Surroundings): Settings {
  const switches =
    behaviours === undefined ? {} : read('--behaviours', behaviours, cwd, text => parseBehaviours(jsonIn(text) as Json, behaviours))
  return {
    ...((behaviours !== undefined || throttle) && { behaviours: { ...switches, ...(throttle && { throttling: 'arm' as const }) } }),
    ...(principals !== undefined && { principals: read('--principals', principals, cwd, text => parsePrincipals(text, principals)) })
  }
}

function read<T>(flag: string, file: string, cwd: string, parse: (text: string) => T): T {
  const text = contents(flag, file, cwd)
  try {
    return parse(text)
  } catch (error) {
    // An error of the sandbox's parsers begins with the file already.
    const why = messageOf(error)
    throw new Stop('error', why.startsWith(file) ? why : error instanceof NoJson ? `${file} ${why}` : `${file}: ${why}`)
  }
}

function contents(flag: string, file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8')
  } catch (error) {
    throw new Stop('error', `${flag} ${file} cannot be read: ${messageOf(error)}`)
  }
}

async function started(options: Parameters<typeof startSandboxServer>[0]): ReturnType<typeof startSandboxServer> {
  try {
    return await startSandboxServer(options)
  } catch (error) {
    throw new Stop('error', `The sandbox cannot listen on port ${options.port}: ${messageOf(error)}`)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const interrupted = (terminal: Surroundings): Promise<Signal> => new Promise(stop => void terminal.onSignal(stop))
