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
import type { Unsound } from './outcomes.ts'
import { inSession } from './session.ts'
import { settingsOf } from './settings.ts'
import { prepare } from './topology.ts'

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

export type ConnectionList = Unsound | { readonly sound: true; readonly connections: readonly ListedConnection[] }

/** Lists the connections of each topology's servers. Makes no request but reads. */
export async function listConnections(options: DriftOptions, host: Host): Promise<ConnectionList> {
  const settings = settingsOf(options)
  const files = await prepare(settings, host)
  if (!files.sound) return files
  const connections: ListedConnection[] = []
  for (const one of files.prepared) {
    const { desired } = one.resolved
    const servers = [...desired.values()].filter(({ kind }) => kind === flexibleServer.name)
    await inSession(one, { settings, host }, async ({ connection }) => {
      const azure = connection.open('reading')
      for (const server of servers) connections.push(...(await connectionsOf(server, desired, azure, host)))
    })
  }
  return { sound: true, connections }
}

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
