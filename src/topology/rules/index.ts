import { factoryRules } from './factories.ts'
import { placementRules } from './placement.ts'
import { readingRules } from './reading.ts'
import type { Rule } from './rule.ts'
import { serverRules } from './servers.ts'
import { subnetRules } from './subnets.ts'
import { zoneRules } from './zones.ts'

/** Every rule, by id. Adding one is its entry in a file of this folder, its line here, and a case that breaks it. */
export const rules: readonly Rule[] = [
  ...zoneRules,
  ...placementRules,
  ...serverRules,
  ...subnetRules,
  ...factoryRules,
  ...readingRules
].toSorted((a, b) => (a.id < b.id ? -1 : 1))

export const rulesById: ReadonlyMap<string, Rule> = new Map(rules.map(rule => [rule.id, rule]))
