import type { EndpointProof } from '../model/change.ts'
import { nameOf } from '../model/id.ts'
import { type EndpointPath, type Hop, type PathInput, pathsOf } from './path.ts'

/** One thing that has to be right for a client to get through, as `verify` says it. */
export interface VerifiedHop {
  readonly hop: string
  /** `waiting`: a person, a policy or Azure has to act first; `unknown`: it could not be seen. */
  readonly as: Hop['as']
  /** A sentence of its own: the fact, or the fault. */
  readonly message: string
  /** How one that is broken is mended. */
  readonly fix?: string
  /** Why one could not be seen, or waits. */
  readonly why?: string
}

/** A private path to a server that the file declares. */
export interface VerifiedPath {
  readonly address: string
  readonly via: 'private endpoint' | 'managed private endpoint'
  readonly server: string
  readonly fqdn: string | undefined
  /** In the order in which the first that is broken is the one to mend first. */
  readonly hops: readonly VerifiedHop[]
}

/** Every declared path to a server, hop by hop. Pure: it judges what was read. */
export function verifiedPaths(input: PathInput): VerifiedPath[] {
  const paths = pathsOf(input)
  return input.endpoints.flatMap((endpoint, index) => {
    const path = paths[index]
    return path === undefined ? [] : [verified(endpoint, path, input)]
  })
}

function verified(endpoint: EndpointProof, path: EndpointPath, { desired }: PathInput): VerifiedPath {
  return {
    address: endpoint.address,
    via: endpoint.managed ? 'managed private endpoint' : 'private endpoint',
    server: desired.get(endpoint.server)?.address ?? nameOf(endpoint.server),
    fqdn: path.fqdn,
    hops: path.hops.map(hop => withFix(hop, endpoint))
  }
}

const withFix = ({ hop, as, message }: Hop, endpoint: EndpointProof): VerifiedHop => ({
  hop,
  as,
  message,
  ...(as === 'broken' && { fix: fixOf(hop, message, endpoint) })
})

function fixOf(hop: Hop['hop'], message: string, { address, dns }: EndpointProof): string {
  if (dns?.managedBy === 'policy' && (hop === 'zoneGroup' || hop === 'record'))
    return 'The owner of the policy mends it: pglink writes neither the zone group nor its record there.'
  switch (hop) {
    case 'connection':
      return /Rejected/.test(message)
        ? `A rejected connection cannot be approved any more. Settle it with the owner of the server, then give ${address} another name and \`pglink apply\`.`
        : '`pglink apply` makes the endpoint, and with it the connection.'
    case 'zoneGroup':
    case 'record':
      return '`pglink apply` writes the zone group again, and Azure its record.'
    case 'link':
      return '`pglink apply` links the zone.'
    default:
      return '`pglink apply` sets it as the file says.'
  }
}
