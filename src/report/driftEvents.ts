import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import { nameOf } from '../model/id.ts'
import type { Event } from './events.ts'

const event = (
  type: Event['type'],
  message: string,
  members: Readonly<Record<string, unknown>>,
  level: Event['@level'] = 'info'
): Event => ({
  '@level': level,
  '@message': message,
  '@module': 'pglink.ui',
  type,
  ...members
})

/** Drift for programs that read lines, from its document alone. Names and members are Terraform's where it has them. */
export function driftEvents(document: DriftDocument): Event[] {
  const shown = document.entries.filter(one => one.class !== 'pending' && one.ignored === undefined)
  const counts = { ...document.summary, operation: 'drift' }
  return [
    ...shown.map(entryEvent),
    event('change_summary', document.verdict.text, {
      changes: counts,
      verdict: document.verdict.as,
      clean: document.clean,
      complete: document.complete
    })
  ].map(one => ({ ...one, topology: document.topology.path }))
}

function entryEvent({ class: of, address, id, type, field, message, counts, source }: DriftEntry): Event {
  const said = `${address}: ${message}`
  if (of === 'unknown')
    return event('diagnostic', `Warning: ${said}`, { diagnostic: { severity: 'warning', summary: said, detail: '', address } }, 'warn')
  const resource = {
    addr: address,
    module: '',
    resource: address,
    implied_provider: 'azure',
    resource_type: type,
    resource_name: nameOf(id),
    resource_key: null
  }
  const action = of === 'unmanaged' ? 'create' : field === undefined ? 'delete' : 'update'
  return event('resource_drift', said, {
    change: { resource, action },
    class: of,
    counts,
    ...(field !== undefined && { field }),
    ...(source && { source })
  })
}
