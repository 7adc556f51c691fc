import type { Note } from '../model/change.ts'
import { scopesOf } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { presentIn } from '../model/resource.ts'

/** Notes on writes into a factory that is published from a Git repository: the next publish does not have them, and takes them away. */
export function publishedElsewhere({ changes, desired, live }: PlanInput): Note[] {
  const found = new Map<string, Note>()
  for (const change of changes) {
    if (change.op === 'delete') continue
    for (const scope of scopesOf(change.resource.id).slice(1)) {
      const repository = presentIn(live, scope)?.facts.repository
      if (repository === undefined) continue
      const address = desired.get(scope)?.address ?? scope
      const message = `is edited in the Git repository ${repository}: what this plan writes into it is not in Git, and goes with the next publish from there, unless it is taken over into its collaboration branch`
      found.set(address, { address, message })
    }
  }
  return [...found.values()]
}
