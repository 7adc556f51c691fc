import { consentNames } from '../model/consents.ts'
import type { Worded } from '../model/option.ts'
import type { Foundation } from '../plan/digest.ts'
import type { Tagging } from '../plan/tagPlan.ts'
import type { ApplyOptions, DriftOptions, PlanOptions, VerifyOptions } from './options.ts'

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
  /** ARM ids of locks that stay as they are, since a person changed them while they were off. */
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
  /** Look in Azure's logs who wrote what drifted. */
  readonly who?: boolean | undefined
}

/** Options of an apply that writes the owner's tag and nothing else. */
export interface TagOptions {
  readonly tagging?: Tagging | undefined
}

export type AllOptions = SavedApplyOptions & RestoreOptions & RevertOptions & VerifyOptions & TagOptions & Worded

/** Options that take several texts, or one. */
const listOptions = ['files', 'envFile', 'allowEnv', ...consentNames, 'target', 'exclude', 'dial', 'keep'] as const
type ListOption = (typeof listOptions)[number]

/** Options that are on or off. */
const switchOptions = [
  'prune',
  'revert',
  'accept',
  'who',
  'liftInheritedLocks',
  'journalOnlyMemory',
  'resume',
  'now',
  'live',
  'probe'
] as const
type SwitchOption = (typeof switchOptions)[number]

/** Options that have a value in any case. */
interface Always extends Readonly<Record<ListOption, readonly string[]>>, Readonly<Record<SwitchOption, boolean>> {
  readonly cwd: string
  readonly environment: NonNullable<AllOptions['environment']>
  readonly parallelism: number
}

/** Options as the engine works with them. Without an estate nothing is read but files. */
export type Settings = Always & Omit<Partial<AllOptions>, keyof Always>

const stepsAtOnce = 10

/** The settings of a run that is asked for with these options. */
export const settingsOf = (options: Partial<AllOptions>): Settings => ({
  ...options,
  ...valued(listOptions, name => [options[name] ?? []].flat()),
  ...valued(switchOptions, name => options[name] ?? false),
  cwd: options.cwd ?? process.cwd(),
  environment: options.environment ?? {},
  parallelism: options.parallelism ?? stepsAtOnce
})

const valued = <Name extends string, Value>(names: readonly Name[], value: (name: Name) => Value): Readonly<Record<Name, Value>> =>
  Object.fromEntries(names.map(name => [name, value(name)])) as Readonly<Record<Name, Value>>
