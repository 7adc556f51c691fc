import type { EstateOption } from '../engine/options.ts'
import { type AllOptions, type Settings, settingsOf } from '../engine/settings.ts'
import { Stop } from '../engine/stop.ts'
import { type Duty, duties } from '../model/duty.ts'
import type { Flags } from './flags.ts'
import { oneOf } from './flagValues.ts'
import type { Surroundings } from './terminal.ts'

/** The engine's options as the command line gives them. @throws Stop where the flags name two estates */
export const optionsOf = (files: readonly string[], flags: Flags, terminal: Pick<Surroundings, 'cwd' | 'env' | 'words'>): AllOptions => ({
  ...flags,
  duty: dutyOf(flags),
  files,
  cwd: terminal.cwd,
  environment: terminal.env,
  words: terminal.words,
  estate: estateOf(flags, terminal)
})

/** A saved plan may have been edited. @throws UsageError for a word that is no duty */
const dutyOf = ({ duty }: Flags): Duty | undefined => (duty === undefined ? undefined : (oneOf(duties, duty, '--duty') as Duty))

function estateOf(flags: Flags, { env }: Pick<Surroundings, 'env'>): EstateOption {
  const {
    sandbox,
    sandboxState: state,
    sandboxSeed: seed,
    sandboxFaults: faults,
    sandboxLog: log,
    sandboxThrottle: throttle,
    armEndpoint
  } = flags
  if (sandbox && armEndpoint !== undefined) throw new Stop('error', 'Give --sandbox or --arm-endpoint, not both.')
  if (sandbox) return { sandbox: { state, seed, faults, log, throttle } }
  return armEndpoint === undefined ? { azure: 'default' } : { armEndpoint, token: env['ARM_TOKEN'] ?? '' }
}

/** The settings that files are read with. */
export const settingsIn = (flags: Flags, { cwd, env, words }: Pick<Surroundings, 'cwd' | 'env' | 'words'>): Settings =>
  settingsOf({ ...flags, duty: dutyOf(flags), cwd, environment: env, words })
