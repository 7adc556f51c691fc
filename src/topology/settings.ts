import type { ResourceId } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Path } from './tree.ts'

/** A field as the file has it, below its entry: where it is written, and how Azure's value is written there. */
export interface Setting {
  /** Where a reader looks for it. Empty for an entry that is the value itself. */
  readonly path: Path
  /** The value to write; no value takes the setting out. A text says why it cannot be written. */
  readonly writes: (live: unknown, naming: Referring) => readonly SettingWrite[] | string
}

interface SettingWrite {
  readonly path: Path
  readonly value: Json | undefined
}

/** The file's word for an id: the address of its entry, or the id itself. */
type Referring = (id: ResourceId) => Json

const set = (...path: string[]): Setting => ({ path, writes: live => [{ path, value: live as Json | undefined }] })

const ref = (...path: string[]): Setting => ({
  path,
  writes: (live, referring) => [{ path, value: live === undefined ? undefined : referring(live as ResourceId) }]
})

const byId = (...path: string[]): Setting => ({
  path,
  writes: live => [{ path, value: live === undefined ? undefined : { id: live as string } }]
})

const only = (path: Path, why: string): Setting => ({ path, writes: () => why })

const oneOf = (path: Path, values: Readonly<Record<string, Json>>, what: string): Setting => ({
  path,
  writes: live => {
    const value = values[String(live).toLowerCase()]
    return value === undefined ? `${what} ${String(live)} cannot be declared` : [{ path, value }]
  }
})

/** The members of a value, each where it stands: what is written beside them stays. */
const members = (...names: string[]): Setting['writes'] => {
  return live => names.map(name => ({ path: [name], value: (live as Readonly<Record<string, Json>> | undefined)?.[name] }))
}

const below = (path: Path, writes: Setting['writes']): Setting => ({
  path,
  writes: (live, referring) => {
    if (live === undefined) return [{ path, value: undefined }]
    const made = writes(live, referring)
    return typeof made === 'string' ? made : made.map(one => ({ ...one, path: [...path, ...one.path] }))
  }
})

const single =
  (what: string, write: (value: string, referring: Referring) => Json, ...path: string[]): Setting['writes'] =>
  (live, referring) => {
    const [first, ...more] = (live ?? []) as readonly string[]
    if (more.length > 0) return `it has ${more.length + 1} ${what}, and the file takes one`
    return [{ path, value: first === undefined ? undefined : write(first, referring) }]
  }

const withSubnet = 'an endpoint is made for its server: what it leads to is not a setting'

/** How the fields of each kind are written in the file. One that is not here stands nowhere in it. */
const settings: Readonly<Record<string, Readonly<Record<string, Setting>>>> = {
  resourceGroup: { location: set('location') },
  virtualNetwork: { location: set('location'), addressSpace: set('addressSpace') },
  subnet: {
    addressPrefixes: { path: ['addressPrefix'], writes: single('prefixes', value => value, 'addressPrefix') },
    delegation: set('delegation'),
    networkSecurityGroup: byId('networkSecurityGroup'),
    routeTable: byId('routeTable'),
    privateEndpointNetworkPolicies: set('privateEndpointNetworkPolicies')
  },
  managementLock: { level: set('level'), notes: set('notes'), owners: set('owners') },
  virtualNetworkLink: { name: set('name'), network: ref('network'), registration: set('registration'), resolution: set('resolution') },
  flexibleServer: {
    location: set('location'),
    version: set('version'),
    computeTier: set('compute', 'tier'),
    computeSize: set('compute', 'size'),
    storageGiB: set('storage', 'sizeGiB'),
    autoGrow: set('storage', 'autoGrow'),
    storageTier: set('storage', 'tier'),
    login: set('administrator', 'login'),
    passwordVersion: set('administrator', 'passwordVersion'),
    passwordAuth: set('authentication', 'password'),
    entraAuth: only(['authentication', 'entra'], 'sign-in through Entra stands in the file as a whole: write it by hand'),
    tenantId: set('authentication', 'entra', 'tenantId'),
    publicAccess: set('networking', 'publicAccess', 'enabled'),
    delegatedSubnet: ref('networking', 'virtualNetwork', 'subnet'),
    privateDnsZone: ref('networking', 'virtualNetwork', 'privateDnsZone'),
    highAvailability: {
      path: ['highAvailability'],
      writes: live => [{ path: live === undefined ? ['highAvailability'] : ['highAvailability', 'mode'], value: live as Json | undefined }]
    },
    standbyZone: set('highAvailability', 'standbyZone'),
    zone: set('zone'),
    backupRetentionDays: set('backup', 'retentionDays'),
    geoRedundantBackup: set('backup', 'geoRedundant'),
    maintenanceWindow: set('maintenanceWindow')
  },
  administrator: { principalName: set('name'), principalType: set('type') },
  firewallRule: { range: { path: [], writes: members('start', 'end') } },
  database: { charset: set('charset'), collation: set('collation') },
  configuration: { value: set() },
  privateEndpoint: {
    location: set('location'),
    subnet: ref('subnet'),
    target: only([], withSubnet),
    groupIds: only([], withSubnet),
    manual: oneOf(['approval'], { false: 'automatic' }, 'a manual approval without its message, manual ='),
    requestMessage: set('approval', 'manual'),
    networkInterfaceName: set('networkInterfaceName'),
    ipAddress: set('ipAddress')
  },
  privateDnsZoneGroup: {
    name: set('name'),
    zones: { path: ['zone'], writes: single('zones', (value, referring) => referring(value as ResourceId), 'zone') }
  },
  privateEndpointConnection: { status: oneOf(['decision'], { approved: 'approve', rejected: 'reject' }, 'the state') },
  dataFactory: { location: set('location'), publicNetworkAccess: set('publicNetworkAccess') },
  integrationRuntime: {
    type: only(['type'], 'a runtime of another type has other settings: write it by hand'),
    managedVirtualNetwork: {
      path: ['managedVirtualNetwork'],
      writes: live => [{ path: ['managedVirtualNetwork'], value: live === undefined ? undefined : true }]
    },
    location: set('location'),
    computeType: set('dataFlow', 'computeType'),
    coreCount: set('dataFlow', 'coreCount'),
    timeToLive: set('dataFlow', 'timeToLiveMinutes')
  },
  managedPrivateEndpoint: { target: ref('server') },
  linkedService: {
    type: only(['type'], 'a linked service of another type has other settings: write it by hand'),
    baseUrl: set('baseUrl'),
    host: only(['server'], 'the file names a server and not its host: write the server by hand'),
    port: set('port'),
    database: set('database'),
    username: set('username'),
    encryption: oneOf(['encryption'], { ssl: 'SSL', verifyca: 'VerifyCA', verifyfull: 'VerifyFull' }, 'the encryption'),
    passwordType: only(['password'], 'secrets are never written: where the password comes from is for a person to write'),
    keyVaultSecret: below(['password', 'keyVault'], members('linkedService', 'secret', 'version')),
    passwordVersion: set('passwordVersion'),
    integrationRuntime: set('integrationRuntime')
  }
}

/** `undefined` for what Azure says and no file: the state of a connection, of an operation. */
export function settingOf(kind: string, field: string): Setting | undefined {
  if (field.startsWith('tags/')) return set('tags', field.slice('tags/'.length))
  return settings[kind]?.[field]
}

/** The address of a field as the file has it: what `driftIgnore` names. */
export const addressOfField = ({ kind, address, field }: { kind: string; address: string; field?: string | undefined }): string => {
  if (field === undefined) return address
  return [address, ...(settingOf(kind, field)?.path ?? [field])].join('/')
}
