import { SharedAnswers } from '../azure/shared.ts'
import { onPaths, readAround } from '../live/around.ts'
import { readLive } from '../live/read.ts'
import { type VerifiedPath, verifiedPaths } from '../proof/verify.ts'
import type { Host } from './host.ts'
import type { ReadFor } from './look.ts'
import type { DriftOptions } from './options.ts'
import type { Outcome } from './outcomes.ts'
import { type Session, together } from './session.ts'

/** How the paths that a topology declares stand, by one read. */
export interface VerifiedTopology {
  readonly session: Session
  readonly paths: readonly VerifiedPath[]
  /** When Azure was read, RFC 3339. */
  readonly at: string
  readonly reads: number
}

/**
 * Looks at each private path that the files declare, hop by hop. Makes no request but reads.
 *
 * @throws Stop where nothing can be found out
 */
export const verify = (options: DriftOptions, host: Host): Promise<Outcome<VerifiedTopology>> =>
  together(options, host, {
    look: lookIn,
    async goOn(verified, session, how) {
      if (how === 'beside') host.notify({ type: 'topology', prepared: session.prepared })
      host.notify({ type: 'verified', verified })
      return verified
    }
  })

async function lookIn(session: Session, how: ReadFor): Promise<VerifiedTopology> {
  const { connection, prepared, host } = session
  const { resolved } = prepared
  const azure = connection.open('reading', how === 'beside' ? connection.answers : new SharedAnswers())
  const watch = (done: number | undefined, of: number): void => host.notify({ type: 'reading', prepared, done, of })
  watch(0, resolved.desired.size)
  const { endpoints } = resolved
  const desired = onPaths(resolved.desired)
  const live = await readLive(azure, {
    desired,
    baseline: undefined,
    prune: false,
    topology: resolved.name,
    subscriptions: resolved.subscriptions,
    endpoints,
    heard: watch,
    ...(how === 'beside' && { beside: prepared.beside })
  }).finally(() => watch(undefined, 0))
  const around = await readAround(azure, { desired, endpoints, live })
  const paths = verifiedPaths({ desired, live, endpoints, around })
  return { session, paths, at: new Date().toISOString(), reads: azure.calls.reads }
}
