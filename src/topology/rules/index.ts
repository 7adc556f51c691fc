import { addressRules } from './addresses.ts'
import { addressSpaceRules } from './addressSpaces.ts'
import { connectionRules } from './connections.ts'
import { credentialRules } from './credentials.ts'
import { driftIgnoreRules } from './driftIgnore.ts'
import { encryptionRules } from './encryption.ts'
import { factoryRules } from './factories.ts'
import { firewallRuleRules } from './firewall.ts'
import { groupRules } from './groups.ts'
import { integrationRules } from './integration.ts'
import { linkRules } from './links.ts'
import { lockRules } from './locks.ts'
import { nameRules } from './names.ts'
import { placementRules } from './placement.ts'
import { preflightRules } from './preflight.ts'
import { readingRules } from './reading.ts'
import { replicaRules } from './replicas.ts'
import type { Rule, RuleText } from './rule.ts'
import { serverSettingRules } from './serverSettings.ts'
import { serverRules } from './servers.ts'
import { storageRules } from './storage.ts'
import { subnetSpaceRules } from './subnetSpace.ts'
import { subnetRules } from './subnets.ts'
import { trustRules } from './trust.ts'
import { whereEntriesLieRules } from './whereEntriesLie.ts'
import { zoneRules } from './zones.ts'

/** Adding a rule is its entry in a file of this folder, its line here, and a case that breaks it. */
const texts: readonly RuleText[] = [
  ...zoneRules,
  ...placementRules,
  ...serverRules,
  ...subnetRules,
  ...factoryRules,
  ...nameRules,
  ...groupRules,
  ...credentialRules,
  ...serverSettingRules,
  ...storageRules,
  ...encryptionRules,
  ...replicaRules,
  ...firewallRuleRules,
  ...addressSpaceRules,
  ...subnetSpaceRules,
  ...linkRules,
  ...integrationRules,
  ...lockRules,
  ...connectionRules,
  ...addressRules,
  ...driftIgnoreRules,
  ...trustRules,
  ...preflightRules,
  ...whereEntriesLieRules,
  ...readingRules
]

/** Every rule, by id. */
export const rules: readonly Rule[] = texts
  .map(text => ({ severity: 'error' as const, ...text }))
  .toSorted((a, b) => (a.id < b.id ? -1 : 1))

export const rulesById: ReadonlyMap<string, Rule> = new Map(rules.map(rule => [rule.id, rule]))
