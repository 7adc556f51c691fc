import { kindOf } from '../kinds/index.ts'
import type { Action, Change } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import type { Position } from '../model/resource.ts'
import { printable } from './printable.ts'
import { at, decisionOf } from './step.ts'

/** What the change of one resource comes from, for the steps it is made of. */
export type ChangeOf = (action: Action) => Change | undefined

export function changesBySubject(changes: readonly Change[]): ChangeOf {
  const bySubject = new Map(changes.map(change => [change.op === 'delete' ? change.old.id : change.resource.id, change]))
  return action => {
    if (action.do === 'create' || action.do === 'update' || action.do === 'invoke') return bySubject.get(action.resource.id)
    if (action.do === 'delete') return bySubject.get(action.old.id)
    return action.do === 'relock' && action.resource ? bySubject.get(action.resource.id) : undefined
  }
}

const declared = ({ at: position }: { readonly at: Position }): string => `declared at ${at(position)}`

/** The reason a step is in the plan: where it was asked for, what differs, or what left the file. */
export function reasonOf(action: Action, change: Change | undefined): string {
  switch (action.do) {
    case 'unlock':
      return 'it stands in the way of the steps below'
    case 'relock':
      return action.resource ? `as ${declared(action.resource)}` : 'exactly as it was found'
    case 'create':
      if (decisionOf(action)) return `decided at ${at(action.resource.at)}`
      if (action.replaces && change?.op === 'update') return onlyWhereNeeded
      return action.replaces ? replaced(change, action.resource) : `${declared(action.resource)}; there is none`
    case 'update':
      return updated(action)
    case 'delete':
      if (!action.replaced) return change?.op === 'delete' ? printable(change.because) : 'no longer in the file'
      if (change?.op === 'update') return onlyWhereNeeded
      return change && change.op !== 'delete' ? replaced(change, change.resource) : 'it is made again'
    case 'prove':
      if (action.for === 'record')
        return action.decides ? 'whether Azure has written the record' : 'the record has to lead to the endpoint now'
      if (action.for === 'policy') return 'a policy writes its zone group and record, which are waited for'
      return action.depth === 'connection'
        ? 'what follows needs the connection Approved at both ends'
        : 'what follows takes a path to this server away'
    case 'invoke':
      return `${action.because === undefined ? '' : `${printable(action.because)}; `}${declared(action.resource)}`
    default:
      return unreachable(action)
  }
}

/** Of a zone group that is written for its record. */
const onlyWhereNeeded = 'only where the write did not bring the record back'

function updated({ resource, fields, phase, old }: Extract<Action, { do: 'update' }>): string {
  const said = fields.flatMap(({ because }) => (because === undefined ? [] : [printable(because)]))
  if (said.length === fields.length) return `${said.join('; ')}; ${declared(resource)}`
  const differing = fields.map(({ field }) => printable(field)).join(', ')
  if (phase === 'later' || old === undefined) return `Azure takes ${differing} only after the create; ${declared(resource)}`
  const last = phase === 'cut-over' ? ', last since it removes a path' : ''
  return `${differing} ${fields.length === 1 ? 'differs' : 'differ'} from the file${last}; ${declared(resource)}`
}

function replaced(change: Change | undefined, resource: { readonly at: Position; readonly kind: string }): string {
  const forcing =
    change?.op === 'replace' ? change.fields.filter(({ forces }) => forces === 'replace').map(({ field }) => printable(field)) : []
  if (forcing.length === 0) return `what it lies in is made again; ${declared(resource)}`
  return `${forcing.join(', ')} of a ${kindOf(resource).title} cannot be changed in place; ${declared(resource)}`
}
