import type { ResourceId } from '../model/id.ts'
import type { Secret } from '../model/secret.ts'
import type { MaintenanceWindow } from '../model/topology.generated.ts'
import { depending, type FieldRule, fixed, rises, sameText, secret, update, versionOfSecret } from './rule.ts'
import { comesWithSize } from './serverEntry.ts'
import { only, ref, type Setting } from './setting.ts'

export interface Props {
  readonly location: string
  readonly version: string | undefined
  readonly computeTier: string | undefined
  readonly computeSize: string | undefined
  readonly storageGiB: number | undefined
  readonly autoGrow: boolean | undefined
  readonly storageTier: string | undefined
  readonly login: string | undefined
  readonly password?: Secret | undefined
  readonly passwordVersion: number | undefined
  readonly passwordAuth: boolean | undefined
  readonly entraAuth: boolean | undefined
  readonly tenantId: string | undefined
  /** Only of a server in public mode. */
  readonly publicAccess: boolean | undefined
  readonly delegatedSubnet: ResourceId | undefined
  readonly privateDnsZone: ResourceId | undefined
  readonly highAvailability: string | undefined
  readonly standbyZone: string | undefined
  readonly zone: string | undefined
  readonly backupRetentionDays: number | undefined
  readonly geoRedundantBackup: boolean | undefined
  /** `azure`: whenever Azure likes. */
  readonly maintenanceWindow: MaintenanceWindow | 'azure' | undefined
}

const modes =
  'A server is made with public access or with VNet integration and stays so. Make a new server, or migrate this one from VNet integration in the portal first.'

const isHighlyAvailable = ({ highAvailability }: Props): boolean =>
  highAvailability !== undefined && !sameText(highAvailability, 'Disabled')

const minuteOf = (window: Props['maintenanceWindow']): number => (typeof window === 'object' ? (window.minute ?? 0) : 0)

/** A minute that the file does not declare is no difference. */
function sameWindow(live: Props['maintenanceWindow'], desired: Props['maintenanceWindow']): boolean {
  if (typeof desired !== 'object' || typeof live !== 'object') return (live ?? 'azure') === desired
  return live.day === desired.day && live.hour === desired.hour && (desired.minute ?? live.minute) === live.minute
}

const haMode: Setting = {
  path: ['highAvailability'],
  writes: live => [{ path: live === undefined ? ['highAvailability'] : ['highAvailability', 'mode'], value: live as string | undefined }]
}

/** The meaning of a difference in each field of a server. */
export const fields: { readonly [K in keyof Props]-?: FieldRule<Props[K], Props> } = {
  location: fixed('A server cannot move to another region: make a new one there and move the data.', { at: 'location' }),
  version: depending((live, desired) => (Number(desired) > Number(live) ? 'update' : 'fixed'), {
    at: 'version',
    instead: ({ version }) => `A major version is never lowered: write version "${version}", or make a new server.`,
    restarts: true,
    irreversible: true
  }),
  computeTier: update({ at: 'compute/tier', equal: sameText, restarts: true }),
  computeSize: update({ at: 'compute/size', equal: sameText, restarts: true }),
  storageGiB: depending((live, desired) => (desired !== undefined && live !== undefined && desired < live ? 'fixed' : 'update'), {
    at: 'storage/sizeGiB',
    // Storage that auto-grow has added is no difference; nor could it be taken back.
    equal: (live, desired, { autoGrow }) =>
      live === desired || (autoGrow === true && live !== undefined && desired !== undefined && live > desired),
    instead: ({ storageGiB }) => `Storage grows and never shrinks: write sizeGiB: ${storageGiB}.`,
    irreversible: true
  }),
  autoGrow: update({ at: 'storage/autoGrow', usual: false }),
  storageTier: update({ at: 'storage/tier', equal: sameText, isUsual: comesWithSize }),
  // Absent while password authentication is off: only then can it still be given [TF-PG].
  login: depending(live => (live === undefined ? 'update' : 'fixed'), {
    at: 'administrator/login',
    instead: 'The login of the administrator cannot be changed for the rest of the life of a server.'
  }),
  // A login is given together with its password.
  password: secret(
    (have, want) => rises(have.passwordVersion, want.passwordVersion) || (have.login === undefined && want.login !== undefined)
  ),
  passwordVersion: versionOfSecret({ at: 'administrator/passwordVersion' }),
  passwordAuth: update({ at: 'authentication/password', usual: true }),
  entraAuth: update({ at: only(['authentication', 'entra'], 'sign-in through Entra stands in the file as a whole: write it by hand') }),
  tenantId: update({ at: 'authentication/entra/tenantId', equal: sameText }),
  publicAccess: depending(live => (live === undefined ? 'fixed' : 'update'), {
    at: 'networking/publicAccess/enabled',
    instead: modes,
    givesPath: true,
    cutsPath: (live, desired) => live === true && desired === false
  }),
  delegatedSubnet: fixed(modes, {
    at: ref('networking', 'virtualNetwork', 'subnet'),
    leadsTo: ['Microsoft.Network/virtualNetworks/subnets']
  }),
  privateDnsZone: depending((_live, _desired, have) => (isHighlyAvailable(have) ? 'fixed' : 'update'), {
    at: ref('networking', 'virtualNetwork', 'privateDnsZone'),
    leadsTo: ['Microsoft.Network/privateDnsZones'],
    instead: 'Azure does not change the private DNS zone of a server with high availability: turn that off in a change of its own first.'
  }),
  highAvailability: update({ at: haMode, equal: sameText, isUsual: (live, _) => sameText(live, 'Disabled') }),
  // Where the standby is cannot be changed while there is one; after a failover the zones have changed places [TF-PG].
  standbyZone: depending((_live, _desired, have) => (isHighlyAvailable(have) ? 'fixed' : 'update'), {
    at: 'highAvailability/standbyZone',
    isUsual: (_, { highAvailability }) => !sameText(highAvailability, 'ZoneRedundant'),
    equal: (live, desired, have, want) =>
      live === desired || (live === undefined ? isHighlyAvailable(have) : have.zone === desired && (want.zone ?? live) === live),
    instead: ({ standbyZone }) =>
      `The standby stays where it was made, and a failover lets it change places with the primary: write standbyZone: "${standbyZone}", or turn high availability off in a change of its own first.`
  }),
  zone: fixed('The zone is given when the server is made; afterwards only a failover changes it for the one of the standby.', {
    at: 'zone',
    // Azure chooses a zone: it is a choice of the user's only where a standby is in another.
    isUsual: (_, { highAvailability }) => !sameText(highAvailability, 'ZoneRedundant'),
    equal: (live, desired, { standbyZone }) => live === undefined || live === desired || standbyZone === desired
  }),
  backupRetentionDays: update({ at: 'backup/retentionDays', usual: 7 }),
  geoRedundantBackup: fixed('Geo-redundant backup is chosen when the server is made: make a new one and move the data.', {
    at: 'backup/geoRedundant',
    usual: false
  }),
  // A create does not honour it [TF-PG].
  maintenanceWindow: update({
    at: 'maintenanceWindow',
    atCreate: false,
    equal: sameWindow,
    whenGone: 'azure',
    completed: (live, desired) =>
      desired === undefined || desired === 'azure' ? desired : { ...desired, minute: desired.minute ?? minuteOf(live) }
  })
}
