import { nameOf, parentOf } from '../../armPath.ts'
import { atOnce } from '../../durations.ts'
import { objectAt, textAt, without } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import {
  badRequest,
  besideProperties,
  documentMissing,
  documentOf,
  factoryNameOf,
  factoryType,
  preconditionFailed,
  shownId,
  versions,
  withEtag
} from './document.ts'

export const managedNetworkType = `${factoryType}/managedvirtualnetworks`

/** The group of the endpoints of a managed network, in a subscription of Microsoft's. */
export const endpointGroupOf = (network: StoredResource | undefined): string => textAt(network?.memory, 'endpointGroup') ?? ''

function newEndpointGroup(world: World, id: string): string {
  const region = textAt(world.store.get(parentOf(id))?.body, 'location') ?? 'eastus'
  const number = `${world.random.below(1000)}`.padStart(3, '0')
  return `/subscriptions/${world.random.guid()}/resourceGroups/vnet-${world.random.hex(8)}-${region}-${number}-rg`
}

function kept(world: World, { id, body, live }: Write) {
  const made = live?.memory ?? { vNetId: world.random.guid(), endpointGroup: newEndpointGroup(world, id) }
  return {
    body: documentOf(body, without(objectAt(body, 'properties'), 'vNetId', 'alias')),
    memory: withEtag(world, made)
  }
}

/** With an endpoint in it, it is referred to, as other documents of a factory are. */
function inUse(world: World, { method, id }: Write): Refusal | undefined {
  const [endpoint] = method === 'DELETE' ? world.store.ofType(`${managedNetworkType}/managedPrivateEndpoints`, id) : []
  return endpoint && badRequest(`The document cannot be deleted since it is referenced by ${nameOf(endpoint.id)}.`)
}

export const managedVirtualNetworks: ResourceType = {
  type: managedNetworkType,
  apiVersions: versions,
  style: 'sync',
  createdStatus: 200,
  timing: atOnce,
  conditionalGet: true,
  methods: ['PUT', 'DELETE'],
  check: (world, write) => inUse(world, write) ?? preconditionFailed(write),
  kept,
  show: (world, { id, body, memory }) => ({
    id: shownId(world, id),
    ...besideProperties(body),
    properties: {
      vNetId: memory['vNetId'] ?? '',
      preventDataExfiltration: false,
      alias: factoryNameOf(world, id).toLowerCase(),
      ...objectAt(body, 'properties')
    },
    etag: textAt(memory, 'etag') ?? ''
  }),
  missing: (_world, id) => documentMissing(id)
}
