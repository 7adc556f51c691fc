// A drift of many topologies in several subscriptions, in a sandbox that refuses what is too much: how many calls, how many of them were
// refused, and how long that takes beside the least time that Azure's limits allow, which is reckoned from the calls alone.
import { fleetOf } from './fleet.ts'

type Members = Readonly<Record<string, unknown>>

export interface Estates {
  /** Topologies by the path of their file. */
  readonly files: Readonly<Record<string, Members>>
  /** Bodies by id, for a sandbox in which all of them stand. */
  readonly bodies: Readonly<Record<string, Members>>
}

export interface EstatesSize {
  readonly topologies: number
  readonly subscriptions: number
  /** Servers of each topology, each with an endpoint, a firewall rule and a database. */
  readonly servers: number
}

const fleetSubscription = '11111111-1111-4111-8111-111111111111'
const subscriptionOf = (index: number): string => `${index + 1}`.padStart(8, '0').concat('-1111-4111-8111-111111111111')

/** Topologies one beside the other, those of a subscription next to each other, as folders by name are. */
export function estatesOf({ topologies, subscriptions, servers }: EstatesSize): Estates {
  const perSubscription = Math.ceil(topologies / subscriptions)
  const { topologies: all, bodies } = fleetOf({ servers, firewallRules: 1, databases: 1 })
  const [topology] = all
  const files: Record<string, Members> = {}
  const there: Record<string, Members> = {}
  for (let index = 0; index < topologies; index += 1) {
    const number = `${index}`.padStart(3, '0')
    const own = (text: string): string =>
      text.replaceAll(fleetSubscription, subscriptionOf(Math.floor(index / perSubscription))).replaceAll('fleet-', `estate-${number}-`)
    files[`estates/${number}/topology.yaml`] = JSON.parse(own(JSON.stringify(topology)))
    Object.assign(there, JSON.parse(own(JSON.stringify(bodies))))
  }
  return { files, bodies: there }
}

/** A line of the sandbox's log. */
export interface Logged {
  readonly time: string
  readonly method: string
  readonly path: string
  readonly status: number
}

export interface Reckoned {
  readonly calls: number
  readonly throttled: number
  /** From the first call to the last, by the clock of the sandbox. */
  readonly seconds: number
  readonly leastSeconds: number
  readonly ratioToBuckets: number
}

/** The figures of one command, from the log of its calls. */
export function reckoned(log: readonly Logged[]): Reckoned {
  const times = log.map(({ time }) => Date.parse(time))
  const seconds = (Math.max(...times) - Math.min(...times)) / 1_000
  const leastSeconds = leastOf(log.filter(({ status }) => status !== 429))
  return {
    calls: log.length,
    throttled: log.filter(({ status }) => status === 429).length,
    seconds,
    leastSeconds,
    ratioToBuckets: Number((seconds / leastSeconds).toFixed(2))
  }
}

/** A bucket of 250 that 25 a second fill up again; windows of 500 and 10,000 in 5 minutes and of 120 in one: of each subscription. */
function leastOf(log: readonly Logged[]): number {
  const counts = new Map<string, number>()
  const add = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const { path } of log) {
    const [, , subscription = ''] = path.split('/')
    add(`bucket ${subscription}`)
    if (/\/providers\/microsoft\.authorization\//i.test(path)) add(`120/60 ${subscription}`)
    else if (/\/providers\/microsoft\.network\/privatedns/i.test(path)) add(`500/300 ${subscription}`)
    else if (/\/providers\/microsoft\.network\//i.test(path)) add(`10000/300 ${subscription}`)
  }
  const least = [...counts].map(([key, count]) => {
    const [limit = ''] = key.split(' ')
    if (limit === 'bucket') return Math.max(0, (count - 250) / 25)
    const [most = 1, span = 0] = limit.split('/').map(Number)
    return Math.floor((count - 1) / most) * span
  })
  return Math.max(...least)
}
