import type { Moved } from '../../src/apply/recheck.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { carryOut } from '../support/engine.ts'
import { type Estate, plan, type Settings, subscription } from '../support/estate.ts'

export const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
export const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
export const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
export const factory = `${group}/providers/Microsoft.DataFactory/factories/case-adf`

/** Plans, lets somebody else act, and applies the plan that was made before. */
export async function late(on: Estate, wanted: Topology, meddle: () => Promise<unknown>, settings: Settings = {}) {
  const { plan: planned } = await plan(on, wanted, settings)
  await meddle()
  const { result } = await carryOut(on, planned, { parallelism: 1, maxUnlockedMs: 600_000 })
  return { planned, result }
}

export const errorIn = ({ result }: Awaited<ReturnType<typeof late>>, step: string): Moved => {
  const outcome = result.outcomes.get(step as never)
  if (outcome?.as !== 'failed') throw new Error(`${step} ended ${outcome?.as}`)
  return outcome.error as Moved
}
