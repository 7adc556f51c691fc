import { atProvider, keyOf, parentOf, parseArmPath, sameId, typeOf } from './armPath.ts'
import type { Core } from './core.ts'
import { groupType } from './groups.ts'
import { type ArmBody, idsIn, isObject, textAt, without } from './json.ts'
import { shortLocation } from './locations.ts'
import { isLock } from './locks.ts'
import { statesOf } from './operations.ts'
import type { ResourceType, Write } from './type.ts'

interface Seed {
  readonly id: string
  readonly body: ArmBody
}

/**
 * Puts resources in place as if they had been written long ago: through the same hooks as a write, but at once and
 * under no lock. A resource comes before those that refer to it; locks come last. Groups that are not
 * in the seed are made for what lies in them. Throws an error that names the id that cannot be.
 */
export function seed(core: Core, bodies: Readonly<Record<string, ArmBody>>): void {
  const seeds = Object.entries(bodies).map(([id, body]) => ({ id, body }))
  for (const one of inOrder(seeds)) {
    const path = parseArmPath(one.id)
    if (path?.subscription === undefined) throw new Error(`The seed ${one.id} is not the id of a resource.`)
    ensureGroup(core, one)
    place(core, one)
  }
}

/** Each after what it needs; of those that need each other, the one that was met first comes last. */
function inOrder(seeds: readonly Seed[]): Seed[] {
  const byKey = new Map(seeds.map(one => [keyOf(one.id), one]))
  const ordered = new Set<Seed>()
  const met = new Set<Seed>()
  const place = (one: Seed): void => {
    if (met.has(one)) return
    met.add(one)
    for (const key of needsOf(one)) {
      const needed = byKey.get(key)
      if (needed) place(needed)
    }
    ordered.add(one)
  }
  for (const one of seeds) if (!isLock(one.id)) place(one)
  for (const one of seeds) place(one)
  return [...ordered]
}

/** The resources above it, those it refers to, and those above them. */
function needsOf({ id, body }: Seed): string[] {
  const refs = idsIn(body).map(keyOf)
  return [...above(keyOf(id)), ...refs.flatMap(ref => [...above(ref), ref])]
}

/** Everything that an id lies in, from the outermost. */
const above = (key: string): string[] => {
  const segments = key.split('/')
  return segments
    .flatMap((_, index) => (index > 2 && index % 2 === 0 ? [segments.slice(0, index + 1).join('/')] : []))
    .filter(one => one !== key)
}

function ensureGroup(core: Core, { id, body }: Seed): void {
  const group = id.split('/').slice(0, 5).join('/')
  if (!/\/resourcegroups\//i.test(`${group}/`) || core.store.has(group) || sameId(group, id)) return
  const location = shortLocation(textAt(body, 'location') ?? 'eastus')
  core.put({ id: group, type: groupType, body: { location: location === 'global' ? 'eastus' : location } })
}

function place(core: Core, { id, body }: Seed): void {
  const type = core.registry.type(typeOf(id))
  const kept = without(body, 'id', 'name', 'type', 'etag', 'eTag', 'systemData')
  if (type === undefined) {
    core.put({ id, type: typeOf(id), body: kept })
    return
  }
  const parent = parentOf(id)
  if (parent.includes('/providers/') && !core.store.has(parent))
    throw new Error(`The seed ${id} has no parent: ${parent} is not in the seed.`)
  const location = textAt(kept, 'location')
  const put = { ...kept, ...(location !== undefined && { location: shortLocation(location) }) }
  const apiVersion = type.apiVersions.at(-1) ?? ''
  const live = core.store.get(id)
  write(core, type, {
    method: 'PUT',
    id: canonical(id, type),
    // A type may take up when it was made.
    sent: { ...put, ...(isObject(body['systemData']) && { systemData: body['systemData'] }) },
    body: put,
    live,
    apiVersion,
    headers: { get: () => null },
    seeded: true
  })
}

function write(core: Core, type: ResourceType, put: Write): void {
  const refusal = type.check?.(core, put) ?? type.outcome?.(core, put)
  if (refusal) throw new Error(`The seed ${put.id} is refused: ${refusal.code}: ${refusal.message}`)
  const { id, apiVersion, live: before } = put
  const kept = type.kept?.(core, put) ?? { body: put.body }
  const resource = core.put({ id: before?.id ?? type.identity?.(id) ?? id, type: type.type, ...kept, provisioning: statesOf(type).settled })
  const change = { method: 'PUT' as const, resource, before, apiVersion }
  type.accepted?.(core, change)
  // The second hook sees what the first one remembered of the resource.
  const error = type.done?.(core, { ...change, resource: core.store.get(resource.id) ?? resource })
  if (error) throw new Error(`The seed ${id} cannot be: ${error.code}: ${error.message}`)
  core.notice(core.store.get(resource.id) ?? resource)
}

/** The type's own casing, and the names as they are in the seed. */
function canonical(id: string, type: ResourceType): string {
  if (type.extension) return id
  const at = atProvider(id)
  if (at === undefined) return id.replace(/\/resourcegroups\//i, '/resourceGroups/')
  const names = at.rest.split('/').slice(1)
  const [namespace, ...types] = type.type.split('/')
  const scope = at.scope.replace(/\/resourcegroups\//i, '/resourceGroups/')
  return `${scope}/providers/${namespace}/${types.map((each, index) => `${each}/${names[index * 2 + 1]}`).join('/')}`
}
