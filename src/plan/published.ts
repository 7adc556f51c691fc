import { kindOf } from '../kinds/index.ts'
import { type Note, type Refusal, subjectOf } from '../model/change.ts'
import { scopesOf } from '../model/id.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { presentIn } from '../model/resource.ts'

interface Published {
  readonly refusals: readonly Refusal[]
  readonly notes: readonly Note[]
}

/**
 * Refuses writes into a factory that is published from a Git repository, of what lies in that repository too: the next publish does not
 * have them, and takes them away. Where the file says `writeLive: true` there is a note in their place.
 */
export function publishedElsewhere({ changes, desired, live }: PlanInput): Published {
  const refusals: Refusal[] = []
  const notes = new Map<string, Note>()
  for (const change of changes) {
    const subject = subjectOf(change)
    if (!kindOf(subject).publishedFromGit) continue
    for (const scope of scopesOf(subject.id).slice(1)) {
      const repository = presentIn(live, scope)?.facts.repository
      if (repository === undefined) continue
      const factory = desired.get(scope)
      const address = factory?.address ?? scope
      const message = `is edited in the Git repository ${repository}: what is written into it live is not in Git, and goes with the next publish from there`
      if (factory?.writeLive) {
        notes.set(address, { address, message: `${message}, unless it is taken over into its collaboration branch` })
        continue
      }
      const way = `Change it in that repository and publish, or write \`writeLive: true\` on ${address} to write it live all the same.`
      refusals.push({
        code: 'git',
        address: subject.address,
        message: `${address} ${message}. ${way}`,
        exit: 6,
        ...(factory && { at: factory.at })
      })
    }
  }
  return { refusals, notes: [...notes.values()] }
}
