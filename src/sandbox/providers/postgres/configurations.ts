import { nameOf, parentOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { type ArmBody, type JsonObject, objectAt, textAt, without } from '../../json.ts'
import type { ErrorDetail } from '../../refusal.ts'
import type { StoredResource } from '../../state.ts'
import type { Change, Reading, ResourceType, World, Write } from '../../type.ts'
import { type Parameter, parameterOf, parametersOf, takes } from './parameters.ts'
import { busy, childBody, missingOfType, postgresVersions, serverOf, serverType, since, stopped } from './server.ts'

const configurationType = `${serverType}/configurations`

const majorOf = (server: StoredResource | undefined): string => textAt(server?.body, 'properties', 'version') ?? '17'

const known = (world: World, id: string): Parameter | undefined => parameterOf(nameOf(id), majorOf(serverOf(world, id)))

const asGiven = (server: StoredResource, name: string): StoredResource => ({
  ...server,
  id: `${server.id}/configurations/${name}`,
  type: configurationType,
  body: {},
  memory: {},
  provisioning: 'Succeeded'
})

/** Parameters are there from the start: what is stored of them is only what somebody has set. */
function given(world: World, id: string): StoredResource | undefined {
  const server = world.store.get(parentOf(id))
  const parameter = known(world, id)
  return server && parameter && asGiven(server, parameter.name)
}

function members(world: World, scope: string): readonly StoredResource[] {
  const server = world.store.get(scope)
  if (server === undefined) return []
  return parametersOf(majorOf(server)).map(({ name }) => world.store.get(`${server.id}/configurations/${name}`) ?? asGiven(server, name))
}

const missing = missingOfType(configurationType)

function wantedValue({ sent, live }: Write, parameter: Parameter): string {
  if (textAt(sent, 'properties', 'source') === 'system-default') return parameter.defaultValue
  return textAt(sent, 'properties', 'value') ?? textAt(live?.body, 'properties', 'value') ?? parameter.defaultValue
}

/** Both are found out by the server itself, once the operation runs. */
function outcome(world: World, write: Write): ErrorDetail | undefined {
  const parameter = known(world, write.id)
  const wait = busy(world, write.id)
  if (wait || parameter === undefined) return wait
  const name = parameter.name
  // Azure fills in neither the parameter nor the reason: the text is a template as it stands (pulumi-azure-native#898).
  if (parameter.isReadOnly) return { code: 'OperationFailed', message: '{0}' }
  const value = wantedValue(write, parameter)
  if (takes(parameter, value)) return undefined
  return {
    code: 'InvalidParameterValue',
    message: `The value '${value}' is not valid for the server parameter '${name}'. Allowed values: ${parameter.allowedValues}.`
  }
}

function kept(world: World, write: Write): { readonly body: ArmBody; readonly memory?: JsonObject } {
  const parameter = known(world, write.id)
  if (parameter === undefined) return { body: {} }
  const source = textAt(write.sent, 'properties', 'source') ?? 'user-override'
  return childBody(write.sent, { value: wantedValue(write, parameter), source })
}

function done(world: World, { resource, before }: Change): undefined {
  const parameter = known(world, resource.id)
  const was = textAt(before?.body, 'properties', 'value') ?? parameter?.value
  if (parameter === undefined || parameter.isDynamicConfig || was === textAt(resource.body, 'properties', 'value')) return
  world.store.update(resource.id, { memory: { ...resource.memory, pendingRestart: true } })
}

export function forgetPendingRestart(world: World, server: string): void {
  for (const one of world.store.ofType(configurationType, server))
    if (one.memory['pendingRestart'] === true) world.store.update(one.id, { memory: without(one.memory, 'pendingRestart') })
}

function show(world: World, { id, body, memory }: StoredResource, { apiVersion }: Reading): ArmBody {
  const parameter = known(world, id)
  if (parameter === undefined) return body
  const sent = objectAt(body, 'properties')
  const major = majorOf(serverOf(world, id))
  const {
    description,
    latest = description,
    defaultValue,
    dataType,
    allowedValues,
    isDynamicConfig,
    isReadOnly,
    unit,
    documentation
  } = parameter
  return {
    ...body,
    properties: {
      ...sent,
      value: sent['value'] ?? parameter.value,
      description: Number(major) >= 17 || since(apiVersion, '2025-08-01') ? latest : description,
      defaultValue,
      dataType,
      allowedValues,
      source: sent['source'] ?? parameter.source,
      isDynamicConfig,
      isReadOnly,
      isConfigPendingRestart: memory['pendingRestart'] === true,
      ...(unit !== undefined && { unit }),
      ...(documentation && { documentationLink: documentation(major) })
    }
  }
}

export const configurations: ResourceType = {
  type: configurationType,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.configuration,
  visible: 'whenDone',
  methods: ['PUT', 'PATCH'],
  // Both names are recorded for a PATCH, the first with 2024-11-01-preview (CORPUS).
  operationName: ({ method, apiVersion }) =>
    method === 'PUT' || apiVersion >= '2024-08-01'
      ? 'UpdateOrcasServerParameterManagementOperation'
      : 'UpdateConfigurationManagementOperation',
  check: (world, { id }) => (known(world, id) === undefined ? missing(world, id) : stopped(world, id)),
  outcome,
  kept,
  done,
  given,
  members,
  show,
  closed: stopped,
  missing
}
