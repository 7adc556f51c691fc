import { SharedAnswers } from '../azure/shared.ts'
import type { Ways } from '../dial/way.ts'
import { onPaths, readAround } from '../live/around.ts'
import { readLive } from '../live/read.ts'
import type { Worded } from '../model/option.ts'
import { type VerifiedPath, verifiedPaths } from '../proof/verify.ts'
import { asMet, type Dialable, dialablePaths } from './dialing.ts'
import type { Host } from './host.ts'
import type { ReadFor } from './look.ts'
import type { VerifyOptions } from './options.ts'
import type { Outcome } from './outcomes.ts'
import { type Session, together } from './session.ts'
import { settingsOf } from './settings.ts'
import { waysOf } from './ways.ts'

/** How the paths that a topology declares stand, by one read. */
export interface VerifiedTopology {
  readonly session: Session
  readonly paths: readonly VerifiedPath[]
  /** The paths that a client can take, and how; absent where none was asked for. */
  readonly from?: { readonly dialable: readonly Dialable[]; readonly ways: Ways }
  /** When Azure was read, RFC 3339. */
  readonly at: string
  readonly reads: number
}

/**
 * Looks at each private path that the files declare, hop by hop. Makes no request but reads, and meets a server only where it is asked to.
 *
 * @throws UsageError for a value that is none; Stop where nothing can be found out
 */
export async function verify(options: VerifyOptions & Worded, host: Host): Promise<Outcome<VerifiedTopology>> {
  const ways = waysOf(settingsOf(options))
  return together(options, host, {
    look: (session, how) => lookIn(session, how, ways),
    async goOn(verified, session, how) {
      if (how === 'beside') host.notify({ type: 'topology', prepared: session.prepared })
      host.notify({ type: 'verified', verified })
      return verified
    }
  })
}

async function lookIn(session: Session, how: ReadFor, ways: Ways | undefined): Promise<VerifiedTopology> {
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
  const judged = verifiedPaths({ desired, live, endpoints, around })
  const dialable = ways && (await dialablePaths({ azure, desired: resolved.desired, live, endpoints }))
  const paths = session.settings.live && ways && dialable ? await asMet(judged, dialable, ways) : judged
  const from = ways && dialable && { dialable, ways }
  return { session, paths, ...(from && { from }), at: new Date().toISOString(), reads: azure.calls.reads }
}
