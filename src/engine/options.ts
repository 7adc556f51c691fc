import type { TokenCredential } from '@azure/core-auth'
import type { Consents } from '../model/consents.ts'
import type { Duty } from '../model/duty.ts'

/** The built-in sandbox, in this process. Nothing is waited for in it: its clock goes on by itself. */
export interface SandboxOptions {
  /** The file the estate is kept in; `sandbox.json` in the data directory where it is left out. */
  readonly state?: string | undefined
  /** A file of ARM bodies by id that a new estate begins with. */
  readonly seed?: string | undefined
  /** A file of what goes wrong on purpose. */
  readonly faults?: string | undefined
  /** A file that the requests are appended to, as NDJSON. */
  readonly log?: string | undefined
  /** Refuses requests beyond Azure's limits, which pglink then keeps to as in Azure. */
  readonly throttle?: boolean | undefined
}

/** The estate that is read, and written to. */
export type EstateOption =
  | { readonly sandbox: true | SandboxOptions }
  /** A `pglink sandbox` on this machine. */
  | { readonly armEndpoint: string; readonly token: string }
  /** Azure. With `'default'` the login is looked for by DefaultAzureCredential, which does read the environment of the process. */
  | { readonly azure: TokenCredential | 'default' }

/** Options of every function. */
export interface FileOptions {
  /** Topology files, folders with a topology.yaml in them, or patterns such as `estates/**\/topology.yaml`; `topology.yaml` where it is left out. */
  readonly files?: string | readonly string[] | undefined
  /** Where relative names of files begin; the working directory of the process where it is left out. */
  readonly cwd?: string | undefined
  /** Lays topology.NAME.yaml over topology.yaml. */
  readonly env?: string | undefined
  /** Files of variables, whose names may be used in the topology. */
  readonly envFile?: string | readonly string[] | undefined
  /** Stands in place of the environment of the process, which is not read by itself. A program that wants it gives it here. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** The names in `environment` that the topology may use, beside AZURE_SUBSCRIPTION_ID and AZURE_TENANT_ID. */
  readonly allowEnv?: string | readonly string[] | undefined
  /** The subscription of entries that name none. */
  readonly subscription?: string | undefined
}

/** Options of the functions that read an estate. */
export interface DriftOptions extends FileOptions {
  readonly estate: EstateOption
  /** The client id of a second login, of the same tenant, that lifts, restores and writes locks in place of the first. */
  readonly lockIdentity?: string | undefined
  /** Where the journal is kept; `.pglink` beside the topology where it is left out. */
  readonly dataDir?: string | undefined
  /** Reads Azure no more often than so many times a minute, so as to leave room for others; what is written does not wait for that. */
  readonly maxReadsPerMinute?: number | undefined
  /** The topology as last applied: a file or a commit. */
  readonly baseline?: string | undefined
  /** A journal of this topology brought from another machine, beside this one's own. */
  readonly journal?: string | undefined
}

export interface VerifyOptions extends DriftOptions {
  /** Also meet each server from this machine. PGUSER and PGPASSWORD in `environment`, where both are set, sign in; PGDATABASE names the database. */
  readonly live?: boolean | undefined
  /** The DNS server to ask, `HOST:PORT`, in place of the machine's own ways. */
  readonly resolver?: string | undefined
  /** `ADDRESS:PORT=HOST:PORT`: where to connect in the stead of an address. */
  readonly dial?: string | readonly string[] | undefined
  /** A file of the authorities to trust, in place of those that Node knows. */
  readonly ca?: string | undefined
  /** Find out what a script for another machine has to look at, and meet no server. */
  readonly probe?: boolean | undefined
}

export interface PlanOptions extends DriftOptions, Partial<Consents<string | readonly string[] | undefined>> {
  /** Delete what is ours and left the file. */
  readonly prune?: boolean | undefined
  /** Addresses that the plan is about alone, with all that they need. */
  readonly target?: string | readonly string[] | undefined
  /** Addresses that the plan leaves out, with all that needs them. */
  readonly exclude?: string | readonly string[] | undefined
  /** The plan is of the part of this duty alone; what waits for another is left out. */
  readonly duty?: Duty | undefined
  readonly maxDeletes?: number | undefined
  /** Lift locks that are set above a resource where ARM requires it. */
  readonly liftInheritedLocks?: boolean | undefined
  /** Lift a lock that has to be off although only the journal on this machine can remember it, and nothing in Azure. */
  readonly journalOnlyMemory?: boolean | undefined
}

export interface ApplyOptions extends PlanOptions {
  /** Apply only if the plan made now has this digest. Without it whatever the plan is made of now is carried out: no question is asked. */
  readonly planDigest?: string | undefined
  /** How many steps run at once; 10 where it is left out. */
  readonly parallelism?: number | undefined
  /** First follow to their end the operations that an interrupted run began. */
  readonly resume?: boolean | undefined
}
