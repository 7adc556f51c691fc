import { type Body, isBody, type Json } from '../model/json.ts'
import type { Entry } from './journal.ts'

/** It cannot be said what is owed. Nothing is guessed: a person has to look. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged'
}

const isText = (value: unknown): value is string => typeof value === 'string'

const isLockPath = (value: unknown): boolean =>
  isText(value) && /^\/subscriptions\/[^?#\\]+\/providers\/microsoft\.authorization\/locks\/[^/?#\\]+$/i.test(value)

/** A line of ours, and whole: what is put back by it must not be what a bad disk or somebody's editor made of it. */
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
    case 'over':
    case 'writing':
    case 'wrote':
      return isText(value['path'])
    case 'ended':
      return true
    default:
      return false
  }
}

function isBegan({ version, estate, process }: Body): boolean {
  if (version !== 2 || !isText(estate) || !isBody(process)) return false
  return isText(process['host']) && typeof process['pid'] === 'number' && isText(process['started'])
}

function isUnlocking({ lock, lease, how, markers }: Body): boolean {
  if (!isBody(lock) || !isBody(lease) || !Array.isArray(markers)) return false
  const isLock = isLockPath(lock['path']) && isText(lock['scope']) && isText(lock['name'])
  const isLevel = (lock['level'] === 'ReadOnly' || lock['level'] === 'CanNotDelete') && isBodyOf(lock['level'], lock['properties'])
  const isLease = isText(lease['run']) && isText(lease['until']) && !Number.isNaN(Date.parse(lease['until']))
  return isLock && isLevel && isLease && (how === 'remove' || how === 'lower') && markers.every(isLockPath)
}

/** What goes back is this, and what is said of it is the level beside it. Azure may write what it does not have as null. */
function isBodyOf(level: Json, properties: Json | undefined): boolean {
  if (!isBody(properties)) return false
  const notes = properties['notes'] ?? ''
  const owners = properties['owners'] ?? []
  return properties['level'] === level && isText(notes) && Array.isArray(owners) && owners.every(isBody)
}
