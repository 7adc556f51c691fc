import { kindOf } from '../kinds/index.ts'
import { tagsWith } from '../kinds/ownership.ts'
import type { Action, Change, FieldChange, Plan, Step } from '../model/change.ts'
import { type Diagnostic, positionOf as positionIn } from '../model/diagnostic.ts'
import { nameOf } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import type { Json } from '../model/json.ts'
import { namingFrom } from '../model/naming.ts'
import type { Live, Lock, Resource } from '../model/resource.ts'
import { secondsOf, unlockedSeconds } from '../plan/estimate.ts'
import { countChanges, countSteps } from '../plan/summary.ts'
import type { EndpointPath } from '../proof/path.ts'
import { dangersOf, restarted } from './dangers.ts'
import { planFormatVersion } from './formats.ts'
import { graphOf } from './graph.ts'
import type {
  Body,
  PlanDocument,
  PlanDrift,
  FieldChange as PlanField,
  PlanLock,
  PlanPath,
  PlanStep,
  PlanSummary,
  ResourceChange
} from './plan.generated.ts'
import { type PlanView, stepLines } from './planText.ts'
import { changesBySubject, differenceText, reasonOf, replacedFor } from './reason.ts'
import { decisionOf, numbered, positionOf, subjectOf } from './step.ts'
import { plain } from './style.ts'
import { fieldsOf, hidden, isSecretField, jsonOf, nameFieldOf, patchOf, unknownFieldsOf } from './value.ts'

/** Everything of a saved plan that is not display: what it was made from, and what it rests on. */
export interface PlanRecord {
  readonly toolVersion: string
  /** ISO 8601. Not part of the digest. */
  readonly timestamp: string
  readonly file: string
  readonly flags: { readonly [flag: string]: Json }
  readonly foundation: { readonly [name: string]: unknown }
  readonly warnings: readonly Diagnostic[]
  readonly source: PlanDocument['source']
  /** The estate that the plan was made from; the picture shows also the parts that do not change. */
  readonly live: Live
  /** Fields that moved since the baseline; `undefined` where there is none. */
  readonly drift?: readonly PlanDrift[] | undefined
}

/**
 * The plan for programs, in the shape of schema/plan.schema.json. `resource_changes` is shaped as Terraform's, so that what
 * reads those reads these. Everything else that is drawn of a plan is drawn from this document alone.
 */
export function planJson(view: PlanView, record: PlanRecord): PlanDocument {
  const { plan } = view
  return {
    format_version: planFormatVersion,
    tool_version: record.toolVersion,
    errored: plan.refusals.length > 0,
    timestamp: record.timestamp,
    digest: view.digest,
    source: record.source,
    estate: view.estate,
    verdict: { as: view.verdict.as, text: view.verdict.text, findings: view.verdict.findings },
    paths: view.paths.map(pathJson),
    topology: { name: view.topology.name, path: record.file, env: view.topology.env ?? null, flags: record.flags },
    resource_changes: plan.changes.map(changeJson),
    ...(record.drift && { resource_drift: record.drift }),
    steps: stepsJson(view),
    dangers: dangersOf(plan, view.desired),
    refusals: plan.refusals.map(({ at, ...refusal }) => ({ ...refusal, ...(at && { source: at }) })),
    waiting: plan.waiting.map(({ address, message }) => ({ address, message })),
    notes: plan.notes,
    unmanaged: plan.unmanaged.map(({ address, path, kind }) => ({ address, id: path, type: kindOf({ kind }).type })),
    unknown: view.verdict.unknown,
    ...(plan.rights && { rights: plan.rights }),
    diagnostics: record.warnings.map(({ severity, rule, summary, address, range }) => ({
      severity,
      rule,
      summary,
      address,
      ...(range && { source: positionIn(range) })
    })),
    graph: graphOf(view.desired, { live: record.live, plan }),
    summary: summaryJson(view),
    // The digest's foundation is plain JSON already.
    foundation: record.foundation as PlanDocument['foundation']
  }
}

export const pathJson = ({ address, server, as, hops, notes, addresses, fqdn, connection }: EndpointPath): PlanPath => ({
  address,
  server,
  as,
  hops: hops.map(({ hop, as: state, message }) => ({ hop, as: state, message })),
  notes,
  addresses,
  fqdn: fqdn ?? null,
  connection: connection ?? null
})

function summaryJson({ plan, reads }: Pick<PlanView, 'plan' | 'reads'>): PlanSummary {
  const { add, change, destroy } = countChanges(plan.changes)
  const decided = (decision: 'approve' | 'reject'): number => plan.steps.filter(({ action }) => decisionOf(action) === decision).length
  return {
    add,
    change,
    destroy,
    replace: plan.changes.filter(({ op }) => op === 'replace').length,
    locks_lift: countSteps(plan.steps, 'unlock'),
    locks_restore: plan.steps.filter(({ action }) => action.do === 'relock' && action.scope === 'stays').length,
    approve: decided('approve'),
    reject: decided('reject'),
    interrupts: plan.steps.filter(({ interrupts }) => interrupts).length,
    restarts: restarted(plan.steps).length,
    unlocked_seconds: [...unlockedSeconds(plan.steps).values()].reduce((sum, seconds) => sum + seconds, 0),
    waiting: plan.waiting.length,
    refused: plan.refusals.length,
    reads
  }
}

const terraformActions = { create: ['create'], update: ['update'], replace: ['delete', 'create'], delete: ['delete'] } as const
const terraformReasons = {
  create: 'missing',
  update: 'differs',
  replace: 'replace_because_cannot_update',
  delete: 'delete_because_no_resource_config'
} as const

function changeJson(change: Change): ResourceChange {
  const subject = change.op === 'delete' ? change.old : change.resource
  const { kind, address, path } = subject
  const before = change.op === 'create' ? null : bodyJson(change.old)
  const after =
    change.op === 'delete'
      ? null
      : bodyJson(change.resource, change.op === 'update' ? tagsWith(change.old.tags, change.resource.tags) : change.resource.tags)
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
      after_unknown: Object.fromEntries(unknown.map(field => [field, true as const])),
      before_sensitive: before === null ? false : sensitive(before),
      after_sensitive: after === null ? false : sensitive(after),
      ...(change.op === 'replace' && { replace_paths: fields.filter(({ forces }) => forces === 'replace').map(({ field }) => [field]) })
    },
    ...(fields.length > 0 && { patch: patchOf(kind, fields) }),
    action_reason: terraformReasons[change.op],
    why: change.op === 'delete' ? [change.because] : fields.map(field => whyOf(field, subject)),
    ...(change.op !== 'delete' && { source: change.resource.at })
  }
}

function bodyJson({ kind, props, path, ...own }: Pick<Resource, 'kind' | 'props' | 'path' | 'tags'>, tags = own.tags): Body {
  return { ...nameFieldOf(kind, path), ...fieldsOf(kind, props), ...(Object.keys(tags).length > 0 && { tags: { ...tags } }) }
}

const whyOf = (field: FieldChange, subject: { readonly kind: string }): string =>
  field.forces === 'replace' ? replacedFor([field], subject) : differenceText([field])

const sensitive = (body: Body): { readonly [field: string]: true } =>
  Object.fromEntries(Object.entries(body).flatMap(([field, value]) => (value === hidden ? [[field, true as const]] : [])))

/** Steps by their number in the printed plan; `depends_on` waits for success, `settles` for an end of any kind. */
function stepsJson({ plan, desired }: PlanView): PlanStep[] {
  const numbers = numbered(plan.steps)
  const changeOf = changesBySubject(plan.changes)
  const naming = namingFrom(desired)
  const lines = stepLines({ plan, desired }, plain)
  const numbersOf = (ids: readonly string[]): number[] => ids.flatMap(id => numbers.get(id) ?? []).sort((a, b) => a - b)
  return plan.steps.map((step: Step, index): PlanStep => {
    const position = positionOf(step.action)
    return {
      n: index + 1,
      id: step.id,
      wave: step.wave,
      op: operation(step.action),
      subject: subjectOf(step.action, naming),
      why: reasonOf(step.action, changeOf(step.action)),
      depends_on: numbersOf(step.after),
      settles: numbersOf(step.settled),
      ...(step.unless !== undefined && { unless: numbers.get(step.unless) ?? 0 }),
      interrupts: step.interrupts,
      unproven: step.unproven,
      seconds: secondsOf(step.action),
      text: (lines[index] ?? []).map(symbolFirst),
      ...(position && { source: position }),
      ...detailJson(step.action, plan)
    }
  })
}

/** A patch is coloured by the first character of a line: the symbol of a field goes there, and the field stays where it was. */
const symbolFirst = (line: string): string => line.replace(/^( {8})([+~?]) /, '$2 $1')

const operation = (action: Action): PlanStep['op'] => {
  const decision = decisionOf(action)
  if (decision) return `connection.${decision}`
  if (action.do === 'unlock') return action.how === 'lower' ? 'lock.lower' : 'lock.lift'
  return action.do === 'relock' ? 'lock.restore' : action.do
}

function detailJson(action: Action, { notes }: Plan): Partial<PlanStep> {
  switch (action.do) {
    case 'unlock':
      return {
        lock: lockJson(action.lock),
        needs: action.needs,
        remembered: { in: action.memory.in, on: action.memory.in === 'markers' ? action.memory.on.map(({ path }) => path) : [] },
        memory: notes.filter(({ address }) => address === action.lock.path).map(({ message }) => message)
      }
    case 'relock':
      return { lock: lockJson(action.lock), ...(action.scope === 'goes' && { goes: true as const }) }
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

function fieldJson(kind: string, { field, from, to, restarts }: FieldChange): PlanField {
  const shown = (value: unknown): Json => (isSecretField(kind, field) ? hidden : (jsonOf(value) ?? null))
  return { field, from: shown(from), to: shown(to), restarts }
}

export const lockJson = ({ path, scope, level, properties }: Lock): PlanLock => ({ id: path, scope, level, properties })
