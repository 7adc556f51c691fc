import type { Azure } from '../azure/azure.ts'
import type { Finding } from '../live/preflight/asked.ts'
import { preflight } from '../live/preflight/preflight.ts'
import type { Note, Plan, Refusal } from '../model/change.ts'
import type { Elsewhere } from '../model/elsewhere.ts'
import type { OptionWords } from '../model/option.ts'
import type { Asked } from '../model/reads.ts'
import type { Live } from '../model/resource.ts'
import type { Resolved } from '../topology/resolve.ts'

/** The result of the preflight of a plan. */
export interface LookedAhead {
  readonly refusals: readonly Refusal[]
  readonly notes: readonly Note[]
  readonly unknown: readonly Note[]
  readonly dangers: readonly Note[]
  /** With what the file refers to and does not declare. */
  readonly live: Live
  readonly asked: Asked
}

interface Draft {
  readonly plan: Plan
  readonly live: Live
  readonly elsewhere?: Elsewhere | undefined
  readonly words?: OptionWords | undefined
}

export type Ahead = Pick<LookedAhead, 'refusals' | 'notes' | 'unknown' | 'dangers'>

/** The plan, made anew with what was seen, and what there is to say of it. */
export const withAhead = (plan: Plan, { refusals, notes, unknown, dangers }: Ahead): Plan => ({
  ...plan,
  ...(dangers.length > 0 && { moved: dangers }),
  refusals: [...plan.refusals, ...refusals],
  notes: [...plan.notes, ...notes],
  unknown: [...plan.unknown, ...unknown]
})

/** Looks at what lies outside the file and the plan would meet. @returns `undefined` for a plan that writes nothing */
export async function lookAhead(
  azure: Azure,
  resolved: Resolved,
  { plan, live, elsewhere, words }: Draft
): Promise<LookedAhead | undefined> {
  if (plan.changes.length === 0) return undefined
  const { desired, endpoints, name, placeOf } = resolved
  const agreed = new Set(
    plan.steps.flatMap(({ action, unproven }) => (unproven && action.do === 'update' && action.call ? [action.resource.id] : []))
  )
  const calls = new Map(plan.steps.flatMap(({ action }) => (action.do === 'invoke' ? [[action.id, action.verb] as const] : [])))
  const {
    findings,
    unknown,
    dangers,
    notes,
    live: seen
  } = await preflight(azure, {
    changes: plan.changes,
    desired,
    endpoints,
    live,
    topology: name,
    placeOf,
    elsewhere,
    agreed,
    calls,
    words,
    ofDuty: plan.part?.ofDuty?.duty
  })
  const found = judged(findings, resolved.rules)
  return { ...found, notes: [...found.notes, ...notes], unknown, dangers, live: seen, asked: azure.calls.asked }
}

/** As hard as the rule is, less what the file lowers. */
function judged(findings: readonly Finding[], rules: Resolved['rules']): Pick<LookedAhead, 'refusals' | 'notes'> {
  const refusals: Refusal[] = []
  const notes: Note[] = []
  for (const { rule, address, message, exit, at } of findings) {
    const level = rules[rule]?.level
    if (level === 'off') continue
    if (level === undefined && exit !== undefined) refusals.push({ code: rule, address, message, exit, at })
    else notes.push({ address, message: `${rule}${level === undefined ? '' : ', lowered in the file'}: ${message}` })
  }
  return { refusals, notes }
}
