import { kindOf } from '../kinds/index.ts'
import { type Action, type Change, type FieldChange, subjectOf } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import { at } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import type { Position } from '../model/resource.ts'
import { wordsOf } from '../model/words.ts'
import { callOf } from './cost.ts'
import { decisionOf } from './step.ts'

/** The change of a resource that a step is a part of. */
export type ChangeOf = (action: Action) => Change | undefined

export function changesBySubject(changes: readonly Change[]): ChangeOf {
  const bySubject = new Map(changes.map(change => [subjectOf(change).id, change]))
  return action => {
    if (action.do === 'create' || action.do === 'update' || action.do === 'invoke') return bySubject.get(action.resource.id)
    if (action.do === 'delete') return bySubject.get(action.old.id)
    return action.do === 'restore' && action.resource ? bySubject.get(action.resource.id) : undefined
  }
}

/** Whether a reason says where in the file it comes from. */
type Placed = 'placed' | 'bare'

const joinedWith = (placed: Placed, resource: { readonly at: Position }, ...said: readonly string[]): string =>
  [...said, ...(placed === 'placed' ? [`declared at ${at(resource.at)}`] : [])].join('; ')

/** The reason a step is in the plan: where it was asked for, what differs, or what left the file. */
export function reasonOf(action: Action, change: Change | undefined, placed: Placed): string {
  switch (action.do) {
    case 'lift':
      return 'it stands in the way of the steps below'
    case 'restore':
      if (action.scope === 'goes') return 'its scope is deleted; only where that fails it is restored, exactly as it was found'
      return action.resource ? joinedWith(placed, action.resource, 'as the file has it') : 'exactly as it was found'
    case 'create':
      if (decisionOf(action)) return placed === 'placed' ? `decided at ${at(action.resource.at)}` : 'as the file decides'
      if (action.replaces && change?.op === 'update') return onlyWhereNeeded
      return action.replaces ? replaced(change, action.resource, placed) : joinedWith(placed, action.resource)
    case 'update':
      return updated(action, placed)
    case 'delete':
      if (!action.replaced) return change?.op === 'delete' ? printable(change.because) : 'no longer in the file'
      if (change?.op === 'update') return onlyWhereNeeded
      return change && change.op !== 'delete' ? replaced(change, change.resource, placed) : 'it is made again'
    case 'prove':
      if (action.for === 'record')
        return action.decides ? 'whether Azure has written the record' : 'the record has to lead to the endpoint now'
      if (action.for === 'policy') return 'a policy writes its zone group and record, which are waited for'
      return action.depth === 'connection'
        ? 'later steps need the connection Approved at both ends'
        : action.after !== undefined
          ? 'clients reach this server by nothing else from then on'
          : 'later steps take a path to this server away'
    case 'invoke':
      return joinedWith(placed, action.resource, ...(action.because === undefined ? [] : [printable(action.because)]))
    default:
      return unreachable(action)
  }
}

/** The reason of a zone group that is written for its record. */
const onlyWhereNeeded = 'only where the write did not bring the record back'

function updated(action: Extract<Action, { do: 'update' }>, placed: Placed): string {
  const { resource, fields, phase, old, ifNeeded } = action
  const call = callOf(action)
  if (call !== undefined) return joinedWith(placed, resource, `${call.becomes}, by a call of its own`)
  if (ifNeeded)
    return joinedWith(
      placed,
      resource,
      `only where the step before it has left the ${fields.map(({ field }) => printable(wordsOf(field))).join(', ')} otherwise`
    )
  if (phase === 'later' || old === undefined)
    return joinedWith(
      placed,
      resource,
      `Azure takes the ${fields.map(({ field }) => printable(wordsOf(field))).join(', ')} only after the create`
    )
  const last = phase === 'cut-over' ? ', last since it removes a path' : ''
  return joinedWith(placed, resource, `${differenceText(fields)}${last}`)
}

type Said = Pick<FieldChange, 'field' | 'because'>

/** How Azure is, for each field: in words of its own where it has some. */
export function differenceText(fields: readonly Said[]): string {
  const { said, plain } = inWords(fields)
  if (plain.length === 0) return said.join('; ')
  return [...said, `${plain.join(', ')} ${plain.length === 1 && plain[0] !== 'tags' ? 'differs' : 'differ'} from the file`].join('; ')
}

/** Why nothing less than making it again will do. */
export function replacedFor(forcing: readonly Said[], { kind }: { readonly kind: string }): string {
  const { said, plain } = inWords(forcing)
  return [...said, ...(plain.length === 0 ? [] : [`Azure does not change the ${plain.join(', ')} of a ${kindOf({ kind }).title}`])].join(
    '; '
  )
}

const inWords = (fields: readonly Said[]) => ({
  said: fields.flatMap(({ because }) => (because === undefined ? [] : [printable(because)])),
  plain: fields.flatMap(({ field, because }) => (because === undefined ? [printable(wordsOf(field))] : []))
})

function replaced(change: Change | undefined, resource: { readonly at: Position; readonly kind: string }, placed: Placed): string {
  const forcing = change?.op === 'replace' ? change.fields.filter(({ forces }) => forces === 'replace') : []
  return joinedWith(placed, resource, forcing.length === 0 ? 'its parent is made again' : replacedFor(forcing, resource))
}
