/** A switch: what it is unless set, and what it can be set to. */
interface Switch<T> {
  readonly usual: T
  /** For the message to whoever sets it to something else. */
  readonly takes: string
  readonly allows: (value: unknown) => value is T
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

/** The first is the usual one. */
const oneOf = <const T extends string>(usual: T, ...others: readonly T[]): Switch<T> => {
  const all: readonly unknown[] = [usual, ...others]
  return { usual, takes: `one of ${all.map(one => `"${one}"`).join(', ')}`, allows: (value): value is T => all.includes(value) }
}

const flag = (usual: boolean): Switch<boolean> => ({
  usual,
  takes: 'true or false',
  allows: (value): value is boolean => typeof value === 'boolean'
})

const count = (usual: number): Switch<number> => ({ usual, takes: 'a number from 0', allows: isCount })

type Range = readonly [least: number, most: number]

const range = (least: number, most: number): Switch<Range> => ({
  usual: [least, most],
  takes: '[least, most], two numbers from 0',
  allows: (value): value is Range => {
    const [from, to, ...more]: readonly unknown[] = Array.isArray(value) ? value : []
    return isCount(from) && isCount(to) && from <= to && more.length === 0
  }
})

const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Counts = { readonly [name: string]: number }

/** Numbers by name, in place of usual ones that are known elsewhere; none unless set. */
const counts = (...names: readonly string[]): Switch<Counts> => ({
  usual: {},
  takes: `an object of numbers from 0, by ${names.join(', ')}`,
  allows: (value): value is Counts =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, each]) => names.includes(name) && isCount(each))
})

const guids = (...usual: readonly string[]): Switch<readonly string[]> => ({
  usual,
  takes: 'a list of guids',
  allows: (value): value is readonly string[] =>
    Array.isArray(value) && value.every(one => typeof one === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(one))
})

/** Lists of texts by name. */
const lists: Switch<{ readonly [name: string]: readonly string[] }> = {
  usual: {},
  takes: 'an object of lists of texts',
  allows: (value): value is { readonly [name: string]: readonly string[] } =>
    isRecord(value) && Object.values(value).every(one => Array.isArray(one) && one.every(each => typeof each === 'string'))
}

/** The ways in which a region offers less than the others. */
export type RegionOffer = {
  readonly restricted?: boolean
  readonly zones?: readonly string[]
}

const regions: Switch<{ readonly [location: string]: RegionOffer }> = {
  usual: {},
  takes: 'an object of {"restricted": true or false, "zones": a list of texts} by location',
  allows: (value): value is { readonly [location: string]: RegionOffer } =>
    isRecord(value) &&
    Object.values(value).every(
      one =>
        isRecord(one) &&
        Object.keys(one).every(key => key === 'restricted' || key === 'zones') &&
        ['boolean', 'undefined'].includes(typeof one['restricted']) &&
        (one['zones'] === undefined || (Array.isArray(one['zones']) && one['zones'].every(zone => typeof zone === 'string')))
    )
}

/**
 * Behaviours of Azure that are not certain, or differ between its regions and versions, and can be switched.
 * The README says of each what it stands for and where it was learned. A provider adds its own here: one line with its
 * comment, which is its type, its usual value and what it can be set to.
 */
const switches = {
  /** For how long a deleted or lowered lock goes on refusing. */
  lockSettleMs: count(0),
  /** For how long a new or raised lock does not refuse yet. */
  lockTakesHoldMs: count(0),
  /** For how long a deleted link of a private DNS zone is still shown. */
  linkGhostMs: count(0),
  /** For how long a private DNS zone goes on counting a link that has gone, and cannot be deleted because of it. */
  zonePhantomLinkMs: count(0),
  /** For how long a network that has gone keeps one of the same id from being linked to a private DNS zone. */
  networkIdentityMs: count(0),
  /** Items in one page of a list; 0 is all of them. */
  pageSize: count(0),
  /** Items in one page of a list of private DNS (zones, links, record sets), however many are asked for; 0 is as in other lists. */
  privateDnsPageSize: count(100),
  /** Whether operation addresses carry the signature (t, c, s, h) that makes them some 3 kB long. */
  signedOperationUrls: flag(true),
  /** Whether the polls of network operations ask for twice the wait each time. */
  networkPollBackoff: flag(true),
  /** A write while another one runs in the same virtual network is refused with 429 or 409, works, or ends the other one `Canceled`. */
  networkOverlap: oneOf('retryable', 'conflict', 'works', 'supersedes'),
  /** Whether the network provider looks at the If-Match of a PUT. */
  networkIfMatch: oneOf('honoured', 'ignored'),
  /** For how long a subnet and its network go on saying `Updating` when the subnet's or the network's operation is done. */
  networkUpdateTailMs: count(0),
  /** Whether networks and subnets show an empty `ipamPoolPrefixAllocations`, as those recorded from July to September 2024 do, and none of later. */
  emptyAddressPools: flag(false),
  /** How long after the operation that makes a private endpoint the target shows its connection. */
  connectionAppearsMs: count(0),
  /** For how long a private endpoint goes on showing what the owner of its target has changed. */
  connectionMirrorMs: count(0),
  /** Whether a subnet that enforces network policies refuses private endpoints, as it did until 2022. */
  networkPoliciesRefuseEndpoints: flag(false),
  /** For how long the network interface of a deleted private endpoint is still there, with its address. */
  networkInterfaceLingerMs: count(0),
  /** Whether a PUT that changes nothing of a private DNS zone group writes a record again that is gone, or leads elsewhere by now. */
  zoneGroupRewrite: oneOf('writes', 'nothing'),
  /** How a private DNS zone group treats a record of its name that somebody wrote by hand. */
  recordByHand: oneOf('overwritten', 'kept'),
  /** Whether a ReadOnly lock on a subnet, or inherited by it, refuses new private endpoints in it. */
  readOnlySubnetRefusesEndpoints: flag(true),
  /** Which of the recorded errors the operation of a write ends with that overlaps another one on the same server. */
  postgresBusy: oneOf('ServerIsBusy', 'ServerBusy', 'ProvisioningServerBusy', 'emptyCode'),
  /** For how long the name of a virtual endpoint that was deleted cannot be given again. */
  virtualEndpointNameMs: count(120_000),
  /** How a GET of a virtual endpoint beneath a replica is answered, which has none of its own. */
  virtualEndpointAtReplica: oneOf('BadRequest', 'NotFound'),
  /** Whether a PUT on a server keeps what it leaves out, or sets that back to its default. */
  postgresPut: oneOf('merges', 'replaces'),
  /** How a server's public access is left when it has been migrated out of its virtual network: the documentation says both. */
  migrationLeavesPublicAccess: oneOf('Disabled', 'Enabled'),
  /** The API versions of a resource type, such as `Microsoft.DBforPostgreSQL/flexibleServers`, in place of those that are known, the oldest first. */
  apiVersions: lists,
  /** How Data Factory answers a GET of a managed private endpoint that is not there. */
  managedEndpointMissing: oneOf('badRequest', 'notFound'),
  /** Whether a managed private endpoint tells in its `resourceId` which endpoint is behind it, as those recorded before 2022 do not. */
  managedEndpointTold: flag(true),
  /** Whether a managed private endpoint that is made stays `Provisioning` for ever, as it does now and then. */
  managedEndpointStuck: flag(false),
  /** How Data Factory answers a test of a connection through a runtime whose interactive authoring is off: 400, or 200 `succeeded: false`. */
  testWithoutInteractiveAuthoring: oneOf('badRequest', 'failed'),
  /** Whether Data Factory keeps a password through a write that has its `encryptedCredential` and no mask of it. */
  credentialWithoutMask: oneOf('kept', 'lost'),
  /** How long after a write the activity log and the history of changes tell of it, by the sandbox's clock. */
  logDelayMs: count(300_000),
  /** The roles that the DBA of each server has made for Microsoft Entra principals, by the server's name: ARM knows nothing of them. */
  databaseRoles: lists,
  /** For how long nobody can have the name of a factory that was deleted. */
  factoryNameHeldMs: count(0),
  /** After how long, at least and at most, a managed private endpoint shows what the server's owner decided. */
  approvalNoticedMs: range(60_000, 600_000),
  /** Regions that are closed to new servers, or have fewer availability zones than three. */
  serverRegions: regions,
  /** Whether requests beyond Azure's limits are refused; they are counted either way. */
  throttling: oneOf('off', 'arm'),
  /** Whether a refusal by ARM for too many requests names the operation, as was recorded, or the caller, as is reported since there are buckets. */
  throttlingMessage: oneOf('operation', 'actor'),
  /** Whether a refusal for too many requests says when to come again. */
  throttlingRetryAfter: flag(true),
  /** Greatest numbers of requests in place of Azure's: the sizes of ARM's buckets and their refill in a second, and the providers' limits. */
  throttlingLimits: counts(
    'reads',
    'readsPerSecond',
    'writes',
    'writesPerSecond',
    'deletes',
    'deletesPerSecond',
    'networkReads',
    'networkWrites',
    'privateDnsReads',
    'privateDnsWrites',
    'authorization'
  ),
  /** How a list of groups, or of resources, over a subscription answers a caller with roles on some groups of it alone. */
  limitedLists: oneOf('filtered', 'refused'),
  /** Whether a subscription has every resource provider registered to begin with. */
  providersRegistered: flag(true),
  /** For how long a token is good, by the wall's clock. */
  tokenLifetimeSeconds: count(86_399),
  /** Which subscriptions a list of them has although nothing lies in them: a client that finds none does not go on. */
  subscriptions: guids('11111111-1111-4111-8111-111111111111')
} as const

type Switches = typeof switches

/** The switches with their values. */
export type Behaviours = { readonly [Name in keyof Switches]: Switches[Name]['usual'] }

/** As Azure is found to behave most of the time. */
export const realistic = Object.fromEntries(Object.entries(switches).map(([name, { usual }]) => [name, usual])) as unknown as Behaviours

/** Values of switches from outside. @throws an error that names what is no switch, or what a switch cannot be */
export function parseBehaviours(given: unknown, where: string): Partial<Behaviours> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new Error(`${where}: must be an object of switches`)
  const known: Readonly<Record<string, Switch<unknown>>> = switches
  for (const [name, value] of Object.entries(given)) {
    const found = Object.hasOwn(known, name) ? known[name] : undefined
    if (found === undefined) throw new Error(`${where}: there is no switch "${name}"; there are ${Object.keys(known).join(', ')}`)
    if (!found.allows(value)) throw new Error(`${where}: the switch "${name}" takes ${found.takes}, not ${JSON.stringify(value)}`)
  }
  return given
}
