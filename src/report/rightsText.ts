import type { LackedRight, Rights } from '../model/change.ts'
import type { Naming } from '../model/naming.ts'

export const lackingTitle = 'Rights that this login lacks (fine where another one applies):'
export const unknownRightsTitle = 'Rights of this login that nobody could read:'

/** So many of the resources that need a right are named. */
const namedMax = 3

/** A right, on what, for what, and what the file can say instead. */
export function rightSentence({ action, scope, for: takers, instead }: LackedRight, naming: Naming): string {
  const named = naming(scope)
  const others = takers.filter(one => one !== named)
  const more = others.length > namedMax ? ` and ${others.length - namedMax} more` : ''
  const taken = others.length === 0 ? '' : `, for ${others.slice(0, namedMax).join(', ')}${more}`
  return `${action} on ${named === scope ? scope : `${named} (${scope})`}${taken}${instead === undefined ? '' : `; ${instead}`}`
}

export const rightLines = ({ lacking }: Rights, naming: Naming): string[] => lacking.map(one => rightSentence(one, naming))
