import { type Closing, proofOf } from '../engine/closing.ts'
import { kinds } from '../kinds/index.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { ApplyEvent } from '../model/events.ts'
import { nameOf, resourceId, typeOf } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import { at, lockTitle, type Naming } from '../model/naming.ts'
import type { Counts } from '../plan/summary.ts'
import { validateJson } from '../topology/print.ts'
import { type Applied, countDone, isComplete } from './applySummary.ts'
import { eventLine } from './applyText.ts'
import { errorLine } from './errorText.ts'
import type { PlanDocument, PlanDrift, PlanStep, ResourceChange } from './plan.generated.ts'
import { detailsOf } from './proven.ts'

/** The first number changes with the meaning of what is there, the second with what is added; as Terraform counts its own. */
const uiVersion = '1.0'

type EventType =
  | 'version'
  | 'log'
  | 'diagnostic'
  | 'resource_drift'
  | 'planned_change'
  | 'change_summary'
  | 'apply_start'
  | 'apply_progress'
  | 'apply_complete'
  | 'apply_errored'

/** One line of the stream for programs, but for the time it is written at. Names and members are Terraform's where it has them. */
export interface Event {
  readonly '@level': 'info' | 'warn' | 'error'
  /** The sentence for a person. */
  readonly '@message': string
  readonly '@module': 'pglink.ui'
  readonly type: EventType
  readonly [member: string]: unknown
}

type Members = Readonly<Record<string, unknown>>

const event = (type: EventType, message: string, members: Members = {}, level: Event['@level'] = 'info'): Event => ({
  '@level': level,
  '@message': message,
  '@module': 'pglink.ui',
  type,
  ...members
})

export const versionEvent = (toolVersion: string): Event =>
  event('version', `pglink ${toolVersion}`, { pglink: toolVersion, ui: uiVersion })

/** Problems of files, each with its place and line as `validate --json` has them. */
export function fileEvents(diagnostics: readonly Diagnostic[]): Event[] {
  const bodies = validateJson(diagnostics)['diagnostics'] as readonly unknown[]
  return diagnostics.map(({ severity, summary }, index) => {
    const [level, word] = severity === 'error' ? (['error', 'Error'] as const) : (['warn', 'Warning'] as const)
    return event('diagnostic', `${word}: ${summary}`, { diagnostic: bodies[index] }, level)
  })
}

interface Said {
  readonly summary: string
  readonly detail?: string
  readonly address?: string
  readonly [member: string]: unknown
}

const errorEvent = (said: Said): Event =>
  event('diagnostic', `Error: ${said.summary}`, { diagnostic: { severity: 'error', detail: '', ...said } }, 'error')

const warningEvent = (said: Said): Event =>
  event('diagnostic', `Warning: ${said.summary}`, { diagnostic: { severity: 'warning', detail: '', ...said } }, 'warn')

/** The error that ended a command before its time. */
export const failureEvent = (error: unknown): Event => errorEvent({ summary: errorLine(error) })

/** A plan, from its document alone: what moved, what changes, what is to be said of it, and the counts. */
export function planEvents(document: PlanDocument): Event[] {
  const { topology, summary } = document
  const all = [
    ...(document.resource_drift ?? []).map(driftEvent),
    ...document.resource_changes.map(changeEvent),
    ...document.dangers.map(({ kind, address, message }) => event('log', message, { danger: kind, address }, 'warn')),
    ...document.notes.map(({ address, message }) => event('log', said(address, message), { address })),
    ...document.unmanaged.map(({ address, id }) =>
      event('log', `${address || id}: left the file and stays, since nothing asked for its deletion`, { address: address || id })
    ),
    ...document.verdict.findings
      .filter(({ as }) => as === 'broken' || as === 'differs' || as === 'undeclared')
      .map(({ address, message, as }) => warningEvent({ summary: said(address, message), address, finding: as })),
    ...document.waiting.map(({ address, message }) => warningEvent({ summary: message, address })),
    ...document.unknown.map(({ address, message }) => warningEvent({ summary: `${address} could not be read`, detail: message, address })),
    ...document.refusals.map(({ address, message, code, source }) =>
      errorEvent({ summary: message, address, code, ...(source && { detail: `declared at ${at(source)}`, source }) })
    ),
    summaryEvent('plan', summary, document.verdict.text, {
      verdict: document.verdict.as,
      locks: { lift: summary.locks_lift, restore: summary.locks_restore },
      approve: summary.approve,
      reject: summary.reject,
      digest: document.digest
    })
  ]
  return all.map(one => ({ ...one, topology: topology.path }))
}

const said = (address: string, message: string): string => (message.startsWith(address) ? message : `${address}: ${message}`)

const summaryEvent = (operation: 'plan' | 'apply', { add, change, destroy }: Counts, message: string, more: Members): Event =>
  event('change_summary', message, { changes: { add, change, remove: destroy, operation }, ...more })

/** The members by which every event names a resource. */
const resourceJson = (address: string, id: string, type: string): Members => ({
  addr: address,
  module: '',
  resource: address,
  implied_provider: 'azure',
  resource_type: type,
  resource_name: nameOf(id),
  resource_key: null
})

/** A replacement is one action here, as in Terraform's stream, and two in the document. */
const actionOf = ({ actions }: ResourceChange['change']): 'create' | 'update' | 'replace' | 'delete' =>
  actions.length === 2 ? 'replace' : (actions[0] ?? 'update')

function changeEvent({ address, id, type, change, why }: ResourceChange): Event {
  const action = actionOf(change)
  return event('planned_change', `${address}: Plan to ${action}`, { change: { resource: resourceJson(address, id, type), action }, why })
}

const driftEvent = ({ address, id, type, message, field, class: sort }: PlanDrift): Event =>
  event('resource_drift', message, {
    change: { resource: resourceJson(address, id, type), action: 'update' },
    class: sort,
    ...(field !== undefined && { field })
  })

/** Steps of a plan document by their ids, for what is told of them while they are carried out. */
export const stepsById = ({ steps }: PlanDocument): ReadonlyMap<string, PlanStep> => new Map(steps.map(step => [step.id, step]))

/** The steps and the words with which an apply is told. */
export interface Telling {
  readonly steps: ReadonlyMap<string, PlanStep>
  readonly naming: Naming
  readonly topology: string
}

/** One event of an apply, with the sentence that a terminal has for it. */
export function applyEvents(happened: ApplyEvent, { steps, naming, topology }: Telling): Event[] {
  const step = steps.get(happened.step.id)
  if (step === undefined) return []
  const hook = { ...hookOf(step), ...('elapsedMs' in happened && { elapsed_seconds: Math.round(happened.elapsedMs / 1_000) }) }
  const message = eventLine(happened, naming)
  const one = (type: EventType, level: Event['@level'] = 'info', more: Members = {}): Event =>
    event(type, message, { hook: { ...hook, ...more }, topology }, level)
  switch (happened.type) {
    case 'started':
      return [one('apply_start')]
    case 'progress':
      return [one('apply_progress', 'info', happened.waitingFor === undefined ? {} : { waiting_for: happened.waitingFor })]
    case 'retried':
      return [one('log', 'warn', { retry_seconds: Math.round(happened.inMs / 1_000), error: errorLine(happened.error) })]
    case 'finished':
      return [one('apply_complete')]
    case 'failed': {
      const error = errorLine(happened.error)
      return [
        one('apply_errored', 'error', { error }),
        { ...errorEvent({ summary: message, detail: error, address: step.subject }), topology }
      ]
    }
    case 'skipped':
      return [one('log', 'info', { outcome: 'skipped' })]
    case 'waiting':
      return [one('log', 'warn', { outcome: 'waiting', reason: happened.reason })]
    default:
      return unreachable(happened)
  }
}

function hookOf(step: PlanStep): Members {
  const id = step.lock?.id ?? step.id_of ?? step.id.replace(/^\S+ /, '')
  const type = typeOf(resourceId(id))
  return {
    resource: resourceJson(step.subject, id, kinds.find(kind => kind.type.toLowerCase() === type)?.type ?? type),
    action: step.op,
    step: step.n,
    id_key: 'id',
    id_value: id
  }
}

function proofEvent(closing: Closing): Event {
  const proof = proofOf(closing)
  const { as, text } = proof
  const lines = detailsOf(proof)
  return event('log', [text, ...lines.map(line => line.trim())].join(' '), { proof: as }, as === 'proven' ? 'info' : 'warn')
}

/** How an apply ended: what keeps it from being complete, locks that are still off, and the changes of which every step was done. */
export function endedEvents(applied: Applied, topology: string): Event[] {
  const { result, closing, naming, restoreLine } = applied
  const left = closing?.plan
  const owed = result.owed.map(({ path }) => path)
  const counts = countDone(applied)
  const resources = `Resources: ${counts.add} added, ${counts.change} changed, ${counts.destroy} destroyed.`
  const all = [
    ...result.missingRights.map(right => errorEvent({ summary: 'No lock was lifted, since a right is missing', detail: right })),
    ...result.owed.map(lock =>
      errorEvent({ summary: `NOT RESTORED: ${lockTitle(lock, naming)}`, detail: `Put it back: ${restoreLine}`, address: lock.path })
    ),
    ...(left?.changes ?? []).map(change => {
      const { address } = change.op === 'delete' ? change.old : change.resource
      return errorEvent({ summary: `${address} still differs after the apply`, address })
    }),
    ...(left?.waiting ?? []).map(({ address, message }) => warningEvent({ summary: message, address })),
    ...(closing === undefined ? [] : [proofEvent(closing)]),
    summaryEvent('apply', counts, `${isComplete(applied) ? 'Apply complete!' : 'Apply incomplete.'} ${resources}`, {
      locks_not_restored: owed
    })
  ]
  return all.map(one => ({ ...one, topology }))
}
