import type { Planned } from '../engine/look.ts'
import { kindOf } from '../kinds/index.ts'
import { nameOf, resourceId, scopesOf } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import { ownerIn } from '../model/owner.ts'
import type { Live, Lock, Position, Resource } from '../model/resource.ts'
import { fieldsOf } from './value.ts'

/** An entry of the file as Azure has it. */
export interface ResourceDocument {
  readonly address: string
  readonly type: string
  readonly title: string
  readonly id: string
  readonly state: 'present' | 'absent' | 'unreadable'
  /** Why it could not be read. */
  readonly reason: string | null
  /** Declared in full; otherwise the file only refers to it. */
  readonly managed: boolean
  /** The topology that the tag on it names. */
  readonly owner: string | null
  /** The name by which clients call a server, also of an endpoint that leads there. */
  readonly fqdn: string | null
  /** The private addresses of an endpoint. */
  readonly addresses: readonly string[]
  /** The state of an endpoint's connection, at its own end. */
  readonly connection: string | null
  /** Azure's word for what it is at. */
  readonly provisioning: string | null
  /** The fields that a topology can declare; a secret is never among them. */
  readonly fields: Readonly<Record<string, Json>>
  readonly tags: Readonly<Record<string, string>>
  /** Those on it, and those above it that hold for it. */
  readonly locks: readonly { readonly name: string; readonly level: Lock['level']; readonly id: string; readonly inherited: boolean }[]
  readonly source: Position
}

/** The entries of a topology that was read, as Azure has them, in the order of the file's addresses. */
export function resourceDocuments({ live, desired, paths }: Pick<Planned, 'live' | 'desired' | 'paths'>): ResourceDocument[] {
  const pathOf = new Map(paths.map(path => [path.endpoint, path]))
  return [...desired.values()]
    .sort((a, b) => (a.address < b.address ? -1 : 1))
    .map((resource): ResourceDocument => {
      const { address, id, kind, managed, at } = resource
      const found = live.resources.get(id)
      const observed = found?.observed ?? { state: 'absent' as const }
      const { type, title } = kindOf({ kind })
      const seen = observed.state === 'present' ? observed : undefined
      return {
        address,
        type,
        title,
        id: found?.path ?? resource.path,
        state: observed.state,
        reason: observed.state === 'unreadable' ? observed.reason : null,
        managed,
        owner: (seen && ownerIn(seen.tags)) ?? null,
        fqdn: pathOf.get(id)?.fqdn ?? seen?.facts.fqdn ?? null,
        addresses: pathOf.get(id)?.addresses ?? seen?.facts.addresses ?? [],
        connection: pathOf.get(id)?.connection ?? seen?.facts.connection?.status ?? null,
        provisioning: seen?.facts.state ?? null,
        fields: seen ? readFields(kind, seen.props, live) : {},
        tags: seen?.tags ?? {},
        locks: locksFor(resource, live.locks),
        source: at
      }
    })
}

/** Azure gives no secret back: what stands for one in the file is nothing that was read. An id is in the casing that Azure has it in. */
const readFields = (kind: string, props: unknown, { resources }: Pick<Live, 'resources'>): ResourceDocument['fields'] =>
  Object.fromEntries(
    Object.entries(fieldsOf(kind, props)).flatMap(([field, value]) => {
      if (kindOf({ kind }).fields[field]?.secret) return []
      const path = typeof value === 'string' && value.startsWith('/') ? resources.get(resourceId(value))?.path : undefined
      return [[field, path ?? value]]
    })
  )

const locksFor = ({ id }: Resource, locks: readonly Lock[]): ResourceDocument['locks'] => {
  const scopes = new Set(scopesOf(id))
  return locks
    .filter(({ scope }) => scopes.has(scope))
    .map(({ path, level, scope }) => ({ name: nameOf(path), level, id: path, inherited: scope !== id }))
}
