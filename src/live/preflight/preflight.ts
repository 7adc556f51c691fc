import type { Azure } from '../../azure/azure.ts'
import type { Note } from '../../model/change.ts'
import type { ResourceId } from '../../model/id.ts'
import type { Found, Live } from '../../model/resource.ts'
import type { Asked, Checked, Finding, Preparing } from './asked.ts'
import { looksThrough } from './looks.ts'
import { checkTargets } from './targets.ts'

/** What lies outside the file, as far as the plan would meet it. */
export interface Preflight {
  readonly findings: readonly Finding[]
  readonly unknown: readonly Note[]
  /** With what the file refers to and does not declare. */
  readonly live: Live
}

/** README.md beside this file's folder has the table: kind, need, read, exit, rule. */
const checks: readonly ((asked: Asked) => Promise<Checked>)[] = [checkTargets]

/** Reads what Azure would look at before it took the writes of a plan. A plan that writes nothing costs no read. */
export async function preflight(azure: Azure, preparing: Preparing): Promise<Preflight> {
  const { live, changes } = preparing
  if (changes.length === 0) return { findings: [], unknown: [], live }
  const asked: Asked = { ...preparing, looks: looksThrough(azure) }
  const checked: Checked[] = []
  for (const check of checks) checked.push(await check(asked))
  const seen = new Map<ResourceId, Found>(live.resources)
  for (const [id, found] of checked.flatMap(one => [...(one.seen ?? [])])) if (!seen.has(id)) seen.set(id, found)
  return {
    findings: checked.flatMap(({ findings = [] }) => findings),
    unknown: checked.flatMap(({ unknown = [] }) => unknown),
    live: { ...live, resources: seen }
  }
}
