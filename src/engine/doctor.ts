import type { Azure } from '../azure/azure.ts'
import { ArmError, asking } from '../azure/error.ts'
import { dateAt } from '../azure/estate.ts'
import { type Permissions, permissionsThrough } from '../azure/permissions.ts'
import { kindOf } from '../kinds/index.ts'
import { lockRights } from '../kinds/managementLock.ts'
import { counted } from '../model/counted.ts'
import { scopesOf, subscriptionOf } from '../model/id.ts'
import { isBody } from '../model/json.ts'
import { messageOf } from '../model/message.ts'
import type { Resource } from '../model/resource.ts'
import { shellLine } from '../model/shell.ts'
import { clouds, connect } from './azure.ts'
import { dataDirOf } from './dataDir.ts'
import { errorLine, explained } from './errorText.ts'
import type { Host } from './host.ts'
import type { EstateOption } from './options.ts'
import { runId } from './runId.ts'
import { type AllOptions, type Settings, settingsOf } from './settings.ts'
import { Stop } from './stop.ts'
import { type Prepared, prepare } from './topology.ts'

/** One thing that was looked at. */
export interface Examined {
  readonly check: 'node' | 'file' | 'network' | 'clock' | 'login' | 'token' | 'provider' | 'rights'
  /** `unknown`: it could not be looked at. */
  readonly state: 'ok' | 'wrong' | 'unknown'
  readonly says: string
  /** The way out. */
  readonly fix?: string
}

/** As far as a clock may be wrong before a sign-in fails: Entra forgives five minutes. */
const skewMaxMs = 4 * 60_000
/** An apply asks for more than this. */
const lifeMinMs = 10 * 60_000

/** Looks at all that a run needs, with requests that only read, and goes on where something is missing. */
export async function examine(options: Partial<AllOptions>, host: Host, node: string): Promise<readonly Examined[]> {
  const settings = settingsOf(options)
  const found: Examined[] = [nodeFinding(node)]
  const prepared = await filesFor(settings, found)
  const ways = new Map((prepared ?? [undefined]).map(one => [`${one?.resolved.cloud} ${one?.dataDir}`, one]))
  for (const one of ways.values()) {
    const same = prepared?.filter(other => other.resolved.cloud === one?.resolved.cloud && other.dataDir === one.dataDir) ?? []
    found.push(...(await network(settings, one)), ...(await signedIn(one, same, { settings, host })))
  }
  return [...new Map(found.map(one => [`${one.check} ${one.says}`, one])).values()]
}

function nodeFinding(version: string): Examined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > 20 || (major === 20 && minor >= 19)
  return { check: 'node', state: isNew ? 'ok' : 'wrong', says: `Node ${version}`, ...(!isNew && { fix: 'Install Node 20.19 or newer.' }) }
}

async function filesFor(settings: Settings, found: Examined[]): Promise<readonly Prepared[] | undefined> {
  const wrong = (says: string, fix: string): undefined => void found.push({ check: 'file', state: 'wrong', says, fix })
  try {
    const files = await prepare(settings, { notify: () => undefined })
    const errors = files.diagnostics.filter(({ severity }) => severity === 'error')
    if (!files.sound) return wrong(`${counted(errors.length, 'error')}, first: ${errors[0]?.summary}`, '`pglink validate` shows them all.')
    for (const { file, resolved } of files.prepared)
      found.push({ check: 'file', state: 'ok', says: `${file}: topology ${resolved.name}, ${counted(resolved.desired.size, 'resource')}` })
    return files.prepared
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    return wrong(errorLine(error), 'Name a topology file, or write a first one with `pglink init`.')
  }
}

const urlsOf = (estate: EstateOption, cloud: keyof typeof clouds): Readonly<Record<string, string>> => {
  if ('sandbox' in estate) return {}
  const arm = (endpoint: string): string => `${endpoint}/metadata/endpoints?api-version=2022-09-01`
  if ('armEndpoint' in estate) return { 'The sandbox': arm(estate.armEndpoint) }
  const { endpoint, authorityHost } = clouds[cloud]
  return { 'Azure Resource Manager': arm(endpoint), 'The sign-in of Entra': `${authorityHost}/common/.well-known/openid-configuration` }
}

/** Whether each address answers, and how far this clock is from theirs. */
async function network(settings: Settings, one: Prepared | undefined): Promise<readonly Examined[]> {
  const { estate = { azure: 'default' } } = settings
  const looks = Object.entries(urlsOf(estate, one?.resolved.cloud ?? 'AzureCloud')).map(
    async ([name, url]): Promise<readonly Examined[]> => {
      const { host } = new URL(url)
      try {
        const date = await dateAt(url)
        return [{ check: 'network', state: 'ok', says: `${name} answers at ${host}` }, clockFinding(date, host)]
      } catch (error) {
        const says = `${name} does not answer at ${host}: ${explained(error, settings)?.message ?? messageOf(error)}`
        return [
          { check: 'network', state: 'wrong', says, fix: 'Look at the network, and at HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS.' }
        ]
      }
    }
  )
  return (await Promise.all(looks)).flat()
}

function clockFinding(date: number | undefined, host: string): Examined {
  if (date === undefined) return { check: 'clock', state: 'unknown', says: `${host} does not say the time` }
  const apartMs = Math.abs(Date.now() - date)
  const isFar = apartMs > skewMaxMs
  // Both are told in whole seconds, and the answer took a while.
  const says = isFar
    ? `This clock is ${Math.round(apartMs / 60_000)} minutes from that of ${host}`
    : `This clock agrees with that of ${host}`
  return {
    check: 'clock',
    state: isFar ? 'wrong' : 'ok',
    says,
    ...(isFar && { fix: 'Set the clock: a sign-in fails with one that is wrong.' })
  }
}

async function signedIn(
  one: Prepared | undefined,
  topologies: readonly Prepared[],
  { settings, host }: { readonly settings: Settings; readonly host: Host }
): Promise<readonly Examined[]> {
  const quiet: Host = { ...host, notify: notice => (notice.type === 'request' ? host.notify(notice) : undefined) }
  try {
    const wanted = {
      settings,
      host: quiet,
      cloud: one?.resolved.cloud ?? 'AzureCloud',
      dataDir: one?.dataDir ?? dataDirOf('topology.yaml', settings, settings.cwd),
      run: runId()
    }
    const connection = await connect(wanted)
    try {
      const azure = connection.open('reading')
      const { holder, lockHolder } = connection
      const login: Examined = {
        check: 'login',
        state: 'ok',
        says: holder === undefined ? 'The sandbox asks for no login' : `Signed in: ${holder}`
      }
      const desired = topologies.flatMap(({ resolved }) => [...resolved.desired.values()]).filter(({ managed }) => managed)
      return [
        login,
        ...(holder === undefined ? [] : [await tokenFinding(azure)]),
        ...(lockHolder === undefined
          ? []
          : [{ check: 'login', state: 'ok', says: `Signed in for locks: ${lockHolder}` } as const, await tokenFinding(azure.forLocks)]),
        ...(await providers(azure, desired)),
        ...(await rights(azure, desired))
      ]
    } finally {
      connection.close()
    }
  } catch (error) {
    const known = explained(error, settings)
    if (known === undefined && !(error instanceof Stop)) throw error
    const fix = known?.next ?? (error instanceof Stop ? error.details.join(' ') : '')
    return [{ check: 'login', state: 'wrong', says: known?.message ?? errorLine(error), fix: fix === '' ? 'Sign in: az login.' : fix }]
  }
}

async function tokenFinding(azure: Azure): Promise<Examined> {
  const life = await azure.tokenLifeMs(0)
  const isShort = life < lifeMinMs
  const says = `The token is good for ${Math.floor(life / 60_000)} more minutes`
  return { check: 'token', state: isShort ? 'wrong' : 'ok', says, ...(isShort && { fix: 'Sign in again: az login.' }) }
}

type Managed = readonly Resource[]

/** Whether each subscription has the providers registered whose resources it is to have. */
async function providers(azure: Azure, desired: Managed): Promise<readonly Examined[]> {
  const asked = new Map(
    desired.map(one => {
      const [namespace = ''] = kindOf(one).type.split('/')
      const subscription = subscriptionOf(one.id)
      return [`/subscriptions/${subscription}/providers/${namespace}`, { namespace, subscription }] as const
    })
  )
  const looks = [...asked].sort().map(async ([path, { namespace, subscription }]): Promise<Examined> => {
    const name = `Provider ${namespace}, subscription ${subscription}`
    try {
      const answer = await asking(`GET ${path}`, () => azure.send({ method: 'GET', path, apiVersion: '2021-04-01' }))
      const state = isBody(answer) ? String(answer['registrationState']) : ''
      const fix = shellLine(['az', 'provider', 'register', '--namespace', namespace, '--subscription', subscription])
      return state === 'Registered'
        ? { check: 'provider', state: 'ok', says: `${name}: registered` }
        : { check: 'provider', state: 'wrong', says: `${name}: ${state}`, fix }
    } catch (error) {
      if (!(error instanceof ArmError)) throw error
      return { check: 'provider', state: 'unknown', says: `${name}: ${error.message}`, fix: 'Ask for Reader on the subscription.' }
    }
  })
  return Promise.all(looks)
}

/** Whether the logins may write what the file declares, on each resource group or subscription that it declares it in. */
async function rights(azure: Azure, desired: Managed): Promise<readonly Examined[]> {
  const permissions = permissionsThrough(azure)
  const needed = new Map<string, { readonly scope: string; readonly login: Permissions; readonly actions: Set<string> }>()
  for (const one of desired) {
    const { actions, type } = kindOf(one)
    // Itself, what it lies in, its group, its subscription.
    const scope = scopesOf(one.id).at(-2) ?? one.id
    const isLock = /\/locks$/i.test(type)
    const login = (isLock ? permissions.forLocks : undefined) ?? permissions
    const key = login === permissions ? scope : `${scope} (locks)`
    const all = needed.get(key) ?? { scope, login, actions: new Set() }
    for (const wanted of isLock ? lockRights : [`${actions}/write`]) all.actions.add(wanted)
    needed.set(key, all)
  }
  const byKey = [...needed].sort(([one], [other]) => (one < other ? -1 : 1))
  const looks = byKey.map(async ([, { scope, login, actions }]): Promise<Examined> => {
    const held = await login.on(scope)
    const on = `${login === permissions ? 'Rights' : 'Rights of the login for locks'} on ${scope}`
    if (held === undefined) return { check: 'rights', state: 'unknown', says: `${on}: Azure does not say`, fix: 'Ask for Reader there.' }
    const lacking = [...actions].filter(action => !held(action)).sort()
    return lacking.length === 0
      ? { check: 'rights', state: 'ok', says: `${on}: all that it takes to write` }
      : {
          check: 'rights',
          state: 'wrong',
          says: `${on}: without ${lacking.join(', ')}`,
          fix: 'Enough to plan. For an apply ask for a role that has them.'
        }
  })
  return Promise.all(looks)
}
