import { kindOf } from '../kinds/index.ts'
import { isWrite, type Note, type Step, subjectOf } from '../model/change.ts'
import { parentOf } from '../model/id.ts'
import { option } from '../model/option.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import { names } from '../model/planOptions.ts'
import type { Resource } from '../model/resource.ts'

type Subject = Pick<Resource, 'kind' | 'id' | 'address'>

/** Whether `--allow-interrupt` names it. Its endpoint names a record as well, since the record goes with the endpoint. */
export function isLetGo({ kind, id, address }: Subject, allowInterrupt: readonly string[]): boolean {
  if (allowInterrupt.length === 0) return false
  if (names(allowInterrupt, { id, address })) return true
  const above = kindOf({ kind }).path?.part === 'record' ? parentOf(id) : undefined
  return above !== undefined && names(allowInterrupt, { id: above, address: address.split('/').slice(0, -1).join('/') })
}

/** Notes on each consent to an interruption that names no step of this plan: it was mistyped, or is not needed any more. */
export const letNothingGo = (steps: readonly Step[], options: PlanOptions): Note[] =>
  options.allowInterrupt.flatMap(one => {
    const goes = steps.some(({ action, unproven }) => {
      return unproven && isWrite(action) && isLetGo(subjectOf(action), [one])
    })
    return goes
      ? []
      : [{ address: one, message: `\`${option(options, 'allowInterrupt', one)}\` names nothing that this plan takes away before a proof.` }]
  })
