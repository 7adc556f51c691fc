import { lockText } from '../model/lockBody.ts'
import type { MarkedLock } from '../model/marker.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import type { Lock } from '../model/resource.ts'
import { refusalOf } from './claims.ts'
import { leftBehind } from './journals.ts'
import type { Session } from './session.ts'

/**
 * A journal that was named may be the work of another program: the user is shown what would be done for it, and asked.
 *
 * @throws Stop when the user does not agree, or is not there
 */
export async function agreeToJournal(session: Session, marked: readonly MarkedLock[]): Promise<void> {
  if (session.settings.journal === undefined) return
  const lines = wouldDo(session, marked)
  if (lines.length > 0) await session.host.confirm({ about: 'journal', lines, session })
}

function wouldDo(session: Session, marked: readonly MarkedLock[]): readonly string[] {
  const refusal = refusalOf(session)
  const naming = namingFrom(session.prepared.resolved.desired)
  const { owed, leftover } = leftBehind(session.journals)
  const all = new Map<string, { readonly lock: Lock; readonly markers: Set<string>; readonly why: string | undefined }>()
  const add = (lock: Lock, markers: readonly string[], why: string | undefined): void => {
    const key = lock.path.toLowerCase()
    const known = all.get(key) ?? { lock, markers: new Set<string>(), why }
    for (const marker of markers) known.markers.add(marker)
    all.set(key, known)
  }
  for (const { lock, lease, markers } of owed) add(lock, markers, refusal(lock, lease))
  for (const { lock, lease, markers } of marked)
    add(
      lock,
      markers.map(({ path }) => path),
      refusal(lock, lease)
    )
  for (const { lock, markers } of leftover) add(lock, markers, undefined)
  return [...all.values()].flatMap(({ lock, markers, why }) => [
    why === undefined ? `restore ${lockTitle(lock, naming)}: ${lockText(lock.properties)}` : `leave out ${lockTitle(lock, naming)}: ${why}`,
    ...[...markers].map(marker => `delete its marker ${marker}`)
  ])
}
