// Generated from schema/verify.schema.json by `npm run schema`. Change the schema, not this file.

/**
 * `holds`: seen to be right (✓). `broken`: seen to be wrong (✗). `waiting`: a person, a policy or Azure has to act first (?). `unknown`: it could not be seen (?).
 */
export type VerifyState = 'holds' | 'broken' | 'waiting' | 'unknown'

/**
 * The document that `pglink verify --json` prints for one topology. For several topologies it is `{format_version, verified}`, with one of these for each. A reader refuses a first number of `format_version` that it does not know; the second number counts members and hops that were added.
 */
export interface VerifyDocument {
  /**
   * The version of this shape.
   */
  readonly format_version: string
  /**
   * The version of pglink that made it.
   */
  readonly tool_version: string
  /**
   * When Azure was read (RFC 3339).
   */
  readonly timestamp: string
  /**
   * The estate that was read: Azure, or a sandbox.
   */
  readonly source: 'azure' | 'sandbox'
  /**
   * Whether servers were met from the machine that it ran on as well (`--live`).
   */
  readonly live: boolean
  readonly topology: VerifyTopology
  readonly verdict: VerifyVerdict
  /**
   * The private paths to servers that the file declares, in its order, and then its zones.
   */
  readonly paths: readonly VerifyPath[]
  readonly summary: VerifySummary
}
/**
 * Which topology was verified.
 */
export interface VerifyTopology {
  /**
   * `name` in the file.
   */
  readonly name: string
  /**
   * The file, relative to where the command was started.
   */
  readonly path: string
  /**
   * The overlay (`--env`), or null.
   */
  readonly env: string | null
}
/**
 * How the paths stand. Every form says it in the same words.
 */
export interface VerifyVerdict {
  /**
   * `whole`: each hop of each path holds (exit code 0). `broken`: a hop is broken, whatever else is unknown (3). `unsure`: none is broken, and some could not be seen or wait for a person, a policy or Azure (7). `none`: the file declares no private path (0).
   */
  readonly as: 'whole' | 'broken' | 'unsure' | 'none'
  /**
   * The one sentence that says so.
   */
  readonly text: string
}
/**
 * The path of a client to a server; or a zone in which the names of servers are looked for.
 */
export interface VerifyPath {
  /**
   * The entry of the file that it leads over.
   */
  readonly address: string
  /**
   * How it leads there: over a private endpoint, over a managed one of a data factory, or into the network that the server lies in. `private DNS zone`: of a zone, which leads nowhere itself.
   */
  readonly via: 'private endpoint' | 'managed private endpoint' | 'virtual network' | 'private DNS zone'
  /**
   * The address of the server; its name where the file has no entry for it; null of a zone.
   */
  readonly server: string | null
  /**
   * The name that clients call the server by; null where Azure did not say it.
   */
  readonly fqdn: string | null
  readonly as: VerifyState
  /**
   * The first hop that is broken; null where none is.
   */
  readonly first: string | null
  /**
   * From the client's side to the server's and on to its name. Each is judged whether or not one before it is broken.
   */
  readonly hops: readonly VerifyHop[]
}
/**
 * One thing that has to be right for a client to get through.
 */
export interface VerifyHop {
  /**
   * The part of the path. Readers leave alone one that they do not know.
   */
  readonly hop: string
  readonly as: VerifyState
  /**
   * A sentence of its own: the fact, or the fault.
   */
  readonly message: string
  /**
   * How one that is broken is mended.
   */
  readonly fix?: string
  /**
   * Why one could not be seen, or waits.
   */
  readonly why?: string
  /**
   * How long it took, in milliseconds, where it was tried from the machine that it ran on.
   */
  readonly ms?: number
  /**
   * `HOST:PORT` that was connected to in the stead of the address (`--dial`).
   */
  readonly through?: string
}
/**
 * How many hops stand how.
 */
export interface VerifySummary {
  /**
   * Hops that hold.
   */
  readonly holds: number
  /**
   * Hops that are broken.
   */
  readonly broken: number
  /**
   * Hops that wait.
   */
  readonly waiting: number
  /**
   * Hops that could not be seen.
   */
  readonly unknown: number
  /**
   * How many reads of Azure it took.
   */
  readonly reads: number
}
