import { join, relative, resolve } from 'node:path'
import type { Flags } from '../cli/flags.ts'
import type { Terminal } from '../cli/terminal.ts'
import { counted } from '../model/counted.ts'
import type { Estate } from '../model/estate.ts'
import type { Prepared } from './topology.ts'

/** A plan names so many subscriptions; of more it says how many. */
const namedMax = 3

/** Which Azure a run reads and writes, or which sandbox, for whoever is about to say yes. */
export function estateText({ of, id }: Estate, { dataDir, resolved }: Prepared, flags: Flags, { cwd }: Pick<Terminal, 'cwd'>): string {
  const { subscriptions } = resolved
  const among =
    subscriptions.length > namedMax
      ? counted(subscriptions.length, 'subscription')
      : `${subscriptions.length === 1 ? 'subscription' : 'subscriptions'} ${subscriptions.join(', ')}`
  if (flags.sandbox) {
    const state = flags.sandboxState === undefined ? join(dataDir, 'sandbox.json') : resolve(cwd, flags.sandboxState)
    return `sandbox ${relative(cwd, state)}, ${among}`
  }
  if (of === 'sandbox') return `sandbox at ${flags.armEndpoint ?? ''}, ${among}`
  return [of, ...(id === '' ? [] : [`tenant ${id}`]), among].join(', ')
}
