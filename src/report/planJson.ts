import { kindOf } from '../kinds/index.ts'
import type { Action, Change, Plan, Step } from '../model/change.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { nameOf } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import type { Json } from '../model/json.ts'
import type { Lock, Resource } from '../model/resource.ts'
import { countChanges, countSteps } from '../plan/summary.ts'
import type { PlanView } from './planText.ts'
import { changesBySubject, reasonOf } from './reason.ts'
import { decisionOf, namingFrom, numbered, positionOf, subjectOf } from './step.ts'
import { fieldsOf, hidden, isSecretField, jsonOf, patchOf, unknownFieldsOf } from './value.ts'

/** Of the document's shape: a reader refuses what it does not know the first number of. */
export const planFormatVersion = '1.0'

/** Everything of a saved plan that is not display: what it was made from, and what it rests on. */
export interface PlanRecord {
  readonly toolVersion: string
  /** ISO 8601. Not part of the digest. */
  readonly timestamp: string
  readonly file: string
  readonly flags: { readonly [flag: string]: Json }
  readonly foundation: { readonly [name: string]: unknown }
  readonly warnings: readonly Diagnostic[]
}

type Members = { readonly [key: string]: unknown }

/** The plan for programs; `resource_changes` is shaped as Terraform's, so that what reads those reads these. */
export function planJson(view: PlanView, record: PlanRecord): Members {
  const { plan } = view
  return {
    format_version: planFormatVersion,
    tool_version: record.toolVersion,
    errored: plan.refusals.length > 0,
    timestamp: record.timestamp,
    digest: view.digest,
    topology: { name: view.topology.name, path: record.file, env: view.topology.env ?? null, flags: record.flags },
    resource_changes: plan.changes.map(changeJson),
    steps: stepsJson(view),
    refusals: plan.refusals.map(({ at, ...refusal }) => ({ ...refusal, ...(at && { source: at }) })),
    waiting: plan.waiting,
    notes: plan.notes,
    unmanaged: plan.unmanaged.map(({ address, path, kind }) => ({ address, id: path, type: kindOf({ kind }).type })),
    unknown: plan.unknown,
    diagnostics: record.warnings.map(({ severity, rule, summary, address }) => ({ severity, rule, summary, address })),
    summary: summaryJson(view),
    foundation: record.foundation
  }
}

export function summaryJson({ plan, reads }: Pick<PlanView, 'plan' | 'reads'>): Members {
  const { add, change, destroy } = countChanges(plan.changes)
  const decided = (decision: 'approve' | 'reject'): number => plan.steps.filter(({ action }) => decisionOf(action) === decision).length
  return {
    add,
    change,
    destroy,
    replace: plan.changes.filter(({ op }) => op === 'replace').length,
    locks_lift: countSteps(plan.steps, 'unlock'),
    locks_restore: countSteps(plan.steps, 'relock'),
    approve: decided('approve'),
    reject: decided('reject'),
    reads
  }
}

const terraformActions = { create: ['create'], update: ['update'], replace: ['delete', 'create'], delete: ['delete'] } as const
const terraformReasons = {
  create: 'missing',
  update: 'differs',
  replace: 'replace_because_cannot_update',
  delete: 'delete_because_no_resource_config'
}

function changeJson(change: Change): Members {
  const subject = change.op === 'delete' ? change.old : change.resource
  const { kind, address, path } = subject
  const before = change.op === 'create' ? null : bodyJson(kind, change.old.props, change.old.tags)
  const after = change.op === 'delete' ? null : bodyJson(kind, change.resource.props, change.resource.tags)
  const unknown = change.op === 'create' || change.op === 'replace' ? unknownFieldsOf(kind) : []
  const fields = 'fields' in change ? change.fields : []
  return {
    address,
    id: path,
    mode: 'managed',
    type: kindOf(subject).type,
    kind,
    name: nameOf(path),
    change: {
      actions: terraformActions[change.op],
      before,
      after,
      after_unknown: Object.fromEntries(unknown.map(field => [field, true])),
      before_sensitive: before === null ? false : sensitive(before),
      after_sensitive: after === null ? false : sensitive(after),
      ...(change.op === 'replace' && { replace_paths: fields.filter(({ forces }) => forces === 'replace').map(({ field }) => [field]) })
    },
    ...(fields.length > 0 && { patch: patchOf(kind, fields) }),
    action_reason: terraformReasons[change.op],
    why: change.op === 'delete' ? [change.because] : fields.map(({ field, forces }) => `${field} differs: ${forces}`),
    ...(change.op !== 'delete' && { source: change.resource.at })
  }
}

function bodyJson(kind: string, props: unknown, tags: Resource['tags']): Readonly<Record<string, Json>> {
  return { ...fieldsOf(kind, props), ...(Object.keys(tags).length > 0 && { tags: { ...tags } }) }
}

const sensitive = (body: Readonly<Record<string, Json>>): Members =>
  Object.fromEntries(Object.entries(body).flatMap(([field, value]) => (value === hidden ? [[field, true]] : [])))

/** Steps by their number in the printed plan; `depends_on` waits for success, `settles` for an end of any kind. */
function stepsJson({ plan, desired }: PlanView): Members[] {
  const numbers = numbered(plan.steps)
  const changeOf = changesBySubject(plan.changes)
  const naming = namingFrom(desired)
  const numbersOf = (ids: readonly string[]): number[] => ids.flatMap(id => numbers.get(id) ?? []).sort((a, b) => a - b)
  return plan.steps.map((step: Step) => {
    const position = positionOf(step.action)
    return {
      n: numbers.get(step.id),
      id: step.id,
      wave: step.wave,
      op: operation(step.action),
      subject: subjectOf(step.action, naming),
      why: reasonOf(step.action, changeOf(step.action)),
      depends_on: numbersOf(step.after),
      settles: numbersOf(step.settled),
      interrupts: step.interrupts,
      ...(position && { source: position }),
      ...detailJson(step.action, plan)
    }
  })
}

const operation = (action: Action): string => {
  const decision = decisionOf(action)
  if (decision) return `connection.${decision}`
  if (action.do === 'unlock') return action.how === 'lower' ? 'lock.lower' : 'lock.lift'
  return action.do === 'relock' ? 'lock.restore' : action.do
}

function detailJson(action: Action, { notes }: Plan): Members {
  switch (action.do) {
    case 'unlock':
      return {
        lock: lockJson(action.lock),
        needs: action.needs,
        memory: notes.filter(({ address }) => address === action.lock.path).map(({ message }) => message)
      }
    case 'relock':
      return { lock: lockJson(action.lock) }
    case 'create':
      return { id_of: action.resource.path, fields: fieldsOf(action.resource.kind, action.props) }
    case 'update':
      return {
        id_of: action.path,
        phase: action.phase,
        fields: action.fields.map(change => fieldJson(action.resource.kind, change)),
        patch: patchOf(action.resource.kind, action.fields)
      }
    case 'delete':
      return { id_of: action.old.path }
    case 'prove':
      return { id_of: action.server, endpoints: action.endpoints.map(({ address, path }) => ({ address, id: path })) }
    case 'invoke':
      return { id_of: action.path, verb: action.verb, title: action.title }
    default:
      return unreachable(action)
  }
}

type FieldChange = Extract<Action, { do: 'update' }>['fields'][number]

function fieldJson(kind: string, { field, from, to, restarts }: FieldChange): Members {
  const shown = (value: unknown): Json => (isSecretField(kind, field) ? hidden : (jsonOf(value) ?? null))
  return { field, from: shown(from), to: shown(to), restarts }
}

export const lockJson = ({ path, scope, level, properties }: Lock): Members => ({ id: path, scope, level, properties })
