import type { Azure, RawRequest } from '../../azure/azure.ts'
import { ArmError, asking, isNotFound } from '../../azure/error.ts'
import { gathered, itemsOf } from '../../azure/items.ts'

/** The result of a look. A resource that may not be seen, or fails, is not absent. */
export type Seen<T> =
  | { readonly as: 'seen'; readonly value: T }
  | { readonly as: 'absent' }
  | { readonly as: 'unreadable'; readonly reason: string }

/** Reads of one preflight: each is made once, and whatever Azure answers ends none of the others. */
export interface Looks {
  get<T>(path: string, apiVersion: string): Promise<Seen<T>>
  /** All pages of a list. */
  list<T>(path: string, apiVersion: string): Promise<Seen<readonly T[]>>
  ask<T>(request: RawRequest): Promise<Seen<T>>
  by<T>(key: string, read: (azure: Azure) => Promise<T>): Promise<Seen<T>>
}

/**
 * Throttled is throttled for everything: the pipeline has waited as often as it may, and what is still to be asked is not asked. It is
 * unknown then, and a plan is made all the same.
 */
export function looksThrough(azure: Azure): Looks {
  const made = new Map<string, Promise<Seen<unknown>>>()
  let throttled = false

  async function look<T>(key: string, read: (azure: Azure) => Promise<T>): Promise<Seen<T>> {
    if (throttled) return { as: 'unreadable', reason: 'Azure throttles this login' }
    try {
      return { as: 'seen', value: await asking(key, () => read(azure)) }
    } catch (error) {
      if (!(error instanceof ArmError)) throw error
      if (isNotFound(error)) return { as: 'absent' }
      throttled ||= error.status === 429
      return { as: 'unreadable', reason: error.message }
    }
  }

  const looks: Looks = {
    by<T>(key: string, read: (azure: Azure) => Promise<T>): Promise<Seen<T>> {
      const known = made.get(key) ?? look(key, read)
      made.set(key, known)
      // A key is of one read alone.
      return known as Promise<Seen<T>>
    },
    ask: <T>(request: RawRequest) =>
      looks.by<T>(
        `${request.method} ${request.path.toLowerCase()} ${JSON.stringify(request.body ?? '')}`,
        through => through.send(request) as Promise<T>
      ),
    get: <T>(path: string, apiVersion: string) => looks.ask<T>({ method: 'GET', path, apiVersion }),
    list: <T>(path: string, apiVersion: string) =>
      looks.by<readonly T[]>(`list ${path.toLowerCase()}`, through => gathered(itemsOf<T>(through.send, path, apiVersion)))
  }
  return looks
}
