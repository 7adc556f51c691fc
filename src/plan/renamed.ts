import { kindOf } from '../kinds/index.ts'
import type { Refusal } from '../model/change.ts'
import { nameOf } from '../model/id.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import type { Desired, Resource } from '../model/resource.ts'

const byAddress = (all: Desired): ReadonlyMap<string, Resource> => new Map([...all.values()].map(one => [one.address, one]))

/**
 * Refuses an entry that `moved` says is the one of another address in the baseline, and that is another resource in Azure: without this a
 * second one would be made, and `--prune` would delete the first.
 */
export function renamed(desired: Desired, { baseline, moved = [] }: Pick<PlanOptions, 'baseline' | 'moved'>): Refusal[] {
  if (baseline === undefined || moved.length === 0) return []
  const [before, now] = [byAddress(baseline), byAddress(desired)]
  return moved.flatMap(({ from, to }): Refusal[] => {
    const [was, is] = [before.get(from), now.get(to)]
    if (was === undefined || is === undefined || was.id === is.id || kindOf(is).match) return []
    const name = nameOf(was.path)
    const inPlace = nameOf(is.path) !== name ? `Write \`name: ${name}\` on it` : 'Leave its group and what it lies in as they were'
    const message = `${to} is said to be what was ${from} (\`moved\`), and is another resource in Azure: ${is.path}, not ${was.path}. ${inPlace}, or take the line out of \`moved\`.`
    return [{ code: 'renamed', address: to, message, exit: 4, at: is.at }]
  })
}
