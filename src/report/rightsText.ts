import type { PlanDocument } from '../document/plan.generated.ts'

export const lackingTitle = 'Rights that this login lacks (fine where another one applies)'
export const unknownRightsTitle = 'Rights of this login that could not be read'

/** So many of the resources that need a right are named. */
const namedMax = 3

type Rights = PlanDocument['rights']

/** Each right that is lacking: on what, for what, and what the file can say instead. */
export const rightSentences = (rights: Rights): string[] =>
  (rights?.lacking ?? []).map(({ action, scope, for: takers, instead, login }) => {
    const named = rights?.addresses?.[scope] ?? scope
    const others = takers.filter(one => one !== named)
    const more = others.length > namedMax ? ` and ${others.length - namedMax} more` : ''
    const taken = others.length === 0 ? '' : `, for ${others.slice(0, namedMax).join(', ')}${more}`
    return `${action} on ${named === scope ? scope : `${named} (${scope})`}${taken}${login === undefined ? '' : ', by the login for locks'}${instead === undefined ? '' : `; ${instead}`}`
  })

/** The scopes where Azure did not say what the login may do. */
export const unknownRights = (rights: Rights): string[] => (rights?.unknown ?? []).map(scope => rights?.addresses?.[scope] ?? scope)
