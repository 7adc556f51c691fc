import type { PlanView } from '../engine/verdict.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { tagsWith } from '../kinds/ownership.ts'
import { secondsOf } from '../kinds/seconds.ts'
import { type Action, type Change, type FieldChange, type Rights, type Step, subjectOf as subjectIn } from '../model/change.ts'
import { type Diagnostic, positionOf as positionIn } from '../model/diagnostic.ts'
import { nameOf } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import type { Json } from '../model/json.ts'
import { addressesIn, type Naming, namingFrom } from '../model/naming.ts'
import type { Worded } from '../model/option.ts'
import { readsIn } from '../model/reads.ts'
import type { Lock, Resource } from '../model/resource.ts'
import { hidden } from '../model/shown.ts'
import { liftedSeconds } from '../plan/estimate.ts'
import { countChanges, countSteps } from '../plan/summary.ts'
import type { EndpointPath } from '../proof/path.ts'
import { dangersOf, restarted } from './dangers.ts'
import { linesOf } from './details.ts'
import { graphOf } from './graph.ts'
import { partialJson, withDuties } from './partJson.ts'
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
import { planFormatVersion } from './planVersion.ts'
import { changesBySubject, differenceText, reasonOf, replacedFor } from './reason.ts'
import { sentenceOf, type Telling } from './sentence.ts'
import { decisionOf, numbered, operation, positionOf, subjectOf } from './step.ts'
import { fieldsOf, nameFieldOf, patchOf, shownValue, unknownFieldsOf } from './value.ts'

/** Everything of a saved plan that is not display: what it was made from, and what it rests on. */
export interface PlanRecord extends Worded {
  readonly toolVersion: string
  /** ISO 8601. Not part of the digest. */
  readonly timestamp: string
  readonly flags: { readonly [flag: string]: Json }
  readonly warnings: readonly Diagnostic[]
  readonly source: PlanDocument['source']
  /** Fields that moved since the baseline; `undefined` where there is none. */
  readonly drift?: readonly PlanDrift[] | undefined
}

/**
 * The plan for programs, in the shape of schema/plan.schema.json. `resource_changes` is shaped as Terraform's, so that what
 * reads those reads these. Everything else that is drawn of a plan is drawn from this document alone.
 */
export function planJson(view: PlanView, record: PlanRecord): PlanDocument {
  const { plan } = view
  const naming = namingFrom(addressesIn(view.desired, plan))
  const document: PlanDocument = {
    format_version: planFormatVersion,
    tool_version: record.toolVersion,
    errored: plan.refusals.length > 0,
    timestamp: record.timestamp,
    digest: view.digest,
    source: record.source,
    estate: view.estate,
    verdict: { as: view.verdict.as, text: view.verdict.text, findings: view.verdict.findings },
    paths: view.paths.map(pathJson),
    topology: { name: view.topology.name, path: view.topology.file, env: view.topology.env ?? null, flags: record.flags },
    ...(plan.part && { partial: partialJson(plan.part) }),
    resource_changes: plan.changes.map(changeJson),
    ...(record.drift && { resource_drift: record.drift }),
    steps: stepsJson(view, naming),
    dangers: dangersOf(plan, view.desired, record),
    refusals: plan.refusals.map(({ at, ...refusal }) => ({ ...refusal, ...(at && { source: at }) })),
    waiting: plan.waiting.map(({ address, message }) => ({ address, message })),
    notes: plan.notes,
    unmanaged: plan.unmanaged.map(({ address, path, kind }) => ({ address, id: path, type: kindOf({ kind }).type })),
    unknown: view.verdict.unknown,
    ...referredAddresses(view),
    ...(plan.rights && { rights: rightsJson(plan.rights, naming) }),
    diagnostics: record.warnings.map(({ severity, rule, summary, address, range }) => ({
      severity,
      rule,
      summary,
      address,
      ...(range && { source: positionIn(range) })
    })),
    // These two are as large as the topology, and few forms of a plan show them.
    get graph() {
      return graphOf(view.desired, { live: view.live, plan })
    },
    summary: summaryJson(view),
    get foundation() {
      // It is plain JSON already.
      return view.foundation() as PlanDocument['foundation']
    }
  }
  return view.parts === undefined ? document : withDuties(document, view.parts)
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

function summaryJson({ plan, asked }: PlanView): PlanSummary {
  const { add, change, destroy } = countChanges(plan.changes)
  const decided = (decision: 'approve' | 'reject'): number => plan.steps.filter(({ action }) => decisionOf(action) === decision).length
  return {
    add,
    change,
    destroy,
    replace: plan.changes.filter(({ op }) => op === 'replace').length,
    locks_lift: countSteps(plan.steps, 'lift'),
    locks_restore: plan.steps.filter(({ action }) => action.do === 'restore' && action.scope === 'stays').length,
    approve: decided('approve'),
    reject: decided('reject'),
    interrupts: plan.steps.filter(({ interrupts }) => interrupts).length,
    restarts: restarted(plan.steps).length,
    unlocked_seconds: [...liftedSeconds(plan.steps).values()].reduce((sum, seconds) => sum + seconds, 0),
    waiting: plan.waiting.length,
    refused: plan.refusals.length,
    reads: readsIn(asked)
  }
}

function referredAddresses({ plan: { changes }, desired }: PlanView): Pick<PlanDocument, 'addresses'> {
  const changed = new Set(changes.map(change => subjectIn(change).id))
  const referred = changes.flatMap(change => (change.op === 'delete' ? [] : change.resource.refs)).filter(id => !changed.has(id))
  const named = [...new Set(referred)].sort().flatMap(id => {
    const address = desired.get(id)?.address
    return address === undefined ? [] : [[id, address] as const]
  })
  return named.length === 0 ? {} : { addresses: Object.fromEntries(named) }
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
function stepsJson({ plan }: PlanView, naming: Naming): PlanStep[] {
  const numbers = numbered(plan.steps)
  const changeOf = changesBySubject(plan.changes)
  const telling: Telling = { plan, naming, numbers, lifted: liftedSeconds(plan.steps) }
  const numbersOf = (ids: readonly string[]): number[] => ids.flatMap(id => numbers.get(id) ?? []).sort((a, b) => a - b)
  return plan.steps.map((step: Step, index): PlanStep => {
    const { action } = step
    const change = changeOf(action)
    const position = positionOf(action)
    return {
      n: index + 1,
      id: step.id,
      wave: step.wave,
      op: operation(action),
      ...(isHalf(action) && { replaces: true as const }),
      subject: subjectOf(action, naming),
      says: sentenceOf(step, telling),
      why: reasonOf(action, change, 'placed'),
      ...(position && { reason: reasonOf(action, change, 'bare') }),
      depends_on: numbersOf(step.after),
      settles: numbersOf(step.afterEndOf),
      ...(step.unless !== undefined && { unless: numbers.get(step.unless) ?? 0 }),
      interrupts: step.interrupts,
      unproven: step.unproven,
      seconds: secondsOf(action),
      lines: linesOf(action, change, telling),
      ...(position && { source: position }),
      ...detailJson(action, telling)
    }
  })
}

const isHalf = (action: Action): boolean =>
  action.do === 'delete' ? action.replaced : action.do === 'create' && action.replaces && decisionOf(action) === undefined

/** For a reader of the file its address is what names a scope. */
/** The rights that a login lacks, with addresses for the scopes that the file names. */
export function rightsJson(rights: Rights, naming: Naming): PlanDocument['rights'] & object {
  const scopes = [...rights.lacking.map(({ scope }) => scope), ...rights.unknown]
  const named = scopes.flatMap(scope => (naming(scope) === scope ? [] : [[scope, naming(scope)] as const]))
  return { ...rights, ...(named.length > 0 && { addresses: Object.fromEntries(named) }) }
}

function detailJson(action: Action, { plan: { notes }, lifted }: Telling): Partial<PlanStep> {
  switch (action.do) {
    case 'lift':
      return {
        lock: lockJson(action.lock),
        type: managementLock.type,
        needs: action.needs,
        unlocked_seconds: lifted.get(action.lock.path) ?? 0,
        remembered: { in: action.memory.in, on: action.memory.in === 'markers' ? action.memory.on.map(({ path }) => path) : [] },
        memory: notes.filter(({ address }) => address === action.lock.path).map(({ message }) => message)
      }
    case 'restore':
      return { lock: lockJson(action.lock), type: managementLock.type, ...(action.scope === 'goes' && { goes: true as const }) }
    case 'create':
      return { id_of: action.resource.path, type: kindOf(action.resource).type, fields: fieldsOf(action.resource.kind, action.props) }
    case 'update':
      return {
        id_of: action.path,
        type: kindOf(action.resource).type,
        phase: action.phase,
        fields: action.fields.map(change => fieldJson(action.resource.kind, change)),
        patch: patchOf(action.resource.kind, action.fields)
      }
    case 'delete':
      return { id_of: action.old.path, type: kindOf(action.old).type }
    case 'prove':
      return {
        id_of: action.server,
        type: flexibleServer.type,
        looks_for: lookedFor(action),
        endpoints: action.endpoints.map(({ address, path }) => ({ address, id: path }))
      }
    case 'invoke':
      return { id_of: action.path, type: kindOf(action).type, verb: action.verb, title: action.title }
    default:
      return unreachable(action)
  }
}

function lookedFor({ for: purpose, depth, decides }: Extract<Action, { do: 'prove' }>): PlanStep['looks_for'] & string {
  if (purpose === 'policy') return 'policy'
  return depth === 'connection' ? 'approval' : decides ? 'record' : 'path'
}

function fieldJson(kind: string, { field, from, to, restarts }: FieldChange): PlanField {
  const shown = (value: unknown): Json => shownValue(kind, field, value)
  return { field, from: shown(from), to: shown(to), restarts }
}

export const lockJson = ({ path, scope, level, properties }: Lock): PlanLock => ({ id: path, scope, level, properties })
