import type { Azure } from '../azure/azure.ts'
import { isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { inSession } from '../engine/session.ts'
import { prepare } from '../engine/topology.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import type { Ending } from '../model/ending.ts'
import { nameOf } from '../model/id.ts'
import { namingFrom } from '../model/naming.ts'
import { jsonText, printable, printed } from '../model/printable.ts'
import type { Desired, Resource } from '../model/resource.ts'
import { table } from '../report/table.ts'

import type { Flags } from './flags.ts'
import type { Terminal } from './terminal.ts'

interface Listed {
  readonly server: string
  readonly name: string
  readonly from: string
  readonly state: string
  readonly response: string
  readonly provisioning: string
  readonly id: string
}

/** Shows who is connected to the servers of each topology, and who asks to be. Writes nothing. */
export async function listConnections(given: readonly string[], flags: Flags, terminal: Terminal): Promise<Ending> {
  const prepared = await prepare(given, flags, terminal)
  if (prepared === undefined) return 'invalid'
  const all: Listed[] = []
  for (const one of prepared) {
    const { desired } = one.resolved
    const servers = [...desired.values()].filter(({ kind }) => kind === flexibleServer.name)
    await inSession(one, flags, terminal, async ({ connection }) => {
      const azure = connection.open('reading')
      for (const server of servers) all.push(...(await connectionsOf(server, desired, azure, terminal)))
    })
  }
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', connections: all }))
  else if (all.length === 0) terminal.out('No connections.\n')
  else {
    const rows = all.map(({ server, name, from, state, response }) => [server, name, from, state, response])
    terminal.out(table(['SERVER', 'CONNECTION', 'FROM', 'STATE', 'RESPONSE'], rows))
  }
  return 'ok'
}

async function connectionsOf(server: Resource, desired: Desired, azure: Azure, terminal: Terminal): Promise<Listed[]> {
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
    const why = isNotFound(error)
      ? 'is not there'
      : isForbidden(error)
        ? 'may not be read'
        : `could not be read (${printable((error as Error).message)})`
    terminal.err(printed`${server.address} ${why}: ${server.path}\n`)
    return []
  }
}
