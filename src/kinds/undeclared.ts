import type { Azure } from '../azure/azure.ts'
import { orAbsent } from '../azure/error.ts'
import { gathered, itemsOf } from '../azure/items.ts'
import type { ResourceId } from '../model/id.ts'
import type { Desired, Existing, Facts, Found } from '../model/resource.ts'

/** Why one that no file declares is a concern of what it lies in. */
export interface Undeclared<Props> {
  /** Also in a resource that is not ours, where the file declares another one in it, or says whom it trusts. */
  readonly inOthers?: boolean
  /** Whether it can matter there at all, by the properties of what it lies in. */
  matters?(above: unknown): boolean
  /** The words between its address and "and is in no file"; `undefined` where one so is no concern. @param above the address of what it lies in */
  says(own: { readonly props: Props; readonly facts: Facts }, above: string): string | undefined
  /** The same of one that leads nowhere yet, and asks to. The kind that has it comes from elsewhere (`facts.from`): a file may trust that. */
  asks?(own: { readonly props: Props; readonly facts: Facts }, above: string): string | undefined
}

/** The resources that stay when another one is deleted, and those that may go with it. */
export interface Ours {
  readonly all: Desired
  /** By tag, and no longer in the file. */
  readonly unmanaged: readonly Existing[]
  readonly topology: string
  /** All that was read, declared or not. */
  readonly found: ReadonlyMap<ResourceId, Found>
}

/** The ids of what the topology makes or made. */
export const ownIds = ({ all, unmanaged }: Ours): ReadonlySet<ResourceId> =>
  new Set([...[...all.values()].filter(({ managed }) => managed), ...unmanaged].map(({ id }) => id))

interface Item {
  readonly id?: string
  readonly type?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly managedBy?: string
  readonly properties?: {
    readonly metadata?: { readonly creator?: string }
    readonly aRecords?: readonly { readonly ipv4Address?: string }[]
  }
}

/** All of a list that Azure has of a resource's contents. */
export async function contents(azure: Azure, list: string, apiVersion: string): Promise<readonly Item[]> {
  return (await orAbsent(gathered(itemsOf<Item>(azure.send, list, apiVersion)))) ?? []
}
