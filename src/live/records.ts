import type { Azure } from '../azure/azure.ts'
import { asking, isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { gathered } from '../azure/items.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { groupOf, nameOf, type ResourceId, resourceId, subscriptionOf } from '../model/id.ts'
import { type Creator, type PathsRead, type RecordSeen, recordIn } from '../model/paths.ts'
import { presentIn } from '../model/resource.ts'
import { inBatches } from './batches.ts'
import { orUnseen } from './orUnseen.ts'
import type { Reading } from './reading.ts'

/** Azure gives so many in one page of a list, unless it is asked for another number [SDK-DNS]. */
const pageSize = 100

const recordType = `${privateDnsZone.type}/A`

export interface RecordWanted {
  readonly zone: ResourceId
  readonly server: ResourceId
}

/** The records of servers in zones: one by one, or by a list where that takes fewer calls. One that was read before is not read again. */
export async function readRecords(reading: Reading, wanted: readonly RecordWanted[]): Promise<PathsRead['records']> {
  const zones = new Map<ResourceId, Set<string>>()
  for (const { server, zone } of wanted) {
    if (reading.resources.get(zone)?.observed.state === 'absent' || reading.records.has(recordIn(zone, server))) continue
    const names = zones.get(zone) ?? new Set()
    zones.set(zone, names.add(nameOf(server).toLowerCase()))
  }
  const single: { readonly zone: ResourceId; readonly path: string; readonly name: string }[] = []
  await inBatches([...zones], async ([zone, names]) => {
    const path = reading.resources.get(zone)?.path ?? zone
    const all = presentIn(reading, zone)?.facts.recordSets
    const isListed = all !== undefined && Math.ceil(all / pageSize) < names.size && !reading.zones.has(zone)
    const listed = isListed ? await orUnseen(recordsOf(reading.azure, path)) : undefined
    if (listed !== undefined) {
      reading.zones.set(zone, listed)
      reading.note(recordType, 'list', names.size, 'the zone has fewer pages of records than servers are declared')
    }
    const before = single.length
    for (const name of names) {
      const seen = listed?.get(name)
      if (seen !== undefined) reading.records.set(recordIn(zone, name), seen)
      else single.push({ zone, path, name })
    }
    const why = listed ? 'the list does not show it' : isListed ? 'the list may not be read' : 'they are no more than the pages of the zone'
    if (single.length > before) reading.note(recordType, 'one by one', single.length - before, why)
  })
  await inBatches(single, async ({ zone, path, name }) => {
    reading.records.set(recordIn(zone, name), await recordAt(reading.azure, path, name))
  })
  return reading.records
}

interface RecordBody {
  readonly name?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly isAutoRegistered?: boolean
  readonly aRecords?: readonly { readonly ipv4Address?: string }[]
}

/** The A records of a zone by their names in it, in lower case. @throws ArmError */
export const recordsOf = (shared: Azure, zone: string): Promise<ReadonlyMap<string, RecordSeen>> =>
  shared.listed(`records ${resourceId(zone)}`, azure =>
    asking(`GET the records of ${zone}`, async () => {
      const { recordSets } = await azure.client('privateDns', subscriptionOf(zone))
      const all = await gathered(recordSets.listByType(groupOf(zone) ?? '', nameOf(zone), 'A'))
      return new Map(all.map(one => [(one.name ?? '').toLowerCase(), seenIn(one)]))
    })
  )

/** One A record set of a zone, by the zone's path and the name in it. */
export async function recordAt(azure: Azure, zone: string, name: string): Promise<RecordSeen> {
  const { recordSets } = await azure.client('privateDns', subscriptionOf(zone))
  try {
    return await asking(`GET ${zone}/A/${name}`, async () => seenIn(await recordSets.get(groupOf(zone) ?? '', nameOf(zone), 'A', name)))
  } catch (error) {
    if (isNotFound(error)) return { state: 'absent' }
    if (isForbidden(error))
      return { state: 'unreadable', reason: `this login may not read it (Microsoft.Network/privateDnsZones/A/read on ${zone})` }
    if (isUnreadable(error)) return { state: 'unreadable', reason: error.message }
    throw error
  }
}

const seenIn = ({ aRecords = [], metadata, isAutoRegistered }: RecordBody): RecordSeen => ({
  state: 'present',
  ...(isAutoRegistered && { registered: true as const }),
  addresses: aRecords.flatMap(({ ipv4Address }) => ipv4Address ?? []),
  creator: creatorIn(metadata)
})

/** As Azure writes it beside a record of an endpoint [GH microsoft/AzureTRE#3767]. */
function creatorIn(metadata: Readonly<Record<string, string>> | undefined): Creator | undefined {
  const written = Object.entries(metadata ?? {}).find(([key]) => key.toLowerCase() === 'creator')?.[1]
  const [, endpoint, guid] = /^created by private endpoint (\S+) with resource guid (\S+)$/i.exec(written ?? '') ?? []
  return endpoint === undefined || guid === undefined ? undefined : { endpoint: endpoint.toLowerCase(), guid: guid.toLowerCase() }
}
