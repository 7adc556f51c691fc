import type { PlanDocument } from '../document/plan.generated.ts'
import type { Said } from '../engine/verdict.ts'
import { findingTitles, isLift } from './looks.ts'
import { lackingTitle, rightSentences, unknownRights, unknownRightsTitle } from './rightsText.ts'

/** A list of a plan whose entries are no more than an address and a sentence. */
export interface PlanList {
  readonly title: string
  /** The plural of what is in it. */
  readonly what: string
  readonly said: readonly Said[]
}

const list = (title: string, what: string, said: readonly Said[]): PlanList => ({ title, what, said })

/** The lists that a reviewer has to see. Refusals, things to wait for, unmanaged resources and locks are no other findings. */
export function urgentLists({ waiting, verdict: { findings }, unknown }: PlanDocument): PlanList[] {
  const others = (['broken', 'differs', 'undeclared'] as const).map(sort =>
    list(
      findingTitles[sort],
      'findings',
      findings.filter(({ as }) => as === sort)
    )
  )
  return [
    list(findingTitles.waiting, 'things to wait for', waiting),
    ...others,
    list('Could not be read, so nothing is said about it', 'things that could not be read', unknown)
  ]
}

/** Another login may apply: what this one lacks changes nothing. */
export const rightsLists = ({ rights }: PlanDocument): PlanList[] => [
  list(lackingTitle, 'missing rights', rightSentences(rights).map(alone)),
  list(unknownRightsTitle, 'scopes', unknownRights(rights).map(alone))
]

const alone = (message: string): Said => ({ address: '', message })

/** Moves in Azure, and notes. A note about a lock that is lifted stands with the step that lifts it. */
export function quietLists({ notes, resource_drift: drift = [], steps }: PlanDocument): {
  readonly moved: PlanList
  readonly notes: PlanList
} {
  const lifted = new Set(steps.flatMap(step => (isLift(step) ? (step.lock?.id ?? []) : [])))
  return {
    moved: list(
      'Moved in Azure since the last apply',
      'things that moved',
      drift.filter(({ ignored }) => ignored === undefined)
    ),
    notes: list(
      'Notes',
      'notes',
      notes.filter(({ address }) => !lifted.has(address))
    )
  }
}

export const unmanagedTitle = 'Left the file and stays, since nothing asked for its deletion'
