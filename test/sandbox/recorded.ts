import { nameOf, parentOf, typeOf } from '../../src/sandbox/armPath.ts'
import { type ArmBody, idsIn, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../../src/sandbox/json.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { Provider, ResourceType } from '../../src/sandbox/type.ts'

/** A write that somebody recorded against Azure, and what a GET answered when it was done. */
export interface Recording {
  readonly method: 'PUT' | 'PATCH'
  readonly path: string
  readonly apiVersion: string
  /** What a GET answered before; absent where the write created. */
  readonly before?: ArmBody
  readonly sent: ArmBody
  readonly settled: ArmBody
  /** Set where nobody asked again, and `settled` is what the write itself answered. */
  readonly answered?: true
}

const strong = 'correct-Horse-7'
const pace = { ms: 1000, retryAfter: 1 }
const timing = { create: pace, update: pace, remove: pace }
const versions = { first: '2019-01-01', last: '2026-12-31' }
const connectionType = 'Microsoft.Storage/storageAccounts/privateEndpointConnections'

const accounts: ResourceType = {
  type: 'Microsoft.Storage/storageAccounts',
  apiVersions: versions,
  style: 'postgres',
  timing,
  location: 'short',
  privateLink: {
    groupIds: ['blob'],
    zoneName: (_target, groupId) => `privatelink.${groupId}.core.windows.net`,
    fqdn: (target, groupId) => `${nameOf(target.id)}.${groupId}.core.windows.net`,
    refuses: () => undefined,
    connect(world, { target, privateEndpoint, status }) {
      const properties = { privateEndpoint: { id: privateEndpoint }, privateLinkServiceConnectionState: { status } }
      return world.put({
        id: `${target}/privateEndpointConnections/${nameOf(privateEndpoint)}`,
        type: connectionType,
        body: { properties }
      }).id
    },
    disconnect: (world, connection) => world.remove(connection)
  }
}

/** Many recordings have a storage account at the other end of a private endpoint, which the sandbox knows nothing of. */
const storage: Provider = {
  namespace: 'Microsoft.Storage',
  types: [accounts, { type: connectionType, apiVersions: versions, style: 'postgres', timing }]
}

const space = ['10.0.0.0/8', '14.0.0.0/16', '172.16.0.0/12', '192.168.0.0/16']

/** Just enough of what was there when something was recorded. */
function bodyOf(id: string, location: string, { path, sent, settled }: Recording): ArmBody {
  switch (typeOf(id).toLowerCase()) {
    case 'microsoft.network/virtualnetworks':
      return { location, properties: { addressSpace: { addressPrefixes: space } } }
    case 'microsoft.network/virtualnetworks/subnets':
      return { properties: { addressPrefix: '10.0.0.0/24', ...(idsOfServers.test(path) && { delegations: [delegation] }) } }
    case 'microsoft.network/privatednszones':
      return { location: 'global' }
    case 'microsoft.network/privateendpoints':
      return endpoint(id, location, settled)
    case 'microsoft.dbforpostgresql/flexibleservers':
      return serverOf(location)
    case 'microsoft.datafactory/factories/managedvirtualnetworks':
      return { properties: {} }
    case 'microsoft.datafactory/factories/linkedservices':
      return { properties: { type: 'AzureKeyVault', typeProperties: { baseUrl: 'https://vault.example.com/' } } }
    default:
      return { location: textAt(sent, 'location') ?? location }
  }
}

const idsOfServers = /\/flexibleServers\/[^/]+$/i
const delegation = { name: 'servers', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }

const serverOf = (location: string): ArmBody => ({
  location,
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: {
    version: '16',
    administratorLogin: 'dba',
    authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' },
    storage: { storageSizeGB: 128 }
  }
})

/** Of a zone group, whose records are named after what its endpoint leads to. */
function endpoint(id: string, location: string, settled: ArmBody): ArmBody {
  const group = parentOf(id)
  const [config] = listAt(settled, 'properties', 'privateDnsZoneConfigs')
  const target = textAt(listAt(config, 'properties', 'recordSets')[0], 'recordSetName') ?? 'target'
  const privateLinkServiceId = `${group}/providers/Microsoft.Storage/storageAccounts/${target}`
  return {
    location,
    properties: {
      subnet: { id: `${group}/providers/Microsoft.Network/virtualNetworks/around/subnets/endpoints` },
      privateLinkServiceConnections: [{ name: 'target', properties: { privateLinkServiceId, groupIds: ['blob'] } }]
    }
  }
}

const lineage = (id: string): string[] => (id.includes('/providers/') ? [...lineage(parentOf(id)), id] : [])

/** All that a body or a path leads to, with what that lies in, and what that leads to in turn. */
function surroundings(recording: Recording): Record<string, ArmBody> {
  const { path, before, sent } = recording
  const location = (textAt(sent, 'location') ?? textAt(before, 'location') ?? 'eastus').replaceAll(' ', '').toLowerCase()
  const found: Record<string, ArmBody> = {}
  const add = (id: string): void => {
    for (const each of lineage(id)) {
      if (each in found || each.toLowerCase() === path.toLowerCase()) continue
      found[each] = bodyOf(each, location === 'global' ? 'eastus' : location, recording)
      idsIn(found[each]).forEach(add)
    }
  }
  add(path)
  const own = new RegExp(`^${path}/|/networkInterfaces/`, 'i')
  for (const id of [...idsIn(sent), ...idsIn(before)]) if (!own.test(id)) add(id)
  return { ...found, ...(before && { [path]: before }) }
}

/** Recorders blank out passwords. */
function withPassword(sent: ArmBody): ArmBody {
  const properties = objectAt(sent, 'properties')
  return 'administratorLoginPassword' in properties ? { ...sent, properties: { ...properties, administratorLoginPassword: strong } } : sent
}

/** Sends it to a sandbox in which there is what it needs, and reads what has become of it. */
export async function replay(recording: Recording): Promise<Json> {
  const { method, path, apiVersion, sent } = recording
  const { handle, clock } = createSandbox({ seedBodies: surroundings(recording), providers: [storage] })
  const at = new URL(`https://management.azure.com${path}?api-version=${apiVersion}`)
  const call = async (what: string | URL, init?: RequestInit): Promise<{ answer: Response; body: Json }> => {
    const answer = await handle(new Request(what, init))
    const text = await answer.text()
    return { answer, body: text === '' ? null : JSON.parse(text) }
  }
  // A factory's own group is not seeded by any of its parts.
  await call(new URL(`${path.split('/').slice(0, 5).join('/')}?api-version=2025-04-01`, at), {
    method: 'PUT',
    body: JSON.stringify({ location: textAt(sent, 'location') ?? 'eastus' })
  })
  const written = await call(at, { method, body: JSON.stringify(withPassword(sent)) })
  if (!written.answer.ok) throw new Error(`${written.answer.status} ${JSON.stringify(written.body)}`)
  if (recording.answered) return written.body
  const poll = written.answer.headers.get('azure-asyncoperation')
  for (let status = 'InProgress'; poll !== null && status !== 'Succeeded'; ) {
    const { body } = await call(poll)
    status = textAt(body, 'status') ?? ''
    if (status === 'Failed') throw new Error(JSON.stringify(body))
    if (status === 'InProgress') await clock.sleep(10_000)
  }
  return (await call(at)).body
}

const guid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const time = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)$/

/** What another run of Azure would have answered with, too: guids, times and etags by their form, sets in order. */
export function comparable(value: Json, key = ''): Json {
  if (/^(minorVersion|(standbyA|a)vailabilityZone)$/.test(key)) return '<number>'
  if (key === 'internalId') return '<base64>'
  if (typeof value === 'string') return /^etag$/i.test(key) ? value.replace(/[0-9a-f]/gi, 'x') : withoutChance(value)
  if (Array.isArray(value)) return value.map((each: Json) => comparable(each))
  return isObject(value) ? byKey(value) : value
}

const withoutChance = (text: string): string =>
  text
    .replace(time, '<time>')
    .replace(guid, '<guid>')
    .replace(/\/vnet-[0-9a-f]{8}-(\w+)-\d+-rg\//, '/vnet-<hex>-$1-<number>-rg/')

const byKey = (value: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.keys(value)
      // It is there some minutes after a server is.
      .filter(key => key !== 'earliestRestoreDate')
      .sort()
      .map(key => [key, comparable(value[key] ?? null, key)])
  )
