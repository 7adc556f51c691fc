import type { FieldChange, Refusal } from '../model/change.ts'
import { type ResourceId, scopesOf } from '../model/id.ts'
import { option } from '../model/option.ts'
import { ownerIn, ownerTag } from '../model/owner.ts'
import type { PlanInput } from '../model/planOptions.ts'
import { type Existing, type Live, presentIn, type Resource } from '../model/resource.ts'
import { kindOf } from './index.ts'

export interface OwnershipContext extends Omit<PlanInput, 'changes'> {
  /** Made in this plan. */
  readonly created: ReadonlySet<ResourceId>
}

export const tagOf = (live: Live, id: ResourceId): string | undefined => ownerIn(presentIn(live, id)?.tags ?? {})

/** Whether what cannot carry a tag is ours: by the nearest thing above it that can, or because the baseline declared it. */
export function oursByKinship(id: ResourceId, { options: { topology, baseline }, desired, live, created }: OwnershipContext): boolean {
  if (baseline?.get(id)?.managed) return true
  for (const scope of scopesOf(id).slice(1)) {
    if (created.has(scope)) return true
    const kind = desired.get(scope)?.kind ?? live.resources.get(scope)?.kind
    if (kind !== undefined && kindOf({ kind }).taggable) return tagOf(live, scope) === topology
  }
  return false
}

/** The refusal to change a resource that is there, or nothing. */
export function ownershipRefusal(resource: Resource, old: Existing, differs: boolean, context: OwnershipContext): Refusal | undefined {
  const kind = kindOf(resource)
  const refuse = (message: string): Refusal => ({ code: 'not-ours', address: resource.address, message, exit: 6, at: resource.at })
  if (kind.taggable) {
    const owner = ownerIn(old.tags)
    if (owner === context.options.topology) return undefined
    if (owner !== undefined)
      return refuse(`The ${kind.title} ${resource.address} belongs to the topology "${owner}" (its tag ${ownerTag} says so): ${old.path}`)
    if (!differs || resource.adopt) return undefined
    return refuse(
      `The ${kind.title} ${resource.address} is there already, is not ours and differs: ${old.path}. ` +
        `To take it over, write \`adopt: true\` on its entry; to leave it alone, ${kind.leftAlone}.`
    )
  }
  if (!differs || resource.adopt || kind.declarationIsConsent || oursByKinship(resource.id, context)) return undefined
  return refuse(
    `The ${kind.title} ${resource.address} is there already, is not ours and differs: ${old.path}. ` +
      `It is changed when what it lies in is ours, when \`${option(context.options, 'baseline')}\` shows that an earlier apply declared it, or with \`adopt: true\` on its entry.`
  )
}

/** The tags that differ from what is declared; on something that is not ours the owner's tag is no difference by itself. */
export function tagChange(resource: Resource, old: Existing): FieldChange | undefined {
  const foreign = ownerIn(old.tags) === undefined && !resource.adopt
  const wanted = Object.entries(resource.tags).filter(([name]) => !(foreign && name === ownerTag))
  // Tag names are case-insensitive in ARM, their values are not.
  const has = new Map(Object.entries(old.tags).map(([name, value]) => [name.toLowerCase(), value]))
  const differing = wanted.filter(([name, value]) => has.get(name.toLowerCase()) !== value)
  if (differing.length === 0) return undefined
  const to = tagsWith(old.tags, Object.fromEntries(differing))
  return { field: 'tags', from: old.tags, to, forces: 'update', phase: 'main', restarts: false }
}

/** The tags that are there when these have been written: what we did not write is carried along. */
export function tagsWith(there: Existing['tags'], written: Resource['tags']): Resource['tags'] {
  const names = new Set(Object.keys(written).map(name => name.toLowerCase()))
  return { ...Object.fromEntries(Object.entries(there).filter(([name]) => !names.has(name.toLowerCase()))), ...written }
}
