import { resourceId, scopesOf } from '../model/id.ts'
import type { Azure } from './azure.ts'
import { ArmError, asking, isNotFound } from './error.ts'
import { itemsOf } from './items.ts'

/** Whether a login may do something on a scope. */
type Held = (action: string) => boolean

export interface Permissions {
  /** The login's rights there; `undefined` where Azure does not say. Each scope is asked once. */
  on(scope: string): Promise<Held | undefined>
  /** Those of the second login, where locks have one. */
  readonly forLocks?: Permissions | undefined
}

interface Role {
  readonly actions?: readonly string[]
  readonly notActions?: readonly string[]
}

/**
 * The login's own permissions [DOC, Permissions - List For Resource Group]. They add up over its roles, each less its own exceptions. Deny
 * assignments are in no such answer: to whom one applies, groups and exclusions included, would take Microsoft Graph to tell.
 */
export function permissionsThrough(azure: Azure): Permissions {
  const asked = new Map<string, Promise<Held | undefined>>()

  async function ask(scope: string): Promise<Held | undefined> {
    const list = `${scope}/providers/Microsoft.Authorization/permissions`
    const roles: Role[] = []
    try {
      await asking(`GET ${list}`, async () => {
        for await (const role of itemsOf<Role>(azure.send, list, '2022-04-01')) roles.push(role)
      })
    } catch (error) {
      // A scope that is not there yet will lie in one that is, and have the rights on that.
      const above = scopesOf(resourceId(scope))[1]
      if (isNotFound(error) && above !== undefined) return permissions.on(above)
      if (error instanceof ArmError) return undefined
      throw error
    }
    return action => roles.some(({ actions = [], notActions = [] }) => matches(actions, action) && !matches(notActions, action))
  }

  const permissions: Permissions = {
    ...(azure.forLocks !== azure && { forLocks: permissionsThrough(azure.forLocks) }),
    on(scope) {
      const key = resourceId(scope)
      const known = asked.get(key) ?? ask(scope)
      asked.set(key, known)
      return known
    }
  }
  return permissions
}

const matches = (patterns: readonly string[], action: string): boolean =>
  patterns.some(pattern => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 'i').test(action))

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
