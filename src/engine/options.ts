import type { TokenCredential } from '@azure/core-auth'
import type { Foundation } from '../plan/digest.ts'

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
  /** Topology files, or folders with a topology.yaml in them; `topology.yaml` where it is left out. */
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
  /** Where the journal is kept; `.pglink` beside the topology where it is left out. */
  readonly dataDir?: string | undefined
  /** The topology as last applied: a file or a commit. */
  readonly baseline?: string | undefined
  /** A journal of this topology brought from another machine, beside this one's own. */
  readonly journal?: string | undefined
}

export interface PlanOptions extends DriftOptions {
  /** Delete what is ours and left the file. */
  readonly prune?: boolean | undefined
  /** Addresses that may be deleted although they hold data or other resources. */
  readonly allowDelete?: string | readonly string[] | undefined
  /** Addresses that may be deleted although a Delete lock is on them. */
  readonly allowLockedDelete?: string | readonly string[] | undefined
  /** Addresses that may take the old path to a server away although the new one is not proven. */
  readonly allowInterrupt?: string | readonly string[] | undefined
  readonly maxDeletes?: number | undefined
  /** Lift locks that are set above a resource where ARM requires it. */
  readonly liftInheritedLocks?: boolean | undefined
  /** Lift a lock that has to be off although only the journal on this machine can remember it, and nothing in Azure. */
  readonly journalOnlyMemory?: boolean | undefined
}

export interface ApplyOptions extends PlanOptions {
  /** Apply only if the plan made now has this digest. Without it whatever the plan is made of now is carried out: nobody is asked. */
  readonly planDigest?: string | undefined
  /** How many steps run at once; 10 where it is left out. */
  readonly parallelism?: number | undefined
  /** First follow to their end the operations that an interrupted run began. */
  readonly resume?: boolean | undefined
}

/** A plan that was shown before: its digest, and what it was made of. */
interface ShownPlan {
  readonly digest: string
  readonly foundation: Foundation
}

/** Options of an apply of exactly one plan that was saved. */
export interface SavedApplyOptions extends ApplyOptions {
  readonly saved?: ShownPlan | undefined
}

export interface RestoreOptions extends DriftOptions {
  /** ARM ids of locks that stay as they are, as somebody changed them while they were off. */
  readonly keep?: string | readonly string[] | undefined
  /** Do not wait for a run elsewhere that still has a lock off. */
  readonly now?: boolean | undefined
  /** Restore locks that are set above a resource. */
  readonly liftInheritedLocks?: boolean | undefined
}

/** Options of a look for drift that does something about it. */
export interface RevertOptions extends PlanOptions {
  /** Write what is there in Azure into the topology files. */
  readonly accept?: boolean | undefined
  /** Plan what puts the drift back, and nothing else. */
  readonly revert?: boolean | undefined
}

type AllOptions = SavedApplyOptions & RestoreOptions & RevertOptions

/** Options with a value for each, as the engine works with them. */
export interface Settings {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly files: readonly string[]
  readonly env: string | undefined
  readonly envFile: readonly string[]
  readonly allowEnv: readonly string[]
  readonly subscription: string | undefined
  /** `undefined` where nothing is read but files. */
  readonly estate: EstateOption | undefined
  readonly dataDir: string | undefined
  readonly baseline: string | undefined
  readonly journal: string | undefined
  readonly prune: boolean
  readonly revert: boolean
  readonly accept: boolean
  readonly allowDelete: readonly string[]
  readonly allowLockedDelete: readonly string[]
  readonly allowInterrupt: readonly string[]
  readonly maxDeletes: number | undefined
  readonly liftInheritedLocks: boolean
  readonly journalOnlyMemory: boolean
  readonly planDigest: string | undefined
  readonly saved: ShownPlan | undefined
  readonly parallelism: number
  readonly resume: boolean
  readonly keep: readonly string[]
  readonly now: boolean
}

const stepsAtOnce = 10

const listed = (value: string | readonly string[] | undefined): readonly string[] => [value ?? []].flat()

/** The settings of a run that is asked for with these options. */
export const settingsOf = (options: Partial<AllOptions>): Settings => ({
  cwd: options.cwd ?? process.cwd(),
  environment: options.environment ?? {},
  files: listed(options.files),
  env: options.env,
  envFile: listed(options.envFile),
  allowEnv: listed(options.allowEnv),
  subscription: options.subscription,
  estate: options.estate,
  dataDir: options.dataDir,
  baseline: options.baseline,
  journal: options.journal,
  prune: options.prune ?? false,
  revert: options.revert ?? false,
  accept: options.accept ?? false,
  allowDelete: listed(options.allowDelete),
  allowLockedDelete: listed(options.allowLockedDelete),
  allowInterrupt: listed(options.allowInterrupt),
  maxDeletes: options.maxDeletes,
  liftInheritedLocks: options.liftInheritedLocks ?? false,
  journalOnlyMemory: options.journalOnlyMemory ?? false,
  planDigest: options.planDigest,
  saved: options.saved,
  parallelism: options.parallelism ?? stepsAtOnce,
  resume: options.resume ?? false,
  keep: listed(options.keep),
  now: options.now ?? false
})
