import type { LoggedWrite } from '../azure/changes.ts'
import { kindOf } from '../kinds/index.ts'
import { type Drift, isMoved } from '../model/drift.ts'
import { parentOf, type ResourceId, typeOf } from '../model/id.ts'
import type { Who, Writer } from '../model/who.ts'

/** The logs as far as they could be read. */
export interface Logs {
  readonly writes: readonly LoggedWrite[]
  /** Why the log that would tell of this id could not be read. */
  readonly unread: (id: ResourceId) => string | undefined
  /** Since when they were read, in words. */
  readonly span: string
  /** Whether a request with this correlation id was one of a run of pglink. */
  readonly isRun: (correlation: string) => boolean
}

/** Whether a person wants to know who made this difference: Azure moved, or holds what no file declares. */
export const asksWho = (one: Pick<Drift, 'class' | 'counts'>): boolean => isMoved(one) || (one.class === 'unmanaged' && one.counts)

/** Whether the history of changes in Resource Graph tells of one; the activity log tells of the others. */
export const isInHistory = ({ kind }: Pick<Drift, 'kind'>): boolean => kindOf({ kind }).inChangeHistory ?? false

/** The writers of one that drifted: by its own id, else for what has no history by the id of what it lies in. Pure. */
export function whoWrote(one: Pick<Drift, 'kind' | 'id'>, logs: Logs): Who {
  const own = writersOf(one.id, logs)
  if (own.length > 0) return { as: 'known', writers: own }
  const why = logs.unread(one.id)
  if (why !== undefined) return { as: 'unknown', why }
  const above = isInHistory(one) ? undefined : aboveOf(one.id)
  const theirs = above === undefined ? [] : writersOf(above, logs)
  if (above !== undefined && theirs.length > 0) return { as: 'known', writers: theirs, above }
  return { as: 'unknown', why: `no log tells of a write ${logs.span}` }
}

/** The resource that one lies in, of the same provider: a write of a network says nothing of a lock on it. */
function aboveOf(id: ResourceId): ResourceId | undefined {
  const above = parentOf(id)
  const provider = (one: ResourceId): string => typeOf(one).split('/')[0] ?? ''
  return above !== undefined && provider(above) === provider(id) ? above : undefined
}

/** One for each request: a log tells of the same one several times. */
function writersOf(id: ResourceId, { writes, isRun }: Logs): Writer[] {
  const own = writes.filter(write => write.id === id).toSorted((a, b) => b.at - a.at)
  const first = new Map(own.map(write => [`${write.correlation} ${write.operation}`, write] as const).toReversed())
  return [...first.values()]
    .toSorted((a, b) => b.at - a.at)
    .map(({ by, at, operation, client, correlation }) => ({
      by: isRun(correlation) ? correlation : by,
      isRun: isRun(correlation),
      at: new Date(at).toISOString(),
      operation,
      ...(client !== undefined && { client })
    }))
}
