import { kindOfType } from '../kinds/index.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import { resourceId, typeOf } from '../model/id.ts'
import { isMap } from '../model/json.ts'
import type { Sought } from '../model/resource.ts'
import type { Topology } from '../model/topology.generated.ts'
import { type Collection, collections, onAny } from './collections.ts'
import { groupPath, type Place, walk } from './walk.ts'

/**
 * Where each thing would lie that `removed` names: an address by the names that its entry would have here, an id as it is. Where
 * the entry had another `name`, group or subscription, only a baseline still tells.
 */
export function soughtOf(topology: Topology, top: Place): Sought[] {
  return (topology.removed ?? []).map(address => {
    if (address.startsWith('/')) return { address, ...byId(address) }
    const [first, second] = address.split('/')
    if (first === 'resourceGroups' && second !== undefined)
      return { address, at: { kind: resourceGroup.name, path: groupPath(top.subscription, second) } }
    const one = walk(withStub(topology, address.split('/')), top).find(declared => declared.address === address)
    return { address, ...(one && { at: { kind: one.kind, path: one.path } }) }
  })
}

function byId(path: string): Pick<Sought, 'at'> {
  const kind = kindOfType.get(typeOf(resourceId(path)))
  return kind === undefined ? {} : { at: { kind: kind.name, path: path.replace(/\/+$/, '') } }
}

/** The file with an entry at this address, as empty as it may be. */
function withStub(topology: Topology, keys: readonly string[]): Topology {
  const [last = ''] = keys.slice(-1)
  const collection = collectionOf(keys)
  const entry = collection?.inFile.emptiest?.(last) ?? {}
  return collection?.entries === 'list' ? put(topology, keys.slice(0, -1), [entry]) : put(topology, keys, entry)
}

/** The collection that the last part of an address leads into. */
function collectionOf(keys: readonly string[], among: readonly Collection[] = collections): Collection | undefined {
  const next = [...onAny, ...among].find(one => one.keys.every((key, index) => keys[index] === key))
  const length = next && next.keys.length + (next.entries === 'one' ? 0 : 1)
  return length === undefined || length >= keys.length ? next : collectionOf(keys.slice(length), next?.below)
}

function put<T>(node: T, [key = '', ...rest]: readonly string[], value: unknown): T {
  const members: Readonly<Record<string, unknown>> = isMap(node) ? node : {}
  const below = Object.hasOwn(members, key) ? members[key] : undefined
  return { ...members, [key]: rest.length === 0 ? value : put(below ?? {}, rest, value) } as T
}
