import { verifyDocumentOf } from '../document/documents.ts'
import type { VerifiedTopology } from '../engine/verify.ts'
import type { Ending } from '../model/ending.ts'

const endings = { broken: 'drift', unsure: 'waiting', whole: 'ok', none: 'ok' } as const satisfies Record<string, Ending>

/** A path that is broken ends a look as `drift`, whatever could not be seen of others. */
export function verifyEnding(topologies: readonly VerifiedTopology[]): Ending {
  const all = topologies.map(one => endings[verifyDocumentOf(one).verdict.as])
  return all.find(one => one === 'drift') ?? all.find(one => one === 'waiting') ?? 'ok'
}
