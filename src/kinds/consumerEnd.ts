import type { Azure } from '../azure/azure.ts'
import { ArmError } from '../azure/error.ts'
import { groupOf, nameOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import { named } from './kind.ts'
import { sameText } from './rule.ts'

const managedType = 'microsoft.datafactory/factories/managedvirtualnetworks/managedprivateendpoints'

/** Whether a connection comes from a managed endpoint, which has another id on the server. */
export const isManaged = (id: ResourceId): boolean => typeOf(id) === managedType

/** The connection as its consumer sees it. An endpoint of another tenant, or of Microsoft's, cannot be looked at. */
export async function consumerStatus(azure: Azure, from: ResourceId): Promise<string | 'unreadable' | undefined> {
  try {
    if (isManaged(from)) return (await managedSource(azure, from))?.status
    const network = await azure.client('network', subscriptionOf(from))
    const endpoint = await network.privateEndpoints.get(groupOf(from) ?? '', nameOf(from))
    const connection = endpoint.privateLinkServiceConnections?.[0] ?? endpoint.manualPrivateLinkServiceConnections?.[0]
    return connection?.privateLinkServiceConnectionState?.status
  } catch (error) {
    if (error instanceof ArmError && (error.status === 403 || error.status === 404)) return 'unreadable'
    throw error
  }
}

/** Read by list: a GET of one that is not there answers 400 [TF-MPE]. */
export async function managedSource(
  azure: Azure,
  id: ResourceId
): Promise<{ readonly status: string | undefined; readonly endpointId: ResourceId | undefined; readonly isMade: boolean } | undefined> {
  const [, , subscription = '', , group = '', , , , factory = '', , network = '', , name = ''] = id.split('/')
  const client = await azure.client('factories', subscription)
  const body = await named(client.managedPrivateEndpoints.listByFactory(group, factory, network), name)
  if (body === undefined) return undefined
  const { resourceId: endpoint } = body.properties as { readonly resourceId?: string | null }
  const isMade = !sameText(body.properties.provisioningState, 'Provisioning')
  return { status: body.properties.connectionState?.status, endpointId: endpoint ? resourceId(endpoint) : undefined, isMade }
}
