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

/**
 * Why a decision on the connection of a managed endpoint is left to a person: only `properties.resourceId`, which Data Factory did not
 * tell before 2022 [REC-ADF], ties the endpoint to its connection on the server. A login that may not read the factory is not told either.
 */
export function untoldText({ wanted, among, decision, seen }: Question): string {
  const endpoint = `the managed private endpoint ${wanted.split('/')[8] ?? ''}/${nameOf(wanted)}`
  if (decision === 'approve' && sameText(seen, 'Rejected'))
    return `Data Factory says that ${endpoint} was rejected. Azure cannot approve it any more: delete it and let it be made again`
  const why = `Azure does not tell this login which private endpoint is behind ${endpoint} (its properties.resourceId), and nothing else tells its connection from another, so that pglink decides on none`
  const may = among.filter(one => one.from !== undefined && isLiving(one))
  if (may.length === 0) return `${why}. The server has no connection that could be it`
  const lines = may.map(({ path, from = '', status, description }) => {
    const text = description === undefined || description === '' ? '' : `, ${JSON.stringify(description)}`
    return `(${status}${text}) ${decideLine(decision, path, from)}`
  })
  return `${why}. Look at what could be it, and decide: ${lines.join(' or ')}`
}
