import { nameOf, parentOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { objectAt, textAt } from '../../json.ts'
import type { ErrorDetail, Refusal } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import { tenantId as tenant } from '../../subscriptions.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import {
  busy,
  childBody,
  invalid,
  invalidParameter,
  missingOfType,
  operationNameOf,
  postgresVersions,
  primaryOf,
  serverOf,
  serverType,
  stateOf,
  stopped
} from './server.ts'

const administratorType = `${serverType}/administrators`

const principalTypes = ['User', 'Group', 'ServicePrincipal', 'Unknown']

const of = (world: World, server: string): readonly StoredResource[] => world.store.ofType(administratorType, server)

/** Those of the primary, as they stand beneath the replica's own id [REC]. */
const sharedWith = (world: World, server: StoredResource): readonly StoredResource[] => {
  const primary = primaryOf(world, server)
  return primary === server ? [] : of(world, primary.id).map(one => ({ ...one, id: `${server.id}/administrators/${nameOf(one.id)}` }))
}

/** Gives a promoted replica the administrators that it had from its source, which keeps them unless it becomes a replica. */
export function takeAdministrators(world: World, source: string, replica: string, leaves: boolean): void {
  for (const { id, type, body } of of(world, source)) {
    world.put({ id: `${replica}/administrators/${nameOf(id)}`, type, body })
    if (leaves) world.store.drop(id)
  }
}

function check(world: World, { method, id, body, seeded }: Write): Refusal | undefined {
  const server = serverOf(world, id)
  if (server && !seeded && primaryOf(world, server) !== server)
    return invalid(
      'OperationNotAllowedOnReplica',
      `'${nameOf(server.id)}' is a replica: its administrators are those of its primary server.`
    )
  if (method === 'DELETE') return undefined
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOf(id))) return invalidParameter('objectId')
  if ((textAt(body, 'properties', 'principalName') ?? '') === '') return invalidParameter('principalName')
  if (!principalTypes.includes(textAt(body, 'properties', 'principalType') ?? 'User')) return invalidParameter('principalType')
  const enabled = textAt(serverOf(world, id)?.body, 'properties', 'authConfig', 'activeDirectoryAuth') === 'Enabled'
  return enabled ? undefined : { ...invalidParameter('activeDirectoryAuth'), code: 'AadAuthNotEnabled' }
}

/** Recorded while a server was still being changed, where other children say that it is busy; a stopped one is no more accessible. */
function outcome(world: World, { id }: Write): ErrorDetail | undefined {
  const server = serverOf(world, id)
  if (server === undefined || stateOf(server) === 'Ready') return busy(world, id)
  return {
    code: 'AadAuthOperationCannotBePerformedWhenServerIsNotAccessible',
    message: `Server '${nameOf(server.id)}' is not in an accessible state to perform a Microsoft Entra authentication principal operation. Make sure that the server is in an accessible before executing any Microsoft Entra authentication principal operation.`
  }
}

export const administrators: ResourceType = {
  type: administratorType,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.administrator,
  visible: 'whenDone',
  operationName: operationNameOf('AadAuthPrincipal'),
  check,
  outcome,
  kept(_world, { id, body }) {
    const { principalName = '', principalType = 'User', tenantId } = objectAt(body, 'properties')
    return childBody(body, { principalType, principalName, objectId: nameOf(id), tenantId: tenantId || tenant })
  },
  // The name is the principal's, while the id goes on ending with the object id (CORPUS).
  show: (_world, { body }) => ({
    ...body,
    name: textAt(body, 'properties', 'principalName') ?? ''
  }),
  given(world, id) {
    const server = world.store.get(parentOf(id))
    return server && sharedWith(world, server).find(one => nameOf(one.id).toLowerCase() === nameOf(id).toLowerCase())
  },
  members(world, scope) {
    const server = world.store.get(scope)
    return server && primaryOf(world, server) !== server ? sharedWith(world, server) : of(world, scope)
  },
  closed: stopped,
  missing: missingOfType(administratorType)
}
