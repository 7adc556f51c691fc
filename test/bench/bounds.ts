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

/** One step: those before it, the resources it writes in or refers to, and how long it takes until its end is seen. */
export interface Work {
  readonly id: string
  readonly after: readonly string[]
  /** Each takes one write at a time. */
  readonly takes: readonly string[]
  readonly ms: number
}

/** Azure's part of a step, from its request on. */
export interface Wait {
  /** When it is done. */
  readonly ms: number
  /** The Retry-After of the first answer, in seconds; absent where it has none. */
  readonly retryAfter?: number
  /** Each answer asks for twice as long as the one before, as those of the network's provider do. */
  readonly doubles?: boolean
}

const growing = [0, 1, 2, 4, 8]
const grown = 15
const longestDoubled = 100

/** When the end of a wait is seen that begins at `fromMs`, looked at as soon as Azure allows: at once, then after 1, 2, 4, 8, 15 s. */
export function seenMs(waits: readonly Wait[], speed = 1): number {
  let at = 0
  for (const { ms, retryAfter, doubles = false } of waits) {
    const asked = (looks: number): number => {
      if (retryAfter === undefined) return growing[looks] ?? grown
      const seconds = doubles && looks > 1 ? Math.min(longestDoubled, retryAfter * 2 ** (looks - 1)) : retryAfter
      return Math.max(1, Math.ceil(seconds / speed))
    }
    at += asked(0) * 1_000
    for (let looks = 1; at < ms / speed; looks += 1) at += asked(looks) * 1_000
  }
  return at
}

const oneAtATime = [
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.network/virtualnetworks',
  'microsoft.network/privatednszones',
  'microsoft.datafactory/factories'
]

/** The server, network, zone or factory that an id is of, or lies in. */
export function holderOf(id: string): string | undefined {
  const [, , , , , , provider = '', type = ''] = id.toLowerCase().split('/')
  return oneAtATime.includes(`${provider}/${type}`) ? id.toLowerCase().split('/').slice(0, 9).join('/') : undefined
}

/** No order of the steps ends sooner. */
export function leastMs(steps: readonly Work[], parallelism: number): number {
  const heads = longest(steps, step => step.after)
  const followers = new Map<string, string[]>(steps.map(({ id }) => [id, []]))
  for (const { id, after } of steps) for (const before of after) followers.get(before)?.push(id)
  const tails = longest(steps.toReversed(), ({ id }) => followers.get(id) ?? [])
  const jobs = steps.map(step => ({ ...step, head: heads.get(step.id) ?? 0, tail: tails.get(step.id) ?? 0 }))
  const busy = jobs.filter(({ ms }) => ms > 0)
  const byHolder = new Map<string, Job[]>()
  for (const job of busy) for (const holder of job.takes) byHolder.set(holder, [...(byHolder.get(holder) ?? []), job])
  return Math.max(
    0,
    ...jobs.map(({ head, ms, tail }) => head + ms + tail),
    ...[...byHolder.values()].map(oneByOne),
    atOnce(busy, parallelism)
  )
}

interface Job {
  readonly ms: number
  /** The earliest that it can begin. */
  readonly head: number
  /** The least that is to come after it. */
  readonly tail: number
}

/** By step, the longest way to it over those that `nexts` gives, which come earlier in the list, without itself. */
function longest(steps: readonly Work[], nexts: (step: Work) => readonly string[]): ReadonlyMap<string, number> {
  const ms = new Map(steps.map(step => [step.id, step.ms]))
  const found = new Map<string, number>()
  for (const step of steps) found.set(step.id, Math.max(0, ...nexts(step).map(id => (found.get(id) ?? 0) + (ms.get(id) ?? 0))))
  return found
}

/** On one resource: the best order of jobs that may be broken off, the longest tail first, is a bound for those that may not be. */
function oneByOne(jobs: readonly Job[]): number {
  const waiting = jobs.toSorted((one, other) => one.head - other.head).map(job => ({ ...job, left: job.ms }))
  let [now, end] = [0, 0]
  while (waiting.length > 0) {
    const ready = waiting.filter(({ head }) => head <= now)
    const next = ready.reduce<(typeof waiting)[number] | undefined>((best, one) => (best && best.tail >= one.tail ? best : one), undefined)
    if (next === undefined) {
      now = Math.min(...waiting.map(({ head }) => head))
      continue
    }
    const interrupt = Math.min(...waiting.map(({ head }) => (head > now ? head : Number.POSITIVE_INFINITY)))
    const worked = Math.min(next.left, interrupt - now)
    now += worked
    next.left -= worked
    if (next.left > 0) continue
    end = Math.max(end, now + next.tail)
    waiting.splice(waiting.indexOf(next), 1)
  }
  return end
}

/** Shared among so many: all of the work, evenly, after the shortest heads and before the shortest tails. */
function atOnce(jobs: readonly Job[], parallelism: number): number {
  if (jobs.length <= parallelism) return 0
  const shortest = (of: readonly number[]): number =>
    of
      .toSorted((a, b) => a - b)
      .slice(0, parallelism)
      .reduce((sum, one) => sum + one, 0)
  const work = jobs.reduce((sum, { ms }) => sum + ms, 0)
  return (shortest(jobs.map(({ head }) => head)) + work + shortest(jobs.map(({ tail }) => tail))) / parallelism
}
