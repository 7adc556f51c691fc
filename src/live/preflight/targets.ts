import { kindOf, kindOfType } from '../../kinds/index.ts'
import type { Kind, Read } from '../../kinds/kind.ts'
import { others } from '../../kinds/others.ts'
import { notYet, tooLate } from '../../model/elsewhere.ts'
import { nameOf, parentOf, type ResourceId, resourceId, typeOf } from '../../model/id.ts'
import { present, presentIn, type Resource } from '../../model/resource.ts'
import { inBatches } from '../batches.ts'
import { type Answers, type Asked, fieldsOf, found, writings } from './asked.ts'
import type { Seen } from './looks.ts'

const titleOf = (type: string): string => kindOfType.get(type)?.title ?? others[type]?.title ?? type

interface Reference {
  readonly resource: Resource
  readonly field: string
  readonly to: ResourceId
  readonly types: readonly string[]
  /** Where what it leads to has to be, for what stands in the region of what refers to it. */
  readonly near: boolean
}

/** Every id that the plan would send and that is in no entry of the file: it has to be there, and be what it is meant as. */
export async function checkTargets(asked: Asked): Promise<void> {
  const { notes, unknown, seen } = asked.answers
  const references = referencesIn(asked)
  for (const reference of references) checkType(reference, asked)
  const right = references.filter(({ to, types }) => types.includes(typeOf(to)) && !asked.desired.has(to))
  const looked = new Map<ResourceId, Seen<{ readonly location?: string }>>()
  await inBatches([...new Set(right.map(({ to }) => to))], async id => void looked.set(id, await lookAt(id, asked)))
  for (const reference of right) {
    const { resource, to } = reference
    const look = looked.get(to)
    const maker = asked.elsewhere?.(to)
    if (look?.as === 'absent' && maker?.comes !== 'before') nothingThere(reference, maker?.topology, asked)
    if (look?.as === 'absent' && maker?.comes === 'before')
      notes.push({ address: resource.address, message: `${to} ${notYet(maker.topology)}` })
    if (look?.as === 'seen' && reference.near) checkRegion(reference, look.value.location, asked)
    if (look?.as !== 'unreadable') continue
    unknown.push({ address: resource.address, message: `whether ${to} is there could not be read: ${look.reason}` })
    const kind = kindOfType.get(typeOf(to))
    if (kind && !seen.has(to)) seen.set(to, { kind: kind.name, path: to, observed: { state: 'unreadable', reason: look.reason } })
  }
}

function referencesIn({ changes }: Asked): Reference[] {
  return writings(changes).flatMap(change => {
    const { resource } = change
    const { fields } = kindOf(resource)
    const props = resource.props as Readonly<Record<string, unknown>>
    return fieldsOf(change).flatMap(field => {
      const { leadsTo, near = false } = fields[field] ?? {}
      if (leadsTo === undefined) return []
      const types = leadsTo.map(type => type.toLowerCase())
      const ids = [props[field]].flat().filter(id => typeof id === 'string') as ResourceId[]
      return ids.map(to => ({ resource, field, to, types, near }))
    })
  })
}

function checkType({ resource, field, to, types }: Reference, asked: Asked): void {
  if (types.includes(typeOf(to))) return
  const wanted = types.map(titleOf).join(' or ')
  found(asked, resource, {
    rule: 'PGL070',
    exit: 1,
    field,
    message: `${field} takes the id of a ${wanted}, and this is the id of a ${titleOf(typeOf(to))}: ${to}. Azure would refuse it. Write the id of a ${wanted}.`
  })
}

function nothingThere({ resource, field, to }: Reference, maker: string | undefined, asked: Asked): void {
  const space = /\s(\/|$)/.test(to) ? ' A name in it ends in a space.' : ''
  found(asked, resource, {
    rule: 'PGL070',
    exit: 1,
    field,
    message: `${field} leads to nothing: there is no such ${titleOf(typeOf(to))}: ${to}.${space} Azure would refuse it (InvalidResourceReference). ${maker === undefined ? 'Correct the id; what is still to be made, declare in this file or make first.' : tooLate(maker)}`
  })
}

/** Looks once at each network for all its subnets. */
async function lookAt(id: ResourceId, { looks, answers: { seen } }: Asked): Promise<Seen<{ readonly location?: string }>> {
  const type = typeOf(id)
  const other = others[type]
  if (other) return looks.get(id, other.apiVersion)
  const kind = kindOfType.get(type)
  if (kind === undefined) return { as: 'absent' }
  const parent = parentOf(id)
  const carrier = parent && kind.embedded ? kindOfType.get(typeOf(parent)) : undefined
  if (parent === undefined || carrier === undefined || kind.embedded === undefined) return observed(kind, id, seen, await reading(kind, id))
  const carried = await reading(carrier, parent)
  if (carried.as !== 'seen') return carried.as === 'absent' ? carried : observed(kind, id, seen, await reading(kind, id))
  remember(carrier, parent, carried.value, seen)
  const own = kind.embedded(carried.value.body as never).find(({ path }) => resourceId(path) === id)
  return own === undefined ? { as: 'absent' } : observed(kind, id, seen, { as: 'seen', value: own })

  async function reading(of: Kind, path: ResourceId): Promise<Seen<Read>> {
    const read = await looks.by(`observe ${path}`, azure => of.observe(azure, path))
    return read.as === 'seen' && read.value.observed.state === 'absent' ? { as: 'absent' } : read
  }
}

function observed(kind: Kind, id: ResourceId, seen: Answers['seen'], read: Seen<Read>): Seen<{ readonly location?: string }> {
  if (read.as !== 'seen') return read
  remember(kind, id, read.value, seen)
  return { as: 'seen', value: present(read.value.observed)?.facts ?? {} }
}

const remember = (kind: Kind, id: ResourceId, { path, observed: now }: Read, seen: Answers['seen']): void =>
  void seen.set(id, { kind: kind.name, path, observed: now })

/** Checks a child of a network: a security group or route table of another region is as good as none to Azure. */
function checkRegion({ resource, field, to }: Reference, location: string | undefined, asked: Asked): void {
  const { desired, live } = asked
  const above = parentOf(resource.id)
  const declared = above && (desired.get(above)?.props as { readonly location?: string } | undefined)?.location
  const here = presentIn(live, above)?.facts.location ?? declared
  const region = location?.replaceAll(' ', '').toLowerCase()
  if (here === undefined || region === undefined || here === region) return
  found(asked, resource, {
    rule: 'PGL071',
    exit: 1,
    field,
    message: `${field} leads to ${nameOf(to)} in ${region}, and the network is in ${here}: ${to}. Azure would refuse it (InvalidResourceReference: both have to be in the same region). Use one in ${here}.`
  })
}
