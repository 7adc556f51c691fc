import { sameId } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { textAt } from '../../json.ts'
import type { ResourceType } from '../../type.ts'
import { missingOfType, postgresVersions, serverType } from './server.ts'

/** A list only: its members are servers, and are shown as such. */
export const replicas: ResourceType = {
  type: `${serverType}/replicas`,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.flexibleServer,
  methods: [],
  members: (world, scope) =>
    world.store.ofType(serverType).filter(one => sameId(textAt(one.body, 'properties', 'sourceServerResourceId') ?? '', scope)),
  missing: missingOfType(`${serverType}/replicas`)
}
