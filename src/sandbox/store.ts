import { keyOf } from './armPath.ts'
import type { Random } from './random.ts'
import type { Operation, Pending, SettlingLock, StoredResource } from './state.ts'

/** What is known of a resource that is put; the rest is kept from before, or made up. */
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

/** Resources by id, whatever its case, and by type. */
export class Store {
  /** Operations that can still be asked for, by id. */
  readonly operations = new Map<string, Operation>()
  pending: Pending[] = []
  settlingLocks: SettlingLock[] = []
  /** Counts changes, to tell whether a request made any. */
  revision = 0
  readonly #resources = new Map<string, StoredResource>()
  /** The keys of each type, in order, so that those beneath a scope lie side by side. */
  readonly #byType = new Map<string, string[]>()
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
    const keys = this.#byType.get(type.toLowerCase()) ?? []
    const beneath = `${keyOf(scope)}/`
    const found: StoredResource[] = []
    for (let at = scope === '' ? 0 : placeOf(beneath, keys); at < keys.length; at += 1) {
      const key = keys[at] ?? ''
      if (scope !== '' && !key.startsWith(beneath)) break
      const one = this.#resources.get(key)
      if (one) found.push(one)
    }
    return found
  }

  beneath(scope: string): StoredResource[] {
    const beneath = `${keyOf(scope)}/`
    return [...this.#resources].filter(([key]) => key.startsWith(beneath)).map(([, one]) => one)
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
      createdAt: live?.createdAt ?? now
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
    const keys = this.#byType.get(live.type.toLowerCase())
    const at = keys ? placeOf(key, keys) : 0
    if (keys?.[at] === key) keys.splice(at, 1)
    this.revision += 1
  }

  #set(resource: StoredResource): StoredResource {
    const key = keyOf(resource.id)
    this.#resources.set(key, resource)
    const type = resource.type.toLowerCase()
    const keys = this.#byType.get(type) ?? []
    const at = placeOf(key, keys)
    if (keys[at] !== key) keys.splice(at, 0, key)
    this.#byType.set(type, keys)
    this.revision += 1
    return resource
  }
}
