import { decideLine } from '../model/decision.ts'
import { nameOf, type ResourceId } from '../model/id.ts'
import { sameText } from './rule.ts'

/** No read can tell which resource a step is about: a person has to. */
export class Untold extends Error {
  override readonly name = 'Untold'
}

/** A connection of a server, and the endpoint that it comes from. */
export interface Joined {
  readonly path: string
  readonly from: ResourceId | undefined
  readonly status: string
  readonly description?: string | undefined
}

/** Whether a decision on it still takes a client further, or keeps one out. */
export const isLiving = ({ status }: Pick<Joined, 'status'>): boolean => sameText(status, 'Pending') || sameText(status, 'Approved')

interface Question {
  /** The managed endpoint. */
  readonly wanted: ResourceId
  readonly among: readonly Joined[]
  readonly decision: 'approve' | 'reject'
  /** The state of its connection, as Data Factory says it. */
  readonly seen: string | undefined
}

/** A connection that could be the one, and the line by which a person decides on it. */
interface Candidate {
  readonly path: string
  readonly message: string
}

/** The reason, as a sentence without its end, and each connection that could be meant. */
export interface Unclear {
  readonly why: string
  readonly candidates: readonly Candidate[]
}

/**
 * Why a decision on the connection of a managed endpoint is left to a person: only `properties.resourceId`, which Data Factory did not
 * tell before 2022 [REC-ADF], ties the endpoint to its connection on the server. A login that may not read the factory is not told either.
 */
export function unclear({ wanted, among, decision, seen }: Question): Unclear {
  const endpoint = `the managed private endpoint ${wanted.split('/')[8] ?? ''}/${nameOf(wanted)}`
  if (decision === 'approve' && sameText(seen, 'Rejected'))
    return {
      why: `Data Factory says that ${endpoint} was rejected. Azure cannot approve it any more: delete it and let it be made again`,
      candidates: []
    }
  const candidates = among.filter(isLiving).flatMap(({ path, from, status, description }): Candidate[] => {
    const text = description === undefined || description === '' ? '' : `, ${JSON.stringify(description)}`
    return from === undefined ? [] : [{ path, message: `could be it (${status}${text}): ${decideLine(decision, path, from)}` }]
  })
  const why = `Azure does not tell which private endpoint is behind ${endpoint} (its properties.resourceId), and nothing else tells its connection from another: pglink decides on none`
  return {
    why: `${why}. ${candidates.length === 0 ? 'The server has no connection that could be it' : 'Look at what could be it, and decide'}`,
    candidates
  }
}

/** The same in one text. */
export const unclearText = ({ why, candidates }: Unclear): string => [why, ...candidates.map(({ message }) => message)].join('; ')
