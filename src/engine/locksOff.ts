import type { LockOff } from '../drift/index.ts'
import type { ProcessId } from '../locks/index.ts'
import { isRunDead, type Journals } from '../locks/index.ts'
import type { Note } from '../model/change.ts'
import { isSame } from '../model/lockBody.ts'
import type { Lease, MarkedLock } from '../model/marker.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import type { Desired, Lock } from '../model/resource.ts'
import { matters } from './claims.ts'
import type { Host } from './host.ts'
import type { LeftBehind } from './journals.ts'
import { isLeftover, standsAsDeclared } from './recovery.ts'

/** A lock that some run has off, and all that is known of it here. */
export interface Off extends LockOff {
  readonly knownFrom: 'journal' | 'Azure' | 'journal and Azure'
  /** The process on this machine that is at it. */
  readonly process?: ProcessId
}

/** A lock that a run had off and a person restored. Its marker is still there. */
interface Back {
  readonly lock: Lock
  readonly markers: readonly Lock[]
}

export interface LocksNow {
  readonly off: readonly Off[]
  readonly back: readonly Back[]
}

export interface LooksAt {
  readonly journals: Pick<Journals, 'ofRun'>
  readonly left: LeftBehind
  readonly marked: readonly MarkedLock[]
  /** The locks as Azure lists them. */
  readonly listed: readonly Lock[]
  readonly desired: Desired
  /** Milliseconds since 1970, by the clock that the leases were made with. */
  readonly now: number
  /** A lock that this run has off itself is no news. */
  readonly run: string
  readonly workflowEnded?: Host['workflowEnded']
}

interface Known extends Pick<Off, 'lock' | 'how' | 'knownFrom' | 'process'> {
  readonly lease: Lease
  readonly markers: readonly Lock[]
}

/** Every lock that some memory says is off, held against what Azure shows of it. */
export async function locksNow(looks: LooksAt): Promise<LocksNow> {
  const { listed, desired, now } = looks
  const there = new Map(listed.map(lock => [lock.path.toLowerCase(), lock]))
  const off: Off[] = []
  const back: Back[] = []
  for (const { lock, how, lease, markers, knownFrom, process } of knownIn(looks).values()) {
    const shown = there.get(lock.path.toLowerCase())
    if (shown !== undefined && (isSame(shown.properties, lock.properties) || standsAsDeclared(shown, desired))) back.push({ lock, markers })
    else {
      const isOver = Date.parse(lease.until) <= now
      const dead = process === undefined ? await deadBy(lease, looks) : undefined
      const left = dead ?? (isOver ? ('lease over' as const) : undefined)
      off.push({ lock, how, run: lease.run, until: lease.until, left, knownFrom, ...(process && { process }) })
    }
  }
  return { off, back }
}

/** The journal knows best; what Azure remembers beside it is the same lock. */
function knownIn({ left, marked, desired, run }: LooksAt): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>()
  const journalled = [
    ...[...left.owed, ...left.awaitingScope].map(owed => ({ owed, at: {} })),
    ...left.held.map(({ owed, process }) => ({ owed, at: { process } }))
  ]
  for (const { owed, at } of journalled) {
    const { lock, how, lease } = owed
    known.set(lock.path.toLowerCase(), { lock, how, lease, markers: [], knownFrom: 'journal', ...at })
  }
  for (const one of marked) {
    if (one.lease.run === run || !matters(one.lock.scope, desired) || isLeftover(one, left.leftover)) continue
    const key = one.lock.path.toLowerCase()
    const { lock, how, lease, markers } = one
    const before = known.get(key)
    known.set(key, before ? { ...before, markers, knownFrom: 'journal and Azure' } : { lock, how, lease, markers, knownFrom: 'Azure' })
  }
  return known
}

/** Whether its run is known to be over, and how. */
async function deadBy(
  { run, workflow }: Lease,
  { journals, workflowEnded }: LooksAt
): Promise<'process gone' | 'workflow over' | undefined> {
  const file = journals.ofRun(run)
  if (file !== undefined && isRunDead(file)) return 'process gone'
  if (workflow === undefined || workflowEnded === undefined) return undefined
  return (await workflowEnded(workflow)) === true ? 'workflow over' : undefined
}

interface Saying {
  readonly desired: Desired
  readonly restoreLine: string
}

/** A plan's words on the locks that are off: beside its steps, and as a danger before them. */
export function offNotes(
  { off }: LocksNow,
  { desired, restoreLine }: Saying
): { readonly notes: readonly Note[]; readonly dangers: readonly Note[] } {
  const naming = namingFrom(desired)
  const back = `an apply, or \`${restoreLine}\`, restores it first`
  const said = off.map(one => ({ ...one, what: saidOf(one, back) }))
  return {
    notes: said.map(({ lock, what }) => ({ address: naming(lock.scope), message: `its lock ${lock.name} ${what}` })),
    dangers: said.map(({ lock, what }) => ({ address: lock.path, message: `${lockTitle(lock, naming)} ${what}` }))
  }
}

function saidOf({ run, until, left, knownFrom, process }: Off, back: string): string {
  if (process !== undefined) return `is off for a run that is at it, process ${process.pid} of this machine`
  if (knownFrom !== 'Azure') return `is off since an earlier run from this machine; ${back}`
  switch (left) {
    case undefined:
      return `is leased by the run ${run} until ${until}: it is off, and not missing; after that ${back}`
    case 'lease over':
      return `was left off by the run ${run}, whose lease ended at ${until}; ${back}`
    default:
      return `was left off by the run ${run}, which is over; ${back}`
  }
}

/** Notes on locks that a person restored while a marker or a journal still remembers them as off. */
export const backNotes = ({ back }: LocksNow, { desired, restoreLine }: Saying): readonly Note[] =>
  back.map(({ lock: { scope, name }, markers }) => ({
    address: namingFrom(desired)(scope),
    message: `its lock ${name} was restored by a person; an apply, or \`${restoreLine}\`, removes what remembers it as off${markers.length === 0 ? '' : ` (${markers.map(({ path }) => path).join(', ')})`}`
  }))
