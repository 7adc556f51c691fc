import { managementLock } from '../kinds/managementLock.ts'
import { touched } from '../kinds/touched.ts'
import { type Change, isWrite, type LockNeed, type Note, type Refusal, type StepId, subjectOf } from '../model/change.ts'
import type { Graph, Node } from '../model/graph.ts'
import { resourceId, scopePathOf, scopesOf } from '../model/id.ts'
import type { Body } from '../model/json.ts'
import { option } from '../model/option.ts'
import { names, type PlanInput } from '../model/planOptions.ts'
import type { Lock, LockLevel, Resource } from '../model/resource.ts'
import { type Lift, liftOf } from './liftSteps.ts'
import { MarkerPlaces } from './markerPlaces.ts'
import { inherits, liesUnder, madeByService, needsOf as needsOfStep } from './need.ts'

/**
 * A lock in the way becomes a lift before and a restore after everything under it, as late and as short as can be.
 * Declared locks that change go in where they protect longest: loosened before, tightened after.
 */
export function addWindows(graph: Graph, input: PlanInput) {
  const work = graph.nodes.filter(node => !isLockStep(node))
  const refusals: Refusal[] = []
  const notes: Note[] = []
  const deleted = new Set(input.changes.flatMap(change => (change.op === 'delete' ? [change.old.id] : [])))
  const places = new MarkerPlaces(graph, input, work)
  for (const lock of input.live.locks) {
    const declared = changeOf(lock, input.changes)
    const needs = needsOf(lock, work, input)
    if (declared?.op === 'delete') {
      for (const { step } of needs) graph.needs(step, `delete ${declared.old.id}`)
      continue
    }
    const left = loosenedTo(declared) === undefined ? needs : needsOf({ ...lock, level: loosenedTo(declared) ?? lock.level }, work, input)
    const goes = scopesOf(lock.scope).some(id => deleted.has(id))
    // It is lifted before every step that it stops as it is now, also those that it no longer stops once it is looser.
    const { safety, words } = input.options
    const lift = left.length === 0 ? undefined : liftOf(lock, needs, { graph, work, places, goes, safety, words })
    notes.push(...(lift?.notes ?? []))
    const meant = lift?.needs?.some(({ strength }) => strength === 'advised')
      ? left
      : left.filter(({ strength }) => strength === 'required')
    if (lift?.needs === undefined || meant.length === 0) {
      if (declared) placeDeclared(graph, declared.resource, lock, work)
      continue
    }
    refusals.push(...forbids(lock, meant, work, input), ...lift.refusals)
    openWindow(graph, lock, lift, declared, goes)
  }
  for (const lock of input.options.owed) restoreWithScope(graph, lock, input.changes, work)
  for (const change of input.changes)
    if (change.op === 'create' && change.resource.kind === managementLock.name) placeNew(graph, change.resource, work)
  return { refusals, notes }
}

const isLockStep = ({ action }: Node): boolean => isWrite(action) && subjectOf(action).kind === managementLock.name

interface LockProps {
  readonly level: LockLevel
  readonly notes?: string
  readonly owners?: readonly string[]
}

const propsOf = ({ props }: Resource): LockProps => props as LockProps

type LockChange = Exclude<Change, { op: 'create' }>

const changeOf = (lock: Lock, changes: readonly Change[]): LockChange | undefined =>
  changes.find(
    (change): change is LockChange =>
      change.op !== 'create' && change.old.kind === managementLock.name && change.old.id === resourceId(lock.path)
  )

const declaredLevel = (change: LockChange | undefined): LockLevel | undefined =>
  change && change.op !== 'delete' ? propsOf(change.resource).level : undefined

const loosenedTo = (change: LockChange | undefined): LockLevel | undefined =>
  declaredLevel(change) === 'CanNotDelete' && change?.op === 'update' && change.fields.some(({ field }) => field === 'level')
    ? 'CanNotDelete'
    : undefined

const needsOf = (lock: Lock, work: readonly Node[], { options }: PlanInput): LockNeed[] =>
  work
    .flatMap(({ action }) => needsOfStep(lock, action, options.safety.locks))
    // The how-to's advice is not worth lifting a lock that is not on the network itself, or that a service holds.
    .filter(need => !(need.strength === 'advised' && (inherits(lock) || madeByService(lock))))

function forbids(lock: Lock, needs: readonly LockNeed[], work: readonly Node[], input: PlanInput): Refusal[] {
  const { options } = input
  const refuse = (code: string, exit: 6 | 7, message: string): Refusal[] => [{ code, address: lock.path, message, exit }]
  const step = needs[0]?.step ?? ''
  if (madeByService(lock))
    return refuse('service-lock', 7, `The lock ${lock.path} was made by a service and is not lifted. It stands in the way of: ${step}`)
  const inherited =
    inherits(lock) && needs.some(({ step: id }) => work.some(node => node.id === id && touched(node.action)[0]?.scope !== lock.scope))
  if (inherited && !options.safety.liftInheritedLocks)
    return refuse(
      'inherited-lock',
      7,
      `The ${lock.level} lock ${lock.path} is set above the resource and stands in the way of: ${step}. Agree to lifting it with \`safety.liftInheritedLocks: true\` or \`${option(options, 'liftInheritedLocks', true)}\`.`
    )
  if (!options.safety.liftExistingLocks && !isOnOurs(lock, input))
    return refuse(
      'existing-lock',
      7,
      `The lock ${lock.path} is on something that is not ours, and \`safety.liftExistingLocks\` is false. It stands in the way of: ${step}`
    )
  for (const need of needs.filter(({ as }) => as === 'delete')) {
    const action = work.find(({ id }) => id === need.step)?.action
    if (action?.do !== 'delete' || names(options.allowLockedDelete, action.old)) continue
    return refuse(
      'locked-delete',
      6,
      `${action.old.address} would be deleted under the ${lock.level} lock ${lock.path}. Say that this is meant: \`${option(options, 'allowLockedDelete', action.old.address)}\`.`
    )
  }
  return []
}

/** A lock is on ours where the nearest resource above it that the file declares is managed, or is deleted by this plan. */
function isOnOurs({ scope }: Lock, { desired, changes }: PlanInput): boolean {
  const deleted = new Set(changes.flatMap(change => (change.op === 'delete' ? [change.old.id] : [])))
  const nearest = scopesOf(scope).find(id => desired.has(id) || deleted.has(id))
  return nearest !== undefined && (desired.get(nearest)?.managed ?? true)
}

function openWindow(graph: Graph, lock: Lock, found: Lift, declared: LockChange | undefined, goes: boolean): void {
  const { how, needs, memory, span, carriers } = found
  const resource = declared && declared.op !== 'delete' ? declared.resource : undefined
  const lift = graph.add({ do: 'lift', lock, how, needs, memory })
  const back = resource ? { ...lock, level: declaredLevel(declared) ?? lock.level, properties: declaredProperties(lock, resource) } : lock
  const restore = graph.add({ do: 'restore', lock: back, was: lock, scope: goes ? 'goes' : 'stays', ...(resource && { resource }) })
  if (resource) graph.drop(`update ${resource.id}`)

  for (const step of span.blocked) graph.needs(step, lift.id)
  // We lift as late as can be: after the steps outside of the window that the blocked steps wait for, however these end.
  for (const step of [...span.before, ...carriers.waitsFor]) graph.waitsForEndOf(lift.id, step)
  // We restore after every step under it, also those that it does not block: its scope may have to be made again first.
  for (const step of [lift.id, ...span.under]) graph.waitsForEndOf(restore.id, step)
  for (const step of carriers.defers) graph.waitsForEndOf(step, restore.id)
}

/** The restore writes the declared body: one change, one call. */
function declaredProperties(lock: Lock, resource: Resource): Body {
  const { level, notes, owners } = propsOf(resource)
  const declared: Body = {
    level,
    ...(notes !== undefined && { notes }),
    ...(owners !== undefined && { owners: owners.map(applicationId => ({ applicationId })) })
  }
  return { ...lock.properties, ...declared }
}

/** A declared lock that changes and is in the way of no step: looser first, tighter last. */
function placeDeclared(graph: Graph, resource: Resource, lock: Lock, work: readonly Node[]): void {
  const step: StepId = `update ${resource.id}`
  const looser = (resource.props as { level: LockLevel }).level === 'CanNotDelete' && lock.level === 'ReadOnly'
  for (const { id, action } of work) {
    if (!liesUnder(lock, action)) continue
    if (looser) graph.needs(id, step)
    else graph.waitsForEndOf(step, id)
  }
}

/** Restores a lock that an earlier run lifted, where its scope is made again. A declared lock comes by itself. */
function restoreWithScope(graph: Graph, lock: Lock, changes: readonly Change[], work: readonly Node[]): void {
  const made = changes.flatMap(change => (change.op === 'delete' ? [] : [change.resource.id]))
  if (!made.includes(lock.scope) || made.includes(resourceId(lock.path))) return
  const restore = graph.add({ do: 'restore', lock, was: lock, scope: 'stays' })
  for (const { id, action } of work) if (liesUnder(lock, action)) graph.waitsForEndOf(restore.id, id)
}

function placeNew(graph: Graph, resource: Resource, work: readonly Node[]): void {
  const step: StepId = `create ${resource.id}`
  const at = resourceId(scopePathOf(resource.id))
  const lock: Lock = { scope: at, path: resource.path, name: '', level: 'ReadOnly', properties: {} }
  graph.needs(step, `create ${at}`)
  for (const { id, action } of work) if (liesUnder(lock, action)) graph.waitsForEndOf(step, id)
}
