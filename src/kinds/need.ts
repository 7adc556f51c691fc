import type { LackedRight } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'

/**
 * A condition that has to hold in Azure, outside the file, before a write goes out. A kind says what it needs and live/preflight
 * reads it, for what the plan would write alone. A field says itself what it leads to (`leadsTo`).
 */
export type Need =
  /** A network has one link to a zone of a name, and one that registers. */
  | { readonly need: 'link'; readonly network: ResourceId; readonly registration: boolean }
  /** One of this type and name in all of Azure. `ask`: there is a call that tells. */
  | { readonly need: 'name'; readonly ask: boolean }
  | { readonly need: 'offer'; readonly offer: Offer }
  /** A free address of a subnet: this one, or whichever Azure draws. */
  | { readonly need: 'address'; readonly field: string; readonly subnet: ResourceId; readonly address?: string }
  /** A subnet that is delegated to what is to lie in it. */
  | { readonly need: 'delegation'; readonly subnet: ResourceId }
  /** The server is no replica, which takes this from the one it follows, or cannot have it. */
  | { readonly need: 'primary'; readonly server: ResourceId; readonly field?: string }
  /** A server that can have one replica more. */
  | { readonly need: 'source'; readonly source: ResourceId }
  /** A replica that may take the place of its source, or leave it. */
  | { readonly need: 'promotion' }
  /** No replica follows it. */
  | { readonly need: 'unfollowed' }
  | { readonly need: 'parameter'; readonly value: string }
  /** A key in a vault, by its address. */
  | { readonly need: 'vault'; readonly field: string; readonly key: string }

/** A right on what a write leads to, beside the one on the resource itself. */
export type LinkedRight = Omit<LackedRight, 'for'>

/** A server's version, size and zones, as far as the file says. */
export interface Offer {
  readonly location: string
  readonly version: string | undefined
  readonly tier: string | undefined
  readonly size: string | undefined
  readonly zone: string | undefined
  readonly highAvailability: string | undefined
  readonly standbyZone: string | undefined
  readonly geoRedundantBackup: boolean | undefined
  /** A disk that is bought by its figures. */
  readonly storage?: OfferedStorage | undefined
}

/** A disk by its size in GiB, operations a second and MB/s. */
interface OfferedStorage {
  readonly sizeGiB: number | undefined
  readonly iops: number | undefined
  readonly throughputMBps: number | undefined
}
