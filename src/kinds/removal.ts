import type { NetworkManagementClient, Subnet } from '@azure/arm-network'
import { ArmError, orAbsent } from '../azure/error.ts'
import { again, growingMs } from '../azure/poll.ts'
import { groupOf, nameOf } from '../model/id.ts'
import type { Io } from './kind.ts'

export interface Patience {
  readonly limitMs: number
  /** Completes "waiting for …". */
  readonly what: string
  /** Whether the obstacle that Azure named in its refusal goes away by itself. */
  leaving(refusal: ArmError): boolean | Promise<boolean>
}

/**
 * Sends a write again for as long as what stands in its way is on its way out by itself.
 * @throws ArmError the last refusal, at the limit or when the obstacle stays.
 */
export async function whenFree({ azure: { clock }, say }: Io, patience: Patience, send: () => Promise<unknown>): Promise<unknown> {
  const after = async (error: unknown, tries: number, elapsedMs: number): Promise<number | undefined> => {
    if (!(error instanceof ArmError) || elapsedMs >= patience.limitMs || !(await patience.leaving(error))) return undefined
    say(`waiting for ${patience.what}`)
    return growingMs(tries)
  }
  return again({ clock, after }, send)
}

/**
 * The network interface of a deleted endpoint stays in its subnet for up to ten minutes after the delete was reported
 * done [GH hashicorp/terraform-provider-azurerm#28831]. The back-references from the subnet may be as stale, so the endpoints are asked themselves.
 */
export const interfacesLeaving = (network: NetworkManagementClient, subnetsNow: () => Promise<readonly Subnet[]>): Patience => ({
  limitMs: 15 * 60_000,
  what: 'the network interface of a deleted private endpoint to leave its subnet',
  async leaving({ code, message }) {
    if (code !== 'InUseSubnetCannotBeDeleted' || !/privateEndpointIpConfig/i.test(message)) return false
    for (const { privateEndpoints = [] } of await subnetsNow()) {
      for (const { id = '' } of privateEndpoints) if (await endpointAt(network, id)) return false
    }
    return true
  }
})

const endpointAt = (network: NetworkManagementClient, path: string) =>
  orAbsent(network.privateEndpoints.get(groupOf(path) ?? '', nameOf(path)))

/** That interface keeps its address as long as it stays [DOC-ADDPE: PrivateIPAddressIsAllocated names the holder]. */
export const addressLeaving = (network: NetworkManagementClient): Patience => ({
  limitMs: 15 * 60_000,
  what: 'the network interface of a deleted private endpoint to give its address back',
  async leaving({ code, message }) {
    const [, group, name] = /allocated to resource \S*\/resourceGroups\/([^/]+)\/\S*\/networkInterfaces\/([^/\s]+)/i.exec(message) ?? []
    if (code !== 'PrivateIPAddressIsAllocated' || group === undefined || name === undefined) return false
    const holder = await orAbsent(network.networkInterfaces.get(group, name))
    // Between the refusal and the look it went.
    if (holder === undefined) return true
    const endpoint = holder.privateEndpoint?.id
    return endpoint !== undefined && (await endpointAt(network, endpoint)) === undefined
  }
})
