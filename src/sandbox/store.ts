import { keyOf, nameOf } from './armPath.ts'
import type { Random } from './random.ts'
import type { Operation, Pending, SettlingLock, StoredResource } from './state.ts'

/** The known members of a resource that is put; the rest is kept from before, or made up. */
export type Put = Pick<StoredResource, 'id' | 'type' | 'body'> & Partial<Pick<StoredResource, 'memory' | 'provisioning'>>

/** Where a key stands in an ordered list of them, or would stand. */
function placeOf(key: string, keys: readonly string[]): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Where what lies beneath a scope begins and ends in an ordered list of keys. The digit zero follows the slash. */
function rangeOf(scope: string, keys: readonly string[]): [from: number, to: number] {
  const key = keyOf(scope)
  return scope === '' ? [0, keys.length] : [placeOf(`${key}/`, keys), placeOf(`${key}0`, keys)]
}

/** A map that remembers which of its keys were written to. */
class Noted<V> extends Map<string, V> {
  readonly touched = new Set<string>()

  override set(key: string, value: V): this {
    this.touched.add(key)
    return super.set(key, value)
  }

  override delete(key: string): boolean {
    this.touched.add(key)
    return super.delete(key)
  }
}

/** Resources by id, whatever its case, and by type. */
export class Store {
  /** Operations that can still be asked for, by id. */
  readonly operations = new Noted<Operation>()
  pending: Pending[] = []
  settlingLocks: SettlingLock[] = []
  /** Counts changes, to tell whether a request made any. */
  revision = 0
  readonly #resources = new Noted<StoredResource>()
  /** In order, so that what lies beneath a scope lies side by side. */
  readonly #keys: string[] = []
  /** The same for each type. */
  readonly #byType = new Map<string, string[]>()
  /** The same for each type and name, wherever it lies: some names are given once in all of Azure. */
  readonly #byName = new Map<string, string[]>()
  readonly #random: Random

  constructor(random: Random, resources: readonly StoredResource[]) {
    this.#random = random
    for (const one of resources) this.#set(one)
  }

  get(id: string): StoredResource | undefined {
    return this.#resources.get(keyOf(id))
  }

  has(id: string): boolean {
    return this.#resources.has(keyOf(id))
  }

  all(): StoredResource[] {
    return [...this.#resources.values()]
  }

  /** All of a type within a scope, sorted by id: a list's order must not depend on who was created first. */
  ofType(type: string, scope = ''): StoredResource[] {
    return this.#within(this.#byType.get(type.toLowerCase()) ?? [], scope)
  }

  /** How many there are of a type within a scope, without looking at any of them. */
  count(type: string, scope: string): number {
    const [from, to] = rangeOf(scope, this.#byType.get(type.toLowerCase()) ?? [])
    return to - from
  }

  /** All of a type with this name, in whatever group and subscription. */
  named(type: string, name: string): StoredResource[] {
    return this.#within(this.#byName.get(`${type}/${name}`.toLowerCase()) ?? [], '')
  }

  /** Everything within a scope, sorted by id. */
  beneath(scope: string): StoredResource[] {
    return this.#within(this.#keys, scope)
  }

  #within(keys: readonly string[], scope: string): StoredResource[] {
    const [from, to] = rangeOf(scope, keys)
    const found: StoredResource[] = []
    for (let at = from; at < to; at += 1) {
      const one = this.#resources.get(keys[at] ?? '')
      if (one) found.push(one)
    }
    return found
  }

  /** Creates or changes; an id keeps the casing it was created with. Every change gives a new etag. */
  put(put: Put, now: number): StoredResource {
    const live = this.get(put.id)
    return this.#set({
      id: live?.id ?? put.id,
      type: put.type,
      body: put.body,
      memory: put.memory ?? live?.memory ?? {},
      provisioning: put.provisioning ?? live?.provisioning ?? 'Succeeded',
      etag: this.#random.guid(),
      createdAt: live?.createdAt ?? now,
      ...(live && { changedAt: now })
    })
  }

  /** Changes some of what is kept of a resource that is there; does nothing to one that is not. */
  update(id: string, change: Partial<Pick<StoredResource, 'body' | 'memory' | 'provisioning'>>): StoredResource | undefined {
    const live = this.get(id)
    return live && this.#set({ ...live, ...change, etag: this.#random.guid() })
  }

  /** Takes away one resource and nothing else. */
  drop(id: string): void {
    const key = keyOf(id)
    const live = this.#resources.get(key)
    if (live === undefined) return
    this.#resources.delete(key)
    for (const keys of this.#indexesOf(key, live.type)) {
      const at = placeOf(key, keys)
      if (keys[at] === key) keys.splice(at, 1)
    }
    this.revision += 1
  }

  /** The resources written to since it was last asked, by key and by id; one that was only read is not in it. */
  takeTouched(): { readonly resources: readonly string[]; readonly operations: readonly string[] } {
    const touched = { resources: [...this.#resources.touched], operations: [...this.operations.touched] }
    this.#resources.touched.clear()
    this.operations.touched.clear()
    return touched
  }

  #set(resource: StoredResource): StoredResource {
    const key = keyOf(resource.id)
    this.#resources.set(key, resource)
    for (const keys of this.#indexesOf(key, resource.type)) {
      const at = placeOf(key, keys)
      if (keys[at] !== key) keys.splice(at, 0, key)
    }
    this.revision += 1
    return resource
  }

  #indexesOf(key: string, type: string): readonly string[][] {
    return [this.#keys, listIn(this.#byType, type.toLowerCase()), listIn(this.#byName, `${type}/${nameOf(key)}`.toLowerCase())]
  }
}

function listIn(index: Map<string, string[]>, key: string): string[] {
  const known = index.get(key)
  if (known !== undefined) return known
  const list: string[] = []
  index.set(key, list)
  return list
}
