import { nameOf, sameId, typeOf } from '../../armPath.ts'
import { type ArmBody, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { ErrorDetail, Refusal } from '../../refusal.ts'
import type { Operation, StoredResource } from '../../state.ts'
import type { World, Write } from '../../type.ts'

export const serverType = 'Microsoft.DBforPostgreSQL/flexibleServers'

export const backupType = `${serverType}/backups`

export const postgresVersions = [
  '2020-02-14-preview',
  '2020-11-05-preview',
  '2021-06-01-preview',
  '2021-06-01',
  '2022-01-20-preview',
  '2022-03-08-preview',
  '2022-11-01-preview',
  '2022-12-01',
  '2023-03-01-preview',
  '2023-06-01-preview',
  '2023-12-01-preview',
  '2024-03-01-preview',
  '2024-08-01',
  '2024-11-01-preview',
  '2025-01-01-preview',
  '2025-06-01-preview',
  '2025-08-01',
  '2026-01-01-preview',
  '2026-04-01-preview'
] as const

/** Private Link came with 2023-06-01-preview; a read within the sandbox has no version and sees the newest shape. */
export const privateLinkVersions = postgresVersions.slice(postgresVersions.indexOf('2023-06-01-preview'))

/** Whether a version is of that day or later; what reads within the sandbox names none, and gets the newest shape. */
export const since = (apiVersion: string, day: string): boolean => apiVersion === '' || apiVersion >= day

export const knowsPrivateLink = (apiVersion: string): boolean => since(apiVersion, '2023-06-01')

/** Times of backups have an offset and not a Z, unlike every other time (CORPUS). */
export const withOffset = (world: World, at: number): string => world.time(at).replace('Z', '+00:00')

/** The id of the server that a child belongs to, or its own. */
export const serverIdOf = (id: string): string => id.split('/').slice(0, 9).join('/')

export const serverOf = (world: World, id: string): StoredResource | undefined => world.store.get(serverIdOf(id))

/** The servers that were made as read replicas of this one, and not promoted since. */
export const replicasOf = (world: World, id: string): readonly StoredResource[] =>
  world.store.ofType(serverType).filter(one => sameId(textAt(one.body, 'properties', 'sourceServerResourceId') ?? '', id))

export const isReplica = ({ body }: StoredResource): boolean => textAt(body, 'properties', 'sourceServerResourceId') !== undefined

/** The server at the beginning of the chain that a replica is in; the server itself where it is none, or where its source has gone. */
export function primaryOf(world: World, server: StoredResource): StoredResource {
  const met = new Set<StoredResource>()
  let at = server
  while (!met.has(at)) {
    met.add(at)
    const source = world.store.get(textAt(at.body, 'properties', 'sourceServerResourceId') ?? '')
    if (source === undefined) return at
    at = source
  }
  return server
}

/** PostgreSQL's own words for a missing child; a missing server is the gateway's to answer (CORPUS). */
export const missingOfType =
  (type: string) =>
  (_world: World, id: string): Refusal => ({
    status: 404,
    code: 'ResourceNotFound',
    message: `The requested resource of type '${type}' with name '${nameOf(id)}' was not found.`
  })

export const invalid = (code: string, message: string): Refusal => ({ status: 400, code, message })

export const invalidParameter = (parameter: string): Refusal =>
  invalid('InvalidParameterValue', `Invalid value given for parameter ${parameter}. Specify a valid parameter value.`)

/** The texts of 2023 and later name the parameter; that of 2021 had nothing between the quotes (terraform#28878). */
export const missingParameter = (parameter: string): Refusal =>
  invalid('MissingRequiredParameter', `Parameter '${parameter}' must be specified. This parameter cannot be NULL or empty.`)

/** As `properties.state` says; a stopped server shows that until it is started. */
export const stateOf = ({ memory, provisioning }: StoredResource): string =>
  provisioning === 'Ready' ? (textAt(memory, 'state') ?? 'Ready') : provisioning

/** The refusal of a server, its parameters, databases and administrators while it is stopped (steampipe-plugin-azure#1015). */
export function stopped(world: World, id: string): Refusal | undefined {
  const server = serverOf(world, id)
  if (server === undefined || stateOf(server) !== 'Stopped') return undefined
  return invalid('ServerStoppedError', `The server '${nameOf(server.id)}' is stopped. Start the server and try again.`)
}

/** All that was sent of a child, with its properties in Azure's words. */
export const childBody = (body: ArmBody, properties: JsonObject): { readonly body: ArmBody } => ({
  body: {
    ...without(body, 'id', 'name', 'type', 'etag', 'systemData', 'properties'),
    properties: { ...without(objectAt(body, 'properties'), 'provisioningState'), ...properties }
  }
})

/** One that only waits to fail because the server was busy keeps nobody else waiting, and a backup gives way. */
const isWork = ({ error, resource }: Operation): boolean =>
  error === undefined ? typeOf(resource) !== backupType : !/\bbusy\b/.test(error.message)

/**
 * A server does one thing at a time. A write in between is accepted, and its operation fails; there is no 409
 * (CORPUS). The four recorded errors differ by the service's age, not by the request.
 */
export function busy(world: World, id: string): ErrorDetail | undefined {
  const server = serverIdOf(id)
  if (!world.inFlight(server).some(isWork) && !isReplicated(world, server)) return undefined
  return busyError(world, nameOf(server))
}

/** A source is changed together with its replicas that are being made, promoted or deleted [DOC: read replicas]. */
const isReplicated = (world: World, source: string): boolean =>
  replicasOf(world, source).some(({ id }) =>
    world.inFlight(id).some(one => isWork(one) && /ReadReplicaManagementOperation$/.test(one.name))
  )

export function busyError(world: World, name: string): ErrorDetail {
  const shape = world.behaviours.postgresBusy
  switch (shape) {
    case 'ServerIsBusy':
      return {
        code: shape,
        message: `Cannot complete operation while server '${name}' is busy processing another operation. Try again later.`
      }
    case 'ServerBusy':
      return { code: shape, message: `Server '${name}' is busy with another operation. Please try again later.` }
    case 'ProvisioningServerBusy':
      return { code: shape, message: `Server ${name} is busy with other operations. Please try later` }
    case 'emptyCode':
      return { code: '', message: `Server ${name} is busy with other operations. Please try later` }
    default:
      return shape satisfies never
  }
}

export const busyOutcome = (world: World, { id }: Write): ErrorDetail | undefined => busy(world, id)

/** The provider's answer to what it did not expect (CORPUS); the misspelling is Azure's. */
export const unexpected = (world: World): ErrorDetail => ({
  code: 'InternalServerError',
  message: `An unexpected error occured while processing the request. Tracking ID: '${world.random.guid()}'`
})

/** `Upsert…` and `Drop…`, as most operations on a server's children are called (CORPUS). */
export const operationNameOf =
  (what: string) =>
  ({ method }: Write): string =>
    `${method === 'DELETE' ? 'Drop' : 'Upsert'}${what}ManagementOperation`
