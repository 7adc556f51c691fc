import { kindOf } from '../kinds/index.ts'
import type { Plan } from '../model/change.ts'
import { option, type Worded } from '../model/option.ts'

interface Unset {
  readonly address: string
  readonly variable: string
  /** The ways out beside setting it, where the resource has others: goes on from the words that name the variable. */
  readonly otherwise?: string
}

/** Variables without a value that a step of this plan must send. One that no step sends may stay unset. */
export function unsetSecrets({ steps }: Plan, worded: Worded): Unset[] {
  return steps.flatMap(({ action }) => {
    if (action.do !== 'create' && action.do !== 'update') return []
    const fields = action.do === 'create' ? undefined : new Set(action.fields.map(({ field }) => field))
    const { address } = action.resource
    const { storedCredential: stored, ...kind } = kindOf(action.resource)
    const unset = kind.sends(action.props, fields).filter(({ isSet }) => !isSet)
    const mayKeep = fields && action.do === 'update' && action.old && stored?.refuses(action.old.props, action.props, fields) === undefined
    const keeps = mayKeep ? `; ${option(worded, 'keepStoredCredential', address)} sends back what is stored in its place` : ''
    return unset.map(({ variable }) => ({
      address,
      variable,
      ...(stored && { otherwise: `set ${variable}, or ${stored.instead}${keeps}` })
    }))
  })
}
