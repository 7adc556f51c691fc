import type { Json } from './arm.ts'
import { at, type Exchange, errorOf, idsIn, isList, isObject, lineage, type Members, membersOf, pathOf, textAt } from './recording.ts'
import { bodyOf } from './replayGuessed.ts'

/*
 * The estate before a recording begins: resources that it reads without having written them, that it writes over, that its
 * bodies lead to, and those above all of these. A recording that begins with the group needs none of it.
 */

const isWrite = ({ request }: Exchange): boolean => /^(PUT|PATCH|DELETE|POST)$/.test(request.method)

/** A PUT that answers like this found nothing there. PostgreSQL and Private DNS do not tell. */
const creates = ({ request, response }: Exchange): boolean =>
  request.method === 'PUT' && (response.status === 201 || response.status === 202 || /Microsoft\.DataFactory/i.test(request.url))

/** Members that a GET shows and a write does not take. */
function sendable(id: string, body: Members): Members {
  const { etag: _etag, eTag: _eTag, systemData: _systemData, id: _id, name: _name, type: _type, ...rest } = body
  const properties = isObject(rest['properties']) ? rest['properties'] : {}
  if (/\/flexibleServers\/[^/]+$/i.test(id)) {
    const { privateEndpointConnections: _connections, ...own } = properties
    return { ...rest, properties: own }
  }
  if (/\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i.test(id)) return { properties: withoutUse(body)['properties'] }
  if (!/\/virtualNetworks\/[^/]+$/i.test(id)) return rest
  // The users of its subnets are there by themselves, as a server's connections are.
  const subnets = isList(properties['subnets']) ? properties['subnets'].map(withoutUse) : []
  return { ...rest, properties: { ...properties, subnets } }
}

function withoutUse(subnet: Json): Members {
  const properties = at(subnet, 'properties')
  if (!isObject(properties)) return isObject(subnet) ? subnet : {}
  const { ipConfigurations: _one, privateEndpoints: _two, serviceAssociationLinks: links, serviceEndpoints, ...rest } = properties
  // A server that is in it has added its own.
  const own = isList(links) && links.some(one => /flexibleServers$/i.test(textAt(one, 'properties', 'linkedResourceType')))
  // Their ids would lead from the network back to the subnet.
  const delegations = isList(rest['delegations'])
    ? rest['delegations'].map(one => ({ name: textAt(one, 'name'), properties: { serviceName: textAt(one, 'properties', 'serviceName') } }))
    : []
  const kept = !own && serviceEndpoints !== undefined ? { serviceEndpoints } : {}
  return { name: textAt(subnet, 'name'), properties: { ...rest, ...kept, ...(delegations.length > 0 && { delegations }) } }
}

function shownBy({ request, response }: Exchange): readonly (readonly [id: string, body: Members])[] {
  if (request.method !== 'GET' || response.status !== 200) return []
  return membersOf(response.body).flatMap(one => (textAt(one, 'id') === '' ? [] : [[named(one), one] as const]))
}

/** With the name as it was written, which Data Factory lower-cases in its ids. */
const named = (body: Members): string =>
  textAt(body, 'id').replace(/[^/]+$/, last => {
    const name = textAt(body, 'name')
    return name.toLowerCase() === last.toLowerCase() ? name : last
  })

/** Not kept as resources of their own, or made by the service for another one. */
const byproduct = /\/(ipConfigurations|operations|capabilities|privateLinkResources|locations|privateDnsZoneConfigs)(\/|$)/i

const operation = /\/(azureAsyncOperation|operations|operationResults|privateDnsOperationStatuses)\//i

export interface Around {
  /** Those whose body is only a guess, until something says better. */
  readonly guessed: Set<string>
  readonly found: Map<string, readonly [id: string, body: Members]>
  /** Written, or seen to be missing, by an exchange before: not there at the beginning, nor anything beneath it. */
  readonly written: Set<string>
  readonly location: string
  readonly forServers: boolean
  readonly exchanges: readonly Exchange[]
}

const isWritten = ({ written }: Around, id: string): boolean => lineage(id).some(one => written.has(one.toLowerCase()))

function add(around: Around, id: string, body?: Members): void {
  for (const each of lineage(id)) {
    const key = each.toLowerCase()
    const own = key === id.toLowerCase() ? body : undefined
    const made = textAt(own, 'properties', 'privateEndpoint', 'id') !== '' && /\/networkInterfaces\//i.test(each)
    if (isWritten(around, each) || byproduct.test(each) || made) continue
    if (around.found.has(key) && (own === undefined || !around.guessed.has(key))) continue
    if (own === undefined && /\/networkInterfaces\//i.test(each)) continue
    const given = own === undefined ? bodyOf(each, around) : sendable(each, own)
    around.found.set(key, [each, given])
    if (own === undefined) around.guessed.add(key)
    else around.guessed.delete(key)
    // The target is in most cases in the same region.
    const near = textAt(given, 'location')
    const nearby = near === '' || near === 'global' ? around : { ...around, location: near.replaceAll(' ', '').toLowerCase() }
    for (const one of idsIn(given)) if (!one.toLowerCase().startsWith(`${key}/`)) add(nearby, one)
  }
}

const groupOf = (path: string): string | undefined => /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i.exec(path)?.[0]

/** Only a read that comes before any write of it says what was there at the beginning. */
function addExchange(around: Around, exchange: Exchange): void {
  const path = pathOf(exchange.request.url)
  const { code } = errorOf(exchange.response.body)
  if (operation.test(path) || code === 'ResourceGroupNotFound') return
  addShown(around, exchange)
  if (code === 'ScopeLocked') addLocks(around, errorOf(exchange.response.body).message)
  if (!path.includes('/providers/')) {
    if (creates(exchange)) around.written.add(path.toLowerCase())
    return
  }
  const levels = lineage(path)
  const isName = levels.at(-1)?.toLowerCase() === path.toLowerCase()
  const missing = exchange.response.status === 404 ? missingIn(exchange, path) : undefined
  if (missing !== undefined) around.written.add(missing.toLowerCase())
  for (const each of isName ? levels.slice(0, -1) : levels) add(around, each)
  if (isWrite(exchange)) addWritten(around, exchange, isName ? levels.at(-1) : undefined)
}

function addShown(around: Around, { request, response }: Exchange): void {
  if (request.method !== 'GET' || response.status !== 200) return
  for (const [id, body] of shownBy({ request, response })) {
    if (id.includes('/providers/')) add(around, id, body)
    else if (!around.written.has(id.toLowerCase())) around.found.set(id.toLowerCase(), [id, sendable(id, body)])
  }
}

/** The resource that the answer calls missing: the resource itself, or its parent. */
function missingIn({ response, request }: Exchange, path: string): string | undefined {
  const { message } = errorOf(response.body)
  const parent = /parent resource '([^']+)'/i.exec(message)?.[1]
  const named = /Resource '([^']+)'/.exec(message)?.[1]
  if (parent !== undefined) return parent
  if (named !== undefined && /under resource group/.test(message)) return `${groupOf(path)}/providers/${named}`
  return request.method === 'PUT' ? undefined : path
}

function addWritten(around: Around, exchange: Exchange, target: string | undefined): void {
  const { request, response } = exchange
  addSource(around, exchange)
  for (const id of idsIn(request.body))
    if (target === undefined || !id.toLowerCase().startsWith(`${target.toLowerCase()}/`)) add(around, id)
  if (target === undefined || isMadeLater(around, exchange)) return
  const was = response.status === 404 || response.status === 204 || creates(exchange)
  const body =
    request.method === 'PUT' ? (isObject(response.body) && 'properties' in response.body ? response.body : request.body) : undefined
  const login = textAt(request.body, 'properties', 'administratorLogin')
  if (!was && request.method === 'PATCH' && login !== '' && !around.found.has(target.toLowerCase()))
    add(around, target, withLogin(around, target, login))
  else if (!was) add(around, target, isObject(body) ? body : undefined)
  around.written.add(target.toLowerCase())
}

/** Refused, and made by a later request: it was not there. */
const isMadeLater = ({ exchanges }: Around, { request, response }: Exchange): boolean =>
  request.method === 'PUT' &&
  response.status === 400 &&
  exchanges.slice(exchanges.findIndex(one => one.request === request)).some(one => sameTarget(one, request) && creates(one))

const sameTarget = (one: Exchange, { url }: Exchange['request']): boolean =>
  pathOf(one.request.url).toLowerCase() === pathOf(url).toLowerCase()

/** A server that is made from another one looks like it, which nobody has read. */
function addSource(around: Around, { request, response }: Exchange): void {
  const id = textAt(request.body, 'properties', 'sourceServerResourceId')
  const seen = [response, ...around.exchanges.filter(one => sameTarget(one, request)).map(one => one.response)].map(one => one.body)
  const made = seen.find(body => textAt(body, 'sku', 'name') !== '')
  const properties = at(made, 'properties')
  if (id === '' || !isObject(made) || !isObject(properties)) return
  const { sourceServerResourceId: _source, network: _network, privateEndpointConnections: _connections, ...own } = properties
  const backup = /^georestore$/i.test(textAt(request.body, 'properties', 'createMode')) ? { geoRedundantBackup: 'Enabled' } : own['backup']
  add(around, id, { location: made['location'], sku: made['sku'], tags: made['tags'], properties: { ...own, backup } })
}

/** A change that names it names the one that there is. */
function withLogin(around: Around, target: string, administratorLogin: string): Members {
  const guess = bodyOf(target, around)
  return { ...guess, properties: { ...(isObject(guess['properties']) && guess['properties']), administratorLogin } }
}

function addLocks(around: Around, message: string): void {
  const scopes = message.split(/following scope\(s\) are locked:/)[1] ?? ''
  for (const [, scope = ''] of scopes.matchAll(/'([^']+)'/g)) {
    const lock = `${scope}/providers/Microsoft.Authorization/locks/held`
    const known = [...around.written].some(one => one.startsWith(`${scope.toLowerCase()}/providers/microsoft.authorization/locks/`))
    if (!known) add(around, lock)
  }
}

/** Each in a corner of its own of the network's space. */
function placed(around: Around): void {
  let count = 0
  for (const [key, [id, body]] of around.found) {
    if (!/\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i.test(id)) continue
    if (textAt(body, 'properties', 'addressPrefix') !== '' || isList(at(body, 'properties', 'addressPrefixes'))) continue
    const network = around.found.get(key.split('/').slice(0, -2).join('/'))?.[1]
    const inNetwork = at(network, 'properties', 'subnets')
    if (isList(inNetwork) && inNetwork.some(one => textAt(one, 'name').toLowerCase() === key.split('/').at(-1))) {
      around.found.delete(key)
      continue
    }
    const prefixes = at(network, 'properties', 'addressSpace', 'addressPrefixes')
    const [base = '10.0.0.0', size = '8'] = (isList(prefixes) ? String(prefixes[0]) : '').split('/')
    const [one = '10', two = '0', three = '0', four = '0'] = (base === '' ? '10.0.0.0' : base).split('.')
    const addressPrefix = Number(size) >= 24 ? `${base}/${size}` : `${one}.${two}.${Number(three) + count}.${four}/24`
    count += 1
    around.found.set(key, [id, { ...body, properties: { ...(isObject(body['properties']) && body['properties']), addressPrefix } }])
  }
}

const locationsOf = ({ request, response }: Exchange): string[] => {
  const place = /\/locations\/([^/]+)\//i.exec(response.headers['azure-asyncoperation'] ?? '')?.[1] ?? ''
  return [textAt(request.body, 'location'), textAt(response.body, 'location'), decodeURIComponent(place)]
}

/** A seed; the group of each of its resources comes with it. */
export function surroundings(exchanges: readonly Exchange[]): { readonly [id: string]: Json } {
  const location = exchanges.flatMap(locationsOf).find(one => one !== '' && one !== 'global') ?? 'eastus'
  const forServers = exchanges.some(({ request }) => at(request.body, 'properties', 'network', 'delegatedSubnetResourceId') !== undefined)
  const around: Around = {
    guessed: new Set(),
    found: new Map(),
    written: new Set(),
    location: location.replaceAll(' ', '').toLowerCase(),
    forServers,
    exchanges
  }
  for (const exchange of exchanges) addExchange(around, exchange)
  placed(around)
  for (const { request, response } of exchanges) {
    const group = groupOf(pathOf(request.url))
    const { code } = errorOf(response.body)
    if (group === undefined || code === 'ResourceGroupNotFound') continue
    const key = group.toLowerCase()
    const isNew = response.status === 404 || code === 'LocationNotAvailableForResourceGroup'
    if (pathOf(request.url).toLowerCase() === key && isNew) around.written.add(key)
    if (!around.written.has(key) && !around.found.has(key))
      around.found.set(key, [group.replace(/resourcegroups/i, 'resourceGroups'), { location: around.location }])
  }
  return Object.fromEntries(around.found.values())
}
