import type { ResourceDocument } from '../document/resourceJson.ts'
import { at } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { inline } from '../model/shown.ts'

type Rows = readonly (readonly [name: string, value: string])[]

const drawn = (rows: Rows): string => {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)} = ${value}\n`).join('')
}

const given = (name: string, value: string | null): Rows => (value === null ? [] : [[name, printable(value)]])

/** One entry as Azure has it. */
export function resourceText(one: ResourceDocument): string {
  const { address, title, id, state, reason, managed, owner, fields, tags, locks, source } = one
  const head = `${printable(address)} (${title}), ${managed ? 'declared' : 'only referred to'} at ${at(source)}\n`
  if (state !== 'present')
    return `${head}${drawn([['id', printable(id)], ...given('state', state === 'absent' ? 'not there' : `could not be read: ${reason}`)])}`
  const rows: Rows = [
    ['id', printable(id)],
    ...valuesOf(one),
    ...given('provisioning state', one.provisioning),
    ['owner', owner === null ? 'no topology' : `the topology ${printable(owner)}`],
    ...Object.entries(fields).map(([field, value]) => [field, inline(value)] as const),
    ['tags', inline(tags)],
    ...locks.map(({ name, level, inherited }) => ['lock', `${level} ${printable(name)}${inherited ? ', from above' : ''}`] as const)
  ]
  return `${head}${drawn(rows)}`
}

const valuesOf = ({ fqdn, addresses, connection }: ResourceDocument): Rows => [
  ...given('fqdn', fqdn),
  ...given('private address', addresses.length === 0 ? null : addresses.join(', ')),
  ...given('connection', connection)
]

/** The values of each entry that other programs and people ask for. */
export const outputText = (all: readonly ResourceDocument[]): string =>
  all.map(one => `${printable(one.address)}\n${drawn([['id', printable(one.id)], ...valuesOf(one)])}`).join('')
