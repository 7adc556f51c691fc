import { sameId } from '../../armPath.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { World, Write } from '../../type.ts'

export const privateDnsVersions = ['2018-09-01', '2020-01-01', '2020-06-01', '2024-06-01'] as const

/** Private DNS sends its own errors without the `error` member around them (CORPUS). */
export const bareRefusal = (status: number, code: string, message: string): Refusal => ({ status, code, message, bare: true })

/**
 * Refuses a zone or link that is there and must not be, or a version that is no longer current. A header
 * without a value counts as not sent: clients in Go send `If-Match: ` with every write [TF-DNSLINK].
 */
export function failedPrecondition(
  { headers, live }: Pick<Write, 'headers' | 'live'>,
  etag: string,
  overtaken = false
): 'exists' | 'modified' | undefined {
  if ((live || overtaken) && headers.get('if-none-match')?.trim() === '*') return 'exists'
  const wanted = headers.get('if-match')?.trim() ?? ''
  if (wanted === '') return undefined
  // Writes take their turn: the one that is in flight will have changed the etag by then.
  if (overtaken && wanted !== '*') return 'modified'
  if (live === undefined) return 'modified'
  return wanted === '*' || unquoted(wanted) === unquoted(etag) ? undefined : 'modified'
}

/** Whether another write to this very zone or link has been accepted and is not done. */
export const isOvertaken = (world: World, { id }: Pick<Write, 'id'>): boolean =>
  world.inFlight(id).some(({ resource, method }) => sameId(resource, id) && method !== 'DELETE')

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '')

/** A bare guid. */
export const dnsEtag = (resource: StoredResource): string => resource.etag
