import { nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { objectAt, textAt } from '../../json.ts'
import type { ErrorDetail, Refusal } from '../../refusal.ts'
import { tenantId as tenant } from '../../subscriptions.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import {
  busy,
  childBody,
  invalidParameter,
  missingOfType,
  operationNameOf,
  postgresVersions,
  serverOf,
  serverType,
  stateOf,
  stopped
} from './server.ts'

const administratorType = `${serverType}/administrators`

const principalTypes = ['User', 'Group', 'ServicePrincipal', 'Unknown']

function check(world: World, { method, id, body }: Write): Refusal | undefined {
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
  closed: stopped,
  missing: missingOfType(administratorType)
}
