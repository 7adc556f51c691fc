import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import { lookupIn } from '../kinds/kind.ts'
import { type Change, subjectOf, type Waiting } from '../model/change.ts'
import { ancestorOfType, parentOf, type ResourceId, scopesOf } from '../model/id.ts'
import { type Desired, type Live, listKey, presentIn, type Resource } from '../model/resource.ts'

/**
 * Leaves out the changes that need a resource which we could not read, and those in a server that is stopped, which Azure refuses: with
 * all that need them. The rest is planned. A change that takes a path away is left out together with those that give the new one.
 *
 * @param unclear deletes that are left out for another reason, and that reason
 */
export function withoutUnseen(
  changes: readonly Change[],
  desired: Desired,
  live: Live,
  unclear: ReadonlyMap<ResourceId, string> = new Map()
) {
  const left = new Map<Change, string>()
  const needing = new Map<ResourceId, Change[]>()
  const going = new Map<ResourceId, Change>()
  for (const change of changes) {
    for (const id of needsOf(change)) needing.set(id, [...(needing.get(id) ?? []), change])
    if (change.op === 'delete') going.set(change.old.id, change)
    const why = unseenBy(change, desired, live) ?? (change.op === 'create' ? undefined : unclear.get(change.old.id))
    if (why !== undefined) left.set(change, why)
  }
  // A Map goes on to what is added to it meanwhile.
  for (const [change] of left) {
    const because = `it needs ${subjectOf(change).address}, which is left out`
    for (const other of change.op === 'delete' ? [] : (needing.get(change.resource.id) ?? []))
      if (!left.has(other)) left.set(other, because)
    for (const used of change.op === 'create' ? [] : [...change.old.refs.flatMap(scopesOf), ...scopesOf(change.old.id)]) {
      const other = going.get(used)
      if (other !== undefined && !left.has(other)) left.set(other, `${subjectOf(change).address} uses it, and is left out`)
    }
  }
  const late = [...left.keys()].filter(givesPath)
  const waiting: Waiting[] = [...left].flatMap(([change, why]) => [leftOut(change, why), ...candidatesOf(change, live)])
  const kept = changes.flatMap(change => {
    if (left.has(change)) return []
    const holding = late.find(give => meet(serversOf(give, desired), serversOf(change, desired)))
    const without = holding === undefined ? change : withoutRemoval(change)
    if (without === change) return [change]
    waiting.push(
      leftOut(change, `the path it takes away stays until ${holding ? subjectOf(holding).address : ''} is there, which is left out`)
    )
    return without === undefined ? [] : [without]
  })
  return { changes: kept, waiting }
}

const leftOut = (change: Change, why: string): Waiting => ({
  address: subjectOf(change).address,
  message: `left out of this plan: ${why}`,
  leftOut: true
})

/** Resources that have to be there, or as they should be, before this is written. */
function needsOf(change: Change): ResourceId[] {
  if (change.op === 'delete') return []
  const { id, refs, gates } = change.resource
  return [...new Set([...scopesOf(id).slice(1), ...refs, ...gates.map(gate => gate.endpoint)])]
}

/** Why this cannot be planned on what was read, or nothing. */
function unseenBy(change: Change, desired: Desired, live: Live): string | undefined {
  const { id } = subjectOf(change)
  const naming = (one: ResourceId): string => desired.get(one)?.address ?? one
  const above = scopesOf(id)
  // A stopped server refuses writes in it, and not its own delete.
  for (const scope of change.op === 'delete' ? above.slice(1) : above) {
    const startedBy = presentIn(live, scope)?.facts.startedBy
    if (startedBy !== undefined) return `${naming(scope)} is stopped, and refuses every write: ${startedBy}`
  }
  if (change.op === 'delete') return undefined
  const { kind, refs, props } = change.resource
  const hidden = change.op === 'create' ? untold(change.resource, live) : undefined
  if (hidden !== undefined) return hidden.why
  const trusted = new Set(kindOf({ kind }).unseen(props))
  for (const needed of [...above.slice(1), ...refs]) {
    const observed = live.resources.get(needed)?.observed
    if (observed?.state === 'unreadable' && !trusted.has(needed))
      return `it needs ${naming(needed)}, which could not be read: ${observed.reason}`
  }
  return undefined
}

/** Each resource that an entry could be about, as a question of its own. */
function candidatesOf(change: Change, live: Live): Waiting[] {
  if (change.op !== 'create') return []
  const above = parentOf(change.resource.id)
  return (untold(change.resource, live)?.candidates ?? []).map(({ path, message }) => ({
    address: `${change.resource.address.split('/').slice(0, -2).join('/')}${path.slice(above?.length ?? 0)}`,
    message,
    leftOut: true
  }))
}

/** Why no read can tell which resource an entry is about, where it is found by what it joins. */
export function untold({ kind, props, id }: Resource, live: Live) {
  const among = live.lists.get(listKey(kind, parentOf(id) ?? id)) ?? []
  return kindOf({ kind }).untold?.(props, among, lookupIn(live))
}

const givesPath = (change: Change): boolean => change.op !== 'delete' && kindOf(change.resource).path !== undefined

/** The change without what takes a path away; `undefined` where nothing else is in it. */
export function withoutRemoval(change: Change): Change | undefined {
  if (change.op === 'delete') return kindOf(change.old).path ? undefined : change
  if (change.op !== 'update') return change
  const fields = change.fields.filter(({ phase }) => phase !== 'cut-over')
  if (fields.length === change.fields.length) return change
  return fields.length === 0 ? undefined : { ...change, fields }
}

/** The servers that it leads to, or lies in; none for a link, which speaks for all. */
function serversOf(change: Change, desired: Desired): ResourceId[] {
  const { id, refs } = subjectOf(change)
  const above = parentOf(id)
  const around = above === undefined ? [] : (desired.get(above)?.refs ?? [])
  return [id, ...refs, ...around].flatMap(one => ancestorOfType(one, flexibleServer.type) ?? [])
}

const meet = (a: readonly ResourceId[], b: readonly ResourceId[]): boolean =>
  a.length === 0 || b.length === 0 || a.some(one => b.includes(one))
