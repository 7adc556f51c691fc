import type { Foundation } from '../plan/digest.ts'
import type { ApplyOptions, DriftOptions, EstateOption, PlanOptions } from './options.ts'

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
