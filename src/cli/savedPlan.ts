import { type Stop, UsageError } from '../engine/stop.ts'
import { type Body, isBody } from '../model/json.ts'
import { kebab } from '../model/kebab.ts'
import type { Foundation } from '../plan/digest.ts'
import { azureFlags, type FlagName, type Flags, isGiven, planFlags, topologyFlags } from './flags.ts'
import { readFlags, wantedOf } from './flagValues.ts'
import { choicesFollowed } from './planChoices.ts'
import { isFormat, isPlanFile, noPlan, planFileIn, refuseOtherFormat } from './planFormat.ts'
import type { Surroundings } from './terminal.ts'

/** The flags that decide the plan, and are the same again when a saved one is applied. Faults and logs are of one run. */
const recorded: readonly FlagName[] = [
  ...topologyFlags,
  ...azureFlags.filter(name => !['sandboxFaults', 'sandboxLog', 'sandboxThrottle', 'maxReadsPerMinute', 'verbose'].includes(name)),
  ...planFlags,
  'revert'
]

/** Where something lies is for the command line to say, if it does. */
const kept = ['envFile', 'dataDir', 'sandboxState', 'sandboxSeed'] as const

export interface SavedPlan {
  readonly file: string
  /** Those of now, with the recorded ones in place of those that decide the plan. */
  readonly flags: Flags
  /** The flags as they were when it was made, as far as it says. */
  readonly recorded: Flags
  readonly digest: string
  readonly foundation: Foundation
}

/**
 * The saved plan that the arguments of an apply name, with what it chooses seen to. Only its own topology may stand beside it.
 *
 * @returns `undefined` where they name none
 * @throws Stop when it is no plan of ours, UsageError for what has to be given otherwise
 */
export function savedPlanIn(given: readonly string[], flags: Flags, terminal: Surroundings): SavedPlan | undefined {
  const [plan = '', topology, ...more] = given
  const other = given.find(path => isPlanFile(path, terminal.cwd))
  if (other === undefined) return undefined
  if (other !== plan || more.length > 0) throw new UsageError(`A saved plan is applied alone: apply ${other} by itself.`)
  const saved = readSavedPlan(plan, flags, terminal)
  choicesFollowed({ plan, topology }, { file: saved.file, flags: saved.recorded }, flags, terminal)
  return saved
}

/** @throws Stop when it is no plan of ours, UsageError for a flag that the plan decides otherwise */
export function readSavedPlan(path: string, flags: Flags, { cwd }: Surroundings): SavedPlan {
  const { digest, file, given, foundation } = parsed(path, cwd)
  const decides: readonly FlagName[] = [...planFlags, 'env', 'subscription']
  const clash = decides.find(name => isGiven(flags[name]) && JSON.stringify(flags[name]) !== JSON.stringify(given[kebab(name)]))
  if (clash !== undefined) throw new UsageError(`The saved plan was made with another --${kebab(clash)}: leave it out here, or plan again.`)
  const ofPlan = Object.fromEntries(
    recorded.flatMap(name => (Object.hasOwn(given, kebab(name)) ? [[name, given[kebab(name)]]] : []))
  ) as Partial<Flags>
  // The user who applies may keep the variables, the journal and the sandbox elsewhere than the one who planned.
  const places = Object.fromEntries(kept.flatMap(name => (isGiven(flags[name]) ? [[name, flags[name]]] : []))) as Partial<Flags>
  // Where a token goes and what is read of the environment is never for the plan to say, nor that it is not in the sandbox.
  const { allowEnv, armEndpoint } = flags
  const sandbox = flags.sandbox || ofPlan.sandbox === true
  const now = { ...flags, ...ofPlan, ...places, allowEnv, armEndpoint, sandbox }
  return { file, digest, foundation, flags: now, recorded: { ...readFlags({}, [], {}), ...ofPlan } }
}

interface Parsed extends Omit<SavedPlan, 'flags' | 'recorded'> {
  /** The recorded flags, each of the shape that it is read in. */
  readonly given: Body
}

/** A user who edited the file is told which member is at fault: what is read further on relies on all of them. */
function parsed(path: string, cwd: string): Parsed {
  const refused = (why: string): Stop => noPlan(path, why)
  const document = planFileIn(path, cwd)
  if (!isBody(document)) throw refused('it is not an object.')
  const { format_version: format, digest, topology, foundation } = document
  if (typeof format !== 'string' || !isFormat(format)) throw refused('its format_version is not one.')
  refuseOtherFormat(path, format)
  if (typeof digest !== 'string') throw refused('its digest is not a text.')
  if (!isBody(foundation)) throw refused('its foundation is not an object.')
  if (!isBody(topology)) throw refused('its topology is not an object.')
  const { path: file, flags: given } = topology
  if (typeof file !== 'string' || file.includes('\0')) throw refused('its topology.path is not a text.')
  if (!isBody(given)) throw refused('its topology.flags is not an object.')
  for (const name of recorded) {
    const wanted = Object.hasOwn(given, kebab(name)) ? wantedOf(name, given[kebab(name)]) : undefined
    if (wanted !== undefined) throw refused(`its topology.flags.${kebab(name)} is not ${wanted}.`)
  }
  return { digest, file, given, foundation }
}
