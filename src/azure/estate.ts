import { createPipelineRequest } from '@azure/core-rest-pipeline'
import type { Estate } from '../model/estate.ts'
import { isGuid } from '../model/id.ts'
import { isBody } from '../model/json.ts'
import { Deadline } from './deadline.ts'
import { parsed, UnusableAnswer } from './error.ts'
import { bounded, networkClient } from './network.ts'
import { realClock } from './realClock.ts'

/** The tenant that a token is of; '' for a token that does not say so. We need not trust it: Azure looks at it itself. */
export function tenantIn(token: string): string {
  const claims = parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
  const tenant = isBody(claims) ? claims['tid'] : undefined
  return isGuid(tenant) ? tenant.toLowerCase() : ''
}

const metadataMs = 60_000

/**
 * Asks an address without a token whether it answers at all.
 *
 * @returns when it says that it answered, if it does; the answer itself may be any
 */
export async function dateAt(url: string): Promise<number | undefined> {
  const request = createPipelineRequest({ url, timeout: reachMs })
  const { headers } = await bounded(networkClient(), new Deadline(realClock)).sendRequest(request)
  const date = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(date) ? undefined : date
}

const reachMs = 15_000

/** An estate, and whether it refuses requests beyond Azure's limits. */
interface Served {
  readonly estate: Estate
  readonly limited: boolean
}

/** The estate behind an endpoint on this machine: a sandbox says which one it serves, without a token; else it is the place and the tenant. */
export async function estateAt(endpoint: string, tenant: string): Promise<Served> {
  const url = `${endpoint}/metadata/endpoints?api-version=2022-09-01`
  const request = createPipelineRequest({ url, timeout: metadataMs })
  const { status, bodyAsText } = await bounded(networkClient(), new Deadline(realClock)).sendRequest(request)
  const said = status === 200 ? parsed(bodyAsText ?? '') : undefined
  // Taken for another estate, its journals would never be read.
  if (status === 200 && !isBody(said)) throw new UnusableAnswer(`something that is no JSON, to GET ${url}`)
  const id = isBody(said) ? said['sandboxEstate'] : undefined
  const limited = !isBody(said) || said['sandboxThrottling'] !== 'off'
  return { estate: isGuid(id) ? { of: 'sandbox', id: id.toLowerCase() } : { of: endpoint, id: tenant }, limited }
}
