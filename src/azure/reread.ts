import { AsyncLocalStorage } from 'node:async_hooks'
import type { Body } from '../model/json.ts'

/** The result of a read: the raw body, or that there is nothing. */
export type Shown = { readonly body: Body; readonly etag: string | undefined } | 'absent'

/** How often each etag was sent as a precondition and refused. */
export type Refused = Map<string, number>

interface Reread {
  readonly shown: Map<string, Shown>
  readonly refused: Refused
}

const current = new AsyncLocalStorage<Reread>()

/**
 * Within `work` what is read is remembered, so that a write on the same path goes out on what that read has shown, with no
 * request in between, and with a precondition where the provider honours one.
 *
 * @param refused gathers those that did not hold, over several tries at the same write
 */
export const rereading = <T>(refused: Refused, work: () => Promise<T>): Promise<T> => current.run({ shown: new Map(), refused }, work)

const keyOf = (url: string): string => new URL(url).pathname.toLowerCase()

/** The first read counts, which is the one that was compared: what a kind reads again for itself may show more than that. */
export function remember(url: string, shown: Shown): void {
  const store = current.getStore()?.shown
  if (store?.has(keyOf(url)) === false) store.set(keyOf(url), shown)
}

/** The result of the last read of this path; only once, since after a write it is not so any more. */
export function takeRemembered(url: string): Shown | undefined {
  const store = current.getStore()?.shown
  const shown = store?.get(keyOf(url))
  store?.delete(keyOf(url))
  return shown
}

/**
 * The providers that honour If-Match: private DNS for every write of its zones, links and records [SDK-DNS], Data Factory for a PUT
 * of anything but managed private endpoints, which have no etag [SDK-ADF, REC-ADF], and the network provider for a PUT of those
 * that were tried: public IPs, load balancers, route tables [GH kubernetes-sigs/cloud-provider-azure#9729, GH
 * kubernetes/kubernetes#77490]. That it does so for networks and endpoints as well is inferred: where a provider ignores it, it
 * does no harm, and where an etag is refused and shown all the same, it is none that can be compared.
 */
const honours: readonly { readonly path: RegExp; readonly methods: readonly string[]; readonly inferred?: true }[] = [
  { path: /\/microsoft\.network\/privatednszones\/[^/]+(\/[^/]+\/[^/]+)?$/, methods: ['PUT', 'PATCH', 'DELETE'] },
  {
    path: /\/microsoft\.datafactory\/factories\/[^/]+(\/(integrationruntimes|linkedservices|managedvirtualnetworks)\/[^/]+)?$/,
    methods: ['PUT']
  },
  { path: /\/microsoft\.network\/virtualnetworks\/[^/]+(\/subnets\/[^/]+)?$/, methods: ['PUT'], inferred: true },
  { path: /\/microsoft\.network\/privateendpoints\/[^/]+(\/privatednszonegroups\/[^/]+)?$/, methods: ['PUT'], inferred: true }
]

/** The precondition under which a write on what was shown may go out; none where nobody would look at it. */
export function preconditionFor(method: string, url: string, shown: Shown | undefined): Readonly<Record<string, string>> {
  const honoured = honours.find(({ path, methods }) => path.test(keyOf(url)) && methods.includes(method))
  if (shown === undefined || honoured === undefined) return {}
  // Data Factory and the network provider have no If-None-Match on a write [SDK-ADF, SDK-NET].
  if (shown === 'absent') return method === 'PUT' && keyOf(url).includes('/privatednszones/') ? { 'if-none-match': '*' } : {}
  const { etag } = shown
  if (etag === undefined || (honoured.inferred && (current.getStore()?.refused.get(etag) ?? 0) >= refusalsMax)) return {}
  return { 'if-match': etag }
}

/** A look may show for a while what is not so any more: only what is refused so often, at growing distances, is none. */
const refusalsMax = 4

/** Notes that a write under this precondition was refused. */
export function refuse(precondition: Readonly<Record<string, string>>): void {
  const refused = current.getStore()?.refused
  const etag = precondition['if-match']
  if (etag !== undefined) refused?.set(etag, (refused.get(etag) ?? 0) + 1)
}
