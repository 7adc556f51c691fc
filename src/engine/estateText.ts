import { relative } from 'node:path'
import { counted } from '../model/counted.ts'
import type { Estate } from '../model/estate.ts'
import { stateFileOf } from './azure.ts'
import type { Settings } from './settings.ts'
import type { Prepared } from './topology.ts'

/** A plan names so many subscriptions; of more it says how many. */
const namedMax = 3

/** Which Azure a run reads and writes, or which sandbox, for a user who is about to agree. */
export function estateText({ of, id }: Estate, { dataDir, resolved }: Prepared, settings: Pick<Settings, 'estate' | 'cwd'>): string {
  const { subscriptions } = resolved
  const among =
    subscriptions.length > namedMax
      ? counted(subscriptions.length, 'subscription')
      : `${subscriptions.length === 1 ? 'subscription' : 'subscriptions'} ${subscriptions.join(', ')}`
  const { estate, cwd } = settings
  if (estate && 'sandbox' in estate) return `sandbox ${relative(cwd, stateFileOf(estate, { dataDir, cwd }))}, ${among}`
  if (of === 'sandbox') return `sandbox at ${estate && 'armEndpoint' in estate ? estate.armEndpoint : ''}, ${among}`
  return [of, ...(id === '' ? [] : [`tenant ${id}`]), among].join(', ')
}
