import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { planFlags } from '../cli/flags.ts'
import { readSavedPlan } from '../cli/savedPlan.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import { isPlanDocument } from '../document/planDocument.ts'
import { topologyFiles } from '../engine/files.ts'
import { Stop, UsageError } from '../engine/stop.ts'
import { kebab } from '../model/kebab.ts'
import { printable } from '../model/printable.ts'
import type { Foundation } from '../plan/digest.ts'
import type { Step } from './step.ts'

/** A plan that was made before, and brought here. */
export interface EarlierPlan {
  readonly digest: string
  /** The foundation of the plan: a part that is different by now has moved. */
  readonly foundation: Foundation
  /** By the published schema; `undefined` where it is not, as of another version. */
  readonly document: PlanDocument | undefined
}

/**
 * The plan of `plan-file`. It comes as an artifact, into which the run of any branch can write what it likes. So it decides nothing: which
 * topology is meant, and with which settings, is for the inputs to say, and what was approved for the digest.
 *
 * @throws Stop where it is not there, or is none; UsageError where it is of something else than the step
 */
export async function earlierPlan({ inputs, terminal }: Pick<Step, 'inputs' | 'terminal'>): Promise<EarlierPlan | undefined> {
  const { planFile, flags } = inputs
  if (planFile === '') return undefined
  if (!/\.json$/i.test(planFile)) throw new UsageError('The input plan-file is a plan.json that this action, or pglink plan --out, wrote.')
  const path = resolve(terminal.cwd, planFile)
  if (!existsSync(path)) throw new Stop('invalid', `There is no plan ${planFile}: was its artifact downloaded?`)
  const saved = readSavedPlan(planFile, flags, terminal)
  const [file = '', ...others] = await topologyFiles(inputs.files, terminal.cwd)
  if (others.length > 0) throw new UsageError('The input plan-file is of the plan of one topology, and there are several.')
  if (resolve(terminal.cwd, saved.file) !== resolve(terminal.cwd, file))
    throw new UsageError(`The plan in ${planFile} is of ${printable(saved.file)}, and this step is about ${file}: give the same file.`)
  const other = ([...planFlags, 'env'] as const).find(name => JSON.stringify(saved.flags[name]) !== JSON.stringify(flags[name]))
  if (other !== undefined)
    throw new UsageError(`The plan in ${planFile} was made with another ${kebab(other)}: give this step the same, or plan again.`)
  const document: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return { digest: saved.digest, foundation: saved.foundation, document: isPlanDocument(document) ? document : undefined }
}
