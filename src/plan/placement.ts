import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { virtualNetwork } from '../kinds/virtualNetwork.ts'
import type { Note, Refusal } from '../model/change.ts'
import { ancestorOfType, type ResourceId, subscriptionOf } from '../model/id.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import { type Desired, type Live, presentIn, type Resource } from '../model/resource.ts'

interface Rule {
  readonly id: string
  readonly kind: string
  readonly of: typeof virtualNetwork.type | typeof flexibleServer.type
  readonly what: 'region' | 'subscription'
}

/**
 * The rules on regions and subscriptions, for what the file could not know when it was validated: where something
 * that is only an `id` in it really is.
 */
const rules: readonly Rule[] = [
  { id: 'PGL002', kind: privateEndpoint.name, of: flexibleServer.type, what: 'region' },
  { id: 'PGL003', kind: privateEndpoint.name, of: flexibleServer.type, what: 'subscription' },
  { id: 'PGL004', kind: privateEndpoint.name, of: virtualNetwork.type, what: 'region' },
  { id: 'PGL005', kind: privateEndpoint.name, of: virtualNetwork.type, what: 'subscription' },
  { id: 'PGL006', kind: flexibleServer.name, of: virtualNetwork.type, what: 'region' },
  { id: 'PGL007', kind: flexibleServer.name, of: virtualNetwork.type, what: 'subscription' }
]

export function misplaced(desired: Desired, live: Live, { lowered }: Pick<PlanOptions, 'lowered'>) {
  const refusals: Refusal[] = []
  const notes: Note[] = []
  for (const resource of desired.values())
    for (const rule of rules)
      for (const { code, address, message, at } of broken(rule, resource, desired, live))
        if (lowered.includes(code)) notes.push({ address, message: `${code}, lowered in the file: ${message}` })
        else refusals.push({ code, address, message, exit: 4, at })
  return { refusals, notes }
}

function broken(rule: Rule, resource: Resource, desired: Desired, live: Live) {
  if (resource.kind !== rule.kind || !resource.managed) return []
  const others = new Set(resource.refs.flatMap(ref => ancestorOfType(ref, rule.of) ?? []))
  return [...others].flatMap(other => {
    // Validation has looked at resources of ours.
    if (desired.get(other)?.managed) return []
    const [here, there] =
      rule.what === 'region' ? [regionOf(resource), regionIn(live, other)] : [subscriptionOf(resource.id), subscriptionOf(other)]
    if (here === undefined || there === undefined || here === there) return []
    const title = kindOf(resource).title
    const message = `The ${title} ${resource.address} is in the ${rule.what} ${here}, and ${other} is in ${there}. \`pglink explain ${rule.id}\` says why that does not go together.`
    return [{ code: rule.id, address: resource.address, message, at: resource.at }]
  })
}

const regionOf = ({ props }: Resource): string | undefined => (props as { readonly location?: string }).location

const regionIn = (live: Live, id: ResourceId): string | undefined => presentIn(live, id)?.facts.location?.replaceAll(' ', '').toLowerCase()
