import { randomUUID } from 'node:crypto'
import type { Journal } from '../apply/journal.ts'
import type { Azure } from '../azure/azure.ts'
import { readLive } from '../live/read.ts'
import type { Note, Plan } from '../model/change.ts'
import type { Desired, Live, Lock } from '../model/resource.ts'
import { digestOf, type Foundation } from '../plan/digest.ts'
import { makePlan } from '../plan/plan.ts'
import { unsetSecrets } from '../plan/secrets.ts'
import type { PlanView } from '../report/planText.ts'
import type { Resolved } from '../topology/resolve.ts'
import { type Connection, connect } from './azure.ts'
import { baselineOf } from './baseline.ts'
import type { Flags } from './flags.ts'
import { journalsOf, type LeftBehind, leftBehind } from './journals.ts'
import { matters } from './recovery.ts'
import type { Terminal } from './terminal.ts'
import { optionsFor, type Prepared } from './topology.ts'

/** A topology with the way to Azure, from its first read to the proof after its last write. */
export interface Session {
  readonly prepared: Prepared
  readonly flags: Flags
  readonly connection: Connection
  readonly baseline: Resolved | undefined
  readonly journals: readonly Journal[]
  /** Names this run in Azure's logs. */
  readonly run: string
}

export interface Planned {
  readonly plan: Plan
  readonly live: Live
  readonly view: PlanView
  readonly foundation: Foundation
  /** By the journals on this machine. */
  readonly left: LeftBehind
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
    return await work({ prepared, flags, connection, baseline, run, journals: journalsOf(prepared, flags, terminal) })
  } finally {
    connection.close()
  }
}

/** Reads and plans, through a way to Azure that can only read. */
export async function planIn(session: Session): Promise<Planned> {
  const { prepared, flags, connection, baseline } = session
  const { resolved, file } = prepared
  const azure = connection.open('reading')
  const left = await leftBehind(session.journals)
  const read = await readLive(azure, { ...readOptions(session), owed: left.owed.map(({ lock }) => lock) })
  const { live, awaiting } = withoutGone(read, left, resolved.desired)
  const noted = withNotes(
    makePlan(resolved.desired, live, optionsFor(prepared, flags, baseline, awaiting)),
    owedNotes(live, left, resolved.desired)
  )
  const plan = withUnset(noted)
  const { digest, foundation } = digestOf(plan, resolved.desired, live)
  const topology = { name: resolved.name, file, ...(flags.env !== undefined && { env: flags.env }) }
  return { plan, live, foundation, left, view: { plan, desired: resolved.desired, topology, digest, reads: readsOf(azure) } }
}

/** A lock that is owed and whose scope is not there is in nobody's way: it goes back with the step that makes the scope again. */
function withoutGone(live: Live, { awaitingScope }: LeftBehind, desired: Desired) {
  const isGone = ({ scope }: Lock): boolean => desired.has(scope) && live.resources.get(scope)?.observed.state === 'absent'
  const gone = live.locks.filter(isGone)
  const awaiting = new Map([...awaitingScope.map(({ lock }) => lock), ...gone].map(lock => [lock.path.toLowerCase(), lock]))
  return { live: { ...live, locks: live.locks.filter(lock => !isGone(lock)) }, awaiting: [...awaiting.values()] }
}

/** What a run before this one left off, whichever memory knows of it. */
function owedNotes({ remembered, damagedMarkers }: Live, { owed, running }: LeftBehind, desired: Desired): Note[] {
  const back = 'an apply, or `pglink locks restore`, puts it back first'
  const journalled = new Set(owed.map(({ lock }) => lock.path.toLowerCase()))
  return [
    ...owed.map(({ lock }) => ({ address: lock.path, message: `is off since an earlier run from this machine; ${back}` })),
    ...remembered
      .filter(({ lock }) => matters(lock.scope, desired) && !journalled.has(lock.path.toLowerCase()))
      .map(({ lock, lease }) => ({
        address: lock.path,
        message: `is leased by the run ${lease.run} until ${lease.until}: it is off, and not missing; after that ${back}`
      })),
    ...damagedMarkers
      .filter(({ scope }) => matters(scope, desired))
      .map(({ path }) => ({
        address: path,
        message: 'is a marker of pglink that cannot be read: see which lock is missing, and delete the marker'
      })),
    ...running.map(({ path }) => ({
      address: path,
      message: 'an earlier run began an operation on it and did not see its end; `pglink apply --resume` follows it first'
    }))
  ]
}

const withNotes = (plan: Plan, notes: readonly Note[]): Plan => (notes.length === 0 ? plan : { ...plan, notes: [...plan.notes, ...notes] })

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
