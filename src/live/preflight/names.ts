import { gathered } from '../../azure/items.ts'
import { kindOf } from '../../kinds/index.ts'
import { nameOf, parentOf, resourceId, subscriptionOf, typeOf } from '../../model/id.ts'
import { ownerIn, ownerTag } from '../../model/owner.ts'
import type { Resource } from '../../model/resource.ts'
import { shellWord } from '../../model/shell.ts'
import { inBatches } from '../batches.ts'
import { type Asked, type Finding, found, needsIn, type Wanting } from './asked.ts'

/**
 * A resource to be made that is there already, somewhere else: one of ours that was moved to another group, or another owner's of a name that only
 * one in all of Azure can have.
 */
export async function checkNames(asked: Asked): Promise<void> {
  const made = asked.changes.flatMap(change => (change.op === 'create' && kindOf(change.resource).taggable ? [change.resource] : []))
  const unique = new Map(needsIn(asked, 'name').map(one => [one.resource.id, one]))
  const ours = await oursIn([...new Set(made.filter(hasGroup).map(({ id }) => subscriptionOf(id)))], asked)
  const elsewhere = new Set<Resource>()
  for (const resource of made.filter(hasGroup)) {
    const moved = ours.get(keyOf(resource.id))?.find(id => !asked.desired.has(resourceId(id)))
    if (moved === undefined) continue
    elsewhere.add(resource)
    if (unique.has(resource.id)) found(asked, resource, { rule: 'PGL076', exit: 6, message: movedAway(resource, moved) })
    else
      asked.answers.dangers.push({
        address: resource.address,
        message: `one of this name that is ours lies in another place, where it was moved or the file had it: ${moved}. A second one is made: ${resource.path}`
      })
  }
  await inBatches(
    [...unique.values()].filter(({ resource }) => !elsewhere.has(resource)),
    async one => void (one.need.ask ? await askWhetherTaken(one, asked) : await lookElsewhere(one, asked))
  )
}

/** A group is its own place, and what lies in another resource moves with that. */
const hasGroup = ({ id, path }: Resource): boolean => path.split('/').length === 9 && parentOf(id) !== undefined

const keyOf = (id: string): string => `${typeOf(id)} ${nameOf(id).toLowerCase()}`

/** Resources with our tag, by type and name: one list for each subscription, which ARM filters itself. */
async function oursIn(subscriptions: readonly string[], { looks, topology, answers }: Asked) {
  const tagged = new Map<string, string[]>()
  const filter = `tagName eq '${ownerTag}' and tagValue eq '${topology.replaceAll("'", "''")}'`
  for (const subscription of subscriptions) {
    const seen = await looks.by(`tagged ${subscription}`, async azure => {
      const { resources } = await azure.client('resources', subscription)
      return gathered(resources.list({ filter }))
    })
    if (seen.as === 'unreadable')
      answers.unknown.push({
        address: `/subscriptions/${subscription}`,
        message: `whether something of ours was moved to another group could not be read: ${seen.reason}`
      })
    for (const { id = '', tags } of seen.as === 'seen' ? seen.value : [])
      if (tags === undefined || ownerIn(tags) === topology) tagged.set(keyOf(id), [...(tagged.get(keyOf(id)) ?? []), id])
  }
  return tagged
}

const movedAway = (resource: Resource, moved: string): string =>
  `it is ours and lies in another place, where it was moved or the file had it: ${moved}. Azure has one ${kindOf(resource).title} of a name, and would refuse a second. Write that group on its entry (resourceGroup: ${moved.split('/')[4] ?? ''}), or move it back: az resource move --ids ${shellWord(moved)} --destination-group ${shellWord(resource.path.split('/')[4] ?? '')}`

function taken(rule: Finding['rule'], resource: Resource, by: string, asked: Asked): void {
  const message = `the name ${nameOf(resource.path)} is taken${by}. A ${kindOf(resource).title} has its name alone in all of Azure, which would refuse this one. Give the entry another \`name\`; one of yours that is there already is referred to by its group, or by \`id\`.`
  found(asked, resource, { rule, exit: 6, message })
}

function cannotTell({ address }: Resource, why: string, { answers }: Asked): void {
  answers.unknown.push({ address, message: `whether its name is free could not be asked: ${why}` })
}

/** The one question of a plan that is a POST: it changes nothing, and a reader may not ask it [DOC-OPS]. */
async function askWhetherTaken({ resource }: Wanting<'name'>, asked: Asked): Promise<void> {
  const { location } = resource.props as { readonly location?: string }
  const type = kindOf(resource).type
  const [namespace = ''] = type.split('/')
  const seen = await asked.looks.ask<{ readonly nameAvailable?: boolean; readonly reason?: string; readonly message?: string }>({
    method: 'POST',
    path: `/subscriptions/${subscriptionOf(resource.path)}/providers/${namespace}/${location === undefined ? '' : `locations/${location}/`}checkNameAvailability`,
    apiVersion: '2024-08-01',
    body: { name: nameOf(resource.path), type }
  })
  if (seen.as === 'unreadable') cannotTell(resource, seen.reason, asked)
  else if (seen.as === 'seen' && seen.value.nameAvailable === false)
    taken('PGL074', resource, seen.value.message ? ` ("${seen.value.message}")` : '', asked)
}

/** Where Azure has no such question: among those that this login may list. */
async function lookElsewhere({ resource }: Wanting<'name'>, asked: Asked): Promise<void> {
  const kind = kindOf(resource)
  const subscription = subscriptionOf(resource.path)
  const seen = await asked.looks.by(`all ${kind.name} ${subscription}`, azure => kind.list(azure, `/subscriptions/${subscription}`))
  if (seen.as === 'unreadable') cannotTell(resource, seen.reason, asked)
  const all = seen.as === 'seen' ? seen.value : []
  const other = all.find(({ path }) => nameOf(path).toLowerCase() === nameOf(resource.id) && resourceId(path) !== resource.id)
  if (other !== undefined) taken('PGL075', resource, ` by ${other.path}`, asked)
}
