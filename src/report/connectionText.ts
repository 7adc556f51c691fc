import type { ConnectionDocument } from '../document/connectionJson.ts'
import { nameOf } from '../model/id.ts'
import { printable } from '../model/printable.ts'
import { fitted } from './textWidth.ts'

interface Column {
  readonly head: string
  readonly cell: (one: ConnectionDocument) => string
  /** The width that it may be shortened to; one without is never shortened. */
  readonly least?: number
}

const unknown = '?'
const orUnknown = (text: string | null): string => text ?? unknown
const shortName = (path: string): string => (path.startsWith('/') ? nameOf(path) : path)

const columns: readonly Column[] = [
  { head: 'SERVER', cell: ({ server }) => shortName(server), least: 12 },
  { head: 'FROM', cell: fromCell, least: 18 },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'AT ENDPOINT', cell: ({ endpoint_state }) => orUnknown(endpoint_state) },
  { head: 'AGE', cell: ({ age_seconds }) => ageText(age_seconds) },
  { head: 'DECLARED', cell: ({ declared }) => yesNo(declared) },
  { head: 'FOREIGN', cell: ({ foreign, subscription }) => (foreign ? orUnknown(subscription) : 'no'), least: 9 },
  { head: 'REQUEST', cell: ({ request }) => request ?? '', least: 12 },
  { head: 'RESPONSE', cell: ({ response }) => response ?? '', least: 12 }
]

const yesNo = (is: boolean | null): string => (is === null ? unknown : is ? 'yes' : 'no')

function fromCell({ from, factory }: ConnectionDocument): string {
  if (factory !== null && from.startsWith('data factory '))
    return `${factory.name}/${factory.managed_private_endpoint}${factory.told ? '' : ' (by name)'}`
  return shortName(from)
}

/** In the largest unit that it fills. */
function ageText(seconds: number | null): string {
  if (seconds === null) return unknown
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm']
  ] as const
  const [size, letter] = units.find(([unit]) => seconds >= unit) ?? [1, 's']
  return `${Math.floor(seconds / size)}${letter}`
}

const gap = '  '

/**
 * All connections as a table, where it fits: the widest columns are shortened first. Where it does not fit shortened either, each is a block of
 * lines.
 *
 * @param width characters in a line; 0 for no limit
 */
export function connectionTable(all: readonly ConnectionDocument[], width: number): string {
  const rows = all.map(one => columns.map(({ cell }) => printable(cell(one))))
  const used = columns.map((_, index) => rows.some(row => row[index] !== ''))
  const shown = columns.flatMap((column, index) => (used[index] ? [{ ...column, cells: rows.map(row => row[index] ?? '') }] : []))
  const widths = shown.map(({ head, cells }) => Math.max(head.length, ...cells.map(lengthOf)))
  if (width > 0 && !shorten(widths, shown, width)) return all.map(one => block(one, width)).join('\n')
  const line = (cells: readonly string[]): string =>
    `${cells
      .map((cell, index) => padded(short(cell, widths[index] ?? 0), widths[index] ?? 0))
      .join(gap)
      .trimEnd()}\n`
  return [line(shown.map(({ head }) => head)), ...rows.map((_, row) => line(shown.map(({ cells }) => cells[row] ?? '')))].join('')
}

const lengthOf = (text: string): number => [...text].length
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - lengthOf(text)))

/** Takes from the widest that may be shortened, one character at a time. @returns whether the line fits then */
function shorten(widths: number[], shown: readonly Column[], width: number): boolean {
  const total = (): number => widths.reduce((sum, one) => sum + one, 0) + gap.length * (widths.length - 1)
  while (total() > width) {
    const open = widths.flatMap((one, index) => (one > (shown[index]?.least ?? Number.POSITIVE_INFINITY) ? [index] : []))
    const widest = open.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0]
    if (widest === undefined) return false
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return true
}

const short = (text: string, width: number): string => (lengthOf(text) <= width ? text : fitted(text, width, lengthOf))

function block(one: ConnectionDocument, width: number): string {
  const { state, endpoint_state, declared, foreign, subscription, request, response, age_seconds } = one
  const lines = [
    `${shortName(one.server)} from ${fromCell(one)}`,
    `  ${state} at the server, ${orUnknown(endpoint_state)} at the endpoint; age ${ageText(age_seconds)}; declared: ${yesNo(declared)}`,
    ...(foreign ? [`  foreign: subscription ${orUnknown(subscription)}`] : []),
    ...(request === null ? [] : [`  request: ${request}`]),
    ...(response === null ? [] : [`  response: ${response}`])
  ]
  return lines.map(line => `${short(printable(line), width)}\n`).join('')
}

/** One connection with all that a person decides by. */
export function connectionText(one: ConnectionDocument): string {
  const { server, server_id: serverId, endpoint_id: endpoint, factory, foreign, subscription, endpoint_state_unread: unread } = one
  const rows: readonly (readonly [string, string | null])[] = [
    ['id', one.id],
    ['server', server === serverId ? serverId : `${server} (${serverId})`],
    ['endpoint', orUnknown(endpoint)],
    ['from', one.from === endpoint ? null : one.from],
    [
      'told by factory',
      factory === null ? null : factory.told ? 'yes, by the id of the endpoint' : 'no: another endpoint can have that name'
    ],
    ['subscription', `${orUnknown(subscription)}${foreign ? ', which is not the subscription of the server' : ', as the server'}`],
    ['group id', one.group_ids.length === 0 ? unknown : one.group_ids.join(', ')],
    ['request', one.request ?? (one.state === 'Pending' ? '(no text)' : unknown)],
    ['response', one.response],
    ['state', one.state],
    ['at endpoint', one.endpoint_state ?? `${unknown} (${unread ?? ''})`],
    [
      'age',
      one.created_at === null ? `${unknown} (Azure does not tell when it was made)` : `${ageText(one.age_seconds)} (${one.created_at})`
    ],
    ['declared', one.declared === null ? `${unknown} (no file was read)` : yesNo(one.declared)]
  ]
  const given = rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  const width = Math.max(...given.map(([name]) => name.length))
  return given.map(([name, value]) => `  ${name.padEnd(width)} = ${printable(value)}\n`).join('')
}
