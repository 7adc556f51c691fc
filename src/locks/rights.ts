import type { Permissions } from '../azure/permissions.ts'
import { lockRights } from '../kinds/managementLock.ts'
import { scopePathOf } from '../model/id.ts'
import type { Lock } from '../model/resource.ts'

/** The rights on locks that the caller lacks on these scopes, as sentences: asked before the first lock is lifted. */
export async function missingLockRights(permissions: Permissions, lifts: readonly { readonly lock: Lock }[]): Promise<string[]> {
  const missing: string[] = []
  for (const { path, scope } of lifts.map(({ lock }) => lock))
    missing.push(...(await lackingOn(permissions, scopePathOf(path))).map(action => `${action} on ${scope}`))
  return [...new Set(missing)]
}

/** The rights for lifting and restoring that the caller does not have on a scope. One that Azure is silent about is not missing. */
export async function lackingOn(permissions: Permissions, scope: string): Promise<string[]> {
  const held = await permissions.on(scope)
  return held === undefined ? [] : lockRights.filter(action => !held(action))
}
