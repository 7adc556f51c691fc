import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, isObject, objectAt, textAt, valueAt, without } from '../../json.ts'
import { type ErrorDetail, invalidReference, type Refusal } from '../../refusal.ts'
import { ofZoneLink } from '../../rights/linkedScopes.ts'
import type { StoredResource } from '../../state.ts'
import type { Reading, ResourceType, World, Write } from '../../type.ts'
import { asArgs, isRemembered, remember, shownStill } from './afterwards.ts'
import { bareRefusal, failedPrecondition, isOvertaken, privateDnsVersions } from './preconditions.ts'

export const linkType = 'Microsoft.Network/privateDnsZones/virtualNetworkLinks'

/** How long a link with registration goes on showing InProgress after its operation is done (CORPUS; the time is a guess). */
const registeringMs = 60_000

/** In one zone: of all links, and of those with registration (CORPUS: a zone's own maxima). */
export const linksMax = 1000
export const registeringLinksMax = 100

export const linksOf = (world: World, zone: string): StoredResource[] => world.store.ofType(linkType, zone)

const networkOf = (body: ArmBody | undefined): string => textAt(body, 'properties', 'virtualNetwork', 'id') ?? ''

const registers = (body: ArmBody | undefined): boolean => valueAt(body, 'properties', 'registrationEnabled') === true

/** Links go with their network, without being asked [TF-DNSLINK]. */
export function linkedNetworkGone(world: World, virtualNetwork: string): void {
  for (const link of world.store.ofType(linkType).filter(one => sameId(networkOf(one.body), virtualNetwork))) world.remove(link.id)
}

function check(world: World, write: Write): Refusal | undefined {
  const { method, id, body, live } = write
  if (method === 'DELETE') return undefined
  const network = networkOf(body)
  if (network === '') return bareRefusal(400, 'BadRequest', `The virtual network link '${nameOf(id)}' names no virtual network.`)
  if (live && !sameId(networkOf(live.body), network)) {
    return bareRefusal(400, 'BadRequest', `The virtual network of the link '${nameOf(id)}' cannot be changed.`)
  }
  if (!world.store.has(network)) return invalidReference(network, id)
  return checkPolicy(body) ?? checkOthers(world, id, body) ?? checkRoom(world, write)
}

function checkPolicy(body: ArmBody): Refusal | undefined {
  const policy = valueAt(body, 'properties', 'resolutionPolicy')
  if (policy === undefined || policy === 'Default' || policy === 'NxDomainRedirect') return undefined
  return bareRefusal(400, 'BadRequest', `The resolution policy '${policy}' is neither 'Default' nor 'NxDomainRedirect'.`)
}

function checkRoom(world: World, { id, body, live }: Write): Refusal | undefined {
  const others = linksOf(world, parentOf(id)).filter(one => one.id !== live?.id)
  const full = others.length >= linksMax || (registers(body) && others.filter(one => registers(one.body)).length >= registeringLinksMax)
  return full ? bareRefusal(409, 'Conflict', `The zone '${nameOf(parentOf(id))}' has as many links as it can have.`) : undefined
}

/** A network asks each name in one zone, and registers its machines in one. */
function checkOthers(world: World, id: string, body: ArmBody): Refusal | undefined {
  const zone = nameOf(parentOf(id))
  const others = world.store.ofType(linkType).filter(one => !sameId(one.id, id) && sameId(networkOf(one.body), networkOf(body)))
  const same = others.map(one => nameOf(parentOf(one.id))).find(one => one.toLowerCase() === zone.toLowerCase())
  if (same !== undefined) {
    return bareRefusal(
      400,
      'BadRequest',
      `A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual network with '${zone}' and '${same}' zones.`
    )
  }
  if (!registers(body) || !others.some(one => registers(one.body))) return undefined
  return bareRefusal(
    400,
    'BadRequest',
    `The virtual network '${networkOf(body)}' is already linked to another zone with registration enabled.`
  )
}

/** Found out only in the operation; the two texts differ in their quotes (CORPUS). */
function outcome(world: World, write: Write): ErrorDetail | undefined {
  const failed = failedPrecondition(write, write.live ? linkEtag(write.live) : '', isOvertaken(world, write))
  const [link, zone] = [nameOf(write.id), nameOf(parentOf(write.id))]
  const code = 'PreconditionFailed'
  if (failed === 'exists') {
    return {
      code,
      message: `The Virtual Network link ${link} for the Private DNS zone ${zone} exists already and hence cannot be created again.`
    }
  }
  if (failed === 'modified') {
    return { code, message: `The Virtual Network link '${link}' for the Private DNS zone '${zone}' has been modified (etag mismatch).` }
  }
  const network = networkOf(write.body)
  if (write.method === 'DELETE' || !isRemembered(world, 'identity', network)) return undefined
  return {
    code: 'Conflict',
    message: `Virtual network resource identity '${network}' already in use. This is possible in case the virtual network was moved, or re-created. Please contact support.`
  }
}

/** In the style of Cosmos DB, with the quotes as part of it (CORPUS). */
function linkEtag({ etag }: StoredResource): string {
  const digits = etag.replaceAll('-', '')
  return `"${digits.slice(0, 8)}-0000-0100-0000-${digits.slice(8, 16)}0000"`
}

function show(world: World, resource: StoredResource, { apiVersion }: Reading): ArmBody {
  const { id, body, createdAt, provisioning } = resource
  const properties = objectAt(body, 'properties')
  // Only zones of Private Link have it, from this version on (CORPUS).
  const resolves = apiVersion >= '2024-06-01' && /^privatelink\./i.test(nameOf(parentOf(id)))
  const registering = registers(body) && world.now < createdAt + registeringMs
  return {
    etag: linkEtag(resource),
    ...without(body, 'properties'),
    properties: {
      provisioningState: provisioning,
      registrationEnabled: registers(body),
      ...(resolves && { resolutionPolicy: properties['resolutionPolicy'] ?? 'Default' }),
      ...without(properties, 'registrationEnabled', 'resolutionPolicy'),
      virtualNetworkLinkState: registering ? 'InProgress' : 'Completed'
    }
  }
}

export const virtualNetworkLinks: ResourceType = {
  type: linkType,
  pagedBy: 'privateDnsPageSize',
  apiVersions: privateDnsVersions,
  style: 'privateDns',
  timing: timings.virtualNetworkLink,
  location: 'global',
  methods: ['PUT', 'PATCH', 'DELETE'],
  visible: 'whenDone',
  parentMissing: 'ParentResourceNotFound',
  etagHeader: 'GET',
  operationName: ({ method }) => (method === 'DELETE' ? 'DeleteVirtualNetworkLink' : 'UpsertVirtualNetworkLink'),
  // The service lower-cases the name, in `id` and in `name` (CORPUS).
  identity: id => `${id.slice(0, id.lastIndexOf('/') + 1)}${nameOf(id).toLowerCase()}`,
  linked: ofZoneLink,
  check,
  outcome,
  kept(_world, { body }) {
    const properties = without(objectAt(body, 'properties'), 'provisioningState', 'virtualNetworkLinkState')
    const network = properties['virtualNetwork']
    return {
      body: {
        ...without(body, 'id', 'name', 'type', 'etag'),
        properties: { ...properties, ...(isObject(network) && { virtualNetwork: { id: network['id'] ?? '' } }) }
      }
    }
  },
  removed(world, link) {
    remember(world, 'ghost', asArgs(link), world.behaviours.linkGhostMs)
    remember(world, 'phantom', { id: link.id }, world.behaviours.zonePhantomLinkMs)
  },
  read: (world, id, live) => live ?? shownStill(world, id),
  show
}
