import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import type { Around } from '../live/around.ts'
import type { EndpointProof } from '../model/change.ts'
import { nameOf, type ResourceId } from '../model/id.ts'
import type { Desired, Live, Observed } from '../model/resource.ts'
import type { VerifiedHop } from './verify.ts'

export interface Judging {
  readonly desired: Desired
  readonly live: Pick<Live, 'resources' | 'paths'>
  readonly around: Around
}

/** How what the file has, or only refers to, is mended where it is missing. */
export const mended = (id: ResourceId, { desired }: Pick<Judging, 'desired'>, does: string): string =>
  desired.get(id)?.managed === true
    ? `\`pglink apply\` ${does}.`
    : 'The file only refers to it: correct the entry, or have its owner mend it.'

/** A hop of something that is not there to be judged; `undefined` where it is. */
export function unseenHop(
  hop: string,
  observed: Observed | undefined,
  { name, fix }: { readonly name: string; readonly fix: string }
): VerifiedHop | undefined {
  if (observed === undefined || observed.state === 'absent') return { hop, as: 'broken', message: `${name} is not there`, fix }
  if (observed.state === 'present') return undefined
  const waits = observed.busy !== undefined
  return {
    hop,
    as: waits ? 'waiting' : 'unknown',
    message: `how ${name} stands is ${waits ? 'not settled' : 'unknown'}`,
    why: observed.reason
  }
}

/** Whether the server takes connections: only one that is Ready does. */
export function serverHop(id: ResourceId, judging: Judging): VerifiedHop {
  const { desired, live, around } = judging
  const name = desired.get(id)?.address ?? nameOf(id)
  const observed = live.resources.get(id)?.observed ?? around.servers.get(id)
  const unseen = unseenHop('server', observed, { name, fix: mended(id, judging, 'makes it') })
  if (unseen !== undefined || observed?.state !== 'present')
    return unseen ?? { hop: 'server', as: 'unknown', message: `how ${name} stands is unknown` }
  const { state = 'Ready', startedBy } = observed.facts
  const message = `${name} is ${state}`
  if (/^ready$/i.test(state)) return { hop: 'server', as: 'holds', message }
  if (startedBy !== undefined) return { hop: 'server', as: 'broken', message, fix: `Start it: ${startedBy}` }
  if (flexibleServer.motion(observed) !== 'at rest')
    return { hop: 'server', as: 'waiting', message, why: 'Azure is still at it: it takes connections once it is Ready' }
  return {
    hop: 'server',
    as: 'broken',
    message,
    fix: `Mend what keeps ${name} from being Ready: its page in the portal says it under Resource health.`
  }
}

/** Whether the endpoint is there, was made to its end, and leads to its server. */
export function endpointHop({ endpoint, address, server, managed }: EndpointProof, judging: Judging): VerifiedHop {
  const observed = judging.live.resources.get(endpoint)?.observed
  const again = mended(endpoint, judging, 'makes it')
  const unseen = unseenHop('endpoint', observed, { name: address, fix: again })
  if (unseen !== undefined || observed?.state !== 'present')
    return unseen ?? { hop: 'endpoint', as: 'unknown', message: `how ${address} stands is unknown` }
  const { state = 'Succeeded' } = observed.facts
  const { target } = observed.props as { readonly target?: ResourceId }
  if (target !== undefined && target !== server) {
    const message = `${address} leads to ${target}, and not to ${nameOf(server)}`
    return { hop: 'endpoint', as: 'broken', message, fix: mended(endpoint, judging, 'makes it again for its server') }
  }
  const message = `${address} is ${state}`
  if (/^succeeded$/i.test(state)) return { hop: 'endpoint', as: 'holds', message }
  if (/^(failed|cancell?ed)$/i.test(state)) {
    const fix = managed
      ? mended(endpoint, judging, 'makes it again')
      : `Delete it (az network private-endpoint delete), then \`pglink apply\` makes it again.`
    return { hop: 'endpoint', as: 'broken', message, fix }
  }
  const kind = judging.live.resources.get(endpoint)?.kind ?? privateEndpoint.name
  const why = kindOf({ kind }).motion(observed) === 'at rest' ? 'Azure has not said that it is made' : 'Azure is still at it'
  return { hop: 'endpoint', as: 'waiting', message, why }
}
