import { managementLock } from '../../kinds/managementLock.ts'
import type { Path } from '../tree.ts'
import { namedEntries } from './entries.ts'
import type { Finding, Rule, RuleContext } from './rule.ts'

const locksOfScope = 20

function* tooManyLocks(ctx: RuleContext): Generator<Finding> {
  const byScope = new Map<string, Path[]>()
  for (const { kind, path } of namedEntries(ctx)) {
    if (kind !== managementLock) continue
    const scope = path.slice(0, -2).join('/')
    const all = byScope.get(scope)
    if (all) all.push(path)
    else byScope.set(scope, [path])
  }
  for (const [scope, all] of byScope) {
    const excess = all[locksOfScope]
    if (excess) yield { path: excess, aim: 'key', summary: `${scope} holds ${all.length} locks; a scope takes ${locksOfScope}` }
  }
}

export const lockRules: readonly Rule[] = [
  {
    id: 'PGL053',
    name: 'locks-of-scope',
    severity: 'error',
    source:
      'https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits (Management locks per unique scope)',
    summary: 'A resource has at most 20 locks of its own.',
    why: 'Azure refuses the 21st.',
    fix: 'one lock of each level is enough; say more in its notes',
    check: tooManyLocks
  }
]
