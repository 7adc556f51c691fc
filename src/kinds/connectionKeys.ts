import type { Connection } from '../model/topology.generated.ts'

type From = Connection['from']

/** The names that lead to where a connection comes from, outermost first; Data Factory's one managed network has none of its own. */
function namesTo(from: From): readonly string[] {
  const path =
    typeof from === 'string' ? from : 'id' in from ? from.id : `${from.factory}/managedPrivateEndpoints/${from.managedPrivateEndpoint}`
  const parts = path.split('/')
  if (!path.startsWith('/')) return parts.length === 4 ? [parts[1] ?? '', parts[3] ?? ''] : parts
  const isName = (index: number): boolean => index % 2 === 0 && parts[index - 1]?.toLowerCase() !== 'managedvirtualnetworks'
  return parts.filter((part, index) => part !== '' && index > 0 && isName(index) && parts[index - 1]?.toLowerCase() !== 'providers')
}

const tail = (names: readonly string[], length: number): string => names.slice(-length).join('.')

/**
 * The last keys of the addresses of a server's connections, in their order: the last name of where each comes from and, where two would
 * have the same, the one before it too. For a managed endpoint that is its factory, as in the name that Azure gives the connection.
 */
export function connectionKeys(connections: readonly Pick<Connection, 'from'>[]): string[] {
  const all = connections.map(({ from }) => namesTo(from))
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
  return all.map((names, index) => {
    let length = 1
    while (length < names.length && all.some((other, at) => at !== index && same(tail(other, length), tail(names, length)))) length++
    return tail(names, length)
  })
}
