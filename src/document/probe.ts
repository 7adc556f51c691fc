import pkg from '../../package.json' with { type: 'json' }
import type { VerifiedTopology } from '../engine/verify.ts'

/** One connection that a client on another machine is to try. */
interface ProbeCheck {
  /** The entry of the file. */
  readonly entry: string
  readonly fqdn: string
  /** The endpoint's address; `undefined` of a server that lies in a network itself, where the name says it. */
  readonly address: string | undefined
  /** The place to connect to; the name's own address where it is `undefined`. */
  readonly host: string | undefined
  readonly port: number
}

/** The checks that a script makes in a network that this machine is not in. */
export interface Probe {
  readonly toolVersion: string
  readonly checks: readonly ProbeCheck[]
}

/** An endpoint whose address could not be read is left out. */
export const probeOf = (topologies: readonly VerifiedTopology[]): Probe => ({
  toolVersion: pkg.version,
  checks: topologies.flatMap(({ from }) =>
    (from?.dialable ?? []).flatMap(({ address: entry, fqdn, addresses, bouncer }) => {
      const address = addresses?.[0]
      if (addresses !== undefined && address === undefined) return []
      return [5432, ...(bouncer ? [6432] : [])].map((port): ProbeCheck => {
        const given = from?.ways.dial.get(`${address}:${port}`)
        return { entry, fqdn, address, host: given?.host ?? address, port: given?.port ?? port }
      })
    })
  )
})
