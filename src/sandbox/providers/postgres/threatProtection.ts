import { nameOf, parentOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { objectAt, textAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { ResourceType, World } from '../../type.ts'
import { busyOutcome, childBody, invalidParameter, missingOfType, postgresVersions, serverType } from './server.ts'

const settingsType = `${serverType}/advancedThreatProtectionSettings`

const states = ['Enabled', 'Disabled']

/** Off until somebody turns it on. */
const asGiven = (server: StoredResource): StoredResource => ({
  ...server,
  id: `${server.id}/advancedThreatProtectionSettings/Default`,
  type: settingsType,
  body: { properties: { state: 'Disabled' } },
  memory: {},
  provisioning: 'Succeeded'
})

function given(world: World, id: string): StoredResource | undefined {
  const server = world.store.get(parentOf(id))
  return server && nameOf(id).toLowerCase() === 'default' ? asGiven(server) : undefined
}

/** Nothing of it is recorded but that it is there; its form is the SDK's. */
export const threatProtection: ResourceType = {
  type: settingsType,
  apiVersions: postgresVersions.slice(postgresVersions.indexOf('2023-12-01-preview')),
  style: 'postgres',
  timing: timings.threatProtection,
  visible: 'whenDone',
  methods: ['PUT'],
  operationName: () => 'UpdateThreatProtectionManagementOperation',
  check(world, { id, body }) {
    if (given(world, id) === undefined) return missingOfType(settingsType)(world, id)
    return states.includes(textAt(body, 'properties', 'state') ?? '') ? undefined : invalidParameter('state')
  },
  outcome: busyOutcome,
  kept: (_world, { body }) => childBody(body, {}),
  given,
  members(world, scope) {
    const server = world.store.get(scope)
    return server ? [world.store.get(`${server.id}/advancedThreatProtectionSettings/Default`) ?? asGiven(server)] : []
  },
  show: (world, { body, createdAt }) => ({
    ...body,
    properties: { ...objectAt(body, 'properties'), creationTime: world.time(createdAt) }
  }),
  missing: missingOfType(settingsType)
}
