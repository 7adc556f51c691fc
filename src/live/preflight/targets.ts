import { kindOf, kindOfType } from '../../kinds/index.ts'
import type { Kind, Read } from '../../kinds/kind.ts'
import { others } from '../../kinds/others.ts'
import type { Note } from '../../model/change.ts'
import { notYet, tooLate } from '../../model/elsewhere.ts'
import { nameOf, parentOf, type ResourceId, resourceId, typeOf } from '../../model/id.ts'
import type { Found, Position, Resource } from '../../model/resource.ts'
import { inBatches } from '../batches.ts'
import { type Asked, type Checked, type Finding, fieldsOf, placed, writings } from './asked.ts'
import type { Seen } from './looks.ts'

const titleOf = (type: string): string => kindOfType.get(type)?.title ?? others[type]?.title ?? type

interface Reference {
  readonly resource: Resource
  readonly field: string
  readonly to: ResourceId
  readonly types: readonly string[]
  /** Where what it leads to has to be, for what stands in the region of what refers to it. */
  readonly near: boolean
  readonly at: Position
}

/** Every id that the plan would send and that is in no entry of the file: it has to be there, and be what it is meant as. */
export async function checkTargets(asked: Asked): Promise<Checked> {
  const findings: Finding[] = []
  const seen = new Map<ResourceId, Found>()
  const unknown: Note[] = []
  const notes: Note[] = []
  const references = referencesIn(asked)
  for (const reference of references) findings.push(...wrongType(reference))
  const right = references.filter(({ to, types }) => types.includes(typeOf(to)) && !asked.desired.has(to))
  const looked = new Map<ResourceId, Seen<{ readonly location?: string }>>()
  await inBatches([...new Set(right.map(({ to }) => to))], async id => void looked.set(id, await lookAt(id, asked, seen)))
  for (const reference of right) {
    const { resource, to } = reference
    const look = looked.get(to)
    const maker = asked.elsewhere?.get(to)
    if (look?.as === 'absent' && maker?.comes !== 'before') findings.push(nothingThere(reference, maker?.topology))
    if (look?.as === 'absent' && maker?.comes === 'before')
      notes.push({ address: resource.address, message: `${to} ${notYet(maker.topology)}` })
    if (look?.as === 'seen' && reference.near) findings.push(...elsewhere(reference, look.value.location, asked))
    if (look?.as !== 'unreadable') continue
    unknown.push({ address: resource.address, message: `whether ${to} is there could not be read: ${look.reason}` })
    const kind = kindOfType.get(typeOf(to))
    if (kind && !seen.has(to)) seen.set(to, { kind: kind.name, path: to, observed: { state: 'unreadable', reason: look.reason } })
  }
  return { findings, unknown, notes, seen }
}

function referencesIn(asked: Asked): Reference[] {
  return writings(asked.changes).flatMap(change => {
    const { resource } = change
    const { fields } = kindOf(resource)
    const props = resource.props as Readonly<Record<string, unknown>>
    return fieldsOf(change).flatMap(field => {
      const { leadsTo, near = false } = fields[field] ?? {}
      if (leadsTo === undefined) return []
      const types = leadsTo.map(type => type.toLowerCase())
      const ids = [props[field]].flat().filter(id => typeof id === 'string') as ResourceId[]
      return ids.map(to => ({ resource, field, to, types, near, at: placed(asked, resource, field) }))
    })
  })
}

function wrongType({ resource, field, to, types, at }: Reference): Finding[] {
  if (types.includes(typeOf(to))) return []
  const wanted = types.map(titleOf).join(' or ')
  return [
    {
      rule: 'PGL070',
      address: resource.address,
      message: `${field} takes the id of a ${wanted}, and this is the id of a ${titleOf(typeOf(to))}: ${to}. Azure would refuse it. Write the id of a ${wanted}.`,
      exit: 1,
      at
    }
  ]
}

function nothingThere({ resource, field, to, at }: Reference, maker: string | undefined): Finding {
  const space = /\s(\/|$)/.test(to) ? ' A name in it ends in a space.' : ''
  return {
    rule: 'PGL070',
    address: resource.address,
    message: `${field} leads to nothing: there is no such ${titleOf(typeOf(to))}: ${to}.${space} Azure would refuse it (InvalidResourceReference). ${maker === undefined ? 'Correct the id; what is still to be made, declare in this file or make first.' : tooLate(maker)}`,
    exit: 1,
    at
  }
}

/** Looks once at each network for all its subnets. */
async function lookAt(id: ResourceId, { looks }: Asked, seen: Map<ResourceId, Found>): Promise<Seen<{ readonly location?: string }>> {
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

function observed(kind: Kind, id: ResourceId, seen: Map<ResourceId, Found>, read: Seen<Read>): Seen<{ readonly location?: string }> {
  if (read.as !== 'seen') return read
  remember(kind, id, read.value, seen)
  const { observed: now } = read.value
  return { as: 'seen', value: now.state === 'present' && now.facts.location !== undefined ? { location: now.facts.location } : {} }
}

const remember = (kind: Kind, id: ResourceId, { path, observed: now }: Read, seen: Map<ResourceId, Found>): void =>
  void seen.set(id, { kind: kind.name, path, observed: now })

/** Checks a child of a network: a security group or route table of another region is as good as none to Azure. */
function elsewhere({ resource, field, to, at }: Reference, location: string | undefined, { desired, live }: Asked): Finding[] {
  const above = parentOf(resource.id)
  const declared = above && (desired.get(above)?.props as { readonly location?: string } | undefined)?.location
  const found = above === undefined ? undefined : live.resources.get(above)?.observed
  const here = (found?.state === 'present' ? found.facts.location : undefined) ?? declared
  const there = location?.replaceAll(' ', '').toLowerCase()
  if (here === undefined || there === undefined || here === there) return []
  return [
    {
      rule: 'PGL071',
      address: resource.address,
      message: `${field} leads to ${nameOf(to)} in ${there}, and the network is in ${here}: ${to}. Azure would refuse it (InvalidResourceReference: both have to be in the same region). Use one in ${here}.`,
      exit: 1,
      at
    }
  ]
}
