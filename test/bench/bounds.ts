// The least that Azure has to be asked, and the least time that it takes: reckoned from a file and from how Azure pages and answers,
// and from nothing of how pglink plans, reads or applies.

/** Items that Azure gives in one page of a list: of private DNS, and of everything else. */
export interface Pages {
  readonly privateDns: number
  readonly others: number
}

type Members = Readonly<Record<string, unknown>>
type Entries = Readonly<Record<string, Members>>

const entriesOf = (of: unknown): readonly (readonly [string, Members])[] => Object.entries((of ?? {}) as Entries)
const countOf = (of: unknown): number => Object.keys((of ?? {}) as object).length

/** Each by itself, or all by the pages of a list, whichever takes fewer calls. */
const least = (count: number, page: number): number => Math.min(count, Math.ceil(count / page))

/**
 * The calls without which nobody can know that an estate is as these files say, where it holds nothing else: each resource is in one body,
 * each body in one answer, and an answer has one resource, or one page of a list. Bodies carry subnets, and the connections of a server. A
 * zone group is told by its record; one with a name of its own by nothing else. Locks may lie on anything: one list a subscription.
 */
export function leastReads(topologies: readonly Members[], pages: Pages): number {
  const all = (collection: string): readonly (readonly [string, Members])[] => topologies.flatMap(one => entriesOf(one[collection]))
  const servers = all('servers')
  const endpoints = servers.flatMap(([, server]) => entriesOf(server['privateEndpoints']).map(([, endpoint]) => endpoint))
  const withDns = endpoints.filter(({ privateDns }) => privateDns !== undefined && privateDns !== 'none')
  const named = withDns.filter(({ privateDns }) => (privateDns as Members)['name'] !== undefined)
  const groups = new Set(topologies.map(one => `${String(one['subscription'])} ${groupNameOf(one)}`.toLowerCase()))
  const subscriptions = new Set(topologies.map(one => String(one['subscription']).toLowerCase()))
  const inSubscription = [groups.size, all('networks').length, servers.length, endpoints.length, all('dataFactories').length]
  const addressed = withDns.filter(({ ipAddress }) => ipAddress === undefined)
  return (
    subscriptions.size +
    sum(inSubscription.map(count => least(count, pages.others))) +
    least(all('privateDnsZones').length, pages.privateDns) +
    sum(all('privateDnsZones').map(([, zone]) => least(countOf(zone['links']), pages.privateDns))) +
    least(addressed.length, pages.others) +
    sum(topologies.map(one => recordsOf(one, pages))) +
    named.length +
    sum(servers.map(([, server]) => ofServer(server, pages))) +
    sum(all('dataFactories').map(([, factory]) => ofFactory(factory, pages)))
  )
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

const groupNameOf = ({ resourceGroup }: Members): string =>
  typeof resourceGroup === 'string' ? resourceGroup : String((resourceGroup as Members | undefined)?.['name'])

/** The records of the servers' names, by zone. */
function recordsOf(topology: Members, pages: Pages): number {
  const zones = new Map<string, Set<string>>()
  for (const [name, server] of entriesOf(topology['servers']))
    for (const [, { privateDns }] of entriesOf(server['privateEndpoints'])) {
      const zone = (privateDns as { readonly zone?: string } | undefined)?.zone
      if (zone !== undefined) zones.set(zone, (zones.get(zone) ?? new Set()).add(name))
    }
  return sum([...zones.values()].map(names => least(names.size, pages.privateDns)))
}

/** A list of each kind that lies in a server and is declared there. */
function ofServer(server: Members, { others }: Pages): number {
  const access = (server['networking'] as Members | undefined)?.['publicAccess'] as Members | undefined
  const entra = (server['authentication'] as Members | undefined)?.['entra'] as Members | undefined
  return sum(
    [access?.['firewallRules'], server['databases'], server['parameters'], entra?.['administrators']].map(of => least(countOf(of), others))
  )
}

/** The managed network of a factory, and a list of each kind that is declared in it. */
function ofFactory(factory: Members, { others }: Pages): number {
  const network = factory['managedVirtualNetwork'] === true ? 1 : 0
  const lists = ['integrationRuntimes', 'managedPrivateEndpoints', 'linkedServices'].map(of => least(countOf(factory[of]), others))
  return network + sum(lists)
}
