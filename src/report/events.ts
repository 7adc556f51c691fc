import type { AppliedBody } from '../document/appliedJson.ts'
import type { AppliedProof } from '../document/apply.generated.ts'
import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import type { Event } from '../document/event.ts'
import type { Happened } from '../document/happened.ts'
import type { PlanDocument, PlanDrift, PlanStep, ResourceChange } from '../document/plan.generated.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { nameOf } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import { at } from '../model/naming.ts'
import { resourcesText, sortsOf } from './applySummary.ts'
import { eventLine } from './applyText.ts'
import { validateJson } from './diagnostics.ts'
import { operationOf } from './looks.ts'
import { findingSection, saidLine } from './verdictText.ts'

/** The first number changes with the meaning of what is there, the second with what is added; as Terraform counts its own. */
const uiVersion = '1.0'

type EventType = Event['type']
type Members = Readonly<Record<string, unknown>>

const event = (type: EventType, message: string, members: Members = {}, level: Event['@level'] = 'info'): Event => ({
  '@level': level,
  '@message': message,
  '@module': 'pglink.ui',
  type,
  ...members
})

/** An event that happens now, with its members in the order of a line. */
export const stamped = ({ '@level': level, '@message': message, '@module': module, ...rest }: Event): Event => ({
  '@level': level,
  '@message': message,
  '@module': module,
  '@timestamp': new Date().toISOString(),
  ...rest
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

/** The error that ended a command before its time, in words. */
export const failureEvent = (error: string): Event => errorEvent({ summary: error })

/** A plan, from its document alone: what moved, what changes, what is to be said of it, and the counts. */
export function planEvents(document: PlanDocument): Event[] {
  const { topology, summary } = document
  const all = [
    ...(document.resource_drift ?? []).map(movedEvent),
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

const summaryEvent = (
  operation: 'plan' | 'apply',
  { add, change, destroy }: AppliedBody['resources'],
  message: string,
  more: Members
): Event => event('change_summary', message, { changes: { add, change, remove: destroy, operation }, ...more })

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
function changeEvent(changed: ResourceChange): Event {
  const { address, id, type, why } = changed
  const action = operationOf(changed)
  return event('planned_change', `${address}: Plan to ${action}`, { change: { resource: resourceJson(address, id, type), action }, why })
}

const movedEvent = ({ address, id, type, message, field, class: sort }: PlanDrift): Event =>
  event('resource_drift', message, {
    change: { resource: resourceJson(address, id, type), action: 'update' },
    class: sort,
    ...(field !== undefined && { field })
  })

/** One event of an apply, with the sentence that a terminal has for it. */
export function applyEvents(happened: Happened, topology: string): Event[] {
  const { step } = happened
  const hook = { ...hookOf(step), ...('elapsedMs' in happened && { elapsed_seconds: Math.round(happened.elapsedMs / 1_000) }) }
  const message = eventLine(happened)
  const one = (type: EventType, level: Event['@level'] = 'info', more: Members = {}): Event =>
    event(type, message, { hook: { ...hook, ...more }, topology }, level)
  switch (happened.type) {
    case 'started':
      return [one('apply_start')]
    case 'progress':
      return [one('apply_progress', 'info', happened.waitingFor === undefined ? {} : { waiting_for: happened.waitingFor })]
    case 'retried':
      return [one('log', 'warn', { retry_seconds: Math.round(happened.inMs / 1_000), error: happened.error })]
    case 'finished':
      return [one('apply_complete')]
    case 'failed': {
      const { error } = happened
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

function hookOf({ subject, op, n, lock, id_of: written = '', type = '' }: PlanStep): Members {
  const id = lock?.id ?? written
  return { resource: resourceJson(subject, id, type), action: op, step: n, id_key: 'id', id_value: id }
}

function proofEvent({ as, text, said: about, besides }: AppliedProof): Event {
  const groups = sortsOf(besides).flatMap(sort => findingSection(besides, sort))
  const lines = [...about.map(saidLine), ...groups.flatMap(group => group.split('\n'))]
  return event('log', [text, ...lines.map(line => line.trim())].join(' '), { proof: as }, as === 'proven' ? 'info' : 'warn')
}

/** How an apply ended: what keeps it from being complete, locks that are still off, and the changes of which every step was done. */
export function endedEvents(applied: AppliedBody, topology: string): Event[] {
  const { complete, resources, still_differs: differs, not_restored: owed, restore_with: line, waiting, proof } = applied
  const all = [
    ...applied.missing_rights.map(right => errorEvent({ summary: 'No lock was lifted, since a right is missing', detail: right })),
    ...owed.map(({ address, message }) => errorEvent({ summary: `NOT RESTORED: ${message}`, detail: `Restore it: ${line}`, address })),
    ...(differs ?? []).map(address => errorEvent({ summary: `${address} still differs after the apply`, address })),
    ...waiting.map(({ address, message }) => warningEvent({ summary: message, address })),
    ...(proof === undefined ? [] : [proofEvent(proof)]),
    summaryEvent('apply', resources, `${complete ? 'Apply complete!' : 'Apply incomplete.'} ${resourcesText(resources)}`, {
      locks_not_restored: applied.locks_not_restored
    })
  ]
  return all.map(one => ({ ...one, topology }))
}

/** Drift, from its document alone. */
export function driftEvents({ entries, verdict, summary, clean, complete, topology }: DriftDocument): Event[] {
  const shown = entries.filter(one => one.class !== 'pending' && one.ignored === undefined)
  const changes = { ...summary, operation: 'drift' }
  const all = [...shown.map(entryEvent), event('change_summary', verdict.text, { changes, verdict: verdict.as, clean, complete })]
  return all.map(one => ({ ...one, topology: topology.path }))
}

function entryEvent({ class: of, address, id, type, field, message, counts, source }: DriftEntry): Event {
  const sentence = `${address}: ${message}`
  if (of === 'unknown' || of === 'asking') return warningEvent({ summary: sentence, address })
  return event('resource_drift', sentence, {
    change: {
      resource: resourceJson(address, id, type),
      action: of === 'unmanaged' ? 'create' : field === undefined ? 'delete' : 'update'
    },
    class: of,
    counts,
    ...(field !== undefined && { field }),
    ...(source && { source })
  })
}
