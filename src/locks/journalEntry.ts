import { isGuid, isLockPath, nameOf, resourceId, scopePathOf } from '../model/id.ts'
import { type Body, isBody } from '../model/json.ts'
import { isLockBody } from '../model/lockBody.ts'
import type { Entry } from './journal.ts'

/** A line cannot be read, so that we cannot tell what is owed. We guess nothing: a person has to look. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged'
}

/** It is not damaged, and is left to the pglink that wrote it. */
export class NewerJournal extends JournalDamaged {}

/** The entry could not be read again, and was not written: the call that it announces is not made. */
export class EntryRefused extends Error {
  override readonly name = 'EntryRefused'
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** Whether a line is a whole entry of ours: we must not restore a lock from a line that a bad disk or an editor changed. */
export function isEntry(value: unknown): value is Entry {
  if (!isBody(value) || !isText(value['at'])) return false
  const { lock } = value
  switch (value['type']) {
    case 'run':
      return isText(value['run']) && isText(value['topology']) && (value['version'] === 1 || isBegan(value))
    case 'unlocking':
      return isUnlocking(value)
    case 'relocked':
    case 'scope-gone':
      return isBody(lock) && isLockPath(lock['path'])
    case 'standing':
      return isBody(lock) && isLockPath(lock['path']) && Array.isArray(value['markers']) && value['markers'].every(isLockPath)
    case 'operation':
      return isText(value['path']) && isText(value['url']) && URL.canParse(value['url']) && (value['left'] ?? true) === true
    case 'writing':
      return isText(value['path']) && isText(value['step']) && isTouches(value['touches'] ?? []) && isCount(value['limitMs'] ?? 0)
    case 'over':
    case 'wrote':
      return isText(value['path'])
    case 'ended':
      return true
    default:
      return false
  }
}

const isTouches = (value: unknown): boolean =>
  Array.isArray(value) && value.every(one => isBody(one) && isText(one['scope']) && (one['as'] === 'write' || one['as'] === 'delete'))

const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0

function isBegan({ version, estate, process }: Body): boolean {
  if (version !== 2 || !isText(estate) || !isBody(process)) return false
  return isText(process['host']) && typeof process['pid'] === 'number' && isText(process['started'])
}

function isUnlocking({ lock, lease, how, markers, by }: Body): boolean {
  if (!isBody(lock) || !isBody(lease) || !Array.isArray(markers)) return false
  const { path, scope, name, level, properties } = lock
  // The lock is restored at its path, and we must not ask about another one's scope.
  const isLock = isLockPath(path) && scope === resourceId(scopePathOf(path)) && name === nameOf(path) && isLockBody(level, properties)
  const isLease = isText(lease['run']) && isText(lease['until']) && !Number.isNaN(Date.parse(lease['until']))
  return isLock && isLease && (by === undefined || isGuid(by)) && (how === 'remove' || how === 'lower') && markers.every(isLockPath)
}
