import { nameOf, parentOf, sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, type JsonObject, listAt, objectAt, textAt } from '../../json.ts'
import type { ErrorDetail, Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import {
  busy,
  childBody,
  invalid,
  invalidParameter,
  isReplica,
  missingOfType,
  postgresVersions,
  replicasOf,
  serverOf,
  serverType,
  stateOf
} from './server.ts'

export const endpointType = `${serverType}/virtualendpoints`

/** Runs when a name that was given up is free: until then it is among what is pending. */
export const nameFreed = 'Microsoft.DBforPostgreSQL/virtualEndpointNameFreed'

const atReplica = (id: string): Refusal =>
  invalid(
    'VirtualEndpointOperationNotAllowedOnReplica',
    `'${nameOf(parentOf(id))}' is a replica: its virtual endpoints are those of its primary server.`
  )

/** Those of a server, of which it has one pair [DOC: read replicas]. */
const endpointsOf = (world: World, server: string): readonly StoredResource[] => world.store.ofType(endpointType, server)

function check(world: World, { method, id, body, live, seeded }: Write): Refusal | undefined {
  const server = serverOf(world, id)
  if (server !== undefined && !seeded && isReplica(server)) return atReplica(id)
  if (method === 'DELETE') return undefined
  if (!/^[a-z0-9](-?[a-z0-9])*$/.test(nameOf(id))) return invalidParameter('virtualEndpointName')
  if (textAt(body, 'properties', 'endpointType') !== 'ReadWrite') return invalidParameter('endpointType')
  const [member, ...more] = membersIn(body)
  if (member === undefined || more.length > 0) return invalidParameter('members')
  if (seeded || server === undefined) return undefined
  if (![server, ...replicasOf(world, server.id)].some(one => sameId(nameOf(one.id), member))) return invalidParameter('members')
  const another = live === undefined && endpointsOf(world, server.id).length > 0
  return another
    ? invalid('VirtualEndpointLimitReached', `The server '${nameOf(server.id)}' has its virtual endpoints already.`)
    : undefined
}

const membersIn = (body: ArmBody): string[] => listAt(body, 'properties', 'members').filter(one => typeof one === 'string')

/** The text was recorded with an empty code in 2024, the code in later recordings. Its last quote is Azure's (CORPUS). */
function outcome(world: World, write: Write): ErrorDetail | undefined {
  const server = serverOf(world, write.id)
  if (server === undefined || stateOf(server) === 'Ready') return busy(world, write.id) ?? taken(world, write)
  return {
    code: world.behaviours.postgresBusy === 'ServerIsBusy' ? 'VirtualEndpointOwnerServerNotInReadyState' : '',
    message: `Server ${nameOf(server.id)} should be in Ready state to create/update/drop virtual endpoint"`
  }
}

/** The name of a new one is another's, or was not long ago. No recording has the words. */
function taken({ store }: World, { id, live, method }: Write): ErrorDetail | undefined {
  if (live !== undefined || method === 'DELETE') return undefined
  const isLeaving = store.pending.some(({ effect, args }) => effect === nameFreed && args['name'] === nameOf(id).toLowerCase())
  if (!isLeaving && store.named(endpointType, nameOf(id)).length === 0) return undefined
  return { code: 'VirtualEndpointNameAlreadyExists', message: `Specified virtual endpoint name '${nameOf(id)}' is already used.` }
}

const operations: Readonly<Record<Write['method'], string>> = {
  PUT: 'VirtualEndpointCreateManagementOperation',
  PATCH: 'VirtualEndpointUpdateManagementOperation',
  DELETE: 'VirtualEndpointDropManagementOperation'
}

/** The names of the servers that the endpoints of a server are read through, in lower case. */
export const readersOf = (world: World, server: string): readonly string[] =>
  endpointsOf(world, server).flatMap(({ body }) => membersIn(body).map(name => name.toLowerCase()))

const withReader = (body: ArmBody, reader: string): ArmBody => ({
  ...body,
  properties: { ...objectAt(body, 'properties'), members: [nameOf(reader)] }
})

/** The endpoints of a source go over to the server that takes its place, and their readers turn round [DOC: virtual endpoints]. */
export function moveEndpoints(world: World, source: string, to: string): void {
  for (const { id, type, body } of endpointsOf(world, source)) {
    world.store.drop(id)
    world.put({ id: `${to}/virtualendpoints/${nameOf(id)}`, type, body: withReader(body, source) })
  }
}

/** A server that follows its source no more is read no more through the source's endpoints, which lead to the source then. */
export function leaveEndpoints(world: World, source: string, replica: string): void {
  for (const one of endpointsOf(world, source))
    if (membersIn(one.body).some(name => sameId(name, nameOf(replica)))) world.store.update(one.id, { body: withReader(one.body, source) })
}

const missing = missingOfType(endpointType)

export const virtualEndpoints: ResourceType = {
  type: endpointType,
  apiVersions: postgresVersions.slice(postgresVersions.indexOf('2023-06-01-preview')),
  style: 'postgres',
  timing: timings.virtualEndpoint,
  visible: 'whenDone',
  methods: ['PUT', 'PATCH', 'DELETE'],
  operationName: ({ method }) => operations[method],
  check,
  outcome,
  kept: (_world, { body }) => childBody(body, {}),
  removed(world, { id }) {
    const ms = world.behaviours.virtualEndpointNameMs
    const args: JsonObject = { name: nameOf(id).toLowerCase() }
    if (ms > 0) world.schedule(ms, nameFreed, args)
  },
  show(_world, { id, body }) {
    const names = ['writer', 'reader'].map(role => `${nameOf(id).toLowerCase()}.${role}.postgres.database.azure.com`)
    const own = nameOf(parentOf(id))
    const members = [own, ...membersIn(body).filter(one => !sameId(one, own))]
    return { ...body, properties: { ...objectAt(body, 'properties'), members, virtualEndpoints: names } }
  },
  missing(world, id) {
    const server = serverOf(world, id)
    const refuses = world.behaviours.virtualEndpointAtReplica === 'BadRequest'
    return refuses && server !== undefined && isReplica(server) ? atReplica(id) : missing(world, id)
  }
}
