import { StrayAddress } from './error.ts'

/** Parts of a path that a parser resolves, turns round or drops, and those that only look like one. */
export const leadsAway = (path: string): boolean =>
  /[\\\s]/.test(path) || /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path) || /%(?:2f|5c|00)/i.test(path.replace(ofOperation, ''))

/** The rest of a path behind these words is Azure's own. */
const ofOperation = /\/(?:operations|operationResults|operationStatuses|azureAsyncOperation|privateDnsOperationStatuses)\/.*$/i

const isLoopback = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname)

/** Whether the token may go there: to the cloud's endpoint, and to its regions, which lie beneath its name. */
export function isHome(url: URL, endpoint: URL): boolean {
  if (`${url.username}${url.password}` !== '') return false
  if (url.origin === endpoint.origin) return true
  const beneath = !isLoopback(endpoint) && url.hostname.endsWith(`.${endpoint.hostname}`)
  return beneath && url.protocol === endpoint.protocol && url.port === endpoint.port
}

interface Found {
  /** The request that was answered. */
  readonly at: string
  readonly endpoint: URL
  /** Where in the answer it stands, such as `a Location`. */
  readonly as: string
}

/**
 * Where an address in an answer leads, written out: one without a host is meant as from the request.
 *
 * @throws StrayAddress for one that is none, or leads anywhere but to Azure
 */
export function addressIn(text: string, { at, endpoint, as }: Found): string {
  const to = URL.canParse(text, at) ? new URL(text, at) : undefined
  const shown = JSON.stringify(text.replace(/[?#].*$/s, '').slice(0, 200))
  if (to === undefined || leadsAway(to.pathname) || !isEscapedWell(to.pathname))
    throw new StrayAddress(`${as} that is no address: ${shown}, for ${placeOf(at)}. Nothing was sent there.`)
  if (!isHome(to, endpoint))
    throw new StrayAddress(
      `${as} that leads to ${to.host} and not to ${endpoint.host}: ${shown}, for ${placeOf(at)}. Nothing was sent there.`
    )
  return to.href
}

function isEscapedWell(path: string): boolean {
  try {
    return decodeURI(path) !== ''
  } catch {
    return false
  }
}

/** The path of an address, as a person reads it. */
export function readablePath(url: string): string {
  const { pathname } = new URL(url)
  return isEscapedWell(pathname) ? decodeURI(pathname) : pathname
}

/** An address as it is told from others: the clients add a version to those that Azure gave without one. */
export function addressKey(url: string): string {
  const known = keys.get(url)
  if (known !== undefined) return known
  const key = new URL(url)
  key.searchParams.delete('api-version')
  if (keys.size >= keysMax) keys.clear()
  keys.set(url, key.href)
  return key.href
}

/** Each request asks for the key of its address several times. */
const keys = new Map<string, string>()
const keysMax = 1_000

/** An address as it may be shown: its query may be a right by itself. */
export const placeOf = (url: string): string => url.replace(/[?#].*$/s, '')
