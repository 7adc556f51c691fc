import { counted } from '../model/counted.ts'
import { nameOf } from '../model/id.ts'
import { printable } from '../model/printable.ts'
import type { EndpointPath } from '../proof/path.ts'
import type { Finding, FindingSort, PlanView, Said } from './verdict.ts'

/** The result of the read after an apply, by its plan. */
export type Closing = Pick<PlanView, 'plan' | 'verdict' | 'paths' | 'desired'>

/**
 * Whether an apply has reached what it was for. `proven`: all of it, or all but what is named and could not be read, which lies on no way
 * to a server; `waiting`: a person has to do something first, or could not be asked; `wrong`: something is not as the file says.
 */
export interface Proof {
  readonly as: 'proven' | 'waiting' | 'wrong'
  readonly text: string
  /** The things that the text speaks of. */
  readonly said: readonly Said[]
  /** Findings beside what is declared, where it is proven. */
  readonly besides: readonly Finding[]
}

/** The one judge of whether "proven" is said: only where every declared endpoint leads to its server. */
export function proofOf({ plan, verdict, paths, desired }: Closing): Proof {
  if (verdict.as === 'matches')
    return { as: 'proven', text: 'Proven by a fresh read: your infrastructure matches the topology.', said: [], besides: [] }
  if (verdict.as === 'tagged' || verdict.as === 'partial')
    return { as: 'proven', text: `Read again. ${verdict.text}`, said: [], besides: [] }
  if (plan.changes.length > 0 || verdict.as === 'changes')
    return { as: 'wrong', text: `Not proven: ${counted(plan.changes.length, 'difference')} left.`, said: [], besides: [] }
  const of = (...sorts: FindingSort[]): Finding[] => verdict.findings.filter(({ as }) => sorts.includes(as))
  const wrong = of('refused', 'broken', 'differs')
  if (wrong.length > 0)
    return short(
      'wrong',
      `Not proven: ${counted(wrong.length, 'thing')} read again ${wrong.length === 1 ? 'is' : 'are'} not as declared.`,
      wrong
    )
  const waiting = of('waiting', 'lock')
  if (plan.part?.ofDuty && waiting.length > 0) return short('waiting', `Read again. ${verdict.text}`, waiting)
  if (waiting.length > 0) return short('waiting', 'Not proven yet, since it waits for a person, a policy or Azure.', waiting)
  const unclear = paths.filter(path => path.hops.some(hop => hop.as === 'unknown' && !isSpared(hop, path)))
  if (unclear.length > 0)
    return short(
      'waiting',
      `Not proven: the way over ${unclear.map(({ address }) => printable(address)).join(', ')} could not be read whole.`,
      verdict.unknown
    )
  const spared = paths.flatMap(path => path.hops.filter(hop => hop.as === 'unknown').map(hop => ({ hop, path })))
  const others = verdict.unknown.filter(one => !spared.some(({ hop, path }) => hop.message === one.message && path.address === one.address))
  // A login that may not read a zone may not read its records: that is said of them.
  const zones = new Set(spared.flatMap(({ hop, path }) => (hop.hop === 'record' ? (path.zone ?? []) : [])))
  const besides = of('undeclared', 'unmanaged', 'marker')
  const more = besides.length === 0 ? '' : ` ${counted(besides.length, 'finding')} beside what is declared.`
  const gaps = [
    ...new Set([
      ...spared.map(({ hop, path }) => gapText(hop, path)),
      ...unreadText(
        others.filter(({ address }) => !zones.has(address)),
        new Set([...desired.values()].map(({ address }) => address))
      )
    ])
  ]
  const text =
    gaps.length > 0
      ? `Proven, but for ${gaps.join(', ')}.`
      : 'Proven by a fresh read: everything declared is there, and leads where it should.'
  return { as: 'proven', text: `${text}${more}`, said: verdict.unknown, besides }
}

const short = (as: Proof['as'], text: string, said: readonly Said[]): Proof => ({ as, text, said, besides: [] })

type Hop = EndpointPath['hops'][number]

/** How many are named of what could not be read. */
const namedMax = 5

/** A scope that is not of the file is unknown only as to the locks on it. */
function unreadText(others: readonly Said[], declared: ReadonlySet<string>): string[] {
  const all = [...new Set(others.map(({ address }) => `${declared.has(address) ? '' : 'the locks on '}${printable(address)} (unreadable)`))]
  const more = all.length - namedMax
  return more <= 0 ? all : [...all.slice(0, namedMax), `${more} more (unreadable)`]
}

/** A zone or a server that this login may not read is for its owner to look at; at the endpoint's own end all must be seen. */
const isSpared = ({ hop }: Hop, { connection }: EndpointPath): boolean =>
  hop === 'record' || (hop === 'connection' && /^approved$/i.test(connection ?? ''))

const gapText = ({ hop }: Hop, { server, address }: EndpointPath): string =>
  hop === 'record'
    ? `the record of ${printable(nameOf(server))} (zone unreadable)`
    : `the server's end of ${printable(address)} (unreadable)`
