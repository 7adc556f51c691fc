import type { Azure } from '../azure/azure.ts'
import type { DialWanted } from '../dial/dial.ts'
import type { DialedHop, Ways } from '../dial/way.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { inBatches } from '../live/batches.ts'
import { bouncersOn } from '../live/bouncers.ts'
import type { EndpointProof } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'
import { type Desired, type Live, presentIn } from '../model/resource.ts'
import { pathsOf } from '../proof/path.ts'
import type { VerifiedPath } from '../proof/verify.ts'

/** A path that a client can take from a network, by its address in the file. */
export interface Dialable extends DialWanted {
  readonly address: string
}

interface Looked {
  readonly azure: Azure
  readonly desired: Desired
  readonly live: Live
  readonly endpoints: readonly EndpointProof[]
}

/**
 * The paths that a client outside Data Factory can take: over a private endpoint, or to a server that lies in a network. Those of managed
 * endpoints begin in a network of Microsoft's. Asks Azure for one parameter of each server.
 */
export async function dialablePaths({ azure, desired, live, endpoints }: Looked): Promise<Dialable[]> {
  const paths = pathsOf({ desired, live, endpoints })
  const ofServer = new Map(paths.map(({ endpoint, server }) => [endpoint, server]))
  const own = endpoints.flatMap(({ endpoint, managed }, at) => (managed || !ofServer.has(endpoint) ? [] : (paths[at] ?? [])))
  const inside = [...desired.values()].filter(({ kind, id }) => kind === flexibleServer.name && liesInside(id, desired, live))
  const on = await bouncersOn(azure, desired, [...own.map(({ server }) => server), ...inside.map(({ id }) => id)])
  return [
    ...own.flatMap(({ address, server, fqdn, addresses }): Dialable[] => {
      if (fqdn === undefined) return []
      const others = own
        .filter(other => other.server === server && other.address !== address)
        .map(other => ({ endpoint: other.address, addresses: other.addresses }))
      return [{ address, fqdn, endpoint: address, addresses, others, bouncer: on.has(server) }]
    }),
    ...inside.flatMap(({ id, address }): Dialable[] => {
      const fqdn = presentIn(live, id)?.facts.fqdn
      return fqdn === undefined ? [] : [{ address, fqdn, endpoint: address, addresses: undefined, others: [], bouncer: on.has(id) }]
    })
  ]
}

const liesInside = (id: ResourceId, desired: Desired, live: Live): boolean =>
  [presentIn(live, id)?.props, desired.get(id)?.props].some(
    props => (props as { readonly delegatedSubnet?: ResourceId } | undefined)?.delegatedSubnet !== undefined
  )

/** The paths, and after what Azure says of each the hops that a client on this machine meets. Several are looked at side by side. */
export async function asMet(paths: readonly VerifiedPath[], dialable: readonly Dialable[], ways: Ways): Promise<VerifiedPath[]> {
  // A command that meets no server must not load what does.
  const { dial } = await import('../dial/dial.ts')
  const met = new Map<string, VerifiedPath['hops']>()
  await inBatches(dialable, async one => void met.set(one.address, await dial(one, ways)))
  return paths.map(path => ({ ...path, hops: [...path.hops, ...(met.get(path.address) ?? (isDialed(path) ? [unnamed(path)] : []))] }))
}

const isDialed = ({ via }: VerifiedPath): boolean => via === 'private endpoint' || via === 'virtual network'

/** A server that is not there yet, or may not be read, has no name to begin with. */
const unnamed = ({ server }: VerifiedPath): DialedHop => ({
  hop: 'dns',
  as: 'unknown',
  message: `${server ?? 'the server'} was not met from this machine`,
  why: 'Azure has not said its name'
})
