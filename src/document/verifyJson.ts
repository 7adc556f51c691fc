import { counted } from '../model/counted.ts'
import type { VerifiedHop, VerifiedPath } from '../proof/verify.ts'
import type { VerifyDocument, VerifyPath, VerifyState, VerifyVerdict } from './verify.generated.ts'

/** The version of the verify document's shape, and of the frame around several. */
export const verifyFormatVersion = '1.0'

export interface VerifyRecord extends Pick<VerifyDocument, 'topology' | 'source'> {
  readonly toolVersion: string
  /** ISO 8601. */
  readonly timestamp: string
  readonly reads: number
  /** Whether servers were met from this machine as well. */
  readonly live: boolean
}

/** The paths for programs, in the shape of schema/verify.schema.json; all else that is told of them is told from this document. */
export function verifyJson(paths: readonly VerifiedPath[], record: VerifyRecord): VerifyDocument {
  const told = paths.map(pathJson)
  const count = (as: VerifyState): number => told.flatMap(({ hops }) => hops).filter(hop => hop.as === as).length
  return {
    format_version: verifyFormatVersion,
    tool_version: record.toolVersion,
    timestamp: record.timestamp,
    source: record.source,
    live: record.live,
    topology: record.topology,
    verdict: verdictOf(told, record.live),
    paths: told,
    summary: {
      holds: count('holds'),
      broken: count('broken'),
      waiting: count('waiting'),
      unknown: count('unknown'),
      reads: record.reads
    }
  }
}

/** A path is as its worst hop is. */
const states: readonly VerifyState[] = ['broken', 'waiting', 'unknown']

function pathJson({ address, via, server, fqdn, hops }: VerifiedPath): VerifyPath {
  const has = (as: VerifyState): boolean => hops.some(hop => hop.as === as)
  return {
    address,
    via,
    server: server ?? null,
    fqdn: fqdn ?? null,
    as: states.find(has) ?? 'holds',
    first: hops.find(({ as }) => as === 'broken')?.hop ?? null,
    hops: hops.map(hopJson)
  }
}

const hopJson = ({ hop, as, message, fix, why, ms, through }: VerifiedHop) => ({
  hop,
  as,
  message,
  ...(fix !== undefined && { fix }),
  ...(why !== undefined && { why }),
  ...(ms !== undefined && { ms }),
  ...(through !== undefined && { through })
})

function verdictOf(paths: readonly VerifyPath[], isMet: boolean): VerifyVerdict {
  if (paths.length === 0)
    return { as: 'none', text: 'The file declares no private path to a server, and no zone: there is nothing to verify.' }
  const ways = paths.filter(({ server }) => server !== null)
  const sorts = [
    { all: ways, noun: 'path' },
    { all: paths.filter(({ server }) => server === null), noun: 'zone' }
  ].filter(({ all }) => all.length > 0)
  const counts = (is: (path: VerifyPath) => boolean): string =>
    sorts.flatMap(({ all, noun }) => (all.some(is) ? [`${all.filter(is).length} of ${counted(all.length, noun)}`] : [])).join(', ')
  const none = ways.length === 0 ? ' The file declares no private path to a server.' : ''
  if (paths.some(({ as }) => as === 'broken')) return { as: 'broken', text: `Broken: ${counts(({ as }) => as === 'broken')}.${none}` }
  if (paths.some(({ as }) => as !== 'holds'))
    return {
      as: 'unsure',
      text: `Nothing seen is broken, but not all could be seen, or it waits: ${counts(({ as }) => as !== 'holds')}.${none}`
    }
  return {
    as: 'whole',
    text: `Whole: every hop of ${sorts.map(({ all, noun }) => counted(all.length, noun)).join(' and ')} holds, as Azure says${isMet ? ' and this machine found' : ''}.${none}`
  }
}
