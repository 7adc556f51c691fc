import { managementLock } from '../kinds/managementLock.ts'
import type { Change } from '../model/change.ts'
import { nameOf, type ResourceId, resourceId } from '../model/id.ts'
import type { LockLevel } from '../model/resource.ts'
import type { Nodes, Seen } from './graph.ts'
import type { Subject } from './graphSubjects.ts'
import type { GraphLock } from './plan.generated.ts'

const lockTail = /\/providers\/microsoft\.authorization\/locks\/[^/]+$/

/**
 * The locks of each node, by its id; those of what lies in a node and is none itself count as its own, by both names. A lock on a group, or above,
 * is on no node.
 */
export function locksOn(subjects: readonly Subject[], nodes: Nodes, seen: Seen | undefined): ReadonlyMap<string, readonly GraphLock[]> {
  const found = new Map<string, Map<ResourceId, GraphLock>>()
  const add = (id: ResourceId, lock: GraphLock): void => {
    const scope = id.replace(lockTail, '') as ResourceId
    const on = nodes.nearest(scope)
    if (on === undefined) return
    const name = nodes.all.has(scope) ? lock.name : `${nameOf(scope)}/${lock.name}`
    found.set(on.id, (found.get(on.id) ?? new Map<ResourceId, GraphLock>()).set(id, { ...lock, name }))
  }
  // Azure's locks come first: the file's account of the same lock is laid over it.
  for (const { path, name, level } of seen?.live.locks ?? []) add(resourceId(path), { name, level, mark: 'same' })
  for (const subject of subjects) if (subject.kind === managementLock.name) add(subject.id, declared(subject))
  for (const { action } of seen?.plan.steps ?? []) {
    if (action.do !== 'lift') continue
    const { path, name, level } = action.lock
    const mark = goesForGood(path, seen) ? 'delete' : action.how === 'lower' ? 'lowered' : 'lifted'
    add(resourceId(path), { name, level, mark })
  }
  return new Map([...found].map(([id, locks]) => [id, [...locks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lock]) => lock)]))
}

/** Off, and not restored: its scope is deleted under it. */
function goesForGood(path: string, seen: Seen | undefined): boolean {
  return !(seen?.plan.steps ?? []).some(({ action }) => action.do === 'restore' && action.was.path === path && action.scope === 'stays')
}

function declared({ path, mark, before, after }: Subject): GraphLock {
  const level = after?.props['level'] ?? before?.props['level']
  return { name: nameOf(path), level: levelOf(level), mark: lockMarks[mark] }
}

const levelOf = (level: unknown): LockLevel => (String(level).toLowerCase() === 'readonly' ? 'ReadOnly' : 'CanNotDelete')

/** A lock is never made anew in place of another; one that could not be read is taken to be as the file has it. */
const lockMarks: Readonly<Record<Subject['mark'], GraphLock['mark']>> = {
  same: 'same',
  create: 'create',
  update: 'update',
  replace: 'update',
  delete: 'delete',
  unmanaged: 'same',
  unknown: 'same'
} satisfies Record<Change['op'] | 'same' | 'unmanaged' | 'unknown', GraphLock['mark']>
