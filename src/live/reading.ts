import type { Azure } from '../azure/azure.ts'
import type { Read } from '../kinds/kind.ts'
import type { ResourceId } from '../model/id.ts'
import type { RecordSeen } from '../model/paths.ts'
import type { HowRead, ReadNote } from '../model/reads.ts'
import type { Found } from '../model/resource.ts'
import type { Beside } from './beside.ts'

/** The knowledge of a stage of the reading. */
export class Reading {
  readonly azure: Azure
  /** The topologies that are read with the same answers. */
  readonly beside: Beside | undefined
  readonly resources = new Map<ResourceId, Found>()
  /** Bodies that were read, for the resources they carry inside. */
  readonly bodies = new Map<ResourceId, unknown>()
  /** Resources in the wide lists, by kind: there we look for unmanaged ones. */
  readonly listed = new Map<string, Read[]>()
  /** Collections that were read whole, by their key. */
  readonly lists = new Map<string, readonly Read[]>()
  /** Record sets that were read, by their id. */
  readonly records = new Map<ResourceId, RecordSeen>()
  /** The A records of each zone whose records were listed, by their name in it. */
  readonly zones = new Map<ResourceId, ReadonlyMap<string, RecordSeen>>()
  /** Why the zone group of an endpoint is read by itself, by the endpoint. */
  readonly reasons = new Map<ResourceId, string>()
  /** How each kind is read and why, by all that but the number of resources. */
  readonly #notes = new Map<string, ReadNote>()

  constructor(azure: Azure, beside?: Beside) {
    this.azure = azure
    this.beside = beside
  }

  /** Remembers how some resources are read, and why. */
  note(type: string, how: HowRead, resources: number, why: string): void {
    const key = `${type} ${how} ${why}`
    this.#notes.set(key, { type, how, why, resources: resources + (this.#notes.get(key)?.resources ?? 0) })
  }

  get notes(): readonly ReadNote[] {
    return [...this.#notes.values()]
  }
}
