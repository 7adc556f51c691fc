import type { Judged } from '../drift/index.ts'
import type { Plan } from '../model/change.ts'
import { counted } from '../model/counted.ts'
import { ownerTag } from '../model/owner.ts'
import { printable } from '../model/printable.ts'
import type { Asked } from '../model/reads.ts'
import type { Desired, Live } from '../model/resource.ts'
import type { Foundation } from '../plan/digest.ts'
import type { DutyPart } from '../plan/plan.ts'
import { inForce } from '../plan/restarts.ts'
import { countChanges, isEmpty, summaryLine } from '../plan/summary.ts'
import type { Tagging } from '../plan/tagPlan.ts'
import type { EndpointPath } from '../proof/path.ts'

export interface Said {
  readonly address: string
  readonly message: string
}

/** In the order in which they matter. `marker`: of a lock that is back; `unmanaged`: left the file and stays, since nothing asked for its deletion. */
export type FindingSort = 'refused' | 'broken' | 'waiting' | 'lock' | 'differs' | 'undeclared' | 'marker' | 'unmanaged'

export interface Finding extends Said {
  readonly as: FindingSort
}

/**
 * How the estate stands to the file, as far as a plan can tell. `changes`: an apply would do something; `refused`: it may not;
 * `waiting`: a person has to do something first; `findings`: something is left that no apply mends; `unknown`: not all could be
 * read; `matches`: everything declared was read, is equal and leads where it should; `tagged`: of a plan of tags alone, that they are as
 * wanted; `partial`: of a plan of a part, that nothing is to be done in it: other changes may be left out, and the part of a duty says nothing
 * of the rest.
 */
export interface Verdict {
  readonly as: 'changes' | 'refused' | 'waiting' | 'findings' | 'unknown' | 'matches' | 'tagged' | 'partial'
  /** The one sentence that says so, in every form of a plan. */
  readonly text: string
  /** The findings that are left when the plan is carried out. */
  readonly findings: readonly Finding[]
  readonly unknown: readonly Said[]
}

/** A plan and what was known when it was made. */
export interface PlanView {
  readonly plan: Plan
  readonly live: Live
  readonly desired: Desired
  readonly topology: { readonly name: string; readonly file: string; readonly env?: string }
  /** The reads that it took, by what was asked for. */
  readonly asked: Asked
  readonly digest: string
  /** Made anew each time. */
  readonly foundation: () => Foundation
  /** Which Azure it is, or which sandbox, in words. */
  readonly estate: string
  readonly verdict: Verdict
  readonly paths: readonly EndpointPath[]
  /** Made anew each time; absent for a plan that is of a part itself, or of tags. */
  readonly parts?: () => readonly DutyPart[]
}

export interface VerdictInput {
  readonly plan: Plan
  readonly paths: readonly EndpointPath[]
  /** The drift, as far as the reads of this plan show it, with the parts that the file agrees to marked as such. */
  readonly drift: readonly Judged[]
  /** Locks that are off. */
  readonly locks: readonly Said[]
  /** Leftover markers. */
  readonly markers: readonly Said[]
  /** The plan undoes the drift and does nothing else. */
  readonly revert?: boolean
  /** The plan tags these and does nothing else. */
  readonly tagging?: Tagging
}

/** The one judge of what a plan, an apply and every report of them may say. Nothing else in this program says "matches". */
export function verdictOf(whole: VerdictInput): Verdict {
  const { plan, revert = false, tagging } = whole
  const left = plan.part?.left.length ?? 0
  const duty = plan.part?.ofDuty?.duty
  // Whatever else is not as declared may be so by what is left out.
  const input = left === 0 && duty === undefined ? whole : { ...whole, paths: [], drift: [] }
  // A record that leads elsewhere is said with its path.
  const records = new Set(input.paths.map(({ address }) => `${address}/privateDns`))
  const drift = input.drift.filter(({ address }) => !records.has(address))
  const findings = findingsOf({ ...input, drift })
  const unknown = unknownIn({ ...input, drift })
  const said = { findings, unknown }
  const has = (as: FindingSort): boolean => findings.some(one => one.as === as)
  if (!changesNothing(plan))
    return {
      ...said,
      as: has('refused') ? 'refused' : 'changes',
      text: `${summaryLine(countChanges(plan.changes))}${left === 0 ? '' : ` ${leftOutText(left)}`}`
    }
  const as = has('refused') ? 'refused' : has('waiting') ? 'waiting' : findings.length > 0 ? 'findings' : undefined
  // It is about what drifted alone, and the drift that it is printed with says what that is.
  if (tagging)
    return taggedVerdict(
      tagging,
      findings.filter(one => one.as === 'refused')
    )
  if (revert) {
    const own = findings.filter(one => one.as === 'refused' || one.as === 'waiting')
    return { findings: own, unknown, as: as ?? 'findings', text: 'There is nothing that a plan can put back.' }
  }
  if (duty !== undefined) return { ...said, as: as ?? 'partial', text: `Nothing to do in the part of ${duty}${restOf(plan, left)}` }
  if (left > 0) return { ...said, as: as ?? 'partial', text: `Nothing to do in this part. ${leftOutText(left)}` }
  const gaps = unknown.length === 0 ? '' : `${unknown.length} unknown`
  if (as !== undefined) {
    const left = [counted(findings.length, 'finding'), gaps].filter(text => text !== '').join(', ')
    return { ...said, as, text: `No changes that an apply could make. ${left}.` }
  }
  if (gaps !== '') return { ...said, as: 'unknown', text: `No changes in what could be read; ${gaps}.` }
  return { ...said, as: 'matches', text: 'No changes. Your infrastructure matches the topology.' }
}

/** The rest of the plan beside the part of a duty. An entry that was not read may hide a change. */
function restOf({ waiting }: Plan, left: number): string {
  if (left > 0) return `. ${leftOutText(left)}`
  return waiting.some(one => one.leftOut) ? ', as far as it could be read.' : ', and no change is left to others.'
}

const leftOutText = (left: number): string => `Partial: ${counted(left, 'change')} of the whole plan ${left === 1 ? 'is' : 'are'} left out.`

/** It is about the tags alone: whether anything else matches was not asked. */
const taggedVerdict = ({ as, addresses }: Tagging, findings: readonly Finding[]): Verdict => ({
  as: findings.length > 0 ? 'refused' : 'tagged',
  findings,
  unknown: [],
  text:
    findings.length > 0
      ? 'No tag is written.'
      : `The tag ${ownerTag} is ${as === 'adopt' ? 'on' : 'not on'} ${addresses.map(printable).join(', ')}.`
})

/** The verdict of a plan against the base branch's file, which says nothing of how Azure is. */
export const againstBase = <V extends Pick<Verdict, 'as' | 'text'>>(verdict: V): V =>
  verdict.as === 'matches' ? { ...verdict, text: 'No changes to what the base branch declares.' } : verdict

/** A look waits for a person, and changes nothing. */
export const changesNothing = (plan: Pick<Plan, 'changes' | 'steps'>): boolean =>
  isEmpty(plan) && plan.steps.every(({ action }) => action.do === 'prove')

function findingsOf({ plan, paths, drift, locks, markers }: VerdictInput): Finding[] {
  const as = (sort: FindingSort, all: readonly Said[]): Finding[] => all.map(({ address, message }) => ({ as: sort, address, message }))
  const changed = new Set(plan.changes.flatMap(change => (change.op === 'delete' ? change.old.address : change.resource.address)))
  // Where there is something to do, what is short of a path is what it is done for.
  const hops = hopsOf(changesNothing(plan) ? paths : [])
  // A parameter that is set waits for a restart that the user has not agreed to.
  const differs = drift.filter(one => isDifference(one) && !changed.has(one.address))
  const found = [
    ...as('refused', plan.refusals),
    ...as('broken', hops.broken),
    ...as('waiting', [...plan.waiting, ...hops.waiting]),
    ...as('lock', locks),
    ...as('waiting', differs.filter(({ field }) => field === inForce).map(withField)),
    ...as('differs', differs.filter(({ field }) => field !== inForce).map(withField)),
    ...as('undeclared', drift.filter(isUndeclared)),
    ...as('marker', markers),
    ...as(
      'unmanaged',
      plan.unmanaged.map(({ address, path }) => ({ address: address === '' ? path : address, message: 'is ours, and in no file' }))
    )
  ]
  return saidOnce(found)
}

type Hops = Readonly<Record<'waiting' | 'broken' | 'unknown', readonly Said[]>>

/** Where something is wrong on the way, what lies behind it follows from it: one sort of each path, its worst. */
function hopsOf(paths: readonly EndpointPath[]): Hops {
  const of = (as: 'waiting' | 'broken' | 'unknown'): Said[] =>
    paths.flatMap(({ address, hops }) => hops.filter(hop => hop.as === as).map(({ message }) => ({ address, message })))
  return { waiting: of('waiting'), broken: of('broken'), unknown: of('unknown') }
}

/** The plan's own words on an address are enough: a path that waits for the same thing is no second finding. */
function saidOnce(all: readonly Finding[]): Finding[] {
  const waitedFor = new Set(all.filter(({ as }) => as === 'waiting').map(({ address }) => address))
  const broken = new Set(all.filter(({ as }) => as === 'broken').map(({ address }) => address))
  const seen = new Set<string>()
  return all.filter(({ as, address, message }) => {
    const key = `${address} ${as === 'waiting' ? '' : message}`
    if (seen.has(key)) return false
    seen.add(key)
    return as !== 'differs' || !(broken.has(address) || waitedFor.has(address))
  })
}

const isDifference = ({ class: of, counts, ignored }: Judged): boolean =>
  (of === 'differs' || of === 'drifted' || of === 'both') && (counts || ignored !== undefined)

/** A resource that the file agrees to is as the file says: it is in no topology, and its owner answers for it. */
const isUndeclared = ({ class: of, counts }: Judged): boolean => of === 'unmanaged' && counts

const withField = ({ address, field, message, ignored }: Judged): Said => ({
  address,
  message: `${field === undefined ? '' : `${field}: `}${message}${ignored === undefined ? '' : ` (agreed to by driftIgnore: ${ignored.reason})`}`
})

function unknownIn({ plan, paths, drift }: VerdictInput): Said[] {
  const own = new Set(plan.unknown.map(({ address }) => address))
  const others = [
    ...drift.filter(({ class: of }) => of === 'unknown').map(({ address, message }) => ({ address, message })),
    ...hopsOf(paths).unknown
  ].filter(({ address }) => !own.has(address))
  return [...plan.unknown, ...new Map(others.map(one => [`${one.address} ${one.message}`, one])).values()]
}

/** How Azure stands to the file, as a look at all of it can tell; see {@link Verdict} for what a plan can. */
export interface DriftVerdict {
  readonly as: 'drift' | 'unknown' | 'clean'
  readonly text: string
}

export interface DriftSeen {
  readonly complete: boolean
  /** Something that the file declares could not be read. */
  readonly declaredUnread: boolean
  readonly entries: readonly { readonly counts: boolean }[]
  readonly summary: Readonly<
    Record<'drifted' | 'both' | 'differs' | 'unmanaged' | 'waiting' | 'pending' | 'unknown' | 'asking' | 'ignored', number>
  >
}

/** Drift that is known counts whatever else is unknown. A declared unknown is never clean; an undeclared one is said beside. */
export function driftVerdictOf({ complete, declaredUnread, entries, summary }: DriftSeen): DriftVerdict {
  const counts = (['drifted', 'both', 'differs', 'unmanaged', 'waiting', 'pending', 'unknown', 'asking', 'ignored'] as const)
    .filter(name => summary[name] > 0)
    .map(name => `${summary[name]} ${name}`)
    .join(', ')
  if (entries.some(one => one.counts)) return { as: 'drift', text: `Drift: ${counts}.` }
  if (declaredUnread) return { as: 'unknown', text: `Not everything could be read, so that it is not known whether it drifted: ${counts}.` }
  if (!complete) return { as: 'clean', text: `No drift in what is declared. Not all that is in no file could be looked for: ${counts}.` }
  return { as: 'clean', text: counts === '' ? 'No drift. Azure is as the topology says.' : `No drift. ${counts}.` }
}
