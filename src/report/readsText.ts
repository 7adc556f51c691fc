import { counted } from '../model/counted.ts'
import type { ExplainedRead } from '../model/reads.ts'
import { table } from './table.ts'

/** How each kind was read, how many calls that took, and why; ends in a newline. */
export function readsText(reads: readonly ExplainedRead[]): string {
  const rows = reads.map(({ what, how, resources, calls, why }) => [what, how, String(resources), String(calls), why])
  const calls = reads.reduce((sum, one) => sum + one.calls, 0)
  return `${table(['KIND', 'HOW', 'RESOURCES', 'CALLS', 'WHY'], rows)}${counted(calls, 'ARM read')} in all.\n`
}
