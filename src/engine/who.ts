import type { Azure } from '../azure/azure.ts'
import { activityOf, changesOf, keptDays, type LoggedWrite } from '../azure/changes.ts'
import { isForbidden } from '../azure/error.ts'
import { asksWho, type Ignoring, isInHistory, type Judged, type Logs, whoWrote } from '../drift/index.ts'
import { type ResourceId, subscriptionOf, typeOf } from '../model/id.ts'
import { messageOf } from '../model/message.ts'
import type { Who } from '../model/who.ts'
import { isRunId } from './runId.ts'

const dayMs = 86_400_000

/** A log that was asked, and what came of it. */
interface Asked {
  readonly writes: readonly LoggedWrite[]
  /** Why it could not be read. */
  readonly why?: string
}

/**
 * Says of each entry that drifted who wrote it, by Azure's logs: the history of changes in one query for 1,000 resources, and for what it does
 * not hold one look into the activity log a subscription and provider. A log that cannot be read makes the writer unknown, and no error.
 *
 * @param since milliseconds since 1970: of the baseline, where its time is known. The logs are read for 14 days at most.
 */
export async function withWho(found: Ignoring, azure: Azure, since: number | undefined): Promise<Ignoring> {
  const now = Date.now()
  const from = Math.max(since ?? 0, now - keptDays * dayMs)
  const wanted = found.entries.filter(asksWho)
  const [inHistory, others] = [wanted.filter(isInHistory), wanted.filter(one => !isInHistory(one))]
  const history =
    inHistory.length === 0 ? { writes: [] } : await asked('the history of changes', () => changesOf(azure, idsOf(inHistory), from))
  const logs = new Map<string, Asked>()
  for (const { id } of others) if (!logs.has(logOf(id))) logs.set(logOf(id), await activity(azure, id, from, now))
  const known: Logs = {
    writes: [...history.writes, ...[...logs.values()].flatMap(({ writes }) => writes)].filter(({ at }) => at >= from && at <= now),
    unread: id => (logs.get(logOf(id)) ?? history).why,
    span: `in the ${Math.ceil((now - from) / dayMs)} days before, as far as Azure has written it down yet`,
    isRun: isRunId
  }
  const who = (one: Judged): { who?: Who } => (asksWho(one) ? { who: whoWrote(one, known) } : {})
  return { ...found, entries: found.entries.map(one => ({ ...one, ...who(one) })) }
}

const idsOf = (entries: readonly Judged[]): ResourceId[] => [...new Set(entries.map(({ id }) => id))]

/** The activity log is asked by subscription and provider. */
const logOf = (id: ResourceId): string => `${subscriptionOf(id)} ${typeOf(id).split('/')[0]}`

const activity = (azure: Azure, id: ResourceId, since: number, until: number): Promise<Asked> => {
  const subscription = subscriptionOf(id)
  const [provider = ''] = typeOf(id).split('/')
  return asked(`the activity log of ${subscription}`, () => activityOf(azure, { subscription, provider, since, until }))
}

async function asked(log: string, read: () => Promise<readonly LoggedWrite[]>): Promise<Asked> {
  try {
    return { writes: await read() }
  } catch (error) {
    return { writes: [], why: `${log} ${isForbidden(error) ? 'may not be read by this login' : `could not be read: ${messageOf(error)}`}` }
  }
}
