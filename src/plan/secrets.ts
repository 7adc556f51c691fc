import { kindOf } from '../kinds/index.ts'
import type { Plan } from '../model/change.ts'
import { Secret } from '../model/secret.ts'

/** Variables without a value that a step of this plan must send. One that no step sends may stay unset. */
export function unsetSecrets({ steps }: Plan): { readonly address: string; readonly variable: string }[] {
  return steps.flatMap(({ action }) => {
    if (action.do !== 'create' && action.do !== 'update') return []
    const fields = action.do === 'create' ? undefined : new Set(action.fields.map(({ field }) => field))
    const sends = kindOf(action.resource).sends(action.props, fields)
    return sends.filter(secret => secret instanceof Secret && !secret.isSet).map(({ variable }) => ({ address: action.resource.address, variable }))
  })
}
