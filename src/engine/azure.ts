import { join, resolve } from 'node:path'
import type { TokenCredential } from '@azure/core-auth'
import { type Azure, type AzureOptions, createAzure, sharedOptions } from '../azure/azure.ts'
import { estateAt, tenantIn } from '../azure/estate.ts'
import { realClock } from '../azure/realClock.ts'
import { SharedAnswers } from '../azure/shared.ts'
import { Turns } from '../azure/turns.ts'
import type { Estate } from '../model/estate.ts'
import { option } from '../model/option.ts'
import { madeDataDir } from './dataDir.ts'
import type { Host } from './host.ts'
import { lockClient, signInForLocks } from './lockLogin.ts'
import { expiryOf, holderOf, type Login, objectIdOf, provesItself, signIn } from './login.ts'
import type { EstateOption, SandboxOptions } from './options.ts'
import type { Settings } from './settings.ts'
import { Stop } from './stop.ts'
import type { Prepared } from './topology.ts'

/** The way to Azure that the flags ask for, kept for one topology. */
export interface Connection {
  /** Where the way leads to. */
  readonly estate: Estate
  /** `reading` refuses every method but GET at the wire. */
  /** @param shared answers that are not asked for again */
  open(use: 'reading' | 'writing', shared?: SharedAnswers): Azure
  /** Answers that the topologies of this command share, until the run writes, or looks whether anything has changed. */
  readonly answers: SharedAnswers
  close(): void
  /** The login, as its token says; none in the sandbox of this process. */
  readonly holder?: string | undefined
  /** The second login, where there is one. */
  readonly lockHolder?: string | undefined
  /** The object id of the login in Entra, by the token. */
  readonly objectId?: string | undefined
}

type Cloud = 'AzureCloud' | 'AzureUSGovernment' | 'AzureChinaCloud'

interface Wanted {
  readonly settings: Settings
  readonly host: Host
  readonly cloud: Cloud
  readonly dataDir: string
  /** Ties the requests of this run together in Azure's logs. */
  readonly run: string
}

/** @throws Stop when there is no login, or the sandbox cannot be had */
export async function connect(wanted: Wanted): Promise<Connection> {
  const { estate: choice = { azure: 'default' }, cwd } = wanted.settings
  const lockIdentity = lockClient(wanted.settings)
  if ('armEndpoint' in choice) return onLoopback(choice, wanted)
  if ('sandbox' in choice) {
    // Loaded here alone: every other command would wait for it.
    const { inSandbox } = await import('./inSandbox.ts')
    const files = filesOf(choice)
    if (files.state === undefined) madeDataDir(wanted.dataDir)
    const { options, estate, limited, issued, keep, close } = inSandbox(stateFileOf(choice, { dataDir: wanted.dataDir, cwd }), files, cwd)
    const served = { estate: { of: 'sandbox', id: estate }, limited } as const
    const lockCredential = lockIdentity === undefined ? undefined : tokenOf(issued(lockIdentity))
    return connection({ ...options, credential: tokenOf('sandbox'), lockCredential }, wanted, { ...served, keep, close })
  }
  return real(choice, wanted)
}

interface Estated extends Pick<Connection, 'estate'>, Partial<Pick<Connection, 'close' | 'holder' | 'lockHolder' | 'objectId'>> {
  /** Whether Azure's limits hold there; where the host does not say otherwise they do. */
  readonly limited?: boolean
  /** Called before anything is written. */
  readonly keep?: () => void
}

const connection = (
  options: AzureOptions,
  { run, host, settings }: Pick<Wanted, 'run' | 'host' | 'settings'>,
  { estate, limited = true, keep, holder, lockHolder, objectId, close = () => undefined }: Estated
): Connection => {
  const answers = new SharedAnswers()
  const shared = sharedOptions(options)
  const own = new Turns({
    clock: options.clock ?? realClock,
    limited,
    readsPerMinute: settings.maxReadsPerMinute,
    told: turn => host.notify({ type: 'turn', ...turn })
  })
  return {
    estate,
    holder,
    lockHolder,
    objectId,
    answers,
    open(use, kept) {
      if (use === 'writing') {
        keep?.()
        answers.clear()
      }
      // The run that writes ends its own requests, after it has restored the locks.
      const { stopping, standstill } = host
      const told: Pick<AzureOptions, 'correlationId' | 'onRequest' | 'onWait'> = {
        correlationId: run,
        onRequest: request => host.notify({ type: 'request', ...request }),
        onWait: wait => host.notify({ type: 'throttled', ...wait })
      }
      return createAzure({
        ...shared,
        ...told,
        turns: own,
        standstill,
        ...(use === 'reading' && { readOnly: true, asksGraph: settings.who, stopping, shared: kept })
      })
    },
    close
  }
}

const yearMs = 365 * 24 * 3600 * 1000
const tokenOf = (token: string): TokenCredential => ({ getToken: async () => ({ token, expiresOnTimestamp: Date.now() + yearMs }) })

/** Tells one way from another: topologies that go the same way are of one estate. */
export function wayTo({ resolved: { cloud }, dataDir }: Prepared, { estate = { azure: 'default' }, cwd }: Settings): string {
  if ('sandbox' in estate) return stateFileOf(estate, { dataDir, cwd })
  return 'armEndpoint' in estate ? estate.armEndpoint : cloud
}

type InSandbox = Extract<EstateOption, { sandbox: unknown }>

const filesOf = ({ sandbox }: InSandbox): SandboxOptions => (sandbox === true ? {} : sandbox)

/** The file that a sandbox is kept in. */
export function stateFileOf(choice: InSandbox, { dataDir, cwd }: { readonly dataDir: string; readonly cwd: string }): string {
  const { state } = filesOf(choice)
  return state === undefined ? join(dataDir, 'sandbox.json') : resolve(cwd, state)
}

/** Only this machine: a token would be sent to whatever is named here. */
async function onLoopback(
  { armEndpoint: url, token }: Extract<EstateOption, { armEndpoint: unknown }>,
  { settings, host, run }: Wanted
): Promise<Connection> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'https:' || !['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname))
    throw new Stop(
      'error',
      `${option(settings, 'armEndpoint')} takes an https address on this machine, such as https://localhost:8443, not ${url}.`
    )
  const endpoint = parsed.origin
  // The sandbox signs in as Entra does, but is none of the authorities that the libraries know.
  const elsewhere = { authorityHost: endpoint, disableInstanceDiscovery: true }
  const entered = async (first: Login): Promise<Connection> => {
    const forLocks = await signInForLocks({ settings, host, authority: elsewhere, first }, `${endpoint}/.default`)
    const estate = await estateAt(endpoint, tenantIn(first.token))
    return connection(
      { ...credentialsOf(first, forLocks), endpoint },
      { run, host, settings },
      { ...estate, ...holdersOf(first, forLocks) }
    )
  }
  if (token !== '') {
    const until = expiryOf(token)
    if (until !== undefined) host.signedInUntil?.(until)
    return entered({ credential: tokenOf(token), token })
  }
  if (!provesItself(settings, host))
    throw new Stop('error', `With ${option(settings, 'armEndpoint')} the token is read from ARM_TOKEN, and that is not set.`)
  return entered(await signIn({ settings, host, authority: elsewhere }, `${endpoint}/.default`))
}

/** Endpoints of the clouds, without a slash at the end: the scope of the token is made of it. */
export const clouds: Readonly<Record<Cloud, { readonly endpoint: string; readonly authorityHost: string }>> = {
  AzureCloud: { endpoint: 'https://management.azure.com', authorityHost: 'https://login.microsoftonline.com' },
  AzureUSGovernment: { endpoint: 'https://management.usgovcloudapi.net', authorityHost: 'https://login.microsoftonline.us' },
  AzureChinaCloud: { endpoint: 'https://management.chinacloudapi.cn', authorityHost: 'https://login.chinacloudapi.cn' }
}

async function real({ azure }: Extract<EstateOption, { azure: unknown }>, { cloud, run, settings, host }: Wanted): Promise<Connection> {
  const { endpoint, authorityHost } = clouds[cloud]
  const scope = `${endpoint}/.default`
  const first = await signIn({ settings, host, authority: { authorityHost }, given: azure }, scope)
  const forLocks = await signInForLocks({ settings, host, authority: { authorityHost }, first }, scope)
  const estate: Estate = { of: cloud, id: tenantIn(first.token) }
  return connection({ ...credentialsOf(first, forLocks), endpoint }, { run, host, settings }, { estate, ...holdersOf(first, forLocks) })
}

const credentialsOf = ({ credential }: Login, forLocks: Login | undefined): Pick<AzureOptions, 'credential' | 'lockCredential'> => ({
  credential,
  lockCredential: forLocks?.credential
})

const holdersOf = ({ token }: Login, forLocks: Login | undefined): Pick<Connection, 'holder' | 'lockHolder' | 'objectId'> => ({
  holder: holderOf(token),
  objectId: objectIdOf(token),
  lockHolder: forLocks && holderOf(forLocks.token)
})
