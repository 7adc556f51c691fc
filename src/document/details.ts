import type { Action, Change, FieldChange } from '../model/change.ts'
import { counted } from '../model/counted.ts'
import { unreachable } from '../model/invariant.ts'
import { markersNeeded } from '../model/marker.ts'
import type { Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { hidden, inline } from '../model/shown.ts'
import { costOf } from './cost.ts'
import type { StepLine } from './plan.generated.ts'
import type { Telling } from './sentence.ts'
import { fieldRule, fieldsOf, named, nameFieldOf, unknownFieldsOf } from './value.ts'

/** A list of one or more ids is as readable as one. */
const shown = (value: unknown, naming: Naming): string =>
  Array.isArray(value) && value.length > 0 ? `[${value.map(item => named(item, naming)).join(', ')}]` : named(value, naming)

/** The fields that a step sets, changes or takes away, its looks, and what is to be said of a lock that is off. */
export function linesOf(action: Action, change: Change | undefined, telling: Telling): StepLine[] {
  switch (action.do) {
    case 'create':
      return createLines(action, change, telling.naming)
    case 'update':
      return [...updateLines(action, telling.naming), ...costLines(action)]
    case 'delete':
      return fieldLines('-', Object.entries(nameFieldOf(action.old.kind, action.old.path)), inline)
    case 'prove':
      return [...action.endpoints.map((endpoint): StepLine => ({ sign: '?', text: lookText(endpoint) })), ...costLines(action)]
    case 'lift':
      return windowLines(action, telling)
    case 'restore':
    case 'invoke':
      return []
    default:
      return unreachable(action)
  }
}

/** The cost for clients, where it is known. */
const costLines = (action: Action): StepLine[] => {
  const text = costOf(action)
  return text === undefined ? [] : [{ text }]
}

const fieldLines = <Value>(
  sign: StepLine['sign'] & string,
  fields: readonly (readonly [field: string, value: Value])[],
  text: (value: Value) => string
): StepLine[] => fields.map(([field, value]) => ({ sign, field, text: text(value) }))

type Proof = Extract<Action, { do: 'prove' }>['endpoints'][number]

const lookText = ({ address, dns }: Proof): string =>
  `${printable(address)}: connection Approved at both ends${
    dns === undefined ? '' : `, zone group present${dns.managedBy === 'policy' ? ' (a policy makes it)' : ''}, A record = endpoint address`
  }`

function createLines(
  { resource, props, replaces }: Extract<Action, { do: 'create' }>,
  change: Change | undefined,
  naming: Naming
): StepLine[] {
  const { kind, path, tags } = resource
  const forcing = change?.op === 'replace' && replaces ? change.fields.filter(({ forces }) => forces === 'replace') : []
  const set = Object.entries(fieldsOf(kind, props)).map(([field, value]): StepLine => {
    const forced = value === hidden ? undefined : forcing.find(one => one.field === field)
    return {
      sign: '+',
      field,
      ...(forced && { from: shown(forced.from, naming) }),
      text: value === hidden ? hidden : shown(value, naming),
      ...(forced && { remark: 'forces replacement' })
    }
  })
  return [
    ...fieldLines('+', Object.entries(nameFieldOf(kind, path)), inline),
    ...set,
    ...fieldLines('+', Object.keys(tags).length > 0 ? [['tags', tags]] : [], inline),
    ...fieldLines(
      '+',
      unknownFieldsOf(kind).map(field => [field, '(known after apply)']),
      text => text
    )
  ]
}

function updateLines({ resource: { kind }, fields, props }: Extract<Action, { do: 'update' }>, naming: Naming): StepLine[] {
  const others = Object.entries(fieldsOf(kind, props)).filter(([field]) => !fields.some(one => one.field === field))
  return [
    ...fields.map(change => changedLine(kind, change, naming)),
    ...fieldLines(
      '~',
      others.filter(([field]) => fieldRule(kind, field).sentAlong),
      value => shown(value, naming)
    ),
    // Azure keeps none through such a write: it is set again, whatever else is the reason.
    ...fieldLines(
      '~',
      others.filter(([field]) => fieldRule(kind, field).secret && fieldRule(kind, field).everyWrite),
      () => willBeSet
    )
  ]
}

const willBeSet = `${hidden}, will be set`

function changedLine(kind: string, { field, from, to, restarts }: FieldChange, naming: Naming): StepLine {
  if (fieldRule(kind, field).secret) return { sign: '~', field, text: willBeSet }
  const remarks = [
    ...(restarts ? ['restarts the server'] : []),
    ...(fieldRule(kind, field).irreversible && from !== undefined ? ['cannot be undone'] : [])
  ]
  return { sign: '~', field, from: shown(from, naming), text: shown(to, naming), ...(remarks.length > 0 && { remark: remarks.join(', ') }) }
}

/** Which steps a lock is off for, on whose word, what remembers it, for how long it is off, and what else is known of it. */
function windowLines(action: Extract<Action, { do: 'lift' }>, { numbers, plan, naming, lifted }: Telling): StepLine[] {
  const { lock, how, needs } = action
  const groups = new Map<string, number[]>()
  for (const { step, strength, as, source } of needs) {
    const key = `${strength} for the ${as} in step %: ${printable(source)}`
    groups.set(key, [...(groups.get(key) ?? []), numbers.get(step) ?? 0])
  }
  return [
    ...[...groups].map(([key, steps]) => key.replace('%', steps.sort((a, b) => a - b).join(', '))),
    ...memoryText(action, numbers, naming),
    `${how === 'lower' ? 'lowered' : 'off'} for about ${counted(lifted.get(lock.path) ?? 0, 'second')}`,
    ...plan.notes.filter(({ address }) => address === lock.path).map(({ message }) => printable(message))
  ].map(text => ({ text }))
}

/** Where the lock is remembered while it is off. */
function memoryText({ lock, how, memory }: Extract<Action, { do: 'lift' }>, numbers: Telling['numbers'], naming: Naming): string[] {
  switch (memory.in) {
    case 'notes':
      return ['remembered in its own notes while it is lowered']
    case 'markers': {
      const [first] = memory.on
      if (first === undefined) return []
      const count = markersNeeded(lock, how)
      const what = count === 1 ? 'a marker lock' : `${count} marker locks`
      const made = first.madeBy === undefined ? '' : `, which step ${numbers.get(first.madeBy) ?? 0} makes`
      return [`remembered by ${what} on ${naming(first.id)}${made}, while it is ${how === 'lower' ? 'lowered' : 'off'}`]
    }
    case 'journal':
      return ['remembered by the journal on this machine alone while it is off, and by nothing in Azure']
    default:
      return unreachable(memory)
  }
}
