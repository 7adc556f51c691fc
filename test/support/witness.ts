/*
 * A witness does not share the suspect's notes: this file knows Azure's addresses and bodies, and imports nothing. A test tells it which
 * ids to look at, and it asks for them one by one, as a person with the portal would.
 */

/** Answers a request: the sandbox's handler, or a client over HTTPS. */
export type Ask = (request: Request) => Promise<Response>

/** An endpoint that a test declares, by ARM ids. */
export interface Watched {
  readonly endpoint: string
  readonly server: string
  /** Where the file wants the server's name to be; absent without DNS. */
  readonly zone?: string
  /** The networks that the file links that zone to. */
  readonly links?: readonly string[]
}

// Bodies are read without a schema: what is not where it is looked for is as good as absent.
type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

interface Answer {
  readonly status: number
  readonly body: Json
}

const origin = 'https://management.azure.com'

const versions: readonly (readonly [part: RegExp, version: string])[] = [
  [/\/providers\/Microsoft\.Authorization\/locks/i, '2020-05-01'],
  [/\/providers\/Microsoft\.DBforPostgreSQL\//i, '2025-08-01'],
  [/\/providers\/Microsoft\.DataFactory\//i, '2018-06-01'],
  [/\/providers\/Microsoft\.Network\/privateDnsZones\//i, '2020-06-01'],
  [/\/providers\/Microsoft\.Network\//i, '2024-05-01'],
  [/./, '2021-04-01']
]

async function get(ask: Ask, path: string): Promise<Answer> {
  const [, version = ''] = versions.find(([part]) => part.test(path)) ?? []
  const url = path.startsWith('https:') ? path : `${origin}${path}?api-version=${version}`
  const answer = await ask(new Request(url, { headers: { authorization: 'Bearer witness' } }))
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as Json) }
}

/** Every page of a list. */
async function list(ask: Ask, path: string): Promise<readonly Json[]> {
  const found: Json[] = []
  for (let next = path; next !== ''; ) {
    const { status, body } = await get(ask, next)
    if (status !== 200) throw new Error(`The witness was answered ${status} for ${next}: ${JSON.stringify(body)}`)
    found.push(...items(at(body, 'value')))
    next = text(at(body, 'nextLink'))
  }
  return found
}

const at = (from: Json | undefined, ...keys: readonly string[]): Json | undefined =>
  keys.reduce<Json | undefined>(
    (value, key) =>
      value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>)[key] : undefined,
    from
  )
const items = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const same = (a: Json | undefined, b: string): boolean => text(a).toLowerCase() === b.toLowerCase()
const lastOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1)
const isThere = ({ status }: Answer): boolean => status === 200

/** Whatever keeps clients of these endpoints from their servers, a sentence each; nothing where every path is whole. */
export async function brokenPaths(ask: Ask, watched: readonly Watched[]): Promise<string[]> {
  const broken: string[] = []
  for (const one of watched) {
    const found = await get(ask, one.endpoint)
    if (!isThere(found)) broken.push(`${lastOf(one.endpoint)}: there is no such endpoint`)
    else
      broken.push(...[...connectionFaults(one, found.body), ...(await serverFaults(ask, one)), ...(await dnsFaults(ask, one, found.body))])
  }
  return broken
}

function connectionFaults({ endpoint, server }: Watched, body: Json): string[] {
  const both = ['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections'].flatMap(key => items(at(body, 'properties', key)))
  const mine = both.find(one => same(at(one, 'properties', 'privateLinkServiceId'), server))
  const status = text(at(mine, 'properties', 'privateLinkServiceConnectionState', 'status'))
  const state = text(at(body, 'properties', 'provisioningState'))
  return [
    ...(mine === undefined ? [`${lastOf(endpoint)}: it does not lead to ${lastOf(server)}`] : []),
    ...(mine !== undefined && status !== 'Approved' ? [`${lastOf(endpoint)}: its own side of the connection is ${status}`] : []),
    ...(state === 'Succeeded' ? [] : [`${lastOf(endpoint)}: it is ${state}`])
  ]
}

async function serverFaults(ask: Ask, { endpoint, server }: Watched): Promise<string[]> {
  if (!isThere(await get(ask, server))) return [`${lastOf(endpoint)}: there is no server ${lastOf(server)}`]
  const connections = await list(ask, `${server}/privateEndpointConnections`)
  const mine = connections.find(one => same(at(one, 'properties', 'privateEndpoint', 'id'), endpoint))
  if (mine === undefined) return [`${lastOf(endpoint)}: ${lastOf(server)} knows no connection of it`]
  const status = text(at(mine, 'properties', 'privateLinkServiceConnectionState', 'status'))
  return status === 'Approved' ? [] : [`${lastOf(endpoint)}: the connection is ${status} on ${lastOf(server)}`]
}

async function dnsFaults(ask: Ask, { endpoint, server, zone, links = [] }: Watched, body: Json): Promise<string[]> {
  if (zone === undefined) return []
  const says = (what: string): string => `${lastOf(endpoint)}: ${what}`
  if (!isThere(await get(ask, zone))) return [says(`there is no zone ${zone}`)]
  const groups = await list(ask, `${endpoint}/privateDnsZoneGroups`)
  const configs = groups.flatMap(group => items(at(group, 'properties', 'privateDnsZoneConfigs')))
  const claims = configs.some(config => same(at(config, 'properties', 'privateDnsZoneId'), zone))
  const wanted = await addressesOf(ask, body)
  const record = await get(ask, `${zone}/A/${lastOf(server)}`)
  const held = items(at(record.body, 'properties', 'aRecords')).map(one => text(at(one, 'ipv4Address')))
  const linked = (await list(ask, `${zone}/virtualNetworkLinks`)).filter(one =>
    same(at(one, 'properties', 'virtualNetworkLinkState'), 'Completed')
  )
  return [
    ...(claims ? [] : [says(`no zone group of it is for ${lastOf(zone)}`)]),
    ...(isThere(record) ? [] : [says(`there is no record A/${lastOf(server)}`)]),
    ...(isThere(record) && sorted(held) !== sorted(wanted) ? [says(`A/${lastOf(server)} is ${sorted(held)}, not ${sorted(wanted)}`)] : []),
    ...links
      .filter(network => !linked.some(one => same(at(one, 'properties', 'virtualNetwork', 'id'), network)))
      .map(network => says(`the zone is not linked to ${lastOf(network)}`))
  ]
}

const sorted = (addresses: readonly string[]): string => [...addresses].sort().join(', ')

/** The addresses of the endpoint's network interface, which are the only ones that lead to it. */
async function addressesOf(ask: Ask, endpoint: Json): Promise<string[]> {
  const addresses: string[] = []
  for (const one of items(at(endpoint, 'properties', 'networkInterfaces'))) {
    const { body } = await get(ask, text(at(one, 'id')))
    addresses.push(...items(at(body, 'properties', 'ipConfigurations')).map(config => text(at(config, 'properties', 'privateIPAddress'))))
  }
  return addresses
}

/** A lock with all that has to come back. */
export interface LockSeen {
  readonly path: string
  readonly level: string
  readonly notes: string
  readonly owners: string
}

/** Every lock in these subscriptions, by its path in lower case. */
export async function locksSeen(ask: Ask, subscriptions: readonly string[]): Promise<ReadonlyMap<string, LockSeen>> {
  const found = new Map<string, LockSeen>()
  for (const subscription of subscriptions)
    for (const lock of await list(ask, `/subscriptions/${subscription}/providers/Microsoft.Authorization/locks`)) {
      const path = text(at(lock, 'id'))
      const owners = JSON.stringify(at(lock, 'properties', 'owners') ?? [])
      const [level, notes] = [text(at(lock, 'properties', 'level')), text(at(lock, 'properties', 'notes'))]
      found.set(path.toLowerCase(), { path, level, notes, owners })
    }
  return found
}

/** In what the locks differ from a look before. */
export interface LocksDiffer {
  /** Not as before, and nothing in Azure remembers how it was. */
  readonly lost: readonly string[]
  /** Not as before, and a marker, or the lowered lock itself, holds just what it was. */
  readonly held: readonly string[]
  /** There now, and not before; markers of nothing among them. */
  readonly added: readonly string[]
}

const lockName = /\/providers\/microsoft\.authorization\/locks\/[^/]+$/i
const isMarker = (path: string): boolean => lastOf(path).toLowerCase().startsWith('pglink-owes-')

/** @param before a look at the same subscriptions. A lock that went with what it was on is not missed. */
export async function locksDiffer(ask: Ask, before: ReadonlyMap<string, LockSeen>, subscriptions: readonly string[]): Promise<LocksDiffer> {
  const now = await locksSeen(ask, subscriptions)
  const lost: string[] = []
  const held: string[] = []
  for (const [key, was] of before) {
    const is = now.get(key)
    if (is !== undefined && textOf(is) === textOf(was)) continue
    if (is === undefined && !isThere(await get(ask, was.path.replace(lockName, '')))) continue
    const sentence = `${textOf(was)} is ${is === undefined ? 'not there' : textOf(is)}`
    if (memories(now).has(textOf(was))) held.push(sentence)
    else lost.push(sentence)
  }
  const added = [...now]
    .filter(([key, { path }]) => !before.has(key) && !(isMarker(path) && held.length > 0))
    .map(([, lock]) => textOf(lock))
  return { lost, held, added }
}

const textOf = ({ path, level, notes, owners }: LockSeen): string =>
  `${path.toLowerCase()} ${level} ${JSON.stringify(notes)} ${owners === '[]' ? '' : owners}`.trim()

/** The locks that are off by the notes of markers and of lowered locks, as `textOf` has them. */
function memories(locks: ReadonlyMap<string, LockSeen>): ReadonlySet<string> {
  const parts = new Map<string, { readonly part: number; readonly payload: string }[]>()
  for (const { path, notes } of locks.values()) {
    const [, part = '1', payload] = /^Lifted by pglink, .*?(?: Part (\d+) of \d+\.)? <(.*)>$/.exec(notes) ?? []
    if (payload === undefined) continue
    const whose = isMarker(path) ? path.toLowerCase().replace(/(pglink-owes-[0-9a-f]+)-\d+$/, '$1') : path
    parts.set(whose, [...(parts.get(whose) ?? []), { part: Number(part), payload }])
  }
  const found = [...parts].map(([whose, some]) => {
    const whole = some.sort((a, b) => a.part - b.part).map(({ payload }) => payload)
    const body = parsed(whole.join(''))
    const path = isMarker(whose) ? text(at(body, 'p')) : whose
    return textOf({ path, level: text(at(body, 'l')), notes: text(at(body, 'n')), owners: JSON.stringify(at(body, 'o') ?? []) })
  })
  return new Set(found)
}

function parsed(json: string): Json {
  try {
    return JSON.parse(json) as Json
  } catch {
    return null
  }
}

/** The printed text, and the exit code. */
export interface Claimed {
  readonly text: string
  readonly code: number | null
  /** A plan shows what is broken and ends with 0 all the same; an apply, a drift and a restore may not. */
  readonly command: 'plan' | 'apply' | 'drift' | 'restore'
}

const claims = [
  /^Proven by /m,
  /\bProven by a fresh read\b/,
  /\bmatches the topology\b/,
  /\bNo drift\b/,
  /\bAzure is as the topology says\b/
]

/** The sentences in a text that say all is as declared. */
export const claimsIn = (text: string): string[] =>
  text.split('\n').filter(line => claims.some(one => one.test(line)) && !/\bbut for\b|\bnot proven\b/.test(line))

// `networks/hub lock keep: Restored after 2s`, and `ReadOnly lock keep on networks/hub: restored`.
const words: readonly (readonly [word: RegExp, isOn: boolean])[] = [
  [/^(?<on>\S+) lock (?<name>.+): Restored after /, true],
  [/^(?<on>\S+) lock (?<name>.+): (?:Lifting|Lowering|FAILED)/, false],
  [/^\S+ lock (?<name>.+) on (?<on>\S+): (?:restored|already there)$/, true],
  [/^\S+ lock (?<name>.+) on (?<on>\S+): (?:failed|not waited for)/, false]
]

/** The locks that a text says to be back, where that is its last word of them, as `name on the last part of what it is on`. */
function saidBack(text: string): readonly string[] {
  const last = new Map<string, boolean>()
  for (const line of text.split('\n'))
    for (const [word, isOn] of words) {
      const { on, name } = word.exec(line.trim())?.groups ?? {}
      if (on !== undefined) last.set(`${name} on ${lastOf(on)}`.toLowerCase(), isOn)
    }
  return [...last].flatMap(([lock, isOn]) => (isOn ? [lock] : []))
}

/** `…/virtualNetworks/hub/providers/Microsoft.Authorization/locks/keep ReadOnly …` as `keep on hub`, as a terminal shows it. */
const shortOf = (line: string): string => {
  const [, scope = '', name = ''] =
    /^(.+?)\/providers\/microsoft\.authorization\/locks\/([^/]+?) (?:ReadOnly|CanNotDelete) /i.exec(line) ?? []
  const shown = name.replaceAll(/\p{Cf}/gu, sign => `\\u${sign.charCodeAt(0).toString(16)}`)
  return `${shown} on ${lastOf(scope)}`.toLowerCase()
}

export interface Seen {
  readonly paths: readonly string[]
  readonly locks: LocksDiffer
}

/** A drift that counts a waiting one has said that its path is not there yet; of what else is broken it has not. */
function unsaid({ text, command }: Claimed, paths: readonly string[]): readonly string[] {
  const pending = new Set(paths.filter(line => line.endsWith(' is Pending')).map(line => line.split(':')[0]))
  return command === 'drift' && /\b[1-9]\d* waiting\b/.test(text) ? paths.filter(line => !pending.has(line.split(':')[0])) : paths
}

/** Where what was claimed is not what is: a sentence each. */
export function untrue(claimed: Claimed, { paths: short, locks }: Seen): string[] {
  const { text, code, command } = claimed
  // A restore is about locks alone.
  const paths = command === 'restore' ? [] : unsaid(claimed, short)
  const said = claimsIn(text).map(line => JSON.stringify(line.trim()))
  const off = [...locks.lost, ...locks.held]
  const broken = [...paths, ...off, ...locks.added.map(lock => `new: ${lock}`)]
  const back = new Set(saidBack(text))
  const undoes = command === 'apply' || command === 'restore'
  return [
    ...(said.length > 0 ? broken.map(what => `says ${said.join(' and ')}, and ${what}`) : []),
    ...off.filter(line => back.has(shortOf(line))).map(line => `says that it is restored, and ${line}`),
    ...(/^No lock is owed\.$/m.test(text) ? off.map(line => `says that no lock is owed, and ${line}`) : []),
    ...(command !== 'plan' && code === 0 ? broken.map(what => `ends with 0, and ${what}`) : []),
    ...(undoes && off.length > 0 && code !== 9 && code !== null ? [`ends with ${code}, not 9, and ${broken.join('; ')}`] : [])
  ]
}
