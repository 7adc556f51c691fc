import { flexibleServer } from '../kinds/flexibleServer.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { privateDnsZoneGroup } from '../kinds/privateDnsZoneGroup.ts'
import type { EndpointProof } from '../model/change.ts'
import { ancestorOfType, parentOf, type ResourceId } from '../model/id.ts'
import type { PathsRead } from '../model/paths.ts'
import { type Existing, presentIn } from '../model/resource.ts'
import type { Reading } from './reading.ts'
import type { RecordWanted } from './records.ts'

interface Input {
  readonly reading: Reading
  readonly endpoints: readonly EndpointProof[]
  readonly leaving: readonly Pick<Existing, 'kind' | 'id' | 'refs'>[]
  /** The zones of endpoints whose zone group is in no file. */
  readonly groups: PathsRead['groups']
}

/**
 * Records that Azure takes away with what may be deleted, or with a zone group that is made again for another zone: one may be another
 * endpoint's by now. Those of a server that goes as well are of no use any more.
 */
export function leavingRecords({ reading, endpoints, leaving, groups }: Input): RecordWanted[] {
  const goes = new Map(leaving.map(one => [one.id, one]))
  const serversOf = (endpoint: ResourceId): ResourceId[] =>
    ((presentIn(reading, endpoint) ?? goes.get(endpoint))?.refs ?? [])
      .flatMap(ref => ancestorOfType(ref, flexibleServer.type) ?? [])
      .filter(server => !goes.has(server))
  const declared = new Map(endpoints.map(({ endpoint, dns }) => [endpoint, dns?.zone]))
  const known = [...reading.resources].flatMap(([id, { kind, observed }]): (readonly [ResourceId, readonly ResourceId[]])[] => {
    const endpoint = parentOf(id)
    if (endpoint === undefined || kind !== privateDnsZoneGroup.name || observed.state !== 'present') return []
    const stays = declared.get(endpoint)
    const isGoing = goes.has(id) || goes.has(endpoint)
    return isGoing || stays !== undefined ? [[endpoint, observed.refs.filter(zone => isGoing || zone !== stays)]] : []
  })
  const others = [...groups].filter(([endpoint]) => goes.has(endpoint))
  return [...known, ...others].flatMap(([endpoint, zones]) =>
    serversOf(endpoint).flatMap(server =>
      zones.filter(zone => ancestorOfType(zone, privateDnsZone.type) === zone).map(zone => ({ zone, server }))
    )
  )
}
