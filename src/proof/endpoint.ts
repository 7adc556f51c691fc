import type { Azure } from '../azure/azure.ts'
import { until } from '../azure/deadline.ts'
import { WaitTimedOut } from '../azure/error.ts'
import { kindOf } from '../kinds/index.ts'
import type { Action, EndpointProof, ProofDepth } from '../model/change.ts'
import { parentOf } from '../model/id.ts'
import type { Desired } from '../model/resource.ts'
import { freshPath } from './fresh.ts'
import type { EndpointPath, Hop } from './path.ts'

/** The result of a look at one endpoint. `pending` waits for a person, a policy or a right; `broken` stays so. */
export type Proof = { readonly as: 'proven' } | { readonly as: 'pending' | 'broken'; readonly reason: string }

/** This run's act before the look, and when it ended on Azure's clock. */
export interface Ended {
  readonly action: Action
  readonly at: number
}

export interface Ask {
  readonly depth: ProofDepth
  readonly ended: readonly Ended[]
  readonly say: (what: string) => void
  readonly signal?: AbortSignal | undefined
}

export type Prove = (azure: Azure, endpoint: EndpointProof, ask: Ask) => Promise<Proof>

/** Both ends need up to minutes to agree. Unless the entry's `timeouts.wait` says otherwise: Data Factory notices an approval after up to ten minutes. */
const defaultLimitMs = 15 * 60_000

/** For how long a record, or the server's end of a connection, may still be as it was before this run wrote what changes it. */
const settlingMs = 60_000

/**
 * Looks at an endpoint as a client of the server would meet it, by fresh reads and as far as is asked. Waits for what Azure, a
 * policy, or a step of this run is still doing; a fault, and a decision that a person has to make, end the look at once.
 *
 * @param desired what the file declares: its links are part of the path
 */
export const prover =
  (desired: Desired): Prove =>
  async (azure, endpoint, { depth, ended, say, signal }) => {
    const { clock } = azure
    const since: Since = { start: clock.now(), noticed: undefined, wrote: lastWrite(endpoint, ended), made: isMade(endpoint, ended) }
    let last: Proof = { as: 'pending', reason: `${endpoint.address} was not looked at` }
    try {
      const limitMs = endpoint.timeoutMs ?? defaultLimitMs
      return await until({ azure, limitMs, what: endpoint.address, signal }, async () => {
        const path = await freshPath(azure, endpoint, desired, depth)
        notice(path, since, clock.now())
        const { proof, isFinal } = judged(path, endpoint, since, clock.now())
        last = proof
        if (proof.as !== 'proven') say(proof.reason)
        return proof.as === 'proven' || isFinal ? proof : undefined
      })
    } catch (error) {
      if (error instanceof WaitTimedOut) return last
      throw error
    }
  }

/** Where no link is declared. */
export const proveEndpoint: Prove = prover(new Map())

interface Since {
  readonly start: number
  /** When the connection was first seen Approved after it had not been: Azure writes the record then. */
  noticed: number | 'not yet' | undefined
  readonly wrote: number | undefined
  readonly made: boolean
}

function notice({ hops }: EndpointPath, since: Since, now: number): void {
  const holds = hops.find(({ hop }) => hop === 'connection')?.as === 'holds'
  if (!holds) since.noticed = 'not yet'
  else if (since.noticed === 'not yet') since.noticed = now
}

/** `isFinal`: waiting longer changes nothing. */
interface Look {
  readonly proof: Proof
  readonly isFinal: boolean
}

function judged({ hops }: EndpointPath, endpoint: EndpointProof, since: Since, now: number): Look {
  const short = hops.find(({ as }) => as !== 'holds')
  if (short === undefined) return { proof: { as: 'proven' }, isFinal: true }
  switch (short.as) {
    case 'unknown':
      return { proof: { as: 'pending', reason: short.message }, isFinal: true }
    case 'waiting':
      return waiting(short, endpoint, since, now)
    default:
      return { proof: { as: 'broken', reason: `${short.message}${fixOf(short, endpoint)}` }, isFinal: !isSettling(short, since, now) }
  }
}

/** We do not wait for a Pending connection on which no step of this run decides. */
function waiting({ message, of }: Hop, { decided }: EndpointProof, since: Since, now: number): Look {
  if (of === 'approval') return { proof: { as: 'pending', reason: message }, isFinal: !decided }
  if (of === 'server' && !since.made && now - since.start >= settlingMs)
    return { proof: { as: 'broken', reason: `${message}, and this run did not make it: the connection was removed there` }, isFinal: true }
  return { proof: { as: 'pending', reason: message }, isFinal: false }
}

/** A read may be behind where this run has just had Azure write the record, or take it away: then we read again. */
function isSettling({ hop }: Hop, { wrote, noticed }: Since, now: number): boolean {
  if (hop !== 'record') return false
  const last = Math.max(wrote ?? -Infinity, typeof noticed === 'number' ? noticed : -Infinity)
  return now - last < settlingMs
}

function fixOf({ hop, message }: Hop, { address, dns }: EndpointProof): string {
  if (dns?.managedBy === 'policy' && hop !== 'connection') return ''
  switch (hop) {
    case 'connection':
      return /Rejected/.test(message)
        ? `. A rejected connection cannot be approved any more: settle it with the owner of the server, and make ${address} again under another name`
        : /Disconnected/.test(message)
          ? '. Nothing revives it: the next plan makes it again'
          : ''
    case 'zoneGroup':
    case 'record':
      return '. The next apply writes its zone group again'
    default:
      return '. The next apply links it'
  }
}

/** When this run last did what has Azure write the endpoint's record, or take it away; see {@link settlingMs}. */
function lastWrite(endpoint: EndpointProof, ended: readonly Ended[]): number | undefined {
  const times = ended.flatMap(({ action, at }) => (touches(action, endpoint) ? [at] : []))
  return times.length === 0 ? undefined : Math.max(...times)
}

function touches(action: Action, { endpoint, server, dns }: EndpointProof): boolean {
  if (action.do === 'create' || action.do === 'update') {
    const { id, kind, refs } = action.resource
    const part = kindOf({ kind }).path?.part
    if (part === 'record') return parentOf(id) === endpoint
    return id === endpoint || (part === 'decision' && refs.includes(endpoint))
  }
  if (action.do !== 'delete') return false
  const { refs } = action.old
  return (dns !== undefined && refs.includes(dns.zone)) || (kindOf(action.old).path?.part === 'endpoint' && refs.includes(server))
}

const isMade = ({ endpoint }: EndpointProof, ended: readonly Ended[]): boolean =>
  ended.some(({ action }) => action.do === 'create' && action.resource.id === endpoint)
