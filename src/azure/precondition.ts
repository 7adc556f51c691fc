import type { Body } from '../model/json.ts'

/** The result of a read: the raw body, or that there is nothing. */
export type Shown = { readonly body: Body; readonly etag: string | undefined } | 'absent'

/** How often each etag was sent as a precondition and refused. */
export type Refused = Map<string, number>

/** A read may show an earlier state for a while: only after so many refusals, with growing waits, we send an etag no more. */
const refusalsMax = 4

/**
 * One look before a write. It remembers what was read, so that a write on the same path goes out on what that read has shown, with no
 * request in between, and with a precondition where the provider honours one.
 */
export class Look {
  readonly #shown = new Map<string, Shown>()
  readonly #refused: Refused

  /** @param refused gathers those that did not hold, over several tries at the same write */
  constructor(refused: Refused) {
    this.#refused = refused
  }

  /** The first read counts, which is the one that was compared: a kind may read again for itself, and see more. */
  remember(url: string, shown: Shown): void {
    if (!this.#shown.has(keyOf(url))) this.#shown.set(keyOf(url), shown)
  }

  /** The result of the last read of this path; only once, since a write makes it untrue. */
  take(url: string): Shown | undefined {
    const shown = this.#shown.get(keyOf(url))
    this.#shown.delete(keyOf(url))
    return shown
  }

  /** The precondition under which a write on what was shown may go out; none where the provider ignores it. */
  preconditionFor(method: string, url: string, shown: Shown | undefined): Readonly<Record<string, string>> {
    const honoured = honours.find(({ path, methods }) => path.test(keyOf(url)) && methods.includes(method))
    if (shown === undefined || honoured === undefined) return {}
    // Data Factory and the network provider have no If-None-Match on a write [SDK-ADF, SDK-NET].
    if (shown === 'absent') return method === 'PUT' && keyOf(url).includes('/privatednszones/') ? { 'if-none-match': '*' } : {}
    const { etag } = shown
    if (etag === undefined || (honoured.inferred && (this.#refused.get(etag) ?? 0) >= refusalsMax)) return {}
    return { 'if-match': etag }
  }

  /** Notes that a write under this precondition was refused. */
  refuse(precondition: Readonly<Record<string, string>>): void {
    const etag = precondition['if-match']
    if (etag !== undefined) this.#refused.set(etag, (this.#refused.get(etag) ?? 0) + 1)
  }
}

const keyOf = (url: string): string => new URL(url).pathname.toLowerCase()

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
