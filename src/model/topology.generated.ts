// Generated from schema/topology.schema.json by `npm run schema`. Change the schema, not this file.
import type { Secret } from './secret.ts'

/**
 * A subscription id.
 */
export type SubscriptionId = string
/**
 * A resource group: its name, or its settings.
 */
export type ResourceGroup = string | ResourceGroupSettings
/**
 * A length of time: a whole number with s, m or h.
 */
export type Duration = string
/**
 * An ARM resource id.
 */
export type ArmId = string
/**
 * A reference to another entry: its address, or {id} for something that is not in the file.
 */
export type Reference = string | ReferenceById
/**
 * The address of a key in a vault.
 */
export type KeyAddress = string
/**
 * Private DNS integration of an endpoint: a zone, or none.
 */
export type PrivateDns = 'none' | PrivateDnsIntegration
/**
 * Whether the connection is approved at once or by a person.
 */
export type Approval = 'automatic' | ManualApproval
/**
 * The endpoint at the other end of a connection.
 */
export type ConnectionSource = string | ReferenceById | FactoryEndpoint
/**
 * When Azure may patch a server: a window, or azure for whenever it likes.
 */
export type Maintenance = 'azure' | MaintenanceWindow
/**
 * An integration runtime: Azure, SelfHosted, or one that exists.
 */
export type IntegrationRuntime = AzureIntegrationRuntime | SelfHostedIntegrationRuntime | ExistingEntry
/**
 * A linked service: AzureKeyVault, AzurePostgreSql, or one that exists.
 */
export type LinkedService = AzureKeyVaultLinkedService | AzurePostgreSqlLinkedService | ExistingEntry
/**
 * A password: a secret of a key vault, or a variable.
 */
export type LinkedServicePassword = Secret | KeyVaultPassword
/**
 * An address: the keys from the top of the file joined by /, or an ARM id.
 */
export type Address = string

/**
 * A Private Link topology around Azure Database for PostgreSQL flexible server.
 */
export interface Topology {
  /**
   * The version of this file format.
   */
  readonly version: 1
  /**
   * The topology's id. It goes into the tag pglink-topology of everything it owns.
   */
  readonly name: string
  /**
   * A file this one is laid over, relative to it. Maps merge by key, scalars and lists replace, null removes.
   */
  readonly extends?: string
  /**
   * The Azure cloud. It decides endpoints and the names of DNS zones. By default AzureCloud.
   */
  readonly cloud?: 'AzureCloud' | 'AzureUSGovernment' | 'AzureChinaCloud'
  readonly subscription?: SubscriptionId
  /**
   * The Azure region of everything that does not say otherwise.
   */
  readonly location?: string
  readonly resourceGroup?: ResourceGroup
  readonly tags?: Tags
  /**
   * Virtual networks, by name.
   */
  readonly networks?: {
    readonly [k: string]: Network
  }
  /**
   * Private DNS zones. The key is a name inside the file; two zones of one name can stand side by side.
   */
  readonly privateDnsZones?: {
    readonly [k: string]: PrivateDnsZone
  }
  /**
   * Azure Database for PostgreSQL flexible servers, by name.
   */
  readonly servers?: {
    readonly [k: string]: Server
  }
  /**
   * Data factories, by name.
   */
  readonly dataFactories?: {
    readonly [k: string]: DataFactory
  }
  readonly safety?: Safety
  /**
   * Differences that pglink drift shows and does not count.
   */
  readonly driftIgnore?: readonly DriftIgnore[]
  readonly trust?: Trust
  /**
   * Rules that are taken less seriously in this file, by id.
   */
  readonly rules?: {
    readonly [k: string]: RuleSetting
  }
  /**
   * Addresses of what is to be deleted, where it is ours: by its tag, by that of what it lies in, or since the baseline declared it. Each is looked for under the name that the address gives it; where it had another, its ARM id is written.
   */
  readonly removed?: readonly Address[]
  /**
   * Entries that got another key and are still the same resource. With `--baseline`, one that would be another resource in Azure is refused with exit code 4: write its `name:`.
   */
  readonly moved?: readonly Moved[]
}
/**
 * A resource group with settings of its own.
 */
export interface ResourceGroupSettings {
  /**
   * The name of the group.
   */
  readonly name: string
  /**
   * The group exists and is not made, changed or deleted here.
   */
  readonly existing?: boolean
  /**
   * The region the group itself is kept in.
   */
  readonly location?: string
  readonly tags?: Tags
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * Names and values of Azure tags.
 */
export interface Tags {
  readonly [k: string]: string
}
/**
 * A management lock.
 */
export interface Lock {
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * CanNotDelete (the portal says Delete) refuses deletes; ReadOnly refuses every write as well.
   */
  readonly level: 'CanNotDelete' | 'ReadOnly'
  /**
   * Why the lock is there. At most 512 characters.
   */
  readonly notes?: string
  /**
   * Application ids of the owners of the lock.
   *
   * Items: The application id of an owner.
   */
  readonly owners?: readonly string[]
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * How long each sort of work may take before the run gives up on it.
 */
export interface Timeouts {
  readonly create?: Duration
  readonly update?: Duration
  readonly delete?: Duration
  readonly wait?: Duration
}
/**
 * A virtual network.
 */
export interface Network {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  readonly subscription?: SubscriptionId
  readonly resourceGroup?: ResourceGroup
  /**
   * The Azure region this is in. Inherited by what lies under it; by default that of the entry above.
   */
  readonly location?: string
  readonly tags?: Tags
  /**
   * The address ranges of the network.
   *
   * Items: An address range in CIDR form.
   */
  readonly addressSpace?: readonly string[]
  /**
   * The DNS servers that machines in the network ask in place of Azure's, in their order. An empty list goes back to Azure's own. Where it is left out they stay as they are.
   *
   * Items: An IP address.
   */
  readonly dnsServers?: readonly string[]
  /**
   * The subnets, by name in this file. Subnets that are not named here are left alone.
   */
  readonly subnets?: {
    readonly [k: string]: Subnet
  }
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * A subnet of a virtual network.
 */
export interface Subnet {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * The address range in CIDR form. It lies inside the address space of the network and overlaps no other subnet.
   */
  readonly addressPrefix?: string
  /**
   * The service the subnet is delegated to. A server with VNet integration needs Microsoft.DBforPostgreSQL/flexibleServers.
   */
  readonly delegation?: string
  readonly networkSecurityGroup?: ReferenceById
  readonly routeTable?: ReferenceById
  /**
   * Whether security groups and routes hold for the private endpoints in the subnet.
   */
  readonly privateEndpointNetworkPolicies?: 'Disabled' | 'Enabled' | 'NetworkSecurityGroupEnabled' | 'RouteTableEnabled'
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * A reference to something that is not in the file.
 */
export interface ReferenceById {
  readonly id: ArmId
}
/**
 * A private DNS zone.
 */
export interface PrivateDnsZone {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  readonly subscription?: SubscriptionId
  readonly resourceGroup?: ResourceGroup
  readonly tags?: Tags
  /**
   * Links to virtual networks. The key is the reference to the network and, unless name is given, the name of the link.
   */
  readonly links?: {
    readonly [k: string]: VirtualNetworkLink
  }
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * A link of a private DNS zone to a virtual network.
 */
export interface VirtualNetworkLink {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  readonly network?: Reference
  /**
   * Whether machines of the network are registered in the zone. A network can register in one zone only; a privatelink zone should not be it.
   */
  readonly registration?: boolean
  /**
   * NxDomainRedirect asks public DNS for names the zone does not hold, so that linking a privatelink zone hides no server.
   */
  readonly resolution?: 'Default' | 'NxDomainRedirect'
  readonly tags?: Tags
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * An Azure Database for PostgreSQL flexible server.
 */
export interface Server {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  readonly subscription?: SubscriptionId
  readonly resourceGroup?: ResourceGroup
  /**
   * The Azure region this is in. Inherited by what lies under it; by default that of the entry above.
   */
  readonly location?: string
  readonly tags?: Tags
  readonly replicaOf?: Reference
  /**
   * The major version of PostgreSQL, in quotes. It can be raised later, never lowered.
   */
  readonly version?: '11' | '12' | '13' | '14' | '15' | '16' | '17' | '18'
  readonly compute?: Compute
  readonly storage?: Storage
  readonly administrator?: Administrator
  readonly identity?: Identity
  readonly encryption?: Encryption
  readonly authentication?: Authentication
  readonly networking?: Networking
  /**
   * Databases, by name.
   */
  readonly databases?: {
    readonly [k: string]: Database
  }
  /**
   * Server parameters. One that is taken out of the file goes back to its default with --prune.
   */
  readonly parameters?: {
    /**
     * The value, as the server takes it.
     */
    readonly [k: string]: string | number
  }
  /**
   * Private endpoints to this server, by name. Only with publicAccess.
   */
  readonly privateEndpoints?: {
    readonly [k: string]: PrivateEndpoint
  }
  /**
   * Decisions on private endpoint connections that ask for this server.
   */
  readonly connections?: readonly Connection[]
  readonly virtualEndpoint?: VirtualEndpoint
  readonly highAvailability?: HighAvailability
  /**
   * The availability zone of the primary at creation. After a failover the zones are swapped; that is not a difference.
   */
  readonly zone?: '1' | '2' | '3'
  readonly backup?: Backup
  readonly maintenanceWindow?: Maintenance
  /**
   * Whether a plan may restart the server for a change that needs it. By default refused. Changing it alone changes no plan while nothing waits for a restart.
   */
  readonly restart?: 'allowed' | 'refused'
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * The pricing tier and size of a server.
 */
export interface Compute {
  /**
   * The pricing tier.
   */
  readonly tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'
  /**
   * The size, one of those the tier offers.
   */
  readonly size: string
}
/**
 * The disk of a server.
 */
export interface Storage {
  /**
   * The sort of disk: Premium_LRS (Premium SSD, the default) or PremiumV2_LRS (Premium SSD v2). It is chosen when the server is made; another type takes a restore to a new server, or a read replica that is promoted. A server on ultra disks is referred to by its id.
   */
  readonly type?: 'Premium_LRS' | 'PremiumV2_LRS'
  /**
   * The size in GiB. Premium SSD has 32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384 and 32767; Premium SSD v2 has every whole number from 32 to 65536, and grows only while the server is down (restart: allowed).
   */
  readonly sizeGiB: number
  /**
   * Whether Azure grows the disk when it is nearly full. Its growth is no difference. Not with PremiumV2_LRS.
   */
  readonly autoGrow?: boolean
  /**
   * The performance tier of Premium SSD. By default the one that comes with the size.
   */
  readonly tier?: string
  /**
   * Operations a second, 3000 to 80000 and at most 500 for each GiB. Required with PremiumV2_LRS, and a setting of that type alone. Azure takes four changes in 24 hours.
   */
  readonly iops?: number
  /**
   * MB/s, 125 to 1200 and at most a quarter of iops. Required with PremiumV2_LRS, and a setting of that type alone. Azure takes four changes in 24 hours.
   */
  readonly throughputMBps?: number
}
/**
 * The administrator who logs in with a password.
 */
export interface Administrator {
  /**
   * The login name. It cannot be changed later.
   */
  readonly login: string
  readonly password: Secret
  /**
   * Raise it to have the password sent again: Azure never gives it back to be compared. A server that is taken over keeps its password: its version is remembered, and the next one is sent. A version never falls.
   */
  readonly passwordVersion?: number
}
/**
 * The managed identities of a resource. Those that it has and that are not named here are kept.
 */
export interface Identity {
  /**
   * Whether it has an identity of its own, which Azure makes and deletes with it.
   */
  readonly system?: boolean
  /**
   * The ARM ids of user-assigned identities that it has. One that is taken out of the list is kept.
   */
  readonly userAssigned?: readonly ArmId[]
}
/**
 * A key of yours that encrypts the storage of a server, in place of Azure's own. Whether there is one is chosen when the server is made.
 */
export interface Encryption {
  readonly key: KeyAddress
  readonly identity: ArmId
  readonly geoBackup?: GeoBackupEncryption
}
/**
 * A key of yours that encrypts the backups in the paired region.
 */
export interface GeoBackupEncryption {
  readonly key: KeyAddress
  readonly identity: ArmId
}
/**
 * How one can log in to a server.
 */
export interface Authentication {
  /**
   * Whether PostgreSQL passwords are accepted. By default true.
   */
  readonly password?: boolean
  readonly entra?: EntraAuthentication
}
/**
 * Log in with Microsoft Entra.
 */
export interface EntraAuthentication {
  /**
   * The Entra tenant. By default the subscription's.
   */
  readonly tenantId?: string
  /**
   * Administrators, by principal name.
   */
  readonly administrators?: {
    readonly [k: string]: EntraAdministrator
  }
}
/**
 * A Microsoft Entra administrator of a server.
 */
export interface EntraAdministrator {
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * The object id of the principal.
   */
  readonly objectId: string
  /**
   * The type of the principal.
   */
  readonly type: 'User' | 'Group' | 'ServicePrincipal'
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * The connectivity method of a server: exactly one of publicAccess and virtualNetwork.
 */
export interface Networking {
  readonly publicAccess?: PublicAccess
  readonly virtualNetwork?: VirtualNetworkIntegration
}
/**
 * Public access with allowed addresses.
 */
export interface PublicAccess {
  /**
   * Whether the server answers on its public address at all. Private endpoints work either way.
   */
  readonly enabled: boolean
  /**
   * Address ranges that are let in, by name.
   */
  readonly firewallRules?: {
    readonly [k: string]: FirewallRule
  }
}
/**
 * A range of public IPv4 addresses that are let in.
 */
export interface FirewallRule {
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * The first address. 0.0.0.0 to 0.0.0.0 stands for every Azure service.
   */
  readonly start: string
  /**
   * The last address.
   */
  readonly end: string
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * VNet integration of a server.
 */
export interface VirtualNetworkIntegration {
  readonly subnet: Reference
  readonly privateDnsZone: Reference
}
/**
 * A database of a server.
 */
export interface Database {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * The character set. It cannot be changed later.
   */
  readonly charset?: string
  /**
   * The collation. It cannot be changed later.
   */
  readonly collation?: string
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * A private endpoint to the server it stands under (subresource postgresqlServer).
 */
export interface PrivateEndpoint {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  readonly subscription?: SubscriptionId
  readonly resourceGroup?: ResourceGroup
  /**
   * The Azure region this is in. Inherited by what lies under it; by default that of the entry above.
   */
  readonly location?: string
  readonly tags?: Tags
  readonly subnet?: Reference
  readonly privateDns?: PrivateDns
  readonly approval?: Approval
  /**
   * The name of the network interface that Azure makes. By default Azure chooses one.
   */
  readonly networkInterfaceName?: string
  /**
   * A fixed private address inside the subnet. By default Azure chooses one.
   */
  readonly ipAddress?: string
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it, its zone group and a record that was written by hand included. May stay in the file afterwards.
   */
  readonly adopt?: boolean
}
/**
 * The zone in which the endpoint has its record.
 */
export interface PrivateDnsIntegration {
  readonly zone: Reference
  /**
   * The name of the zone group. By default default.
   */
  readonly name?: string
  /**
   * policy: an Azure Policy makes the zone group; an apply waits for it and its record up to timeouts.wait, ends with 7 where they do not come, and never writes them. By default pglink.
   */
  readonly managedBy?: 'pglink' | 'policy'
}
/**
 * The connection waits until a person decides on it.
 */
export interface ManualApproval {
  /**
   * The request message that the DBA sees. At most 140 characters.
   */
  readonly manual: string
}
/**
 * A decision on one private endpoint connection of a server.
 */
export interface Connection {
  readonly from: ConnectionSource
  /**
   * The decision on the connection. A rejected connection cannot be approved any more: its endpoint has to be made again.
   */
  readonly decision: 'approve' | 'reject'
  /**
   * The text that stands beside the decision. Changing it alone changes no plan.
   */
  readonly response?: string
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * A managed private endpoint of a factory that is not in the file.
 */
export interface FactoryEndpoint {
  readonly factory: ArmId
  /**
   * The name of the managed private endpoint.
   */
  readonly managedPrivateEndpoint: string
}
/**
 * Names that lead to a server and its read replica by their roles: NAME.writer and NAME.reader before the end of the servers' names. They lie in the primary, and after a promotion in the server that took its place.
 */
export interface VirtualEndpoint {
  /**
   * The first part of both names. No two pairs in all of Azure have one.
   */
  readonly name: string
  readonly reader: Reference
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * The standby of a server.
 */
export interface HighAvailability {
  /**
   * Where the standby is.
   */
  readonly mode: 'Disabled' | 'SameZone' | 'ZoneRedundant'
  /**
   * The availability zone of the standby. It cannot be changed later.
   */
  readonly standbyZone?: '1' | '2' | '3'
}
/**
 * Automatic backups of a server.
 */
export interface Backup {
  /**
   * How many days backups are kept, 7 to 35.
   */
  readonly retentionDays?: number
  /**
   * Whether backups are copied to the paired region. It cannot be changed later.
   */
  readonly geoRedundant?: boolean
}
/**
 * When Azure may patch a server, in UTC.
 */
export interface MaintenanceWindow {
  /**
   * The day of the week.
   */
  readonly day: 'Sunday' | 'Monday' | 'Tuesday' | 'Wednesday' | 'Thursday' | 'Friday' | 'Saturday'
  /**
   * The hour the window starts in.
   */
  readonly hour: number
  /**
   * The minute it starts at. A new window has 0 by default; one that is there keeps its own.
   */
  readonly minute?: number
}
/**
 * An Azure Data Factory.
 */
export interface DataFactory {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  readonly subscription?: SubscriptionId
  readonly resourceGroup?: ResourceGroup
  /**
   * The Azure region this is in. Inherited by what lies under it; by default that of the entry above.
   */
  readonly location?: string
  readonly tags?: Tags
  readonly identity?: Identity
  /**
   * Whether the factory has a managed virtual network. It cannot be taken away again.
   */
  readonly managedVirtualNetwork?: boolean
  /**
   * Whether the factory can be reached over public networks.
   */
  readonly publicNetworkAccess?: 'Enabled' | 'Disabled'
  /**
   * Integration runtimes, by name.
   */
  readonly integrationRuntimes?: {
    readonly [k: string]: IntegrationRuntime
  }
  /**
   * Managed private endpoints, by name. They need the managed virtual network.
   */
  readonly managedPrivateEndpoints?: {
    readonly [k: string]: ManagedPrivateEndpoint
  }
  /**
   * Linked services, by name.
   */
  readonly linkedServices?: {
    readonly [k: string]: LinkedService
  }
  /**
   * Whether to write linked services and integration runtimes of a factory in Git mode live: the next publish from its repository takes them away, unless its collaboration branch has them. Without it such a write is refused. Changing it alone changes no plan.
   */
  readonly writeLive?: boolean
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * An Azure integration runtime.
 */
export interface AzureIntegrationRuntime {
  /**
   * The sort of runtime.
   */
  readonly type: 'Azure'
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * Whether it runs in the factory's managed virtual network, which is the only way to managed private endpoints.
   */
  readonly managedVirtualNetwork?: boolean
  /**
   * The region it runs in, or AutoResolve. By default AutoResolve.
   */
  readonly location?: string
  readonly dataFlow?: DataFlowCompute
  /**
   * How long interactive authoring stays on after a test of a connection has needed it. By default 10. Changing it alone changes no plan.
   */
  readonly interactiveAuthoringMinutes?: number
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * The compute for data flows.
 */
export interface DataFlowCompute {
  /**
   * The sort of cluster.
   */
  readonly computeType?: 'General' | 'MemoryOptimized' | 'ComputeOptimized'
  /**
   * The number of cores of the cluster.
   */
  readonly coreCount?: 8 | 16 | 32 | 48 | 80 | 144 | 272
  /**
   * How long an idle cluster is kept.
   */
  readonly timeToLiveMinutes?: number
}
/**
 * A self-hosted integration runtime. Its machines register themselves.
 */
export interface SelfHostedIntegrationRuntime {
  /**
   * The sort of runtime.
   */
  readonly type: 'SelfHosted'
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * Something that exists and is not ours.
 */
export interface ExistingEntry {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
}
/**
 * A private endpoint in a factory's managed virtual network, to a server or to another resource. It always arrives Pending at its other end.
 */
export interface ManagedPrivateEndpoint {
  readonly id?: ArmId
  /**
   * Short for the id that name, resource group and subscription make: it exists, is not ours, and is read but never written.
   */
  readonly existing?: boolean
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  readonly server?: Reference
  readonly resource?: PrivateLinkResource
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * A resource that takes private endpoints, such as a key vault.
 */
export interface PrivateLinkResource {
  readonly id: ArmId
  /**
   * The subresource: vault of a key vault, blob or dfs of a storage account.
   */
  readonly groupId: string
  /**
   * The names by which the factory calls it, for a private link service alone: Azure knows those of any other resource.
   */
  readonly fqdns?: readonly string[]
}
/**
 * A linked service to a key vault.
 */
export interface AzureKeyVaultLinkedService {
  /**
   * The sort of linked service.
   */
  readonly type: 'AzureKeyVault'
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  /**
   * The address of the vault.
   */
  readonly baseUrl: string
  readonly integrationRuntime?: Reference
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * A linked service to a PostgreSQL server, written as version 2.0.
 */
export interface AzurePostgreSqlLinkedService {
  /**
   * The sort of linked service.
   */
  readonly type: 'AzurePostgreSql'
  /**
   * Azure's name. By default the key.
   */
  readonly name?: string
  readonly server: Reference
  /**
   * The port. By default 5432.
   */
  readonly port?: number
  /**
   * The database to connect to.
   */
  readonly database: string
  /**
   * How Data Factory signs in: password with username and password; managedIdentity with the factory's own identity and no secret; servicePrincipal with username, tenant, servicePrincipalId and the principal's key as password. By default password. Without a password of PostgreSQL, the plan prints the SQL that makes the role.
   */
  readonly authentication?: 'password' | 'managedIdentity' | 'servicePrincipal'
  /**
   * The user to log in as; with authentication: servicePrincipal the principal's display name, which is the role in PostgreSQL.
   */
  readonly username?: string
  /**
   * The tenant of the service principal, as an id or a domain.
   */
  readonly tenant?: string
  /**
   * The client id of the service principal.
   */
  readonly servicePrincipalId?: string
  readonly password?: LinkedServicePassword
  /**
   * Raise it to have the password sent again: Data Factory never gives it back to be compared. Where none is remembered it counts as 1, and it never falls. Every other change of the linked service sends the password as well, since no write keeps it.
   */
  readonly passwordVersion?: number
  /**
   * SSL encrypts, VerifyCA also checks the certificate, VerifyFull the name in it too. By default SSL.
   */
  readonly encryption?: 'SSL' | 'VerifyCA' | 'VerifyFull'
  readonly integrationRuntime?: Reference
  /**
   * Whether to test the connection after an apply. Changing it alone changes no plan: it counts from the next write on.
   */
  readonly testConnection?: boolean
  /**
   * Management locks of ours on this, by name.
   */
  readonly locks?: {
    readonly [k: string]: Lock
  }
  readonly timeouts?: Timeouts
  /**
   * Refuse every plan that would delete or replace this. Changing it alone changes no plan.
   */
  readonly protect?: boolean
  /**
   * Take over what already exists under this name although pglink did not make it. May stay in the file afterwards. Changing it alone changes no plan of what is ours.
   */
  readonly adopt?: boolean
}
/**
 * A password that is kept in a key vault.
 */
export interface KeyVaultPassword {
  readonly keyVault: KeyVaultSecret
}
/**
 * A secret of a key vault.
 */
export interface KeyVaultSecret {
  readonly linkedService: Reference
  /**
   * The name of the secret.
   */
  readonly secret: string
  /**
   * The version of the secret. By default the newest.
   */
  readonly version?: string
}
/**
 * Limits that a plan may not cross unless a flag says so.
 */
export interface Safety {
  /**
   * How many resources one plan may delete. By default 3.
   */
  readonly maxDeletes?: number
  /**
   * How long a lock may be away. By default 600.
   */
  readonly maxUnlockedSeconds?: number
  /**
   * advised takes off the locks on a network and its subnets before a server or an endpoint is added, as the documentation asks; required only those that Azure would refuse the step for. By default advised.
   */
  readonly locks?: 'advised' | 'required'
  /**
   * Whether a lock that is inherited from above may be lifted when Azure would refuse the step otherwise.
   */
  readonly liftInheritedLocks?: boolean
  /**
   * Whether locks on entries given by id may be lifted and restored. By default true.
   */
  readonly liftExistingLocks?: boolean
  /**
   * Where a lock is remembered while it is off. azure lifts none that nothing in Azure could remember; journal accepts, for those that a step cannot do without, that only the journal in the data directory does. By default azure.
   */
  readonly lockMemory?: 'azure' | 'journal'
}
/**
 * A difference that drift shows and does not count.
 */
export interface DriftIgnore {
  readonly path: Address
  /**
   * Why it may differ.
   */
  readonly reason: string
  /**
   * The person or team that answers for it.
   */
  readonly owner?: string
  /**
   * The last day on which it may differ.
   */
  readonly until?: string
}
/**
 * Where undeclared private endpoint connections may come from. Each is named exactly: there are no patterns, and no tenants.
 */
export interface Trust {
  /**
   * Subscriptions in which any private endpoint may be. Not that in which Microsoft keeps the endpoints of data factories: those of strangers lie there too, and factories names whose may be there.
   */
  readonly subscriptions?: readonly SubscriptionId[]
  /**
   * ARM ids of data factories whose managed private endpoints may connect. Each factory is asked which they are; what it does not tell, or may not be read, is not trusted.
   */
  readonly factories?: readonly ArmId[]
  /**
   * ARM ids of private endpoints that may connect.
   */
  readonly endpoints?: readonly ArmId[]
}
/**
 * How seriously a rule is taken in this file.
 */
export interface RuleSetting {
  /**
   * warn reports it as a warning, off not at all. Only rules that Azure itself does not enforce can be lowered.
   */
  readonly level: 'warn' | 'off'
  /**
   * Why the rule does not hold here. It is printed in the plan.
   */
  readonly reason: string
}
/**
 * An entry that got another key.
 */
export interface Moved {
  readonly from: Address
  readonly to: Address
}
