import { randomUUID } from 'node:crypto'
import type { Azure } from '../azure/azure.ts'
import { readLive } from '../live/read.ts'
import type { Note, Plan } from '../model/change.ts'
import type { Live } from '../model/resource.ts'
import { digestOf, type Foundation } from '../plan/digest.ts'
import { makePlan } from '../plan/plan.ts'
import { unsetSecrets } from '../plan/secrets.ts'
import type { PlanView } from '../report/planText.ts'
import type { Resolved } from '../topology/resolve.ts'
import { type Connection, connect } from './azure.ts'
import { baselineOf } from './baseline.ts'
import type { Flags } from './flags.ts'
import { awaitingScope, journalFor } from './journals.ts'
import type { Terminal } from './terminal.ts'
import { optionsFor, type Prepared } from './topology.ts'

/** A topology with the way to Azure, from its first read to the proof after its last write. */
export interface Session {
  readonly prepared: Prepared
  readonly flags: Flags
  readonly connection: Connection
  readonly baseline: Resolved | undefined
  /** Names this run in Azure's logs. */
  readonly run: string
}

export interface Planned {
  readonly plan: Plan
  readonly live: Live
  readonly view: PlanView
  readonly foundation: Foundation
}

/** Opens the way to Azure for one topology, and closes it however the work ends. @throws what `connect` and `work` throw */
export async function inSession<T>(
  prepared: Prepared,
  flags: Flags,
  terminal: Terminal,
  work: (session: Session) => Promise<T>
): Promise<T> {
  const run = randomUUID()
  const baseline = await baselineOf(prepared.file, flags, terminal)
  const { dataDir, resolved } = prepared
  const connection = await connect({ flags, terminal, cloud: resolved.cloud, dataDir, run })
  try {
    return await work({ prepared, flags, connection, baseline, run })
  } finally {
    connection.close()
  }
}

/** Reads and plans, through a way to Azure that can only read. */
export async function planIn(session: Session): Promise<Planned> {
  const { prepared, flags, connection, baseline } = session
  const { resolved, file } = prepared
  const azure = connection.open('reading')
  const live = await readLive(azure, readOptions(session))
  const owed = await awaitingScope(journalFor(prepared))
  const plan = withUnset(makePlan(resolved.desired, live, optionsFor(prepared, flags, baseline, owed)))
  const { digest, foundation } = digestOf(plan, resolved.desired, live)
  const topology = { name: resolved.name, file, ...(flags.env !== undefined && { env: flags.env }) }
  return { plan, live, foundation, view: { plan, desired: resolved.desired, topology, digest, reads: readsOf(azure) } }
}

export const readOptions = ({ prepared: { resolved }, flags, baseline }: Session): Parameters<typeof readLive>[1] => ({
  desired: resolved.desired,
  baseline: baseline?.desired,
  prune: flags.prune || resolved.removed.length > 0,
  topology: resolved.name,
  subscriptions: [...new Set([...resolved.subscriptions, ...(baseline?.subscriptions ?? [])])].sort()
})

const readsOf = ({ calls }: Azure): number => calls.reads

/** A secret that a step must send may be set later, by whoever applies: the plan only says so. */
function withUnset(plan: Plan): Plan {
  const unset = unsetSecrets(plan).map(
    ({ address, variable }): Note => ({ address, message: `the variable ${variable} is not set; the apply must send it` })
  )
  return unset.length === 0 ? plan : { ...plan, notes: [...plan.notes, ...unset] }
}
