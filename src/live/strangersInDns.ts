import type { Azure } from '../azure/azure.ts'
import { isForbidden, isNotFound } from '../azure/error.ts'
import type { EndpointProof } from '../model/change.ts'
import type { Drift } from '../model/drift.ts'
import { groupOf, nameOf, type ResourceId, resourceId, subscriptionOf } from '../model/id.ts'
import type { Desired, Facts, Live } from '../model/resource.ts'
import { inBatches } from './batches.ts'

interface Wanted {
  readonly desired: Desired
  readonly baseline: Desired | undefined
  readonly live: Live
  readonly endpoints: readonly EndpointProof[]
}

/**
 * Names of servers that do not lead to the endpoint the file declares for them. Azure writes a record when the connection is
 * approved, and looks at it no more: whoever may write the zone can lead everybody elsewhere.
 */
export async function strayRecords(azure: Azure, wanted: Wanted): Promise<Drift[]> {
  const found: Drift[] = []
  await inBatches(wanted.endpoints, async endpoint => {
    const { dns } = endpoint
    if (dns === undefined || !isReady(endpoint, dns, wanted.live)) return
    found.push(...(await strayRecord(azure, endpoint, dns, wanted)))
  })
  return found
}

type Dns = NonNullable<EndpointProof['dns']>

const factsOf = (live: Live, id: ResourceId | undefined): Facts | undefined => {
  const observed = id === undefined ? undefined : live.resources.get(id)?.observed
  return observed?.state === 'present' ? observed.facts : undefined
}

/** Only then has it a record; where the group or the zone is missing, that is what is to be said. */
const isReady = ({ endpoint }: EndpointProof, { zone, group }: Dns, live: Live): boolean =>
  /^approved$/i.test(factsOf(live, endpoint)?.connection?.status ?? '') &&
  (group === undefined || factsOf(live, group) !== undefined) &&
  live.resources.get(zone)?.observed.state !== 'absent'

async function strayRecord(azure: Azure, endpoint: EndpointProof, dns: Dns, { desired, baseline, live }: Wanted): Promise<Drift[]> {
  const path = `${live.resources.get(dns.zone)?.path ?? desired.get(dns.zone)?.path ?? dns.zone}/A/${nameOf(endpoint.server)}`
  const at = desired.get(endpoint.endpoint)?.at
  const address = `${endpoint.address}/privateDns`
  const subject = { kind: 'privateDnsZoneGroup', id: resourceId(path), path, address, type: 'Microsoft.Network/privateDnsZones/A', at }
  try {
    const wanted = await addressesOf(azure, endpoint, dns, live)
    const has = await recordAt(azure, dns.zone, nameOf(endpoint.server))
    if (wanted.length === 0 || same(wanted, has)) return []
    const name = nameOf(endpoint.server)
    const zone = nameOf(dns.zone)
    const message =
      has.length === 0
        ? `${name} has no record in ${zone}, which should lead to its endpoint (${wanted.join(', ')}): make the zone group again`
        : `${name} leads to ${has.join(', ')} in ${zone}, and not to its endpoint (${wanted.join(', ')}): take the record away and make the zone group again`
    // No file says what Azure writes, so that it is never the file that moved.
    const of = baseline === undefined ? ({ class: 'differs' } as const) : ({ class: 'drifted', baseline: wanted } as const)
    return [{ ...subject, ...of, counts: true, field: 'aRecord', desired: wanted, live: has, message }]
  } catch (error) {
    if (!isForbidden(error)) throw error
    const message = `is unknown: the record of ${nameOf(endpoint.server)} in ${nameOf(dns.zone)}, or the address of the endpoint, may not be read`
    return [{ ...subject, class: 'unknown', counts: false, message }]
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join()

/** The zone group remembers what it wrote. Where somebody else made the group, the endpoint's network interface is asked. */
async function addressesOf(azure: Azure, { endpoint, path }: EndpointProof, { group }: Dns, live: Live): Promise<readonly string[]> {
  const known = factsOf(live, group)?.addresses ?? []
  const own = known.length > 0 ? known : (factsOf(live, endpoint)?.addresses ?? [])
  if (own.length > 0) return own
  const network = await azure.client('network', subscriptionOf(path))
  const { networkInterfaces = [] } = await network.privateEndpoints.get(groupOf(path) ?? '', nameOf(path))
  const found: string[] = []
  for (const { id = '' } of networkInterfaces) {
    const { ipConfigurations = [] } = await network.networkInterfaces.get(groupOf(id) ?? '', nameOf(id))
    found.push(...ipConfigurations.flatMap(({ privateIPAddress }) => privateIPAddress ?? []))
  }
  return found
}

async function recordAt(azure: Azure, zone: ResourceId, name: string): Promise<readonly string[]> {
  const dns = await azure.client('privateDns', subscriptionOf(zone))
  try {
    const { aRecords = [] } = await dns.recordSets.get(groupOf(zone) ?? '', nameOf(zone), 'A', name)
    return aRecords.flatMap(({ ipv4Address }) => ipv4Address ?? [])
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}
