import { kindOf } from '../kinds/index.ts'
import { tagOf } from '../kinds/ownership.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import type { Change, Note, Refusal } from '../model/change.ts'
import { grouped } from '../model/grouped.ts'
import { nameOf, parentOf, type ResourceId, resourceId, scopesOf } from '../model/id.ts'
import { option } from '../model/option.ts'
import { ownerIn } from '../model/owner.ts'
import { names, type PlanOptions } from '../model/planOptions.ts'
import { type Desired, type Existing, type Live, type LookedFor, presentIn, type Resource } from '../model/resource.ts'
import { existing, protectedRefusals } from './existing.ts'

/** Resources that left the file and may go: tagged as ours, or declared by the baseline, and asked for by `--prune` or `removed:`. */
export function deletions(desired: Desired, live: Live, options: PlanOptions) {
  const candidates = leftBehind(desired, live, options)
  const removed = options.removed.map(({ address }) => address)
  const wanted = candidates.filter(one => options.prune || names(removed, one))
  const goes = new Set(wanted.filter(old => kindOf(old).neverDeleted === undefined).map(({ id }) => id))
  const goesAlong = ({ id }: Existing): boolean =>
    scopesOf(id)
      .slice(1)
      .some(scope => goes.has(scope))
  const refusals: Refusal[] = []
  const changes: Change[] = []
  const followers = followersIn(desired, live)

  for (const old of wanted) {
    const kind = kindOf(old)
    if (kind.fallsWithParent && goesAlong(old)) {
      refusals.push(...protections(old, options))
      continue
    }
    if (kind.neverDeleted !== undefined) {
      refusals.push({ code: 'fixed-field', address: old.address, message: `${old.address}: ${kind.neverDeleted}`, exit: 6 })
      continue
    }
    refusals.push(...guards(old, followers.get(old.id) ?? [], live, options), ...restartRefusal(old, desired))
    changes.push({ op: 'delete', old, because: names(removed, old) ? 'named in `removed`' : 'no longer in the file' })
  }
  // Others go along unasked, since their parent goes.
  for (const old of candidates) if (!wanted.includes(old) && goesAlong(old)) refusals.push(...protections(old, options))
  const asked = live.sought.filter(
    ({ address }) => options.removed.some(one => one.address === address) && !candidates.some(one => names([address], one))
  )
  return {
    changes,
    refusals: [...refusals, ...asked.flatMap(one => notRemovable(one, live, options))],
    unmanaged: candidates.filter(one => !wanted.includes(one)),
    notes: asked.flatMap(one => notThere(one, options))
  }
}

function leftBehind(desired: Desired, live: Live, { baseline, topology, endpoints, removed: sought }: PlanOptions): Existing[] {
  const found = new Map<ResourceId, Existing>()
  const removed = sought.map(({ address }) => address)
  const byPolicy = new Set(endpoints.flatMap(({ endpoint, dns }) => (dns?.managedBy === 'policy' ? [endpoint] : [])))
  // A resource found by those it joins may have another name than the file gives it: it has not left the file.
  const kept = new Set([...desired.keys()].flatMap(id => (existing(live, id, '') ? [resourceId(live.resources.get(id)?.path ?? id)] : [])))
  for (const { id, address, managed, kind } of baseline?.values() ?? []) {
    if (!managed || desired.has(id) || (kindOf({ kind }).keptWhenGone && !names(removed, { address, id }))) continue
    // Handed over: a policy that finds the group there writes no other.
    if (kind === privateDnsZoneGroup.name && byPolicy.has(parentOf(id) ?? id)) continue
    const above = desired.get(parentOf(id) ?? id)
    if (kindOf({ kind }).ofLeader && above !== undefined && kindOf(above).follows(above.props) !== undefined) continue
    const old = existing(live, id, address)
    // A resource that cannot be deleted, and is as it always was, is gone already: unless the server does not know it yet.
    const known = !(old?.facts.pendingRestart && desired.get(parentOf(id) ?? id)?.restartAllowed)
    if (old === undefined || (old.facts.atDefault && known)) continue
    // A tag says more than a baseline does: another topology may have taken the resource over since.
    if (!kept.has(resourceId(old.path)) && (!kindOf(old).taggable || ownerIn(old.tags) === topology)) found.set(id, old)
  }
  const missed = new Set([...desired.values()].flatMap(one => (isMissing(one, live) ? [nameIn(one)] : [])))
  for (const one of live.unmanaged) {
    if (found.has(one.id) || kept.has(one.id)) continue
    // It was moved and has not left the file: only a user who names it by its id means to have it gone.
    if (!missed.has(nameIn(one)) || removed.includes(one.path)) found.set(one.id, one)
  }
  for (const one of live.sought) {
    if (one.as !== 'there' || desired.has(one.id)) continue
    const old = existing(live, one.id, one.address)
    if (old === undefined || (old.facts.atDefault && !old.facts.pendingRestart)) continue
    if (found.has(one.id) || isOurs(old, live, topology)) found.set(one.id, old)
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** By its own tag, or that of the nearest thing above it that carries tags. */
function isOurs(old: Existing, live: Live, topology: string): boolean {
  if (kindOf(old).taggable) return ownerIn(old.tags) === topology
  const above = scopesOf(old.id)
    .slice(1)
    .find(scope => {
      const kind = live.resources.get(scope)?.kind
      return kind !== undefined && kindOf({ kind }).taggable
    })
  return above !== undefined && tagOf(live, above) === topology
}

function notThere(one: LookedFor, options: PlanOptions): Note[] {
  if (one.as !== 'absent') return []
  const elsewhere = `If its entry had another name, group or subscription, give its ARM id, or \`${option(options, 'baseline')}\` with the file that declared it.`
  return [{ address: one.address, message: `\`removed\` names it, and there is nothing in Azure at ${one.path}. ${elsewhere}` }]
}

/** The resources that `removed` names and that may not be taken away for all that. */
function notRemovable(one: LookedFor, live: Live, options: PlanOptions): Refusal[] {
  const { address } = one
  const refuse = (code: string, message: string, exit: Refusal['exit']): Refusal[] => [{ code, address, message, exit }]
  if (one.as === 'nowhere')
    return refuse('not-an-address', `\`removed\` names ${address}, and nothing that pglink knows can stand there.`, 4)
  if (one.as === 'unreadable')
    return refuse('unreadable', `\`removed\` names ${address}, which could not be looked for at ${one.path}: ${one.reason}`, 7)
  if (one.as === 'absent') return []
  const old = existing(live, one.id, address)
  if (old === undefined || old.facts.atDefault) return []
  const owner = ownerIn(old.tags)
  const whose = owner === undefined || owner === options.topology ? 'is not known to be ours' : `belongs to the topology "${owner}"`
  return refuse(
    'not-ours',
    `\`removed\` names ${address}: it is there, and ${whose}: ${one.path}. ${owner === undefined ? `Give \`${option(options, 'baseline')}\` with the file that declared it, or delete it by hand.` : 'Remove it there.'}`,
    6
  )
}

const isMissing = ({ id, managed }: Resource, live: Live): boolean => managed && live.resources.get(id)?.observed.state === 'absent'

const nameIn = ({ kind, id }: { readonly kind: string; readonly id: ResourceId }): string => `${kind} ${nameOf(id)}`

/** A parameter that is given its default back, which some take only from a restart. */
function restartRefusal({ id, address, facts }: Existing, desired: Desired): Refusal[] {
  if (!facts.needsRestart || desired.get(parentOf(id) ?? id)?.restartAllowed) return []
  const message = `${address}: giving the parameter its default back restarts the server. Write \`restart: allowed\` on it to agree.`
  return [{ code: 'restart', address, message, exit: 6 }]
}

const protections = (old: Existing, { baseline }: PlanOptions): Refusal[] =>
  protectedRefusals(old, { protect: baseline?.get(old.id)?.protect, happens: 'deleted' })

/** Resources that follow another in Azure, and stay, by the one that they follow. */
const followersIn = (desired: Desired, live: Live): ReadonlyMap<ResourceId | undefined, readonly Resource[]> =>
  grouped(desired.values(), one => {
    const there = presentIn(live, one.id)
    return there && kindOf(one).follows(there.props)
  })

function guards(old: Existing, followers: readonly Resource[], live: Live, options: PlanOptions): Refusal[] {
  const { address } = old
  const { title, precious, othersInside = 'holds what is not ours, or is protected,' } = kindOf(old)
  const refuse = (code: string, message: string): Refusal[] => [...protections(old, options), { code, address, message, exit: 6 }]
  const undeclared = [...(live.undeclaredInside.get(old.id) ?? []), ...followers.map(one => one.address)]
  const some = `${undeclared.slice(0, 5).join(', ')}${undeclared.length > 5 ? ' …' : ''}`
  if (undeclared.length > 0) return refuse('holds-others', `The ${title} ${address} ${othersInside} and is not deleted: ${some}`)
  if (precious && !names(options.allowDelete, old))
    return refuse(
      'delete-not-allowed',
      `Deleting the ${title} ${address} needs your word: \`${option(options, 'allowDelete', address)}\`. ${old.path}`
    )
  return protections(old, options)
}
