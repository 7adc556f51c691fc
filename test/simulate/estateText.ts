import type { StoredResource } from '../../src/sandbox/state.ts'

const isLock = (id: string): boolean => /\/providers\/microsoft\.authorization\/locks\/[^/]+$/i.test(id)
const isMarker = (id: string): boolean => /\/pglink-owes-[^/]*$/i.test(id)

/** Resources by body, less what is never the same twice; locks as they are, byte for byte; and markers. */
export interface EstateText {
  readonly resources: readonly string[]
  readonly locks: readonly string[]
  readonly markers: readonly string[]
}

export function textOf(resources: readonly StoredResource[]): EstateText {
  const locks = resources.filter(({ id }) => isLock(id) && !isMarker(id))
  const others = resources.filter(({ id }) => !isLock(id))
  return {
    resources: others.map(({ id, body, provisioning }) => withoutChance(`${id} ${provisioning} ${JSON.stringify(sorted(body))}`)).sort(),
    locks: locks.map(({ id, body }) => `${id} ${JSON.stringify(body)}`).sort(),
    markers: resources.flatMap(({ id }) => (isMarker(id) ? [id] : []))
  }
}

/** A text less guids, times and names that Azure draws. Names of the topology itself are the same in both anyway. */
export const withoutChance = (text: string): string =>
  text
    .replaceAll(/"encryptedCredential":"[^"]*"/g, '"encryptedCredential":"<drawn>"')
    .replaceAll(/"(privateIPAddress|ipv4Address)":"[\d.]+"/g, '"$1":"<drawn>"')
    .replaceAll(/(privatednszones\/[^/ ]+\/a\/)[0-9a-f]{12}(?![^ /"])/gi, '$1<drawn>')
    .replaceAll(/vnet-[0-9a-f]{8}-([a-z0-9]+)-\d+-rg/g, 'vnet-<drawn>-$1-rg')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<guid>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, '<time>')

/** Members that Azure adds to a body, and gets back where something that failed is written once more as it was read. */
const defaults = new Map(
  Object.entries({
    customNetworkInterfaceName: '',
    ipVersionType: 'IPv4',
    enableDdosProtection: false,
    privateEndpointVNetPolicies: 'Disabled',
    virtualNetworkPeerings: [],
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled'
  }).map(([key, value]) => [key, JSON.stringify(value)])
)

/** Keys and lists in one order: that of lists is the order in which things were made. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([key, inner]) => key !== 'etag' && defaults.get(key) !== JSON.stringify(inner))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]))
}

/** The lines that one list has more or less than another. */
export function difference(is: readonly string[], wanted: readonly string[]): string[] {
  const left = [...wanted]
  const more = is.filter(line => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  return [...left.map(line => `- ${line}`), ...more.map(line => `+ ${line}`)]
}
