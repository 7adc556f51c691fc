import type { Azure } from '../azure/azure.ts'
import type { Lock } from '../model/resource.ts'

const needed = ['Microsoft.Authorization/locks/delete', 'Microsoft.Authorization/locks/write']

interface Permissions {
  readonly value?: readonly { readonly actions?: readonly string[]; readonly notActions?: readonly string[] }[]
}

/** The rights on locks that the caller lacks on these scopes, as sentences: asked before the first lock is lifted. */
export async function missingLockRights(azure: Azure, locks: readonly Lock[]): Promise<string[]> {
  const missing: string[] = []
  for (const { path, scope } of locks) {
    const at = path.slice(0, path.toLowerCase().lastIndexOf('/providers/microsoft.authorization/locks/'))
    missing.push(...(await lackingOn(azure, at)).map(action => `${action} on ${scope}`))
  }
  return [...new Set(missing)]
}

/** Of the rights that lifting and restoring need, those the caller does not have on a scope. */
export async function lackingOn(azure: Azure, scope: string): Promise<string[]> {
  const { value = [] } = (await azure.send({
    method: 'GET',
    path: `${scope}/providers/Microsoft.Authorization/permissions`,
    apiVersion: '2022-04-01'
  })) as Permissions
  const may = (action: string): boolean =>
    value.some(({ actions = [], notActions = [] }) => matches(actions, action) && !matches(notActions, action))
  return needed.filter(action => !may(action))
}

const matches = (patterns: readonly string[], action: string): boolean =>
  patterns.some(pattern => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 'i').test(action))

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
