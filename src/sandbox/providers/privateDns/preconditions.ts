import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { Write } from '../../type.ts'

export const privateDnsVersions = ['2018-09-01', '2020-01-01', '2020-06-01', '2024-06-01'] as const

/** Private DNS sends its own errors without the `error` member around them (CORPUS). */
export const bareRefusal = (status: number, code: string, message: string): Refusal => ({ status, code, message, bare: true })

/**
 * What there is not: a zone or link that is there and must not be, or a version that is no longer current. A header
 * without a value counts as not sent: clients in Go send `If-Match: ` with every write [TF-DNSLINK].
 */
export function failedPrecondition({ headers, live }: Pick<Write, 'headers' | 'live'>, etag: string): 'exists' | 'modified' | undefined {
  if (live && headers.get('if-none-match')?.trim() === '*') return 'exists'
  const wanted = headers.get('if-match')?.trim() ?? ''
  if (wanted === '') return undefined
  if (live === undefined) return 'modified'
  return wanted === '*' || unquoted(wanted) === unquoted(etag) ? undefined : 'modified'
}

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '')

/** A bare guid. */
export const dnsEtag = (resource: StoredResource): string => resource.etag
