import { join, relative, resolve } from 'node:path'
import { counted } from '../report/counted.ts'
import type { Flags } from './flags.ts'
import type { Terminal } from './terminal.ts'
import type { Prepared } from './topology.ts'

/** A plan names so many subscriptions; of more it says how many. */
const namedMax = 3

/** Which Azure a run reads and writes, or which sandbox, for whoever is about to say yes. */
export function estateText({ dataDir, resolved }: Prepared, flags: Flags, { cwd, env }: Pick<Terminal, 'cwd' | 'env'>): string {
  const { cloud, subscriptions } = resolved
  const among =
    subscriptions.length > namedMax
      ? counted(subscriptions.length, 'subscription')
      : `${subscriptions.length === 1 ? 'subscription' : 'subscriptions'} ${subscriptions.join(', ')}`
  if (flags.sandbox) {
    const state = flags.sandboxState === undefined ? join(dataDir, 'sandbox.json') : resolve(cwd, flags.sandboxState)
    return `sandbox ${relative(cwd, state)}, ${among}`
  }
  if (flags.armEndpoint !== undefined) return `${flags.armEndpoint}, ${among}`
  const tenant = env['AZURE_TENANT_ID'] ?? ''
  return [cloud, ...(tenant === '' ? [] : [`tenant ${tenant}`]), among].join(', ')
}
