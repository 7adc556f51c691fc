import type { PlanDocument } from '../document/plan.generated.ts'
import type { Json } from '../model/json.ts'
import { pathWord, shellLine } from '../model/shell.ts'

/** A user does not copy a line that is longer. */
const commandMax = 600

/**
 * The command that applies exactly this plan, with the flags it was made with, ready for a shell whatever the names in it;
 * nothing where it would be too long to be read.
 */
export function applyCommand({ digest, topology: { path, flags } }: PlanDocument): string | undefined {
  const given = Object.entries(flags).flatMap(([name, value]) => flagWords(name, value))
  const command = shellLine(['pglink', 'apply', pathWord(path), ...given, `--plan-digest=${digest}`])
  return command.length > commandMax ? undefined : command
}

function flagWords(name: string, value: Json): string[] {
  if (value === true) return [`--${name}`]
  if (typeof value === 'string' || typeof value === 'number') return [`--${name}=${value}`]
  return Array.isArray(value) ? value.flatMap(one => flagWords(name, one as Json)) : []
}
