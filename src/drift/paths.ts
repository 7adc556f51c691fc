import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import type { EndpointProof } from '../model/change.ts'
import type { Drift } from '../model/drift.ts'
import { nameOf, resourceId } from '../model/id.ts'
import { recordIn } from '../model/paths.ts'
import type { Desired, Live } from '../model/resource.ts'
import { type EndpointPath, pathsOf } from '../proof/path.ts'

/** The record of an endpoint goes by the entry that asks for it. */
export const recordAddress = (endpoint: string): string => `${endpoint}/privateDns`

/** Advice to the user: pglink never writes a record that a policy writes. */
const assignment =
  '. See whether the policy assignment that is to write it covers this endpoint, and start its remediation (`az policy remediation create`)'

/** The file, and the estate that it is compared with. */
export interface Sides {
  readonly desired: Desired
  /** The topology as it was last applied. Without it we cannot tell who moved. */
  readonly baseline: Desired | undefined
  readonly live: Live
  readonly endpoints: readonly EndpointProof[]
}

/**
 * Endpoints that no owner has approved yet, and names of servers that do not lead to the endpoint that the file declares. Azure
 * writes a record when the connection is approved, and looks at it no more: a login that may write the zone can lead all clients
 * elsewhere. Any other part that a path misses is a resource that differs.
 */
export function driftInPaths(input: Sides): Drift[] {
  const byEndpoint = new Map(input.endpoints.map(one => [one.endpoint, one]))
  return pathsOf(input).flatMap(path => {
    const proof = byEndpoint.get(path.endpoint)
    return [...waitingOf(path, input), ...(proof?.dns === undefined ? [] : driftOfRecord(path, proof, proof.dns, input))]
  })
}

/** An endpoint that is as the file says and leads nowhere until a person, or Azure, has done something. */
function waitingOf({ endpoint, address, hops }: EndpointPath, { live, desired }: Sides): Drift[] {
  const connection = hops.find(({ hop }) => hop === 'connection')
  const [declared, there] = [desired.get(endpoint), live.resources.get(endpoint)]
  if (connection?.as !== 'waiting' || declared === undefined || there?.observed.state !== 'present') return []
  const subject = { kind: declared.kind, id: endpoint, path: there.path, address, at: declared.at }
  return [{ ...subject, class: 'waiting', counts: false, message: connection.message }]
}

function driftOfRecord(
  { hops, addresses, address }: EndpointPath,
  { server, endpoint }: EndpointProof,
  { zone, managedBy }: NonNullable<EndpointProof['dns']>,
  { live, desired, baseline }: Sides
): Drift[] {
  const [connection, group, record] = (['connection', 'zoneGroup', 'record'] as const).map(name => hops.find(({ hop }) => hop === name))
  // Only then has it a record; where the group or the zone is missing, that is what is to be said.
  const late = managedBy === 'policy' && (group?.as === 'waiting' || group?.as === 'broken')
  const isDue = connection?.as === 'holds' || connection?.as === 'unknown'
  if (record === undefined || !isDue || (group?.as !== 'holds' && group?.as !== 'unknown' && !late)) return []
  const zonePath = live.resources.get(zone)?.path ?? desired.get(zone)?.path ?? zone
  if (live.resources.get(zone)?.observed.state === 'absent') return []
  const path = `${zonePath}/A/${nameOf(server)}`
  const type = `${privateDnsZone.type}/A`
  const at = desired.get(endpoint)?.at
  const subject = { kind: privateDnsZoneGroup.name, id: resourceId(path), path, address: recordAddress(address), type, at }
  if (record.as === 'unknown') return [{ ...subject, class: 'unknown', counts: false, message: `is unknown: ${record.message}` }]
  if (record.as === 'holds') return []
  const seen = live.paths.records.get(recordIn(zone, server))
  // No file says what Azure writes, so that it is never the file that moved.
  const of = baseline === undefined ? ({ class: 'differs' } as const) : ({ class: 'drifted', baseline: addresses } as const)
  const has = seen?.state === 'present' ? seen.addresses : []
  const message = `${late ? group.message : record.message}${managedBy === 'pglink' ? ': an apply writes its zone group again' : assignment}`
  return [{ ...subject, ...of, counts: true, field: 'aRecord', desired: addresses, live: has, message }]
}
