import { nameOf } from '../../armPath.ts'
import { textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { Write } from '../../type.ts'

export const privateDnsVersions = ['2018-09-01', '2020-01-01', '2020-06-01', '2024-06-01'] as const

/** Private DNS sends its own errors without the `error` member around them (CORPUS). */
export const bareRefusal = (status: number, code: string, message: string): Refusal => ({ status, code, message, bare: true })

/** What there is not: a zone or link that is there and must not be, or a version that is no longer current. */
export function failedPrecondition({ headers, live }: Write, etag: string): 'exists' | 'modified' | undefined {
  if (headers.get('if-none-match') === '*' && live) return 'exists'
  const wanted = headers.get('if-match')
  if (wanted === null || wanted === '*' || live === undefined) return undefined
  return unquoted(wanted) === unquoted(etag) ? undefined : 'modified'
}

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '')

/** Zones and links are in no region. */
export function checkGlobal({ method, body, id }: Write, type: string): Refusal | undefined {
  const location = textAt(body, 'location')
  if (method === 'DELETE' || location === undefined || location === 'global') return undefined
  return {
    status: 400,
    code: 'LocationNotAvailableForResourceType',
    message: `The provided location '${location}' is not available for resource type '${type}' of '${nameOf(id)}'. List of available regions for the resource type is 'global'.`,
    cause: 'gateway'
  }
}

/** A bare guid. */
export const dnsEtag = (resource: StoredResource): string => resource.etag
