import type { Desired } from '../model/resource.ts'
import { didYouMean } from '../model/suggest.ts'
import { Stop } from './stop.ts'

/** @throws Stop where the file declares no entry at one of the addresses */
export function mustDeclare(file: string, desired: Desired, addresses: readonly string[]): void {
  const known = new Set([...desired.values()].map(({ address }) => address))
  const unknown = addresses.find(address => !known.has(address))
  if (unknown === undefined) return
  const meant = didYouMean(unknown, known)
  throw new Stop('invalid', `${file} has no entry ${unknown}${meant === undefined ? '' : `: ${meant}`}`)
}
