import type { RestoreMore } from '../engine/host.ts'
import type { Settings } from '../engine/settings.ts'
import { consentNames } from '../model/consents.ts'
import type { Json } from '../model/json.ts'
import { kebab } from '../model/kebab.ts'
import { pathWord, shellLine } from '../model/shell.ts'

type Flags = Readonly<Record<string, Json | undefined>>

const isGiven = (value: Json | undefined): value is Json =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)

const given = (flags: Flags): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(flags).flatMap(([name, value]) => (isGiven(value) ? [[name, value]] : [])))

/** Where a run reads and writes, as the command line says it. */
function placeFlags({ env, envFile, allowEnv, subscription, dataDir, estate }: Settings): Flags {
  const sandbox = estate && 'sandbox' in estate ? (estate.sandbox === true ? {} : estate.sandbox) : undefined
  return {
    env,
    'env-file': [...envFile],
    'allow-env': [...allowEnv],
    subscription,
    'data-dir': dataDir,
    sandbox: sandbox !== undefined,
    'sandbox-state': sandbox?.state,
    'arm-endpoint': estate && 'armEndpoint' in estate ? estate.armEndpoint : undefined
  }
}

/** The flags that decide a plan: they are the same again when a saved one is applied. Faults and logs are of one run. */
export function planFlagsOf(settings: Settings): Readonly<Record<string, Json>> {
  const { estate } = settings
  return given({
    ...placeFlags(settings),
    'sandbox-seed': estate && 'sandbox' in estate && estate.sandbox !== true ? estate.sandbox.seed : undefined,
    'lock-identity': settings.lockIdentity,
    prune: settings.prune,
    baseline: settings.baseline,
    ...Object.fromEntries(consentNames.map(name => [kebab(name), [...settings[name]]])),
    target: [...settings.target],
    exclude: [...settings.exclude],
    duty: settings.duty,
    'max-deletes': settings.maxDeletes,
    'lift-inherited-locks': settings.liftInheritedLocks,
    'journal-only-memory': settings.journalOnlyMemory,
    revert: settings.revert
  })
}

/** The line that restores the locks that a run with these settings left off, to be pasted into a shell in the same folder. */
export function restoreCommand(file: string, settings: Settings, { journal, keep, liftInheritedLocks }: RestoreMore = {}): string {
  const flags = {
    ...placeFlags(settings),
    'lock-identity': settings.lockIdentity,
    journal: settings.journal,
    'lift-inherited-locks': settings.liftInheritedLocks
  }
  const more = { journal, keep, 'lift-inherited-locks': liftInheritedLocks }
  return shellLine([
    'pglink',
    'locks',
    'restore',
    pathWord(file),
    ...[flags, more].flatMap(all => Object.entries(given(all)).flatMap(wordsOf))
  ])
}

function wordsOf([name, value]: readonly [string, Json]): string[] {
  if (value === true) return [`--${name}`]
  // A value with a dash before it would be taken for a flag.
  return [value].flat().flatMap(one => (/^-/.test(String(one)) ? [`--${name}=${String(one)}`] : [`--${name}`, String(one)]))
}
