import { kinds } from '../kinds/index.ts'
import { resourceId, typeOf } from '../model/id.ts'
import type { Sought } from '../model/resource.ts'
import type { Topology } from '../model/topology.generated.ts'
import type { Declared, Place } from './declared.ts'
import { groupPath } from './declared.ts'

/** Entries whose form is not that of a map that may be empty, by their collection or their own key. */
const forms: Readonly<Record<string, unknown>> = {
  locks: { level: 'CanNotDelete' },
  parameters: '',
  privateDns: { zone: '' },
  managedVirtualNetwork: true
}

/**
 * Where each thing would lie that `removed` names: an address by the names that its entry would have here, an id as it is. Where
 * the entry had another `name`, group or subscription nobody knows any more: only a baseline does.
 */
export function soughtOf(topology: Topology, top: Place, walk: (topology: Topology) => readonly Declared[]): Sought[] {
  return (topology.removed ?? []).map(address => {
    if (address.startsWith('/')) return { address, ...byId(address) }
    const [first, second] = address.split('/')
    if (first === 'resourceGroups' && second !== undefined)
      return { address, at: { kind: 'resourceGroup', path: groupPath(top.subscription, second) } }
    const one = walk(withStub(topology, address.split('/'))).find(declared => declared.address === address)
    return { address, ...(one && { at: { kind: one.kind, path: one.path } }) }
  })
}

function byId(path: string): Pick<Sought, 'at'> {
  const kind = kinds.find(({ type }) => type.toLowerCase() === typeOf(resourceId(path)))
  return kind === undefined ? {} : { at: { kind: kind.name, path: path.replace(/\/+$/, '') } }
}

/** The file with an entry at this address, as empty as it may be. */
function withStub(topology: Topology, keys: readonly string[]): Topology {
  const [last = '', collection = ''] = keys.toReversed()
  // They stand in a list, each under the last key of where it comes from.
  if (collection === 'connections') return put(topology, keys.slice(0, -1), [{ from: last, decision: 'reject' }])
  return put(topology, keys, forms[collection] ?? forms[last] ?? {})
}

function put<T>(node: T, [key = '', ...rest]: readonly string[], value: unknown): T {
  const members = (typeof node === 'object' && node !== null ? node : {}) as Readonly<Record<string, unknown>>
  const below = Object.hasOwn(members, key) ? members[key] : undefined
  return { ...members, [key]: rest.length === 0 ? value : put(below ?? {}, rest, value) } as T
}
