import type { Azure } from '../azure/azure.ts'
import type { Read } from '../kinds/kind.ts'
import type { ResourceId } from '../model/id.ts'
import type { RecordSeen } from '../model/paths.ts'
import type { ReadNote } from '../model/reads.ts'
import { type Desired, type Facts, type Found, presentIn } from '../model/resource.ts'

/** The knowledge of a stage of the reading. */
export interface Reading {
  readonly azure: Azure
  /** The resources of other files that are read with the same answers. */
  readonly beside: readonly Desired[]
  readonly found: Map<ResourceId, Found>
  /** Bodies that were read, for the resources they carry inside. */
  readonly bodies: Map<ResourceId, unknown>
  /** Resources in the wide lists, by kind: where unmanaged are looked for. */
  readonly listed: Map<string, Read[]>
  /** Collections that were read whole, by their key. */
  readonly lists: Map<string, readonly Read[]>
  /** Record sets that were read, by their id. */
  readonly records: Map<ResourceId, RecordSeen>
  /** The A records of each zone whose records were listed, by their name in it. */
  readonly zones: Map<ResourceId, ReadonlyMap<string, RecordSeen>>
  /** How each kind is read and why, by all that but the number of resources. */
  readonly notes: Map<string, ReadNote>
  /** Why the zone group of an endpoint is read by itself, by the endpoint. */
  readonly reasons: Map<ResourceId, string>
}

export const startReading = (azure: Azure, beside: readonly Desired[] = []): Reading => ({
  azure,
  beside,
  found: new Map(),
  bodies: new Map(),
  listed: new Map(),
  lists: new Map(),
  records: new Map(),
  zones: new Map(),
  notes: new Map(),
  reasons: new Map()
})

export const factsOf = ({ found }: Pick<Reading, 'found'>, id: ResourceId): Facts | undefined => presentIn({ resources: found }, id)?.facts

export function noteRead({ notes }: Reading, note: ReadNote): void {
  const key = `${note.type} ${note.how} ${note.why}`
  notes.set(key, { ...note, resources: note.resources + (notes.get(key)?.resources ?? 0) })
}

export const notesIn = ({ notes }: Reading): readonly ReadNote[] => [...notes.values()]
