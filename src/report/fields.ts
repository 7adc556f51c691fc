import type { Action, Change, FieldChange } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import { markersNeeded } from '../model/marker.ts'
import type { Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { type numbered, painted } from './step.ts'
import type { Style } from './style.ts'
import {
  fieldsOf,
  hidden,
  inline,
  isFinal,
  isSecretField,
  isSentAlong,
  isSentAlways,
  named,
  nameFieldOf,
  unknownFieldsOf
} from './value.ts'

const indent = '        '

/** How values are shown: in which style, and by which names. */
interface Look {
  readonly style: Style
  readonly naming: Naming
}

/** A list of one or more ids is as readable as one. */
const shown = (value: unknown, naming: Naming): string =>
  Array.isArray(value) && value.length > 0 ? `[${value.map(item => named(item, naming)).join(', ')}]` : named(value, naming)

/** The fields a step sets, changes or takes away, one a line, below its own line. */
export function fieldLines(action: Action, change: Change | undefined, { style, naming }: Look): string[] {
  switch (action.do) {
    case 'create':
      return createLines(action, change, { style, naming })
    case 'update':
      return updateLines(action, { style, naming })
    case 'prove':
      return action.endpoints.map(endpoint => `${indent}${style.symbols.prove} ${proofLine(endpoint)}`)
    case 'delete':
      return aligned(
        Object.entries(nameFieldOf(action.old.kind, action.old.path)).map(([field, value]) => [field, inline(value)] as const)
      ).map(line => `${indent}${painted('delete', style)} ${line}`)
    case 'unlock':
    case 'relock':
    case 'invoke':
      return []
    default:
      return unreachable(action)
  }
}

type Proof = Extract<Action, { do: 'prove' }>['endpoints'][number]

const proofLine = ({ address, dns }: Proof): string =>
  `${printable(address)}: connection Approved at both ends${
    dns === undefined ? '' : `, zone group present${dns.managedBy === 'policy' ? ' (a policy makes it)' : ''}, A record = endpoint address`
  }`

function createLines(
  { resource, props, replaces }: Extract<Action, { do: 'create' }>,
  change: Change | undefined,
  { style, naming }: Look
): string[] {
  const sign = painted('create', style)
  const forcing = change?.op === 'replace' && replaces ? change.fields.filter(({ forces }) => forces === 'replace') : []
  const set = Object.entries(fieldsOf(resource.kind, props)).map(([field, value]): [string, string] => {
    const forced = forcing.find(one => one.field === field)
    if (value === hidden) return [field, hidden]
    const to = shown(value, naming)
    return [field, forced ? `${shown(forced.from, naming)} ${style.symbols.arrow} ${to} # forces replacement` : to]
  })
  const tags: [string, string][] = Object.keys(resource.tags).length > 0 ? [['tags', inline(resource.tags)]] : []
  const unknown = unknownFieldsOf(resource.kind).map((field): [string, string] => [field, '(known after apply)'])
  const own = Object.entries(nameFieldOf(resource.kind, resource.path)).map(([field, value]): [string, string] => [field, inline(value)])
  return aligned([...own, ...set, ...tags, ...unknown]).map(line => `${indent}${sign} ${line}`)
}

function updateLines({ resource, fields, props }: Extract<Action, { do: 'update' }>, { style, naming }: Look): string[] {
  const differing = fields.map((change): [string, string] => [change.field, changed(resource.kind, change, { style, naming })])
  const differs = new Set(fields.map(({ field }) => field))
  const along = Object.entries(fieldsOf(resource.kind, props)).filter(([field]) => isSentAlong(resource.kind, field) && !differs.has(field))
  const secrets = secretsAlong(resource.kind, props, fields)
  const rows = [...differing, ...along.map(([field, value]): [string, string] => [field, shown(value, naming)]), ...secrets]
  const lines = aligned(rows).map(line => `${indent}${painted('update', style)} ${line}`)
  return lines
}

/** Azure keeps none through such a write: it is set again, whatever else is the reason. */
const secretsAlong = (kind: string, props: unknown, fields: readonly FieldChange[]): [string, string][] =>
  Object.keys(fieldsOf(kind, props)).flatMap((field): [string, string][] =>
    isSecretField(kind, field) && isSentAlways(kind, field) && !fields.some(one => one.field === field)
      ? [[field, `${hidden}, will be set`]]
      : []
  )

function changed(kind: string, { field, from, to, restarts }: FieldChange, { style, naming }: Look): string {
  if (isSecretField(kind, field)) return `${hidden}, will be set`
  const remarks = [
    ...(restarts ? ['restarts the server'] : []),
    ...(isFinal(kind, field) && from !== undefined ? ['cannot be undone'] : [])
  ]
  return `${shown(from, naming)} ${style.symbols.arrow} ${shown(to, naming)}${remarks.length > 0 ? ` # ${remarks.join(', ')}` : ''}`
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([field]) => field.length))
  return rows.map(([field, value]) => `${printable(field).padEnd(width)} = ${value}`)
}

/** Which steps a lock is off for, on whose word, and when it is back. */
export function windowLines(
  action: Extract<Action, { do: 'unlock' }>,
  numbers: ReturnType<typeof numbered>,
  notes: readonly string[],
  naming: Naming
): string[] {
  const groups = new Map<string, number[]>()
  for (const { step, strength, as, source } of action.needs) {
    const key = `${strength} for the ${as} in step %: ${printable(source)}`
    groups.set(key, [...(groups.get(key) ?? []), numbers.get(step) ?? 0])
  }
  const needs = [...groups].map(([key, steps]) => key.replace('%', steps.sort((a, b) => a - b).join(', ')))
  return [...needs, ...memoryLine(action, numbers, naming), ...notes].map(line => `${indent}${line}`)
}

/** Where the lock is remembered while it is off. */
function memoryLine(
  { lock, how, memory }: Extract<Action, { do: 'unlock' }>,
  numbers: ReturnType<typeof numbered>,
  naming: Naming
): string[] {
  switch (memory.in) {
    case 'notes':
      return ['remembered in its own notes while it is lowered']
    case 'markers': {
      const [first] = memory.on
      if (first === undefined) return []
      const count = markersNeeded(lock, first.path, how)
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
