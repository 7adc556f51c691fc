import type { Azure } from '../azure/azure.ts'
import { asking, isForbidden } from '../azure/error.ts'
import { kindOf } from '../kinds/index.ts'
import type { Read } from '../kinds/kind.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import type { Ours } from '../kinds/undeclared.ts'
import { nameOf, type ResourceId, resourceId } from '../model/id.ts'
import { ownerIn } from '../model/owner.ts'
import type { Desired, Existing } from '../model/resource.ts'

/** Resources that carry this topology's tag and are in neither file. Their address is their id: no file gives them one. */
export function unmanagedAmong(listed: ReadonlyMap<string, readonly Read[]>, known: Desired, topology: string): Existing[] {
  const unmanaged: Existing[] = []
  for (const [kind, reads] of listed) {
    for (const { path, observed } of reads) {
      const id = resourceId(path)
      if (observed.state !== 'present' || ownerIn(observed.tags) !== topology || known.has(id)) continue
      const { state: _, ...seen } = observed
      unmanaged.push({ kind, id, path, address: kind === resourceGroup.name ? `resourceGroups/${nameOf(path)}` : path, ...seen })
    }
  }
  return unmanaged.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The resources that Azure would delete with those that go, and that are not ours, or carry the tag that protects them. */
export async function undeclaredInside(
  azure: Azure,
  going: readonly { readonly kind: string; readonly id: ResourceId; readonly path: string }[],
  ours: Ours
): Promise<ReadonlyMap<ResourceId, readonly string[]>> {
  const found = new Map<ResourceId, readonly string[]>()
  for (const { kind, id, path } of going) {
    const { undeclaredInside: inside } = kindOf({ kind })
    if (inside) found.set(id, await looked(() => inside(azure, path, ours)))
  }
  return found
}

/** A scope that we may not look into may hold anything. */
async function looked(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await asking('GET what is to go', look)
  } catch (error) {
    if (isForbidden(error)) return ['(what it holds may not be read)']
    throw error
  }
}
