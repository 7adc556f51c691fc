import { kindOf } from '../kinds/index.ts'
import type { Plan } from '../model/change.ts'

/** Variables without a value that a step of this plan must send. One that no step sends may stay unset. */
export function unsetSecrets({ steps }: Plan): { readonly address: string; readonly variable: string }[] {
  return steps.flatMap(({ action }) => {
    if (action.do !== 'create' && action.do !== 'update') return []
    const fields = action.do === 'create' ? undefined : new Set(action.fields.map(({ field }) => field))
    const unset = kindOf(action.resource)
      .sends(action.props, fields)
      .filter(({ isSet }) => !isSet)
    return unset.map(({ variable }) => ({ address: action.resource.address, variable }))
  })
}
