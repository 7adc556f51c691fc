import type { Azure } from '../azure/azure.ts'
import { isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { nameOf } from '../model/id.ts'
import { messageOf } from '../model/message.ts'
import { namingFrom } from '../model/naming.ts'
import type { Desired, Resource } from '../model/resource.ts'
import type { Host } from './host.ts'
import type { DriftOptions } from './options.ts'
import type { Outcome } from './outcomes.ts'
import { oneByOne } from './session.ts'

/** A private endpoint that is connected to a server, or asks to be. */
interface ListedConnection {
  readonly server: string
  readonly name: string
  readonly from: string
  readonly state: string
  readonly response: string
  readonly provisioning: string
  readonly id: string
}

/** Lists the connections of each topology's servers. Makes no request but reads. */
export const listConnections = (options: DriftOptions, host: Host): Promise<Outcome<readonly ListedConnection[]>> =>
  oneByOne(options, host, async ({ prepared, connection }) => {
    const { desired } = prepared.resolved
    const azure = connection.open('reading')
    const all: ListedConnection[] = []
    for (const one of desired.values()) if (one.kind === flexibleServer.name) all.push(...(await connectionsOf(one, desired, azure, host)))
    return all
  })

async function connectionsOf(server: Resource, desired: Desired, azure: Azure, host: Host): Promise<ListedConnection[]> {
  const naming = namingFrom(desired)
  try {
    const reads = await privateEndpointConnection.list(azure, server.path)
    return reads.flatMap(({ path, observed }) => {
      if (observed.state !== 'present') return []
      const { from, connection, state = '' } = observed.facts
      return [
        {
          server: server.address,
          name: nameOf(path),
          from: from === undefined ? '' : naming(from),
          state: connection?.status ?? '',
          response: connection?.description ?? '',
          provisioning: state,
          id: path
        }
      ]
    })
  } catch (error) {
    if (!isNotFound(error) && !isUnreadable(error)) throw error
    const why = isNotFound(error) ? 'not there' : isForbidden(error) ? 'forbidden' : messageOf(error)
    host.notify({ type: 'server unread', address: server.address, path: server.path, why })
    return []
  }
}
