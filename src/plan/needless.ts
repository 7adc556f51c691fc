import { migrationsIn } from '../kinds/migration.ts'
import type { Note } from '../model/change.ts'
import type { Consent } from '../model/consents.ts'
import { option } from '../model/option.ts'
import { names, type PlanInput } from '../model/planOptions.ts'
import type { Resource } from '../model/resource.ts'
import { promotedIn } from './roles.ts'

/** Notes on each consent to a migration or a promotion of which this plan makes none: it is done already, or not what the file asks for. */
export function needlessConsents(input: PlanInput): Note[] {
  const { options, changes } = input
  const notes = (consents: readonly Consent[], does: string, resources: () => readonly Resource[]): Note[] => {
    const given = consents.flatMap(name => options[name].map(one => ({ name, one })))
    const done = given.length === 0 ? [] : resources()
    const needless = given.filter(({ one }) => !done.some(resource => names([one], resource)))
    return needless.map(({ name, one }) => ({
      address: one,
      message: `\`${option(options, name, one)}\` names no server that this plan ${does}.`
    }))
  }
  return [
    ...notes(['allowMigrate', 'allowMigrateUnproven'], 'migrates', () => migrationsIn(changes).map(({ resource }) => resource)),
    ...notes(['allowPromote', 'promoteForced'], 'promotes', () => promotedIn(input))
  ]
}
