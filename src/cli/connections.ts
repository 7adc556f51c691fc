import { listConnections as list } from '../engine/connections.ts'
import type { Ending } from '../model/ending.ts'
import { jsonText } from '../model/printable.ts'
import { table } from '../report/table.ts'
import type { Flags } from './flags.ts'
import { hostOn } from './host.ts'
import { optionsOf } from './options.ts'
import type { Surroundings } from './terminal.ts'

/** Shows who is connected to the servers of each topology, and who asks to be. Writes nothing. */
export async function listConnections(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const options = optionsOf(given, flags, terminal)
  const outcome = await list(options, hostOn({ flags, terminal }))
  if (!outcome.sound) return 'invalid'
  const connections = outcome.topologies.flat()
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', connections }))
  else if (connections.length === 0) terminal.out('No connections.\n')
  else {
    const rows = connections.map(({ server, name, from, state, response }) => [server, name, from, state, response])
    terminal.out(table(['SERVER', 'CONNECTION', 'FROM', 'STATE', 'RESPONSE'], rows))
  }
  return 'ok'
}
