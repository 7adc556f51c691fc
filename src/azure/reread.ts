import { AsyncLocalStorage } from 'node:async_hooks'
import type { Body } from '../model/json.ts'

/** What a read showed: the raw body, or that there is nothing. */
export type Shown = { readonly body: Body; readonly etag: string | undefined } | 'absent'

const current = new AsyncLocalStorage<Map<string, Shown>>()

/**
 * Within `work` what is read is remembered, so that a write on the same path goes out on what that read has shown, with no
 * request in between, and with a precondition where the provider honours one.
 */
export const rereading = <T>(work: () => Promise<T>): Promise<T> => current.run(new Map(), work)

const keyOf = (url: string): string => new URL(url).pathname.toLowerCase()

/** The first read counts, which is the one that was compared: what a kind reads again for itself may show more than that. */
export function remember(url: string, shown: Shown): void {
  const store = current.getStore()
  if (store?.has(keyOf(url)) === false) store.set(keyOf(url), shown)
}

/** What the last read of this path has shown; only once, since after a write it is not so any more. */
export function takeRemembered(url: string): Shown | undefined {
  const shown = current.getStore()?.get(keyOf(url))
  current.getStore()?.delete(keyOf(url))
  return shown
}

/**
 * Who honours If-Match: private DNS for every write of its zones, links and records [SDK-DNS], Data Factory for a PUT of anything
 * but managed private endpoints, which have no etag [SDK-ADF, REC-ADF]. Elsewhere it would be taken and not looked at.
 */
const honours: readonly { readonly path: RegExp; readonly methods: readonly string[] }[] = [
  { path: /\/microsoft\.network\/privatednszones\/[^/]+(\/[^/]+\/[^/]+)?$/, methods: ['PUT', 'PATCH', 'DELETE'] },
  {
    path: /\/microsoft\.datafactory\/factories\/[^/]+(\/(integrationruntimes|linkedservices|managedvirtualnetworks)\/[^/]+)?$/,
    methods: ['PUT']
  }
]

/** The precondition under which a write on what was shown may go out; none where nobody would look at it. */
export function preconditionFor(method: string, url: string, shown: Shown | undefined): Readonly<Record<string, string>> {
  if (shown === undefined || !honours.some(({ path, methods }) => path.test(keyOf(url)) && methods.includes(method))) return {}
  // Data Factory has no If-None-Match on a write [SDK-ADF].
  if (shown === 'absent') return method === 'PUT' && keyOf(url).includes('/privatednszones/') ? { 'if-none-match': '*' } : {}
  return shown.etag === undefined ? {} : { 'if-match': shown.etag }
}
