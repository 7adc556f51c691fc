import type { PostgreSQLManagementFlexibleServerClient, Server as ServerBody } from '@azure/arm-postgresql-flexible'
import { unpaced } from '../azure/call.ts'
import { gathered } from '../azure/items.ts'
import { given } from '../model/given.ts'
import { parentOf } from '../model/id.ts'
import { passwordVersionTag } from '../model/owner.ts'
import { shellWord } from '../model/shell.ts'
import type { MaintenanceWindow, Server } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import { type Context, type InvokeResult, type Io, idOf, type Kind, location } from './kind.ts'
import { usualMotion } from './motion.ts'
import { matching } from './names.ts'
import type { Offer } from './need.ts'
import { sameText } from './rule.ts'
import { serverEntry } from './serverEntry.ts'
import { fields, type Props } from './serverFields.ts'

/** In Azure's order: Sunday is 0. */
const days: readonly MaintenanceWindow['day'][] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const howTo = 'Create and manage virtual networks with Private Link (portal): remove locks before you add a server'
const recordInZone = 'learn.microsoft.com/azure/postgresql/network/concepts-networking-private: the server keeps its record in the zone'
const addressesInSubnet =
  'learn.microsoft.com/azure/postgresql/network/concepts-networking-private: the server is made in the delegated subnet'

/** In GiB [TF-PG]. */
const premiumSizes: readonly number[] = [32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767]

const onOff = (on: boolean | undefined) => (on === undefined ? undefined : on ? 'Enabled' : 'Disabled')
/** `undefined` stays so: not in the body is not off. */
const isOn = (state: string | undefined): boolean | undefined => (state === undefined ? undefined : sameText(state, 'Enabled'))

/** The SDK's models give an absent zone and tenant as an empty text. */
const filled = (text: string | undefined): string | undefined => text || undefined

const serverName = {
  ...matching(
    /^(?=.{3,63}$)[a-z0-9][a-z0-9-]*[a-z0-9]$/,
    '3 to 63 lower-case letters, digits and hyphens, neither beginning nor ending with a hyphen'
  ),
  isGlobal: true
}

/** An Azure Database for PostgreSQL flexible server. It is never replaced: what cannot be changed is said so. */
export const flexibleServer: Kind = defineKind({
  name: 'flexibleServer',
  title: 'server',
  duty: 'dba',
  inChangeHistory: true,
  seconds: { create: 302, update: 61, remove: 47 },
  // A second write fails as busy [CORPUS, TF-PG].
  oneWriteAtATime: true,
  alsoReads: [
    'Microsoft.DBforPostgreSQL/locations/capabilities/read',
    'Microsoft.DBforPostgreSQL/checkNameAvailability/action',
    'Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections/read'
  ],
  drawn: {
    shape: 'cylinder',
    icon: 'M3 4c0-1.1 2.2-2 5-2s5 .9 5 2v8c0 1.1-2.2 2-5 2s-5-.9-5-2zM3 4c0 1.1 2.2 2 5 2s5-.9 5-2M3 8c0 1.1 2.2 2 5 2s5-.9 5-2'
  },
  type: 'Microsoft.DBforPostgreSQL/flexibleServers',
  inFile: { at: 'servers/*', names: serverName, inRegion: true },
  client: 'postgres',
  verbRights: { restart: 'Microsoft.DBforPostgreSQL/flexibleServers/restart/action' },
  carriesMarkers: { rank: 1, onlyOurs: false },
  taggable: true,
  precious: true,

  desired(server: Server, ctx: Context): Props {
    const { compute, storage, administrator, authentication, networking, highAvailability: ha, backup, maintenanceWindow: window } = server
    const integration = networking?.virtualNetwork
    return {
      location: ctx.location,
      version: server.version,
      computeTier: compute?.tier,
      computeSize: compute?.size,
      storageGiB: storage?.sizeGiB,
      autoGrow: storage?.autoGrow,
      storageTier: storage?.tier,
      login: administrator?.login,
      password: administrator?.password,
      passwordVersion: administrator?.passwordVersion,
      passwordAuth: authentication?.password,
      entraAuth: authentication?.entra === undefined ? undefined : true,
      tenantId: authentication?.entra?.tenantId,
      publicAccess: networking?.publicAccess?.enabled,
      delegatedSubnet: integration && ctx.ref('subnet', integration.subnet),
      privateDnsZone: integration && ctx.ref('privateDnsZone', integration.privateDnsZone),
      highAvailability: ha?.mode,
      standbyZone: ha?.standbyZone,
      zone: server.zone,
      backupRetentionDays: backup?.retentionDays,
      geoRedundantBackup: backup?.geoRedundant,
      maintenanceWindow: window
    }
  },
  // Its storage is Premium SSD: the file has no setting for another sort.
  unmakable: ({ storageGiB }) =>
    storageGiB === undefined || premiumSizes.includes(storageGiB)
      ? undefined
      : `Azure makes a server on Premium SSD, which has no ${storageGiB} GiB: write one of ${premiumSizes.join(', ')}.`,
  // Its PATCH sends no more of them than changes [DOC-OPS].
  linkedRights: ({ delegatedSubnet, privateDnsZone }, fields) => [
    ...(delegatedSubnet && fields === undefined
      ? [{ action: 'Microsoft.Network/virtualNetworks/subnets/join/action', scope: delegatedSubnet }]
      : []),
    ...(privateDnsZone && (fields === undefined || fields.has('privateDnsZone'))
      ? [{ action: 'Microsoft.Network/privateDnsZones/join/action', scope: privateDnsZone }]
      : [])
  ],
  needs(props, fields, id) {
    const asks = fields === undefined || ['version', 'computeTier', 'computeSize', 'highAvailability'].some(field => fields.has(field))
    const is = (field: string): boolean => fields === undefined || fields.has(field)
    const offer: Offer = {
      location: props.location,
      version: is('version') ? props.version : undefined,
      tier: props.computeTier,
      size: props.computeSize,
      zone: is('zone') ? props.zone : undefined,
      highAvailability: is('highAvailability') ? props.highAvailability : undefined,
      standbyZone: is('standbyZone') ? props.standbyZone : undefined,
      geoRedundantBackup: is('geoRedundantBackup') ? props.geoRedundantBackup : undefined
    }
    return [
      ...(fields?.has('highAvailability') ? [{ need: 'primary', server: id, field: 'highAvailability' } as const] : []),
      ...(fields === undefined ? [{ need: 'name', ask: true } as const] : []),
      ...(asks ? [{ need: 'offer', offer } as const] : []),
      ...(props.delegatedSubnet && fields === undefined ? [{ need: 'delegation', subnet: props.delegatedSubnet } as const] : [])
    ]
  },
  refs: ({ delegatedSubnet, privateDnsZone }) => [delegatedSubnet, privateDnsZone].filter(id => id !== undefined),
  // It takes its addresses from the subnet while it is made.
  reach: ({ privateDnsZone, delegatedSubnet }, as) => [
    ...(privateDnsZone ? [{ scope: privateDnsZone, as, source: recordInZone }] : []),
    ...(delegatedSubnet && as === 'write' ? [{ scope: delegatedSubnet, as, only: 'create' as const, source: addressesInSubnet }] : [])
  ],
  advice({ delegatedSubnet }) {
    const network = delegatedSubnet && parentOf(delegatedSubnet)
    return network ? [{ scope: network, children: 'Microsoft.Network/virtualNetworks/subnets', source: howTo }] : []
  },

  way: ({ publicAccess }) => (publicAccess === undefined ? undefined : `public access ${publicAccess ? 'on' : 'off'}`),
  joins: ({ delegatedSubnet, privateDnsZone }, own) => [
    { from: own, to: delegatedSubnet, label: 'VNet integration' },
    { from: own, to: privateDnsZone, label: 'private DNS zone' }
  ],
  exposes: ({ publicAccess }, before) => (publicAccess && !before?.publicAccess ? 'public network access will be on' : undefined),

  fields,

  toArm: ({ location, zone, ...props }): ServerBody => ({
    ...given<ServerBody>({ location, createMode: 'Default', availabilityZone: zone }),
    ...bodyOf(props, parts)
  }),
  fromArm: body => ({
    location: location(body.location),
    version: body.version,
    computeTier: body.sku?.tier,
    computeSize: body.sku?.name,
    storageGiB: body.storage?.storageSizeGB,
    autoGrow: isOn(body.storage?.autoGrow),
    storageTier: filled(body.storage?.tier),
    login: filled(body.administratorLogin),
    passwordVersion: versionIn(body.tags),
    passwordAuth: isOn(body.authConfig?.passwordAuth),
    entraAuth: isOn(body.authConfig?.activeDirectoryAuth),
    tenantId: filled(body.authConfig?.tenantId),
    publicAccess: body.network?.delegatedSubnetResourceId ? undefined : isOn(body.network?.publicNetworkAccess),
    delegatedSubnet: idOf(body.network?.delegatedSubnetResourceId),
    privateDnsZone: idOf(body.network?.privateDnsZoneArmResourceId),
    highAvailability: body.highAvailability?.mode,
    standbyZone: filled(body.highAvailability?.standbyAvailabilityZone),
    zone: filled(body.availabilityZone),
    backupRetentionDays: body.backup?.backupRetentionDays,
    geoRedundantBackup: isOn(body.backup?.geoRedundantBackup),
    maintenanceWindow: windowOf(body)
  }),
  // Provisioning and Dropping are a server's words for being made and being deleted [CORPUS].
  motion: facts => (sameText(facts.state, 'Dropping') ? 'being deleted' : usualMotion(facts)),
  facts: ({ id = '', state, location: where, fullyQualifiedDomainName, replicationRole = '' }) =>
    given({
      location: location(where),
      replica: /replica$/i.test(replicationRole) || undefined,
      state,
      // A stopped one refuses every write, of what lies in it as well [GH steampipe-plugin-azure#1015: ServerStoppedError].
      startedBy: sameText(state, 'Stopped') ? `az postgres flexible-server start --ids ${shellWord(id)}` : undefined,
      fqdn: filled(fullyQualifiedDomainName)
    }),

  read: (postgres, at) => postgres.servers.get(...at),
  list: postgres => postgres.servers.listBySubscription(),
  listGroup: (postgres, group) => postgres.servers.listByResourceGroup(group),
  put(postgres, at, body: ServerBody, call) {
    if (body.administratorLogin !== undefined && body.administratorLoginPassword === undefined)
      return Promise.reject(
        new Error(`The password of ${body.administratorLogin} has to be sent to make the server ${at[1]}, and its variable is not set.`)
      )
    return postgres.servers.beginCreateOrUpdateAndWait(...at, body, call)
  },
  // A PUT on a server that is there would want its password again, and runs a full operation even for nothing [CORPUS].
  patch: (postgres, at, { location: _, createMode: __, ...body }, call) => postgres.servers.beginUpdateAndWait(...at, body, call),
  toPatch(props, fields) {
    if (fields.has('password') && !props.password?.isSet)
      throw new Error(`The password of ${props.login ?? 'the administrator'} has to be sent, and its variable is not set.`)
    const changed = <Name extends keyof Props>(name: Name): Props[Name] | undefined => (fields.has(name) ? props[name] : undefined)
    const sent: Omit<Props, 'location'> = {
      ...props,
      // The tier that the old size came with is not that of the new one, and the standby of one mode is nowhere in another.
      storageTier: changed('storageTier'),
      standbyZone: changed('standbyZone'),
      // The password's version goes out with it, or alone. The choice of a create is not sent again.
      password: changed('password'),
      passwordVersion: changed('passwordVersion'),
      geoRedundantBackup: undefined
    }
    return {
      location: props.location,
      ...bodyOf(
        sent,
        parts.filter(([names]) => names.some(name => fields.has(name)))
      )
    }
  },
  remove: (postgres, at, call) => postgres.servers.beginDeleteAndWait(...at, call),
  verbs: {
    restart: (postgres, at, _props, io) => restart(postgres, at, io),
    async restartIfWaiting(postgres, at, _props, io) {
      const parameters = await gathered(postgres.configurations.listByServer(...at))
      const isWaiting = parameters.some(({ isConfigPendingRestart }) => isConfigPendingRestart === true)
      return isWaiting ? restart(postgres, at, io) : { outcome: 'ok', message: 'no parameter waits for a restart' }
    }
  },

  authored: serverEntry
})

async function restart(
  postgres: PostgreSQLManagementFlexibleServerClient,
  at: readonly [string, string],
  { say }: Io
): Promise<InvokeResult> {
  say('restarting the server')
  await postgres.servers.beginRestartAndWait(...at, unpaced)
  return { outcome: 'ok', message: 'restarted' }
}

type Part = Partial<ServerBody>
type Sent = Omit<Props, 'location' | 'zone'>

/** The parts of a body, each with the fields that it is made of: an update sends those parts alone of which a field changes. */
const parts: readonly (readonly [fields: readonly (keyof Sent)[], of: (props: Sent) => Part])[] = [
  [['version'], ({ version }) => given<Part>({ version })],
  [['computeTier', 'computeSize'], ({ computeTier: tier, computeSize: name }) => (tier && name ? { sku: { name, tier } } : {})],
  [
    ['storageGiB', 'autoGrow', 'storageTier'],
    ({ storageGiB, autoGrow, storageTier }) =>
      block('storage', given({ storageSizeGB: storageGiB, autoGrow: onOff(autoGrow), tier: storageTier }))
  ],
  [['login'], ({ login }) => given<Part>({ administratorLogin: login })],
  // The version goes into the tag in the same write as the password, so that one is never there without the other.
  [
    ['password', 'passwordVersion'],
    ({ password, passwordVersion: version }) =>
      given<Part>({
        administratorLoginPassword: password?.isSet ? password.reveal() : undefined,
        tags: version === undefined ? undefined : { [passwordVersionTag]: String(version) }
      })
  ],
  [
    ['passwordAuth', 'entraAuth', 'tenantId'],
    ({ passwordAuth, entraAuth, tenantId }) =>
      block('authConfig', given({ passwordAuth: onOff(passwordAuth), activeDirectoryAuth: onOff(entraAuth), tenantId }))
  ],
  // Public access is always said in public mode. With VNet integration Azure wants it off or not said [GH DFE-Digital/terraform-azurerm-container-apps-hosting#442].
  [
    ['publicAccess', 'delegatedSubnet', 'privateDnsZone'],
    ({ publicAccess, delegatedSubnet, privateDnsZone }) =>
      delegatedSubnet === undefined
        ? block('network', given({ publicNetworkAccess: onOff(publicAccess) }))
        : block('network', given({ delegatedSubnetResourceId: delegatedSubnet, privateDnsZoneArmResourceId: privateDnsZone }))
  ],
  [
    ['highAvailability', 'standbyZone'],
    ({ highAvailability: mode, standbyZone }) =>
      mode === undefined ? {} : { highAvailability: given({ mode, standbyAvailabilityZone: standbyZone }) }
  ],
  [
    ['backupRetentionDays', 'geoRedundantBackup'],
    ({ backupRetentionDays, geoRedundantBackup }) =>
      block('backup', given({ backupRetentionDays, geoRedundantBackup: onOff(geoRedundantBackup) }))
  ],
  [['maintenanceWindow'], ({ maintenanceWindow: window }) => (window === undefined ? {} : { maintenanceWindow: bodyOfWindow(window) })]
]

const bodyOf = (props: Sent, some: typeof parts): Part => Object.assign({}, ...some.map(([, of]) => of(props)))

/** A member of a body; nothing where it says nothing. */
const block = <Name extends keyof ServerBody>(name: Name, says: NonNullable<ServerBody[Name]>): Part =>
  Object.keys(says).length > 0 ? { [name]: says } : {}

function versionIn(tags: Readonly<Record<string, string>> | undefined): number | undefined {
  const version = Number(tags?.[passwordVersionTag] ?? Number.NaN)
  return Number.isInteger(version) ? version : undefined
}

function bodyOfWindow(window: NonNullable<Props['maintenanceWindow']>) {
  if (window === 'azure') return { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 }
  const { day, hour, minute = 0 } = window
  return { customWindow: 'Enabled', dayOfWeek: days.indexOf(day), startHour: hour, startMinute: minute }
}

/** Where the user chose no window, it reads as Sunday at midnight, Disabled [CORPUS]. */
function windowOf({ maintenanceWindow: window }: ServerBody): Props['maintenanceWindow'] {
  const day = days[window?.dayOfWeek ?? 0]
  if (window === undefined || day === undefined) return undefined
  return isOn(window.customWindow) ? { day, hour: window.startHour ?? 0, minute: window.startMinute ?? 0 } : 'azure'
}
