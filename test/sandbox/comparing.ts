import type { Json } from './arm.ts'
import { isList, isObject, textAt } from './recording.ts'

/*
 * How a recorded answer and the one given here are compared: every member of both, its JSON type and its value. Each kind
 * of difference that is forgiven has a name, a reason and a count; a kind that no recording needs fails the tests.
 */

export const forgivable = {
  time: 'a time is that of the run',
  guid: 'Azure makes ids and etags at random',
  managedGroup: 'Data Factory gives the group of a managed network a random name',
  picked: 'Azure picks an address, a zone, a minor version, or how far a link has come',
  late: 'Azure shows it in some answers some minutes later than in others',
  subnetID: 'a subnet had `subnetID: 0` in a few answers of 2020, beside others of those days that had not',
  order: 'a list is in no order',
  pollWait: 'the wait between polls grows from one to the next, and recorders keep a part of them',
  headerTaken: 'the recorder takes the header out',
  networkEtag: 'one recorded read of a network has no etag header, for no reason that it shows',
  addressId: 'an address has the id of its operation and a signature in it'
} as const

export type Forgivable = keyof typeof forgivable

export class Comparison {
  /** The members and items of both answers, each once. */
  places = 0
  readonly found: { readonly kind: 'member' | 'type' | 'value'; readonly text: string }[] = []
  readonly forgiven = new Map<Forgivable, number>()

  forgive(kind: Forgivable): void {
    this.forgiven.set(kind, (this.forgiven.get(kind) ?? 0) + 1)
  }

  count(...kinds: readonly ('member' | 'type' | 'value')[]): number {
    return this.found.filter(one => kinds.includes(one.kind)).length
  }
}

const times = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g

/** Replaced in turn by its form. The etags of Data Factory look like guids with zeros in them. */
const random: readonly (readonly [kind: Forgivable, what: RegExp, form: string])[] = [
  ['time', times, '<time>'],
  ['guid', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<guid>'],
  ['managedGroup', /\/vnet-[0-9a-f]{8}-(\w+)-\d+-rg\//i, '/vnet-<hex>-$1-<number>-rg/']
]

/** With all that chance has put in replaced by its form, but for one kind. */
export const formOf = (text: string, but?: Forgivable): string =>
  random.reduce((form, [kind, what, by]) => (kind === but ? form : form.replace(what, by)), text)

const picked =
  /^(minorVersion|availabilityZone|standbyAvailabilityZone|internalId|internalDomainNameSuffix|privateIPAddress|macAddress|virtualNetworkLinkState)$/

const late = /^(earliestRestoreDate|minorVersion)$/

const keyIn = (one: Json): string => textAt(one, 'id').toLowerCase() || textAt(one, 'name')

const ordered = (value: readonly Json[]): readonly Json[] =>
  value.every(one => keyIn(one) !== '') ? [...value].sort((a, b) => (keyIn(a) < keyIn(b) ? -1 : 1)) : value

const kindOf = (value: Json): string => (value === null ? 'null' : isList(value) ? 'list' : typeof value)

/** Compares two bodies and adds what it finds. */
export function compare(into: Comparison, recorded: Json, given: Json, path = ''): Comparison {
  into.places += 1
  const show = (value: Json): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200)
  const differ = (kind: 'member' | 'type' | 'value'): void =>
    void into.found.push({ kind, text: `${path || 'body'}: recorded ${show(recorded)}, here ${show(given)}` })
  if (recorded === undefined || given === undefined) {
    if (recorded !== given) differ('member')
  } else if (kindOf(recorded) !== kindOf(given)) differ('type')
  else if (isObject(recorded) && isObject(given)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(given)])) {
      const [there, here] = [recorded[key], given[key]]
      if (late.test(key) && (there === undefined) !== (here === undefined)) into.forgive('late')
      else if (key === 'subnetID' && here === undefined) into.forgive('subnetID')
      else if (picked.test(key) && typeof there === typeof here && there !== here) into.forgive('picked')
      else compare(into, there, here, `${path}.${key}`)
    }
  } else if (isList(recorded) && isList(given)) compareLists(into, recorded, given, path, differ)
  else if (typeof recorded === 'string' && typeof given === 'string' && formOf(recorded) === formOf(given)) {
    for (const [kind] of random) if (formOf(recorded, kind) !== formOf(given, kind)) into.forgive(kind)
  } else if (recorded !== given) differ('value')
  return into
}

function compareLists(
  into: Comparison,
  recorded: readonly Json[],
  given: readonly Json[],
  path: string,
  differ: (kind: 'member') => void
): void {
  if (recorded.length !== given.length) {
    differ('member')
    return
  }
  const [one, other] = [ordered(recorded), ordered(given)]
  if (recorded.some((each, index) => keyIn(each).toLowerCase() !== keyIn(given[index]).toLowerCase()) && one !== recorded)
    if (one.every((each, index) => formOf(keyIn(each)) === formOf(keyIn(other[index])))) into.forgive('order')
  for (const [index, each] of one.entries()) compare(into, each, other[index], `${path}[${index}]`)
}
