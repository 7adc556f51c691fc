import { kindOf } from '../../kinds/index.ts'
import type { Need } from '../../kinds/need.ts'
import type { Change, EndpointProof, Note } from '../../model/change.ts'
import type { Duty } from '../../model/duty.ts'
import type { Elsewhere } from '../../model/elsewhere.ts'
import type { ResourceId } from '../../model/id.ts'
import type { Worded } from '../../model/option.ts'
import type { PlanInput } from '../../model/planOptions.ts'
import type { Existing, Found, Position, Resource } from '../../model/resource.ts'
import type { Looks } from './looks.ts'

/** The writes of a plan, and the facts known so far. */
export interface Preparing extends Omit<PlanInput, 'options'>, Worded {
  readonly topology: string
  /** Every private endpoint and managed endpoint the file declares. */
  readonly endpoints: readonly EndpointProof[]
  /** The servers that the user has migrated whatever speaks against it. */
  readonly agreed?: ReadonlySet<ResourceId>
  /** The one whose part alone the changes are. */
  readonly ofDuty?: Duty | undefined
  /** The verbs of the calls of the plan that are no write, by their resource. */
  readonly calls?: ReadonlyMap<ResourceId, string>
  /** The resources that other topologies of the same command make. */
  readonly elsewhere?: Elsewhere | undefined
  /** Where in the file a field of an entry is written, or the entry itself. */
  readonly placeOf: (id: ResourceId, field?: string) => Position | undefined
}

/** A write that Azure would refuse, or a warning about one. */
export interface Finding {
  /** The id in `topology/rules/preflight.ts`. */
  readonly rule: `PGL${number}`
  readonly address: string
  /** The problem, Azure's words for it, and the way out. */
  readonly message: string
  /** Absent for a warning. */
  readonly exit?: 1 | 4 | 6 | 7
  readonly at: Position
}

/** The answers of the checks, each of which adds its own. */
export interface Answers {
  readonly findings: Finding[]
  /** Questions that could not be answered. */
  readonly unknown: Note[]
  /** Dangers that a reviewer has to see first. */
  readonly dangers: Note[]
  /** Notes beside the findings. */
  readonly notes: Note[]
  /** Resources read because the file refers to them, beside those it declares. */
  readonly seen: Map<ResourceId, Found>
}

export interface Asked extends Preparing {
  readonly looks: Looks
  readonly answers: Answers
}

/** Adds a finding about the write of a resource, at its entry or at a field of that. */
export function found(
  { answers, placeOf }: Asked,
  { id, address, at }: Resource,
  { field, ...rest }: Omit<Finding, 'address' | 'at'> & { readonly field?: string | undefined }
): void {
  answers.findings.push({ ...rest, address, at: placeOf(id, field) ?? at })
}

export type Writing = Exclude<Change, { op: 'delete' }>

export const writings = (changes: readonly Change[]): Writing[] => changes.flatMap(change => (change.op === 'delete' ? [] : [change]))

/** The fields that a write would send for the first time, or change. */
export const fieldsOf = (change: Writing): readonly string[] =>
  change.op === 'update'
    ? change.fields.map(({ field }) => field)
    : Object.entries(change.resource.props as Readonly<Record<string, unknown>>).flatMap(([field, value]) =>
        value === undefined ? [] : [field]
      )

/** A need of one of the writes. */
export interface Wanting<K extends Need['need']> {
  readonly need: Extract<Need, { need: K }>
  readonly resource: Resource
  /** It is made, or made again. */
  readonly isNew: boolean
  readonly old: Existing | undefined
}

/** The needs of this sort that the kinds have of what is to be written. */
export const needsIn = <K extends Need['need']>({ changes }: Preparing, sort: K): Wanting<K>[] =>
  writings(changes).flatMap(change => {
    const { resource } = change
    const isNew = change.op !== 'update'
    const fields = isNew ? undefined : new Set(fieldsOf(change))
    const needs = kindOf(resource).needs(resource.props, fields, resource.id)
    const mine = needs.filter((need): need is Extract<Need, { need: K }> => need.need === sort)
    return mine.map(need => ({ need, resource, isNew, old: change.op === 'create' ? undefined : change.old }))
  })
