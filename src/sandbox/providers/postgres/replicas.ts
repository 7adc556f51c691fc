import { timings } from '../../durations.ts'
import type { ResourceType } from '../../type.ts'
import { missingOfType, postgresVersions, replicasOf, serverType } from './server.ts'

/** A list only: its members are servers, and are shown as such. */
export const replicas: ResourceType = {
  type: `${serverType}/replicas`,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.flexibleServer,
  methods: [],
  members: replicasOf,
  missing: missingOfType(`${serverType}/replicas`)
}
