import { dataFactory } from '../../kinds/dataFactory.ts'
import { privateEndpoint } from '../../kinds/privateEndpoint.ts'
import { typeOf } from '../../model/id.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'

/** The members of `trust`, and the type of what each names; a subscription has none. */
const members = [
  ['subscriptions', undefined],
  ['factories', dataFactory],
  ['endpoints', privateEndpoint]
] as const

function* named({ topology }: RuleContext): Generator<Finding> {
  for (const [member, kind] of members) {
    const seen = new Map<string, number>()
    for (const [index, id] of (topology.trust?.[member] ?? []).entries()) {
      if (id === undefined) continue
      const path = ['trust', member, index]
      if (id.includes('*')) yield { path, summary: `${id} is a pattern, and trust takes none`, fix: 'name each one that is trusted' }
      else if (kind !== undefined && typeOf(id) !== kind.type.toLowerCase())
        yield { path, summary: `${id} is not the ARM id of a ${kind.title} (${kind.type})` }
      const first = seen.get(id.toLowerCase())
      if (first === undefined) seen.set(id.toLowerCase(), index)
      else
        yield {
          path,
          summary: `${id} is named twice: Azure compares ids without regard to case`,
          fix: 'keep one of the two',
          related: [{ path: ['trust', member, first], message: 'the other one' }]
        }
    }
  }
}

export const trustRules: readonly RuleText[] = [
  {
    id: 'PGL087',
    name: 'trust-names-exactly',
    source: 'schema/topology.schema.json (trust)',
    summary: 'Each member of trust names one subscription, data factory or private endpoint, once.',
    why: 'A finding is silenced for what is named and for nothing else: a pattern, or the id of another sort of thing, would silence nothing, or more than was meant.',
    fix: 'give the full ARM id, as the portal shows it under Properties',
    check: named
  }
]
