import { consentNames } from '../model/consents.ts'
import { duties } from '../model/duty.ts'

/** The values of a flag by its shape: one that is not given is `undefined`, an empty list or `false`. */
interface Values {
  readonly text: string | undefined
  readonly list: readonly string[]
  readonly switch: boolean
  readonly count: number | undefined
  readonly positive: number | undefined
  readonly factor: number | undefined
}

export type Shape = keyof Values

interface FlagDef {
  readonly shape: Shape
  readonly placeholder?: string
  /** It takes one of these. */
  readonly choices?: readonly string[]
  /** It names a file to be read. */
  readonly reads?: true
  /** One letter that stands for it. */
  readonly short?: string
  /** No variable of the environment sets it: it agrees to what has no way back, for one run. */
  readonly givenAlone?: true
  /** Where the variable is not PGLINK_ and its name. */
  readonly variable?: string
  readonly says: string
}

const defs = {
  env: { shape: 'text', placeholder: 'NAME', says: 'lay topology.NAME.yaml over topology.yaml' },
  envFile: { reads: true, shape: 'list', placeholder: 'FILE', says: 'read variables from FILE; its names may be used in the topology' },
  allowEnv: { shape: 'list', placeholder: 'NAME', says: 'let the topology read the environment variable NAME' },
  subscription: { shape: 'text', placeholder: 'ID', says: 'the subscription of entries that name none' },
  dataDir: { shape: 'text', placeholder: 'DIR', says: 'where the journal and the audit are kept (default: .pglink beside the topology)' },
  sandbox: { shape: 'switch', says: 'use the built-in Azure sandbox: no account is needed and nothing real is touched' },
  sandboxState: {
    reads: true,
    shape: 'text',
    placeholder: 'FILE',
    says: "the sandbox's estate (default: sandbox.json in the data directory)"
  },
  sandboxSeed: { reads: true, shape: 'text', placeholder: 'FILE', says: 'ARM bodies by id that a new sandbox begins with' },
  sandboxFaults: { reads: true, shape: 'text', placeholder: 'FILE', says: 'faults of the sandbox on purpose' },
  sandboxLog: { reads: true, shape: 'text', placeholder: 'FILE', says: "append the sandbox's requests to FILE, as NDJSON" },
  sandboxThrottle: { shape: 'switch', says: "let the sandbox refuse requests beyond Azure's limits" },
  armEndpoint: { shape: 'text', placeholder: 'URL', says: 'a running `pglink sandbox` on this machine; its token is in ARM_TOKEN' },
  lockIdentity: {
    shape: 'text',
    placeholder: 'CLIENT_ID',
    says: 'lift, restore and write locks by this second login, of the same tenant: a managed identity or federation as the first one has, or AZURE_LOCK_CLIENT_SECRET'
  },
  maxReadsPerMinute: {
    shape: 'positive',
    placeholder: 'N',
    says: 'read Azure no more often than N times a minute, so as to leave room for others'
  },
  verbose: { shape: 'switch', short: 'v', says: 'log each request to Azure on stderr, without secrets (also PGLINK_LOG=debug)' },
  json: { shape: 'switch', says: 'print one JSON document on stdout and nothing else' },
  out: {
    shape: 'text',
    placeholder: 'FILE',
    says: 'save the plan for `pglink apply FILE`; import: the topology, a file or a folder (default: standard output)'
  },
  jsonInto: { shape: 'text', placeholder: 'FILE', says: 'write what happens to FILE, a line of JSON for each event; - is stdout' },
  markdown: { shape: 'text', placeholder: 'FILE', says: 'write the report to FILE as Markdown; - is stdout' },
  html: { shape: 'text', placeholder: 'FILE', says: 'write the report to FILE as one HTML page; - is stdout' },
  sarif: { shape: 'text', placeholder: 'FILE', says: 'write what is wrong to FILE for code scanning (SARIF 2.1.0); - is stdout' },
  accept: { shape: 'switch', says: 'write what is there in Azure into the topology files, comments and all else kept' },
  revert: { shape: 'switch', says: 'plan what puts the drift back, and nothing else' },
  who: { shape: 'switch', says: "say of what drifted who wrote it, by Azure's logs of the last 14 days" },
  format: {
    shape: 'text',
    placeholder: 'FORMAT',
    choices: ['mermaid', 'dot', 'svg'],
    says: 'the form of the picture (default: mermaid)'
  },
  live: {
    shape: 'switch',
    says: 'read Azure: graph draws what a plan made now would change; verify also meets each server from this machine: name, TCP, TLS, and a login with PGUSER and PGPASSWORD, at most 5 s each'
  },
  resolver: { shape: 'text', placeholder: 'HOST:PORT', says: "the DNS server to ask, in place of this machine's own ways" },
  dial: {
    shape: 'list',
    placeholder: 'ADDRESS:PORT=HOST:PORT',
    says: 'connect to HOST:PORT in the stead of ADDRESS:PORT, as through a tunnel; repeatable'
  },
  ca: { reads: true, shape: 'text', placeholder: 'FILE', says: 'trust the authorities in FILE, PEM, in place of the usual ones' },
  probe: {
    shape: 'switch',
    says: 'print a script that looks at the paths from another machine, and the line for `az vm run-command`; neither is run'
  },
  detailedExitcode: { shape: 'switch', says: 'exit with 2 when there are changes' },
  checkRights: { shape: 'switch', says: 'exit with 7 when this login lacks a right that the plan takes' },
  showPermissions: {
    shape: 'switch',
    says: 'print the custom role that this plan takes, for `az role definition create`, and nothing else on stdout'
  },
  explainReads: { shape: 'switch', says: 'print how each kind was read, how many calls that took, and why' },
  fix: { shape: 'switch', says: 'write into the files what is meant without a doubt, and show it' },
  check: { shape: 'switch', says: 'write nothing, and exit with 2 where a file is not in its form' },
  prune: { shape: 'switch', says: 'delete what is ours and left the file' },
  baseline: {
    reads: true,
    shape: 'text',
    placeholder: 'FILE|GITREF',
    says: 'the topology as last applied: what it declares counts as ours'
  },
  allowDelete: { shape: 'list', placeholder: 'ADDRESS', says: 'let this be deleted although it holds data or other resources' },
  allowLockedDelete: { shape: 'list', placeholder: 'ADDRESS', says: 'let this be deleted although a Delete lock is on it' },
  allowInterrupt: {
    shape: 'list',
    placeholder: 'ADDRESS',
    says: 'let this take the old path to a server away although the new one is not proven'
  },
  keepStoredCredential: {
    shape: 'list',
    placeholder: 'ADDRESS',
    says: 'update this linked service without its password: send back what Data Factory has stored, and test the connection'
  },
  allowMigrate: {
    shape: 'list',
    placeholder: 'SERVER',
    givenAlone: true,
    says: 'let this server be taken out of its virtual network: no connections for about 10 minutes, then none until its endpoint is proven, and no way back (no variable sets it)'
  },
  allowMigrateUnproven: { shape: 'list', placeholder: 'SERVER', givenAlone: true, says: 'try it with replicas, HA, or not Ready as well' },
  allowPromote: { shape: 'list', placeholder: 'SERVER', says: 'promote this read replica, where the roles in the file ask for it' },
  promoteForced: { shape: 'list', placeholder: 'SERVER', says: 'promote it without the last of its data: for an outage of its source' },
  target: {
    shape: 'list',
    placeholder: 'ADDRESS',
    says: 'change this entry and what lies in it alone, with all that it needs; repeatable, no wildcards'
  },
  exclude: {
    shape: 'list',
    placeholder: 'ADDRESS',
    says: 'leave this entry and what lies in it out, with all that needs it; repeatable, no wildcards'
  },
  duty: {
    shape: 'text',
    placeholder: 'DUTY',
    choices: duties,
    says: 'do the part of this duty alone, as far as it waits for no other: exit with 7 while something is left to another duty'
  },
  maxDeletes: { shape: 'count', placeholder: 'N', says: 'the most resources that may be deleted' },
  liftInheritedLocks: { shape: 'switch', says: 'lift, or restore, locks that are set above a resource where ARM requires it' },
  journalOnlyMemory: {
    shape: 'switch',
    says: 'lift a lock that has to be off although only the journal on this machine can remember it, and nothing in Azure'
  },
  parallelism: { shape: 'positive', placeholder: 'N', says: 'how many steps run at once (default: 10)' },
  autoApprove: { shape: 'switch', says: 'do not ask before applying, deciding, or restoring from --journal' },
  planDigest: { shape: 'text', placeholder: 'DIGEST', says: 'apply only if the plan made now has this digest' },
  resume: { shape: 'switch', says: 'first follow to their end the operations that an interrupted run began' },
  journal: {
    reads: true,
    shape: 'text',
    placeholder: 'FILE',
    says: "a journal of this topology brought from another machine, beside this one's own"
  },
  file: {
    reads: true,
    shape: 'text',
    placeholder: 'FILE',
    says: 'the topology file, or its folder (default: topology.yaml; of connections: none)'
  },
  keep: { shape: 'list', placeholder: 'LOCK', says: 'leave this lock, by its ARM id, as it was changed while it was off' },
  now: { shape: 'switch', says: 'do not wait for a run elsewhere that still has a lock off' },
  server: { shape: 'list', placeholder: 'ID', says: 'this server, by its ARM id; import takes what belongs to it as well' },
  all: {
    shape: 'switch',
    says: 'all servers of the subscription: of --subscription, AZURE_SUBSCRIPTION_ID or the only one of the login (CLI only)'
  },
  expect: {
    shape: 'text',
    placeholder: 'ENDPOINT_ID',
    says: 'the ARM id of the private endpoint that the connection has to come from (CLI only)'
  },
  response: { shape: 'text', placeholder: 'TEXT', says: 'the text of the decision, which the requester sees (CLI only)' },
  factory: { shape: 'list', placeholder: 'ID', says: 'import this data factory, by its ARM id, and what belongs to it' },
  resourceGroup: {
    shape: 'list',
    placeholder: 'ID',
    says: 'import the servers, endpoints and factories of this resource group, by its ARM id'
  },
  own: { shape: 'list', placeholder: 'ID', says: 'declare this network, zone or group too, by its ARM id, and not only refer to it' },
  cloud: {
    shape: 'text',
    placeholder: 'NAME',
    choices: ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'],
    says: 'the cloud that it lies in (default: AzureCloud)'
  },
  terraformState: {
    reads: true,
    shape: 'text',
    placeholder: 'FILE',
    says: 'import the servers, factories and endpoints in this state, as `terraform show -json` prints it; only ids are taken of it'
  },
  topologyName: {
    shape: 'text',
    placeholder: 'NAME',
    says: 'the name of the topology (default of import: that of the tag, or of the first thing imported)'
  },
  location: { shape: 'text', placeholder: 'REGION', says: 'the Azure region of all that is declared' },
  serverName: { shape: 'text', placeholder: 'NAME', says: 'the name of the server (default: that of the topology and -pg)' },
  variant: {
    shape: 'text',
    placeholder: 'VARIANT',
    choices: ['private-endpoint', 'data-factory'],
    says: 'how the server is reached (default: private-endpoint)'
  },
  avoid: { shape: 'list', placeholder: 'RANGE', says: 'a range of addresses that the network must not overlap, such as 10.0.0.0/8' },
  github: { shape: 'switch', says: 'write workflows for GitHub Actions, too' },
  azureDevops: { shape: 'switch', says: 'write pipelines for Azure DevOps, too' },
  label: { shape: 'text', placeholder: 'NAME', says: 'tells the threads of one pull request from each other (default: pglink)' },
  definition: { shape: 'positive', placeholder: 'ID', says: 'the pipeline that plans pull requests: the number in its address' },
  artifact: { shape: 'text', placeholder: 'NAME', says: 'the pipeline artifact with plan.json in it (default: pglink)' },
  lowerRules: { shape: 'switch', says: 'lower the rules that what is there breaks, and not only name them in a comment' },
  force: { shape: 'switch', says: 'write over a file that is there' },
  port: { shape: 'count', placeholder: 'N', says: 'the port on 127.0.0.1 (default: one that is free)' },
  speed: { shape: 'factor', placeholder: 'N', says: 'how many times faster than real time goes (default: 1); with 0 it stands still' },
  caOut: { shape: 'text', placeholder: 'FILE', says: 'where the certificate to trust is written (default: .pglink/sandbox-ca.pem)' },
  state: { reads: true, shape: 'text', placeholder: 'FILE', says: 'where the estate is kept (default: .pglink/sandbox.json)' },
  seed: { reads: true, shape: 'text', placeholder: 'FILE', says: 'ARM bodies by id that a new estate begins with' },
  faults: { reads: true, shape: 'text', placeholder: 'FILE', says: 'faults on purpose' },
  log: { reads: true, shape: 'text', placeholder: 'FILE', variable: 'PGLINK_SANDBOX_LOG', says: 'append the requests to FILE, as NDJSON' },
  tlsCert: {
    reads: true,
    shape: 'text',
    placeholder: 'FILE',
    says: 'a certificate of your own for localhost, PEM, in place of one that is made'
  },
  tlsKey: { reads: true, shape: 'text', placeholder: 'FILE', says: 'its key, PEM' },
  principals: {
    reads: true,
    shape: 'text',
    placeholder: 'FILE',
    says: 'principals that may ask, and their roles (default: every client, as Owner)'
  },
  behaviours: { reads: true, shape: 'text', placeholder: 'FILE', says: 'switches of what is not certain about Azure, a JSON object' },
  throttle: { shape: 'switch', says: "refuse requests beyond Azure's limits" },
  dataPlane: {
    shape: 'switch',
    says: 'answer DNS on loopback and let clients through to a PostgreSQL of this machine, as the estate has it; prints what to give to verify'
  },
  printEnv: {
    shape: 'text',
    placeholder: 'CLIENT',
    choices: ['az', 'terraform', 'sdk', 'powershell'],
    says: 'print the lines that point another client at the sandbox on --port, and end'
  },
  noColor: { shape: 'switch', says: 'print without colours' }
} as const satisfies Readonly<Record<string, FlagDef>>

/** Every flag there is, as it is read. */
export type Flags = { readonly [Name in keyof typeof defs]: Values[(typeof defs)[Name]['shape']] }
export type FlagName = keyof Flags

export const flagNames = Object.keys(defs) as FlagName[]

/** The row of a flag in the table. */
export const defOf = (name: FlagName): FlagDef => defs[name]

/** The flags that name a file to be read. */
export const readFrom = flagNames.filter(name => defOf(name).reads)

export const topologyFlags: readonly FlagName[] = ['env', 'envFile', 'allowEnv']
export const azureFlags: readonly FlagName[] = [
  'subscription',
  'dataDir',
  'sandbox',
  'sandboxState',
  'sandboxSeed',
  'sandboxFaults',
  'sandboxLog',
  'sandboxThrottle',
  'armEndpoint',
  'maxReadsPerMinute',
  'verbose'
]

/** The flags that agree to parts of a plan. */
export const consentFlags: readonly FlagName[] = [...consentNames, 'maxDeletes', 'liftInheritedLocks', 'journalOnlyMemory']

/** The flags that a plan is made with, and that a saved plan records. */
export const planFlags: readonly FlagName[] = ['prune', 'baseline', 'target', 'exclude', 'duty', ...consentFlags]

export const isGiven = (value: unknown): boolean => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)
