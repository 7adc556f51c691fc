import { managementLock } from '../../kinds/managementLock.ts'
import { grouped } from '../../model/grouped.ts'
import { namedEntries } from './entries.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'

const locksOfScope = 20

function* tooManyLocks(ctx: RuleContext): Generator<Finding> {
  const locks = namedEntries(ctx).filter(({ kind }) => kind === managementLock)
  for (const [scope, all] of grouped(locks, ({ path }) => path.slice(0, -2).join('/'))) {
    const excess = all[locksOfScope]
    if (excess) yield { path: excess.path, aim: 'key', summary: `${scope} holds ${all.length} locks; a scope takes ${locksOfScope}` }
  }
}

export const lockRules: readonly RuleText[] = [
  {
    id: 'PGL053',
    name: 'locks-of-scope',
    source:
      'https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits (Management locks per unique scope)',
    summary: 'A resource has at most 20 locks of its own.',
    why: 'Azure refuses the 21st.',
    fix: 'one lock of each level is enough; say more in its notes',
    check: tooManyLocks
  }
]
