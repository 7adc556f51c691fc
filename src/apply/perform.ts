import type { Azure } from '../azure/azure.ts'
import { until } from '../azure/deadline.ts'
import { ArmError, isNotFound, isPreconditionFailed } from '../azure/error.ts'
import type { Permissions } from '../azure/permissions.ts'
import { again } from '../azure/poll.ts'
import { Look, type Refused } from '../azure/precondition.ts'
import { writeTags } from '../azure/tags.ts'
import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { Untold } from '../kinds/untold.ts'
import { type LockPorts, lift, type MarkerLeft, type Owed, restore, strikeOff } from '../locks/index.ts'
import { type Action, type RecordClaim, type Step, subjectOf, type Write } from '../model/change.ts'
import type { Audit } from '../model/decision.ts'
import type { Outcome } from '../model/events.ts'
import { unreachable } from '../model/invariant.ts'
import { isOurTag } from '../model/owner.ts'
import type { Desired, Lock, Resource } from '../model/resource.ts'
import { movedRecord } from '../proof/claim.ts'
import type { Ended, Prove } from '../proof/endpoint.ts'
import { Moved, recheck } from './recheck.ts'

export interface Executor extends Pick<LockPorts, 'azure' | 'journal' | 'run' | 'workflow' | 'lifter' | 'restoreLine'> {
  /** All that the topologies declare, also where the plan does not write to it: a write of an earlier run may be in flight there. */
  readonly desired: Desired
  readonly prove: Prove
  /** The login's rights, as far as it was asked already. */
  readonly permissions?: Permissions
  /** Keeps account of the decisions on connections. */
  readonly audit?: Audit
  /** How many steps may run at once. */
  readonly parallelism: number
  /** `safety.maxUnlockedSeconds`: for how long something new may begin under a lock that is off. */
  readonly maxUnlockedMs: number
}

/** Time for the writes that are in flight under a lock when its time is up: they end before we restore the lock. */
const leaseMarginMs = 5 * 60_000

/** The ports of a step that lifts or restores a lock. */
export const portsOf = (executor: Executor, { say, signal, retried }: Pick<LockPorts, 'say' | 'signal' | 'retried'>): LockPorts => ({
  ...executor,
  leaseMs: executor.maxUnlockedMs + leaseMarginMs,
  say,
  signal,
  retried
})

/** The end of a step that threw no error. */
export type Performed =
  | Extract<Outcome, { as: 'waiting' | 'unproven' | 'failed' }>
  | { readonly as: 'done'; readonly message?: string; readonly missed?: string }

/** The facts of its run that a step needs. */
export interface Around {
  readonly say: (what: string) => void
  readonly retried: NonNullable<LockPorts['retried']>
  /** A step that it comes after did not end well. */
  readonly failed: boolean
  readonly signal: AbortSignal | undefined
  /** Where the markers of a lock may go that this step lifts, the best first. */
  readonly markersOn: readonly string[]
  /** The lock that this step lifts was off before, see {@link lift}. */
  readonly again: boolean
  /** Whether the run has other locks off. */
  readonly holds: () => boolean
  /** The steps that this run has done: by them a proof tells a late effect from a fault. */
  readonly ended: readonly Ended[]
  /** Told since when the lock is off that this step lifts. */
  readonly lifted: (lock: Lock, since: number) => void
}

/** Runs one step. @throws ArmError and what else goes wrong on the way to Azure. */
export async function perform({ action, claims = [] }: Step, executor: Executor, around: Around): Promise<Performed> {
  const { azure } = executor
  const { say } = around
  switch (action.do) {
    case 'lift':
      around.lifted(action.lock, await lift(action, portsOf(executor, around), around))
      return { as: 'done' }
    case 'restore':
      return restored(await restoreOwed(action, executor, around))
    case 'create':
    case 'update':
    case 'delete':
      try {
        return await onWhatIsShown(action, claims, executor, around)
      } catch (error) {
        if (error instanceof Untold) return { as: 'waiting', reason: error.message }
        throw error
      }
    case 'prove':
      return proven(action, executor, around)
    case 'invoke':
      return invoked(action, azure, say)
    default:
      return unreachable(action)
  }
}

/**
 * Looks at a resource, and writes on what the look has shown. Where the precondition does not hold, a person wrote between the two, or Azure,
 * which changes an etag with every change of state. We send the write again for as long as a new look shows the state of the plan. We do not
 * send a delete again: a change of a resource that is to go is a reason to look at the plan.
 */
async function onWhatIsShown(action: Write, claims: readonly RecordClaim[], executor: Executor, around: Around): Promise<Performed> {
  const { azure } = executor
  const refused: Refused = new Map()
  let isPresent = true
  const after = (error: unknown, tries: number): number | undefined => {
    const isLast = action.do === 'delete' || (action.do === 'create' && !isPresent)
    if (!isPreconditionFailed(error) || isLast) return undefined
    if (tries === triesMax) throw new Moved(action.resource.address, 'was changed again and again')
    return azure.deadline.atMost(tries * 2000)
  }
  try {
    // We report the refusal, and not that the wait was interrupted.
    return await again(
      { clock: azure.clock, signal: around.signal, after, interrupted: 'error', isOver: () => azure.deadline.isOver() },
      async () => {
        isPresent = true
        const looking = azure.within({ look: new Look(refused) })
        await stillFree(action, claims, looking)
        isPresent = await recheck(action, looking)
        return written(action, { ...executor, azure: looking }, around)
      }
    )
  } catch (error) {
    if (!isPreconditionFailed(error)) throw error
    if (action.do === 'create' && !isPresent) {
      await madeElsewhere(action, azure)
      return { as: 'done' }
    }
    if (action.do === 'delete') await movedSince(action, azure)
    throw error
  }
}

const triesMax = 5

/** @throws Moved where a record that the step writes, or takes away, has another owner now */
async function stillFree(action: Write, claims: readonly RecordClaim[], azure: Azure): Promise<void> {
  const { address } = subjectOf(action)
  for (const claim of claims) {
    const moved = await movedRecord(azure, claim)
    if (moved !== undefined) throw new Moved(address, moved)
  }
}

/** @throws Moved with the differences, where a look shows them */
async function movedSince(action: Extract<Write, { do: 'delete' }>, azure: Azure): Promise<never> {
  await recheck(action, azure)
  throw new Moved(action.old.address, 'was changed')
}

/**
 * Another run is making the resource, which no read shows before it is done [REC-DNS]: we wait for it. Where it then is as this run would have
 * made it, the step is done.
 */
async function madeElsewhere(action: Extract<Write, { do: 'create' }>, azure: Azure): Promise<void> {
  const { kind, path } = action.resource
  const seen = async () => ((await kindOf({ kind }).observe(azure, path)).observed.state === 'present' ? true : undefined)
  const what = `${path}, which another program or person is making, to be seen`
  await until({ azure, limitMs: madeElsewhereMs, what }, seen)
  await recheck(action, azure)
}

/** A zone or a link takes about a minute [CORPUS]. */
const madeElsewhereMs = 5 * 60_000

/** Writes, with no other request between the look and the write. */
async function written(action: Write, executor: Executor, around: Around): Promise<Performed> {
  if (action.do === 'update' && action.ifNeeded && (await isSo(action, executor.azure)))
    return { as: 'done', message: 'it was so already: nothing was written' }
  if (action.do === 'update' && action.call !== undefined)
    return invoked({ ...action, kind: action.resource.kind, verb: action.call }, executor.azure, around.say)
  await sent(action, executor, around)
  return { as: 'done' }
}

/** Whether a look shows all fields as they are to be. */
async function isSo({ resource, path, props, fields }: Extract<Write, { do: 'update' }>, azure: Azure): Promise<boolean> {
  const kind = kindOf(resource)
  const { observed } = await kind.observe(azure, path)
  if (observed.state !== 'present') return false
  const differing = new Set(kind.diff(observed.props, props).map(({ field }) => field))
  return !fields.some(({ field }) => differing.has(field))
}

async function sent(action: Write, executor: Executor, around: Around): Promise<void> {
  const { azure } = executor
  const { say } = around
  if (action.do === 'delete') return removed(action, executor, say)
  if (action.do === 'update' && action.tagsAlone) return tagged(action, azure)
  const { resource, props } = action
  const write = { azure, props, tags: resource.tags, written: resource.written, say, audit: executor.audit }
  if (action.do === 'update')
    return kindOf(resource).update({ ...write, path: action.path, fields: new Set(action.fields.map(({ field }) => field)) })
  await kindOf(resource).create({ ...write, path: resource.path })
  return declaredAgain(resource, executor, around)
}

/** Our tags alone: put on, or taken off under the names and with the values that the plan saw. */
async function tagged({ path, resource, old, tagsAlone }: Extract<Write, { do: 'update' }>, azure: Azure): Promise<void> {
  const ours = Object.entries(old?.tags ?? {}).filter(([name]) => isOurTag(name))
  await writeTags(
    azure,
    path,
    tagsAlone === 'adopt' ? { operation: 'Merge', tags: resource.tags } : { operation: 'Delete', tags: Object.fromEntries(ours) }
  )
}

/** A declared lock that an earlier run owes is restored by its create: we strike it off. */
async function declaredAgain({ kind, path }: Resource, executor: Executor, around: Around): Promise<void> {
  const owedLock = kind === managementLock.name ? owedAt(path, executor) : undefined
  if (owedLock !== undefined) await strikeOff(owedLock, portsOf(executor, around))
}

/** A declared lock that was to change is restored as it was read when what it guards could not be finished. */
async function restoreOwed(action: Extract<Action, { do: 'restore' }>, executor: Executor, around: Around): Promise<readonly MarkerLeft[]> {
  const lock = around.failed ? action.was : action.lock
  const ports = portsOf(executor, around)
  const owedLock = owedAt(action.was.path, executor) ?? { lock: action.was, how: 'remove' as const, markers: [] }
  try {
    return (await restore(lock, owedLock, ports)).left
  } catch (error) {
    if (action.scope === 'stays' || !isNotFound(error)) throw error
    return strikeOff(owedLock, ports)
  }
}

const restored = (left: readonly MarkerLeft[]): Performed =>
  left.length === 0 ? { as: 'done' } : { as: 'done', message: left.map(({ path }) => `its marker ${path} could not be deleted`).join('; ') }

/** Deletes a resource. One that is gone already is as good. */
async function removed({ old }: Extract<Action, { do: 'delete' }>, { azure, audit }: Executor, say: (what: string) => void): Promise<void> {
  try {
    await kindOf(old).remove({ azure, path: old.path, props: old.props, say, audit })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** A path that waits for a person, a policy or a right is not wrong, but nothing may be cut over to it. */
async function proven(
  { endpoints, depth, decides }: Extract<Action, { do: 'prove' }>,
  { azure, prove }: Executor,
  { ended, say, signal }: Around
): Promise<Performed> {
  const looks = await Promise.all(endpoints.map(endpoint => prove(azure, endpoint, { depth, ended, say, signal })))
  const short = looks.filter(look => look.as !== 'proven')
  if (short.length === 0) return { as: 'done' }
  const reason = short.map(look => look.reason).join('; ')
  if (decides) return { as: 'done', missed: reason, message: reason }
  return { as: short.every(({ as }) => as === 'pending') ? 'waiting' : 'unproven', reason }
}

/** A call of a kind's, by its verb. */
type Called = Pick<Extract<Action, { do: 'invoke' }>, 'kind' | 'path' | 'verb' | 'resource'>

async function invoked(action: Called, azure: Azure, say: (what: string) => void): Promise<Performed> {
  const { outcome, message } = await kindOf(action).invoke({
    azure,
    path: action.path,
    verb: action.verb,
    props: action.resource.props,
    say
  })
  if (outcome === 'waiting') return { as: 'waiting', reason: message }
  if (outcome === 'failed') return { as: 'failed', error: new ArmError(200, { code: action.verb, message }) }
  return { as: 'done', message }
}

/** The lock at `path` as it is owed, by the journal. */
export const owedAt = (path: string, { journal }: Pick<Executor, 'journal'>): Owed | undefined =>
  journal.left().owed.find(({ lock }) => lock.path === path)
