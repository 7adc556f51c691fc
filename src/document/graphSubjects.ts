import { kindOf } from '../kinds/index.ts'
import { type Change, subjectOf } from '../model/change.ts'
import { nameOf, type ResourceId, scopesOf } from '../model/id.ts'
import type { Desired, Existing, Facts, Found, Resource } from '../model/resource.ts'
import type { Seen } from './graph.ts'
import type { Mark } from './plan.generated.ts'

/** A resource on one side of a plan. */
export interface Side {
  readonly props: Readonly<Record<string, unknown>>
  readonly facts: Facts
}

/** One resource on both sides of a plan. A file alone has no side before. */
export interface Subject extends Pick<Resource, 'id' | 'kind' | 'address' | 'path' | 'managed'> {
  readonly mark: Exclude<Mark, 'inside'>
  readonly before: Side | undefined
  readonly after: Side | undefined
}

/** Everything that is declared, that goes, or that stays although it left the file. */
export function subjectsOf(desired: Desired, seen: Seen | undefined): Subject[] {
  const changes = new Map((seen?.plan.changes ?? []).map(change => [subjectOf(change).id, change]))
  // A resource that the file wants absent is not drawn.
  const wanted = [...desired.values()].filter(({ kind, props }) => !kindOf({ kind }).unwanted(props))
  const declared = wanted.map(resource => declaredSubject(resource, changes.get(resource.id), seen))
  if (seen === undefined) return declared
  const gone = seen.plan.changes.flatMap(change => (change.op === 'delete' ? [existingSubject(change.old, 'delete')] : []))
  const stays = seen.plan.unmanaged.map(old => existingSubject(old, 'unmanaged'))
  return [...declared, ...gone, ...fallen(seen, gone, new Set([...desired.keys(), ...[...gone, ...stays].map(({ id }) => id)])), ...stays]
}

function declaredSubject(resource: Resource, change: Change | undefined, seen: Seen | undefined): Subject {
  const { id, kind, address, path, managed } = resource
  const base = { id, kind, address, path, managed }
  const declared: Side = { props: resource.props as Side['props'], facts: {} }
  if (seen === undefined) return { ...base, mark: 'same', before: undefined, after: declared }
  const found = seen.live.resources.get(id)
  const before = found && sideOf(found)
  const gone = change?.op === 'update' ? change.fields.flatMap(({ field, call }) => (call === undefined ? [] : [field])) : []
  const kept = Object.fromEntries(Object.entries(before?.props ?? {}).filter(([field]) => !gone.includes(field)))
  const after: Side = { props: { ...kept, ...set(declared.props) }, facts: before?.facts ?? {} }
  const really = found?.observed.state === 'present' ? found.path : path
  return { ...base, path: really, mark: change?.op ?? (before ? 'same' : 'unknown'), before, after: managed ? after : (before ?? declared) }
}

/** A field that the file leaves out is left as it is. */
const set = (props: Side['props']): Side['props'] => Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined))

const sideOf = ({ observed }: Found): Side | undefined =>
  observed.state === 'present' ? { props: observed.props as Side['props'], facts: observed.facts } : undefined

function existingSubject({ id, kind, address, path, props, facts }: Existing, mark: 'delete' | 'unmanaged'): Subject {
  const side: Side = { props: props as Side['props'], facts }
  return { id, kind, address, path, managed: true, mark, before: side, after: mark === 'delete' ? undefined : side }
}

/** Resources that no step deletes because they go with their parent, from whose address theirs is made. */
function fallen({ live }: Seen, gone: readonly Subject[], known: ReadonlySet<ResourceId>): Subject[] {
  const goneById = new Map(gone.map(subject => [subject.id, subject]))
  return [...live.resources].flatMap(([id, found]): Subject[] => {
    const above = scopesOf(id)
      .slice(1)
      .flatMap(scope => goneById.get(scope) ?? [])[0]
    const before = sideOf(found)
    if (known.has(id) || above === undefined || before === undefined) return []
    const collection = found.path.split('/').at(-2) ?? ''
    const address = `${above.address}/${collection}/${nameOf(found.path)}`
    return [{ id, kind: found.kind, address, path: found.path, managed: true, mark: 'delete', before, after: undefined }]
  })
}
