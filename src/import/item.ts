import { kindOfType } from '../kinds/index.ts'
import type { Kind, Read } from '../kinds/kind.ts'
import { type ResourceId, resourceId, typeOf } from '../model/id.ts'
import type { Existing, Lock } from '../model/resource.ts'

/** One thing that is there, as it was read. */
export interface Item extends Pick<Existing, 'id' | 'props' | 'tags' | 'refs' | 'facts'> {
  readonly kind: Kind
  /** In the casing that ARM documents, names in their own. */
  readonly path: string
  readonly name: string
  readonly body: unknown
}

/** Something that could not be looked at, and why. */
export interface Unread {
  readonly what: string
  readonly why: string
}

/** All that was found from the resources that the user asked for. */
export interface Discovered {
  readonly items: ReadonlyMap<ResourceId, Item>
  /** Those that lie within the question. The rest is only referred to. */
  readonly asked: ReadonlySet<ResourceId>
  readonly locks: readonly Lock[]
  readonly unread: readonly Unread[]
  /** Ids that something refers to and that lead to nothing. */
  readonly gone: ReadonlySet<ResourceId>
  /** The tenants of subscriptions, as far as they may be read. */
  readonly tenants: ReadonlyMap<string, string>
}

/**
 * The path as ARM documents it: providers answer ids in a casing of their own, Data Factory all in lower case, and the file takes
 * them in the documented one. Names stay as they are.
 */
export function properPath(path: string): string {
  const parts = path.replace(/\/+$/, '').split('/')
  const kind = kindOfType.get(typeOf(path))
  const at = parts.findLastIndex(part => part.toLowerCase() === 'providers')
  const types = kind?.type.split('/') ?? []
  return parts
    .map((part, index) => {
      if (index === 1) return 'subscriptions'
      if (index === 3 && part.toLowerCase() === 'resourcegroups') return 'resourceGroups'
      if (at < 0 || index < at) return part
      if (index === at) return 'providers'
      if (index === at + 1) return types[0] ?? part
      return (index - at) % 2 === 0 ? (types[(index - at) / 2] ?? part) : part
    })
    .join('/')
}

/** The finding of a read; none where nothing is there. */
export function itemOf(kind: Kind, { path, observed, body }: Read): Item | undefined {
  if (observed.state !== 'present') return undefined
  const { props, tags, refs, facts } = observed
  const proper = properPath(path)
  const own = (body as { readonly name?: string } | undefined)?.name
  const last = proper.split('/').at(-1) ?? ''
  // A name is in the casing it was made with more often than an id.
  const name = own?.toLowerCase() === last.toLowerCase() ? own : last
  return { kind, id: resourceId(path), path: `${proper.slice(0, -last.length)}${name}`, name, props, tags, refs, facts, body }
}
