import type { Azure } from '../azure/azure.ts'
import { ArmError, WaitTimedOut } from '../azure/error.ts'
import { poll } from '../azure/poll.ts'
import { kindOf } from '../kinds/index.ts'
import type { Kind } from '../kinds/kind.ts'
import { subjectOf, type Write } from '../model/change.ts'
import { ownerIn } from '../model/owner.ts'
import type { Present } from '../model/resource.ts'

/**
 * Whether a write may have happened all the same: its answer never came, came from a gateway that gave up, or was not waited for any
 * longer, or Azure does not tell any more how it goes.
 */
export const isLost = (error: unknown): boolean =>
  error instanceof ArmError
    ? error.ofPoll || [408, 500, 502, 503, 504].includes(error.status)
    : error instanceof WaitTimedOut || (error instanceof Error && error.name === 'RestError')

/** How long an operation may be in flight that no run follows any more. */
const lookLimitMs = 30 * 60_000

/**
 * For how long something that may be in the making is looked for: a zone, a link or a database is not seen before it is done [REC-DNS],
 * and takes about as long as its kind says.
 */
export const unseenMs = ({ seconds }: Pick<Kind, 'seconds'>): number => Math.min(5 * 60_000, Math.max(30_000, 2_000 * seconds.create))

/**
 * Looks up whether a write took effect whose answer was lost. Waits while something is in flight there, so that no lock is restored over it.
 *
 * @returns whether it took effect; `undefined` where a read cannot tell
 */
export async function tookEffect(
  action: Write,
  azure: Azure,
  say: (what: string) => void,
  limitMs = lookLimitMs
): Promise<boolean | undefined> {
  const resource = subjectOf(action)
  const path = action.do === 'update' ? action.path : resource.path
  const outcome = await poll<{ readonly tookEffect: boolean | undefined }>({ clock: azure.clock, limitMs }, async elapsedMs => {
    const observed = await kindOf(resource)
      .observe(azure, path)
      .then(read => read.observed)
      .catch(() => undefined)
    if (observed === undefined || observed.state === 'unreadable') return { tookEffect: undefined }
    if (observed.state === 'absent' && (action.do !== 'create' || elapsedMs >= unseenMs(kindOf(resource))))
      return { tookEffect: action.do === 'delete' }
    if (observed.state === 'present' && kindOf(resource).motion(observed) === 'at rest')
      return { tookEffect: action.do === 'delete' ? false : isAsWanted(action, observed) }
    say(`the outcome of ${path}: it is ${observed.state === 'absent' ? 'not there yet' : observed.facts.state}`)
    return undefined
  })
  return outcome?.tookEffect
}

/** Nothing that this call sent differs any more. */
function isAsWanted(action: Extract<Write, { do: 'create' | 'update' }>, live: Present): boolean | undefined {
  if (action.do === 'update' && action.tagsAlone) return ownerIn(live.tags) === ownerIn(action.resource.tags)
  // A secret never comes back: whether the new one is there cannot be read.
  if (action.do === 'update' && action.fields.some(({ field }) => kindOf(action.resource).fields[field]?.secret)) return undefined
  const left = kindOf(action.resource).diff(live.props, action.props)
  if (action.do === 'create') return left.length === 0
  const sent = new Set(action.fields.map(({ field }) => field))
  return !left.some(({ field }) => sent.has(field))
}
