import { groupNameOf, nameOf, sameId, subscriptionOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, type JsonObject, objectAt, valueAt, without } from '../../json.ts'
import { type ErrorDetail, gatewayErrors, type Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { Provider, Reading, ResourceType, World, Write } from '../../type.ts'
import { forgets, remember, rememberedBeneath } from './afterwards.ts'
import { bareRefusal, dnsEtag, failedPrecondition, isOvertaken, privateDnsVersions } from './preconditions.ts'
import { addStartOfAuthority, countOfRecordSets, recordSets } from './recordSets.ts'
import { linkedNetworkGone, linksMax, linksOf, linkType, registeringLinksMax, virtualNetworkLinks } from './virtualNetworkLinks.ts'

const type = 'Microsoft.Network/privateDnsZones'

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i

const zonesInSubscriptionMax = 1000

function checkZone(world: World, write: Write): Refusal | undefined {
  const { method, id, live } = write
  if (method === 'DELETE') return nestedLinks(world, id)
  const labels = nameOf(id).split('.')
  if (labels.length < 2 || labels.length > 34 || !labels.every(one => label.test(one))) {
    return bareRefusal(
      400,
      'BadRequest',
      `The zone name '${nameOf(id)}' is invalid: it must have 2 to 34 labels of 1 to 63 characters each.`
    )
  }
  if (live || world.store.count(type, `/subscriptions/${subscriptionOf(id)}`) < zonesInSubscriptionMax) return undefined
  return bareRefusal(409, 'Conflict', `The subscription has ${zonesInSubscriptionMax} private DNS zones already, which is the maximum.`)
}

/** Links do not go with their zone: until the last one's own delete is done, the zone cannot be deleted (CORPUS). */
function nestedLinks(world: World, zone: string): Refusal | undefined {
  const made = linksOf(world, zone).map(one => one.id)
  const beingMade = world
    .inFlight(`${zone}/virtualNetworkLinks`)
    .filter(one => one.method === 'PUT')
    .map(one => one.resource)
  const others = [...beingMade, ...rememberedBeneath(world, 'phantom', zone)]
  const nested = [...made, ...others.filter(id => !made.some(other => sameId(other, id)))]
  return nested.length > 0 ? gatewayErrors.nestedExist([...new Set(nested)]) : undefined
}

/** Found out only in the operation (CORPUS). */
function outcome(world: World, write: Write): ErrorDetail | undefined {
  const failed = failedPrecondition(write, write.live?.etag ?? '', isOvertaken(world, write))
  const zone = nameOf(write.id)
  if (failed === 'exists')
    return { code: 'PreconditionFailed', message: `The Zone ${zone} exists already and hence cannot be created again.` }
  if (failed === 'modified') return { code: 'PreconditionFailed', message: `The Zone ${zone} has been modified (etag mismatch).` }
  return undefined
}

const readOnly = /^(max)?numberOf|^internalId$|^provisioningState$/i

function kept(world: World, { body, live }: Write): { readonly body: ArmBody; readonly memory: JsonObject } {
  const properties = Object.entries(objectAt(body, 'properties')).filter(([key]) => !readOnly.test(key))
  return {
    body: { ...without(body, 'id', 'name', 'type', 'etag'), properties: Object.fromEntries(properties) },
    memory: live?.memory ?? { internalId: Buffer.from(`ImmutableZoneIdentity;${world.random.guid()};0`).toString('base64') }
  }
}

/** The provider has forgotten a zone that is being deleted while ARM still knows of it (CORPUS). */
function goneForProvider(world: World, id: string, live: StoredResource | undefined): Refusal | undefined {
  if (live === undefined || !world.inFlight(id).some(one => one.method === 'DELETE' && sameId(one.resource, id))) return undefined
  return bareRefusal(
    404,
    'NotFound',
    `The zone '${nameOf(id)}' does not exist in resource group '${groupNameOf(id)}' of subscription '${subscriptionOf(id)}'.`
  )
}

function show(world: World, resource: StoredResource, { apiVersion }: Reading): ArmBody {
  const { id, body, memory, provisioning } = resource
  const links = linksOf(world, id)
  return {
    etag: dnsEtag(resource),
    ...without(body, 'properties'),
    properties: {
      ...objectAt(body, 'properties'),
      ...(apiVersion >= '2020-06-01' && { internalId: memory['internalId'] ?? '' }),
      maxNumberOfRecordSets: 25000,
      maxNumberOfVirtualNetworkLinks: linksMax,
      maxNumberOfVirtualNetworkLinksWithRegistration: registeringLinksMax,
      numberOfRecordSets: countOfRecordSets(world, id),
      numberOfVirtualNetworkLinks: links.length,
      numberOfVirtualNetworkLinksWithRegistration: links.filter(one => valueAt(one.body, 'properties', 'registrationEnabled') === true)
        .length,
      provisioningState: provisioning
    }
  }
}

const privateDnsZones: ResourceType = {
  type,
  pagedBy: 'privateDnsPageSize',
  apiVersions: privateDnsVersions,
  style: 'privateDns',
  timing: timings.privateDnsZone,
  location: 'global',
  methods: ['PUT', 'PATCH', 'DELETE'],
  visible: 'whenDone',
  etagHeader: 'GET',
  operationName: ({ method }) => (method === 'DELETE' ? 'DeletePrivateDnsZone' : 'UpsertPrivateDnsZone'),
  check: checkZone,
  outcome,
  kept,
  done(world, { resource }) {
    addStartOfAuthority(world, resource.id)
    return undefined
  },
  read: goneForProvider,
  show
}

export const privateDns: Provider = {
  namespace: 'Microsoft.Network',
  types: [privateDnsZones, virtualNetworkLinks, ...recordSets],
  noticed(world, resource) {
    if (resource.type === 'Microsoft.Network/virtualNetworks' && !world.store.has(resource.id)) {
      linkedNetworkGone(world, resource.id)
      remember(world, 'identity', { id: resource.id }, world.behaviours.networkIdentityMs)
    }
    // A zone that was deleted while a link to it was being made.
    if (resource.type === linkType && world.store.has(resource.id) && !world.store.has(zoneOf(resource.id))) world.remove(resource.id)
  },
  effects: forgets
}

const zoneOf = (link: string): string => link.split('/').slice(0, -2).join('/')
