import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import ipaddr from 'ipaddr.js'
import { option } from '../model/option.ts'
import { sameAddresses } from '../model/paths.ts'
import { codeOf, type DialedHop, type HostPort, patienceMs, since, type Ways } from './way.ts'

/** Where a name has to lead to. */
export interface NameWanted {
  readonly fqdn: string
  /** The address of the endpoint in the file. */
  readonly endpoint: string
  /** The endpoint's own; `undefined` of a server that lies in a network itself, whose address Azure does not say. */
  readonly addresses: readonly string[] | undefined
  /** Other endpoints of the same server, which a client in another network is led to. */
  readonly others: readonly { readonly endpoint: string; readonly addresses: readonly string[] }[]
}

type Answer =
  | { readonly as: 'addresses'; readonly addresses: readonly string[] }
  /** There is no such name, or it has no address. */
  | { readonly as: 'none'; readonly code: string }
  | { readonly as: 'unanswered'; readonly code: string }

const none = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NODATA', 'EAI_NONAME'])

interface NameFound {
  readonly hop: DialedHop
  /** The address to connect to: the endpoint's, whatever the name says. `undefined` where there is none, or another endpoint serves this machine. */
  readonly address: string | undefined
}

/** Looks the name up as a client on this machine does, and compares what comes back with the endpoint's address. */
export async function findName(wanted: NameWanted, ways: Ways): Promise<NameFound> {
  const start = performance.now()
  const answer = await asked(wanted.fqdn, ways.resolver)
  const ms = since(start)
  const found = answer.as === 'addresses' ? answer.addresses : []
  const { addresses = found.filter(isPrivate) } = wanted
  const other = sameAddresses(found, addresses) ? undefined : wanted.others.find(one => sameAddresses(found, one.addresses))
  return {
    hop: { hop: 'dns', ...judged({ ...wanted, addresses }, answer, other?.endpoint, ways), ms },
    address: other === undefined ? addresses[0] : undefined
  }
}

/** Through the resolver that is given; else by getaddrinfo, which heeds /etc/hosts, as PostgreSQL's clients do. */
async function asked(name: string, resolver: HostPort | undefined): Promise<Answer> {
  const ending = new AbortController()
  const late = after(patienceMs, undefined, { signal: ending.signal }).then(
    (): Answer => ({ as: 'unanswered', code: 'ETIMEDOUT' }),
    (): Answer => ({ as: 'unanswered', code: 'ETIMEDOUT' })
  )
  try {
    return await Promise.race([late, addressesOf(name, resolver).then((addresses): Answer => ({ as: 'addresses', addresses }))])
  } catch (error) {
    const code = codeOf(error)
    return { as: none.has(code) ? 'none' : 'unanswered', code }
  } finally {
    ending.abort()
  }
}

async function addressesOf(name: string, resolver: HostPort | undefined): Promise<readonly string[]> {
  if (resolver === undefined) return (await lookup(name, { all: true })).map(({ address }) => address)
  const { host, port } = resolver
  const address = isIP(host) === 0 ? (await lookup(host)).address : host
  const asking = new Resolver({ timeout: patienceMs / 2, tries: 2 })
  asking.setServers([isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`])
  return asking.resolve4(name)
}

function judged(
  { fqdn, endpoint, addresses }: NameWanted & { readonly addresses: readonly string[] },
  answer: Answer,
  other: string | undefined,
  ways: Ways
): Pick<DialedHop, 'as' | 'message' | 'fix' | 'why'> {
  const by = ways.resolver === undefined ? '' : `, as ${textOf(ways.resolver)} says`
  if (answer.as === 'unanswered')
    return {
      as: 'unknown',
      message: `${fqdn} could not be looked up`,
      why: `${ways.resolver ? textOf(ways.resolver) : 'DNS'} gave no answer (${answer.code})`
    }
  if (answer.as === 'none')
    return {
      as: 'broken',
      message: `${fqdn} leads nowhere${by} (${answer.code})`,
      fix: `The zone that this network asks has no record for it: \`pglink apply\` has Azure write that of ${endpoint}. A DNS server of your own has to forward the name to Azure's.`
    }
  const found = answer.addresses.join(', ')
  const leads = `${fqdn} leads to ${found}${by}`
  if (sameAddresses(answer.addresses, addresses)) return { as: 'holds', message: leads }
  if (other !== undefined)
    return {
      as: 'unknown',
      message: `${leads}, which is ${other}`,
      why: `clients of this network take that way; whether ${endpoint} works is seen from its own network`
    }
  if (!answer.addresses.every(isPrivate))
    return {
      as: 'broken',
      message: `${fqdn} leads to the public address ${found}${by}${insteadOf(endpoint, addresses)}`,
      fix: `No private zone answers here. Link the zone of ${endpoint} to this network in the file, and \`pglink apply\`; on a machine outside, run this inside, or give ${option(ways, 'resolver')}.`
    }
  if (addresses.length === 0) return { as: 'unknown', message: leads, why: `the address of ${endpoint} could not be read` }
  return {
    as: 'broken',
    message: `${leads}${insteadOf(endpoint, addresses)}`,
    fix: 'Another zone, another endpoint of the server, or an entry of this machine answers first: mend that record, or take it away.'
  }
}

const insteadOf = (endpoint: string, addresses: readonly string[]): string =>
  addresses.length === 0 ? '' : `, and not to ${addresses.join(', ')}, the address of ${endpoint}`

const privateRanges = new Set(['private', 'uniqueLocal', 'carrierGradeNat', 'loopback', 'linkLocal'])

const isPrivate = (address: string): boolean => ipaddr.isValid(address) && privateRanges.has(ipaddr.parse(address).range())

const textOf = ({ host, port }: HostPort): string => (isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`)
