import { restoreCommand } from '../cli/restoreCommand.ts'
import type { Terminal } from '../cli/terminal.ts'
import { lockText } from '../model/lockBody.ts'
import type { MarkedLock } from '../model/marker.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import { printed } from '../model/printable.ts'
import type { Lock } from '../model/resource.ts'
import { refusalOf } from './claims.ts'
import { leftBehind } from './journals.ts'
import type { Session } from './session.ts'
import { Stop } from './stop.ts'
import { workflowIn } from './workflow.ts'

/**
 * A journal that was named on the command line may be anybody's work: what would be done for it is shown, and asked for.
 *
 * @throws Stop when that is not confirmed, or nobody is there to confirm it
 */
export async function agreeToJournal(session: Session, marked: readonly MarkedLock[], terminal: Terminal): Promise<void> {
  const { flags, prepared } = session
  if (flags.journal === undefined) return
  const lines = wouldDo(session, marked, terminal)
  if (lines.length === 0) return
  terminal.err(printed`With the journal ${flags.journal}, pglink will restore what is owed to ${prepared.resolved.name}:\n`)
  for (const line of lines) terminal.err(printed`  ${line}\n`)
  if (flags.autoApprove) return
  if (!terminal.interactive)
    throw new Stop(
      'refused',
      'No user is there to confirm this. Nothing was changed. Run it with --auto-approve to restore without asking.'
    )
  terminal.err(printed`\nDo you want to do this, in this estate?\n  ${session.estate}.\n  Only 'yes' will be accepted to approve.\n\n`)
  const answer = await terminal.ask('  Enter a value: ')
  if (answer?.trim() !== 'yes') throw new Stop('refused', 'Not confirmed. Nothing was changed.')
}

function wouldDo(session: Session, marked: readonly MarkedLock[], { env }: Terminal): readonly string[] {
  const { prepared, baseline, flags, journals } = session
  const restoreLine = (...more: readonly string[]): string => restoreCommand(prepared.file, flags, more)
  const refusal = refusalOf({ prepared, baseline, flags, restoreLine, ...workflowIn(env) })
  const naming = namingFrom(prepared.resolved.desired)
  const { owed, leftover } = leftBehind(journals)
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
