import type { Azure } from '../azure/azure.ts'
import { configuration } from '../kinds/configuration.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import { type Desired, present } from '../model/resource.ts'
import { inBatches } from './batches.ts'
import { orUnseen } from './orUnseen.ts'

const parameter = 'pgbouncer.enabled'

const isOn = (props: unknown): boolean => (props as { readonly value?: string } | undefined)?.value?.toLowerCase() === 'true'

/**
 * The servers at which PgBouncer is on: as the file declares it, else as Azure has it, by one read for each server. One whose parameter may
 * not be read counts as without.
 */
export async function bouncersOn(azure: Azure, desired: Desired, servers: readonly ResourceId[]): Promise<ReadonlySet<ResourceId>> {
  const on = new Set<ResourceId>()
  const declared = new Map(
    [...desired.values()]
      .filter(({ kind, id }) => kind === configuration.name && nameOf(id) === parameter)
      .map(({ id, props }) => [parentOf(id), props])
  )
  await inBatches([...new Set(servers)], async server => {
    const path = `${desired.get(server)?.path ?? server}/configurations/${parameter}`
    const props = declared.get(server) ?? present((await orUnseen(configuration.observe(azure, path)))?.observed)?.props
    if (isOn(props)) on.add(server)
  })
  return on
}
