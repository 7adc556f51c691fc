import { dayOf, isExpired } from '../../model/drift.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'

const isDay = /^\d{4}-\d{2}-\d{2}$/

function* expired(ctx: RuleContext): Generator<Finding> {
  const today = dayOf(new Date())
  for (const [index, entry] of (ctx.topology.driftIgnore ?? []).entries()) {
    // A text that is no day is reported as that.
    if (entry.until === undefined || !isDay.test(entry.until) || !isExpired(entry.until, today)) continue
    yield {
      path: ['driftIgnore', index, 'until'],
      summary: `${entry.path ?? 'this'} is ignored no longer: ${entry.until} is over`
    }
  }
}

export const driftIgnoreRules: readonly RuleText[] = [
  {
    id: 'PGL061',
    name: 'drift-ignore-expired',
    severity: 'warning',
    source: 'schema/topology.schema.json (driftIgnore, until)',
    summary: 'An entry of driftIgnore holds until a day that is to come.',
    why: 'From the day after it the difference counts again, and a nightly check that was green turns red.',
    fix: 'settle the difference and take the entry out, or give it another day',
    check: expired
  }
]
