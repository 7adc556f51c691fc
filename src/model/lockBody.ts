import { type Body, isBody, type Json } from './json.ts'

/** By level, notes and owners: a list read through the SDK shows no more of a lock. */
export const isSame = (a: Body, b: Body): boolean => lockText(a) === lockText(b)

export function lockText({ level, notes, owners }: Body): string {
  const ids = Array.isArray(owners) ? owners.map(one => (isBody(one) ? String(one['applicationId']).toLowerCase() : '')).sort() : []
  return [String(level), ...(notes ? [JSON.stringify(notes)] : []), ...(ids.length > 0 ? [`owners ${ids.join(', ')}`] : [])].join(', ')
}

/**
 * Whether this is the body of a lock that can be restored: every memory of one is read by this, and written only where this holds.
 * Azure may write what it does not have as null.
 */
export function isLockBody(level: unknown, properties: Json | undefined): properties is Body {
  if ((level !== 'ReadOnly' && level !== 'CanNotDelete') || !isBody(properties) || properties['level'] !== level) return false
  const owners = properties['owners'] ?? []
  return typeof (properties['notes'] ?? '') === 'string' && Array.isArray(owners) && owners.every(isBody)
}
