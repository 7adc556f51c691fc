import type { Core } from './core.ts'
import { textAt } from './json.ts'
import type { Refusal } from './refusal.ts'
import type { ResourceType, Write } from './type.ts'

/**
 * The network provider compares the If-Match of a PUT with the etag that it shows, which changes with every change of state
 * [GH kubernetes-sigs/cloud-provider-azure#9729: a public IP; GH hashicorp/terraform-provider-azurerm#13886: a load balancer].
 * That it does so for networks and endpoints too is inferred, and can be switched off.
 */
export function networkPreconditionFailed(
  core: Core,
  type: ResourceType,
  { method, id, live, headers, apiVersion }: Write
): Refusal | undefined {
  const wanted = headers.get('if-match')?.trim() ?? ''
  if (type.style !== 'network' || method !== 'PUT' || wanted === '' || core.behaviours.networkIfMatch === 'ignored') return undefined
  if (wanted === '*' && live !== undefined) return undefined
  const etag = live && textAt(core.show(live, { in: 'GET', apiVersion }), 'etag')
  if (wanted === etag) return undefined
  const message = `Etag provided in if-match header ${wanted} does not match etag ${etag ?? 'null'} of resource ${id} in NRP data store.`
  return {
    status: 412,
    code: 'PreconditionFailed',
    message: 'Precondition failed.',
    details: [{ code: 'PreconditionFailedEtagMismatch', message }],
    cause: 'service'
  }
}
