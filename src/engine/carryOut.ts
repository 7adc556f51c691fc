import { apply } from '../apply/apply.ts'
import type { Entry, Journal } from '../locks/index.ts'
import type { Signal } from '../model/ending.ts'
import type { ApplyEvent, ApplyResult } from '../model/events.ts'
import { addressesIn, namingFrom } from '../model/naming.ts'
import { prover } from '../proof/endpoint.ts'
import { auditOf } from './audit.ts'
import { lockClient } from './lockLogin.ts'
import type { Planned } from './look.ts'
import { offNow } from './recovery.ts'
import { permissionsOf } from './rights.ts'
import type { Session } from './session.ts'
import { workflowIn } from './workflow.ts'

/** The plan of a topology that is to be carried out. */
export interface Agreed {
  readonly session: Session
  readonly planned: Planned
}

export interface CarriedOut {
  readonly result: ApplyResult
  /** The signal that interrupted it. */
  readonly signal: Signal | undefined
  /** Whether something of it could not be written to the journal, which the host was told then. */
  readonly unwritten: boolean
}

/** Runs the steps of the plan to their end, or to where the user stops it: locks are restored either way. */
export async function carryOut({ session, planned }: Agreed): Promise<CarriedOut> {
  const { connection, settings, host, run, prepared, journals, restoreLine } = session
  const { resolved } = prepared
  const { desired } = resolved
  const { plan } = planned
  const azure = connection.open('writing')
  const naming = namingFrom(addressesIn(desired, plan))
  await host.beforeSteps?.(planned, session)
  const stopping = new AbortController()
  const stopped: { signal: Signal | undefined } = { signal: undefined }
  const ignore = host.onInterrupt({
    during: 'apply',
    session,
    stop(signal) {
      stopped.signal = signal
      stopping.abort()
    },
    off: () => offNow([journals])
  })
  const noted = noting(journals, error => host.notify({ type: 'unwritten', error }))
  const audit = auditOf({ dataDir: prepared.dataDir, estate: connection.estate, run, objectId: connection.objectId, host })
  const watch = azure.onOperation(({ path, url }) => noted.append({ type: 'operation', path, url, at: now() }))
  try {
    const maxUnlockedMs = resolved.safety.maxUnlockedSeconds * 1_000
    const by = lockClient(settings)
    const lifter = by === undefined ? {} : { by }
    const beside = { permissions: permissionsOf(session), lifter, ...workflowIn(settings.environment) }
    const { parallelism } = settings
    const executor = {
      azure,
      audit,
      journal: journals,
      desired,
      prove: prover(desired),
      run,
      ...beside,
      parallelism,
      maxUnlockedMs,
      restoreLine
    }
    const told = (event: ApplyEvent): void => host.notify({ type: 'step', event, naming, planned, session })
    const result = await apply(plan, executor, told, stopping.signal)
    await noted.append({ type: 'ended', at: now() })
    if (!noted.failed()) journals.conclude()
    return { result, signal: stopped.signal, unwritten: noted.failed() || audit.isUnwritten() }
  } finally {
    watch()
    ignore()
    host.notify({ type: 'stepped' })
  }
}

const now = (): string => new Date().toISOString()

/**
 * For what is noted when it has happened already: nothing that follows may be left out because the disk does not take that. Says so,
 * the first time.
 */
function noting(journal: Journal, say: (error: unknown) => void) {
  let failed = false
  return {
    async append(entry: Entry): Promise<void> {
      try {
        await journal.append(entry)
      } catch (error) {
        if (!failed) say(error)
        failed = true
      }
    },
    failed: () => failed
  }
}
