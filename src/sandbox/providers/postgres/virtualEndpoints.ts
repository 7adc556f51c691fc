import { nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { listAt, objectAt, textAt } from '../../json.ts'
import type { ErrorDetail, Refusal } from '../../refusal.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import { busy, childBody, invalidParameter, missingOfType, postgresVersions, serverOf, serverType, stateOf } from './server.ts'

const endpointType = `${serverType}/virtualendpoints`

function check(_world: World, { method, id, body }: Write): Refusal | undefined {
  if (method === 'DELETE') return undefined
  if (!/^[a-z0-9](-?[a-z0-9])*$/.test(nameOf(id))) return invalidParameter('virtualEndpointName')
  if (textAt(body, 'properties', 'endpointType') !== 'ReadWrite') return invalidParameter('endpointType')
  return listAt(body, 'properties', 'members').length === 1 ? undefined : invalidParameter('members')
}

/** The text was recorded with an empty code in 2024, the code in later recordings. Its last quote is Azure's (CORPUS). */
function outcome(world: World, { id }: Write): ErrorDetail | undefined {
  const server = serverOf(world, id)
  if (server === undefined || stateOf(server) === 'Ready') return busy(world, id)
  return {
    code: world.behaviours.postgresBusy === 'ServerIsBusy' ? 'VirtualEndpointOwnerServerNotInReadyState' : '',
    message: `Server ${nameOf(server.id)} should be in Ready state to create/update/drop virtual endpoint"`
  }
}

const operations: Readonly<Record<Write['method'], string>> = {
  PUT: 'VirtualEndpointCreateManagementOperation',
  PATCH: 'VirtualEndpointUpdateManagementOperation',
  DELETE: 'VirtualEndpointDropManagementOperation'
}

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
  show(_world, { id, body }) {
    const names = ['writer', 'reader'].map(role => `${nameOf(id).toLowerCase()}.${role}.postgres.database.azure.com`)
    return { ...body, properties: { ...objectAt(body, 'properties'), virtualEndpoints: names } }
  },
  missing: missingOfType(endpointType)
}
