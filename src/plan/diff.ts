import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { type OwnershipContext, ownershipRefusal, tagChange } from '../kinds/ownership.ts'
import type { Change, FieldChange, Note, Refusal } from '../model/change.ts'
import { notYet, tooLate } from '../model/elsewhere.ts'
import { type ResourceId, scopesOf, typeOf } from '../model/id.ts'
import { option } from '../model/option.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import type { Desired, Existing, Live, Resource } from '../model/resource.ts'
import { wordsOf } from '../model/words.ts'
import { heldClearings } from './clearing.ts'
import { deletions } from './deletions.ts'
import { existing, protectedRefusals } from './existing.ts'
import { migrationConsents } from './migration.ts'
import { withRecords } from './records.ts'
import { mendable, notInForceYet } from './restarts.ts'
import { untold, withoutUnseen } from './unseen.ts'

type Keeps = (change: Change) => Change | undefined

const whole: Keeps = change => change

/**
 * The changes by which `live` becomes `desired`, and the refusals. Pure; sorted by id; empty means in sync.
 *
 * @param keeps what is kept of a change, where it is not all of each
 */
export function diff(desired: Desired, live: Live, options: PlanOptions, keeps: Keeps = whole) {
  const changes: Change[] = []
  const refusals: Refusal[] = []
  const unknown: Note[] = []
  const notes: Note[] = []
  const remade = new Set<ResourceId>()
  const created = new Set<ResourceId>()
  const context: OwnershipContext = { desired, live, options, created }

  // A parent comes before its children, so that we know in time which parents are replaced. A resource that Azure makes together with
  // another one comes last.
  for (const declared of inOrder(desired)) {
    const resource = withResets(declared, options.prune ? options.baseline?.get(declared.id) : undefined)
    const observed = live.resources.get(resource.id)?.observed ?? { state: 'absent' }
    if (observed.state === 'unreadable') {
      unknown.push({ address: resource.address, message: observed.reason })
      continue
    }
    if (!resource.managed) {
      const maker = options.elsewhere?.(resource.id)
      if (observed.state !== 'absent') continue
      if (maker?.comes === 'before') notes.push({ address: resource.address, message: notYet(maker.topology) })
      else refusals.push(missing(resource, maker?.topology))
      continue
    }
    const old = existing(live, resource.id, resource.address)
    if (old === undefined && kindOf(resource).unwanted(resource.props)) continue
    const comesNew = kindOf(resource).comesWithRef && resource.refs.some(ref => remade.has(ref) || created.has(ref))
    if (old === undefined && !comesNew && untold(resource, live)?.isAsWanted) continue
    if (old === undefined || comesNew) {
      created.add(resource.id)
      refusals.push(...unmakable(resource))
      changes.push({ op: 'create', resource })
      continue
    }
    const fields = mendable(differencesOf(resource, old), resource.restartAllowed)
    notes.push(...leftAsIs(resource, old, fields, options))
    // Azure removes a resource with everything beneath it, however unchanged that is. The window of a lock restores it.
    const falls = resource.kind !== managementLock.name && scopesOf(resource.id).some(scope => remade.has(scope))
    const holds = kindOf(resource).remadeWithRef && old.refs.some(ref => remade.has(ref) && resource.refs.includes(ref))
    const refusal = ownershipRefusal(resource, old, fields.length > 0, context)
    if (refusal) refusals.push(refusal)
    refusals.push(...fields.flatMap(field => fieldRefusal(resource, field)))
    if (falls || holds || fields.some(field => field.forces === 'replace')) {
      remade.add(resource.id)
      refusals.push(...protectedRefusals(old, { protect: resource.protect, at: resource.at, happens: 'deleted and made again' }))
      changes.push({ op: 'replace', resource, old, fields })
    } else if (fields.length > 0) {
      changes.push({ op: 'update', resource, old, fields })
    }
  }

  refusals.push(...migrationConsents(changes, options))
  const gone = deletions(desired, live, options)
  const records = seenWithRecords([...changes, ...gone.changes], context, keeps)
  refusals.push(...gone.refusals, ...records.refusals, ...tooMany(records.changes, options))
  return { ...records, refusals, unknown, unmanaged: gone.unmanaged, notes: [...notes, ...gone.notes, ...records.notes] }
}

/** Leaves out changes that need the unseen, and adds the records: the write of one may be left out in its turn, and with it its delete. */
function seenWithRecords(all: readonly Change[], input: OwnershipContext, keeps: Keeps) {
  const keptOf = (some: readonly Change[]): Change[] => some.flatMap(change => keeps(change) ?? [])
  const { desired, live } = input
  const changes = keptOf(all)
  const held = heldClearings({ ...input, changes })
  const seen = withoutUnseen(changes, desired, live, held.unclear)
  const records = withRecords(seen.changes, input)
  const last = withoutUnseen(keptOf(records.changes), desired, live)
  const kept = new Set(last.changes.flatMap(change => (change.op === 'delete' ? [] : [change.resource.id])))
  const rewrites = records.rewrites.filter(({ group }) => kept.has(group))
  return {
    ...records,
    rewrites,
    refusals: [...held.refusals, ...records.refusals],
    changes: last.changes,
    waiting: [...seen.waiting, ...last.waiting]
  }
}

/** With a prune, a value that left the file goes back to Azure's default, where the field has one. */
function withResets(resource: Resource, base: Resource | undefined): Resource {
  if (!resource.managed || !base?.managed) return resource
  const [now, before] = [resource.props, base.props] as Readonly<Record<string, unknown>>[]
  const gone = Object.entries(kindOf(resource).fields).filter(
    ([field, { whenGone }]) => whenGone !== undefined && now?.[field] === undefined && before?.[field] !== undefined
  )
  return gone.length === 0
    ? resource
    : { ...resource, props: { ...now, ...Object.fromEntries(gone.map(([field, { whenGone }]) => [field, whenGone])) } }
}

/** Notes on values that left the file and stay in Azure, since no reset takes them back: the user may think that they go. */
function leftAsIs(resource: Resource, old: Existing, changes: readonly FieldChange[], options: PlanOptions): Note[] {
  const base = options.baseline?.get(resource.id)
  if (!base?.managed) return []
  const [now, before, has] = [resource.props, base.props, old.props] as Readonly<Record<string, unknown>>[]
  const changing = new Set(changes.map(({ field }) => field))
  const left = Object.entries(kindOf(resource).fields).filter(
    ([field, { internal, secret, sentAlong }]) =>
      !(internal || secret || sentAlong || changing.has(field)) &&
      now?.[field] === undefined &&
      before?.[field] !== undefined &&
      has?.[field] !== undefined
  )
  return left.map(([field, { whenGone }]) => ({
    address: resource.address,
    message: `the ${wordsOf(field)} left the file and stays as it is in Azure: ${whenGone === undefined ? 'write the value that it is to have' : `${option(options, 'prune', true)} sets it back to what Azure has by default`}`
  }))
}

function inOrder(desired: Desired): Resource[] {
  const late = (resource: Resource): number => (kindOf(resource).comesWithRef ? 1 : 0)
  return [...desired.values()].sort((a, b) => late(a) - late(b) || (a.id < b.id ? -1 : 1))
}

/** The fields that an update of `old` would have to change. */
export const differencesOf = (resource: Resource, old: Existing): FieldChange[] => {
  const kind = kindOf(resource)
  const tags = kind.taggable ? tagChange(resource, old) : undefined
  const failed = failedBefore(old)
  // A resource that Azure could not make needs no more said.
  const own = kind.diff(old.props, resource.props).filter(({ field }) => failed?.forces !== 'replace' || !kind.fields[field]?.because)
  const fields = [...own, ...(tags ? [tags] : []), ...(failed ? [failed] : [])]
  return fields.some(({ restarts }) => restarts) ? fields : [...fields, ...notInForceYet(old)]
}

/**
 * A create or update that failed in its operation stays at the network provider, looks as it was sent, and does not work:
 * it is written again [CORPUS: provisioningState Failed]. A managed endpoint cannot be, and is made anew [TF-MPE].
 */
function failedBefore({ kind, facts }: Existing): FieldChange | undefined {
  if (facts.state !== 'Failed') return undefined
  const forces = kindOf({ kind }).remadeWhenFailed ? 'replace' : 'update'
  const because = `Azure failed to make it, or to change it (provisioningState Failed)${forces === 'replace' ? ', and takes no second write of it' : ''}`
  return { field: 'provisioningState', from: 'Failed', to: 'Succeeded', forces, because, phase: 'main', restarts: false }
}

function fieldRefusal({ address, at, restartAllowed }: Resource, change: FieldChange): Refusal[] {
  const { field, forces, instead = '', exit = 6, restarts } = change
  const refuse = (code: string, message: string): Refusal[] => [{ code, address, message: `${address}: ${message}`.trim(), exit, at }]
  if (forces === 'fixed') return refuse('fixed-field', `the ${wordsOf(field)} cannot be changed. ${instead}`)
  if (!restarts || restartAllowed) return []
  return refuse('restart', `changing the ${wordsOf(field)} restarts the server. Write \`restart: allowed\` on it to agree.`)
}

function unmakable(resource: Resource): Refusal[] {
  const { address, at } = resource
  const why = kindOf(resource).unmakable(resource.props)
  return why === undefined ? [] : [{ code: 'not-offered', address, message: `${address}: ${why}`, exit: 4, at }]
}

function missing({ address, path, at, kind }: Resource, maker: string | undefined): Refusal {
  const { title, type } = kindOf({ kind })
  const message =
    typeOf(path) === type.toLowerCase()
      ? `${address} is declared as existing (\`id:\`), but there is no such ${title}: ${path}${maker === undefined ? '' : `. ${tooLate(maker)}`}`
      : `${address} takes the id of a ${title}, and this is the id of another type: ${path}`
  return { code: 'missing', address, message, exit: 1, at }
}

function tooMany(changes: readonly Change[], options: PlanOptions): Refusal[] {
  const { safety } = options
  const deleted = changes.filter(({ op }) => op === 'delete' || op === 'replace')
  if (deleted.length <= safety.maxDeletes) return []
  const [first] = deleted
  const message = `The plan deletes ${deleted.length} ${deleted.length === 1 ? 'resource' : 'resources'}, more than the ${safety.maxDeletes} that \`safety.maxDeletes\` allows. Look at them, then run again with \`${option(options, 'maxDeletes', deleted.length)}\`.`
  return [{ code: 'too-many-deletes', address: first?.op === 'delete' ? first.old.address : '', message, exit: 6 }]
}
