import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import pkg from '../../package.json' with { type: 'json' }
import { isBody, type Json } from '../model/json.ts'
import type { Foundation } from '../plan/digest.ts'
import { planDriftJson } from '../report/driftJson.ts'
import type { PlanDocument } from '../report/plan.generated.ts'
import { planFormatVersion, planJson } from '../report/planJson.ts'
import { dayOf } from '../topology/driftIgnore.ts'
import { judged } from './drifting.ts'
import { azureFlags, type FlagName, type Flags, flagText, isGiven, planFlags, topologyFlags } from './flags.ts'
import type { Planned, Session } from './session.ts'
import type { Terminal } from './terminal.ts'
import { Stop, UsageError } from './usage.ts'

/** What decides the plan, and is the same again when a saved one is applied. The sandbox's faults and log are of one run. */
const recorded: readonly FlagName[] = [
  ...topologyFlags,
  ...azureFlags.filter(name => name !== 'sandboxFaults' && name !== 'sandboxLog'),
  ...planFlags,
  'revert'
]

/** The plan for programs, which is also what `--out` saves. `source` where somebody knows better what the sandbox is. */
export const documentOf = (
  { view, foundation, live }: Planned,
  { prepared, flags, baseline }: Session,
  source: PlanDocument['source'] = flags.sandbox || flags.armEndpoint !== undefined ? 'sandbox' : 'azure'
): PlanDocument =>
  planJson(view, {
    source,
    live,
    toolVersion: pkg.version,
    timestamp: new Date().toISOString(),
    file: prepared.file,
    flags: Object.fromEntries(recorded.flatMap(name => (isGiven(flags[name]) ? [[flagText(name), flags[name] as Json]] : []))),
    foundation,
    warnings: prepared.warnings,
    drift: baseline && planDriftJson(judged({ resolved: prepared.resolved, baseline, live }).entries, dayOf(new Date()))
  })

export interface SavedPlan {
  readonly file: string
  /** Those of now, with the recorded ones in place of those that decide the plan. */
  readonly flags: Flags
  readonly digest: string
  readonly foundation: Foundation
}

/** Whether the arguments of an apply name a saved plan. */
export const isSavedPlan = (given: readonly string[]): boolean => given.length === 1 && (given[0] ?? '').toLowerCase().endsWith('.json')

/** @throws Stop when it is no plan of ours, UsageError for a flag that the plan decides otherwise */
export function readSavedPlan(path: string, flags: Flags, { cwd }: Terminal): SavedPlan {
  const document = parsed(path, cwd)
  const { digest, topology, foundation } = document
  if (
    !isBody(topology) ||
    typeof topology['path'] !== 'string' ||
    !isBody(topology['flags']) ||
    typeof digest !== 'string' ||
    !isBody(foundation)
  )
    throw new Stop(4, `${path} is not a plan that pglink saved.`)
  const { flags: given } = topology
  const decides: readonly FlagName[] = [...planFlags, 'env', 'subscription']
  const clash = decides.find(name => isGiven(flags[name]) && JSON.stringify(flags[name]) !== JSON.stringify(given[flagText(name)]))
  if (clash !== undefined)
    throw new UsageError(`The saved plan was made with another --${flagText(clash)}: leave it out here, or plan again.`)
  const ofPlan = Object.fromEntries(
    recorded.flatMap(name => (flagText(name) in given ? [[name, given[flagText(name)]]] : []))
  ) as Partial<Flags>
  // Whoever applies may keep the variables elsewhere than whoever planned.
  const envFile = flags.envFile.length > 0 ? flags.envFile : (ofPlan.envFile ?? [])
  const allowEnv = [...new Set([...(ofPlan.allowEnv ?? []), ...flags.allowEnv])]
  return { file: topology['path'], digest, foundation, flags: { ...flags, ...ofPlan, envFile, allowEnv } }
}

function parsed(path: string, cwd: string): Readonly<Record<string, Json>> {
  let document: unknown
  try {
    document = JSON.parse(readFileSync(resolve(cwd, path), 'utf8'))
  } catch (error) {
    throw new Stop(4, `${path} is not a plan that pglink saved: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!isBody(document)) throw new Stop(4, `${path} is not a plan that pglink saved.`)
  const [major] = String(document['format_version']).split('.')
  if (major !== planFormatVersion.split('.')[0])
    throw new Stop(
      4,
      `${path} has the format ${String(document['format_version'])}, and this pglink reads ${planFormatVersion}. Plan again.`
    )
  return document
}
