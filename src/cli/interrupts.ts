import type { Interruptible } from '../engine/host.ts'
import { exitCodes } from '../host/exitCodes.ts'
import { counted } from '../model/counted.ts'
import { endingOfSignal } from '../model/ending.ts'
import { lockTitle, namingFrom } from '../model/naming.ts'
import { asIs, printed } from '../model/printable.ts'
import type { Surroundings } from './terminal.ts'

/** Said at the first interrupt: which work still goes on, and which does not. */
const firstSaid: Readonly<Record<Interruptible['during'], string>> = {
  apply: 'Nothing new is started, what is in flight finishes, and the locks are restored.',
  restore: 'No more is waited for, and the locks are restored where they can be.',
  'restore first':
    'No more is waited for: the locks that an earlier run left off are restored where they can be, and nothing else is begun.',
  wait: 'It is not waited for any longer.'
}

interface Around extends Pick<Surroundings, 'onSignal' | 'err' | 'exit'> {
  /** Leaves what is drawn over as it is. */
  readonly end: () => void
}

/** The first signal stops what has not begun and lets the rest end; the second ends the process. @returns an end to that */
export function onInterrupt(work: Interruptible, { onSignal, err, exit, end }: Around): () => void {
  let isFirst = true
  return onSignal(signal => {
    if (isFirst) {
      isFirst = false
      err(printed`\nInterrupt received. ${firstSaid[work.during]} Once more to stop at once.\n`)
      work.stop(signal)
      return
    }
    end()
    err(printed`\nTwo interrupts received. Stopped at once: ${asIs(leftOff(work))}\n`)
    exit(exitCodes[endingOfSignal(signal)])
  })
}

function leftOff({ session: { prepared, restoreLine }, off }: Interruptible): string {
  if (off === undefined) return 'nothing was changed by this run.'
  const titles = off()?.map(lock => lockTitle(lock, namingFrom(prepared.resolved.desired)))
  return offText(titles, restoreLine())
}

/**
 * The locks that are off at this moment, and the command that restores them.
 *
 * @param off the locks by their titles; `undefined` where the journals cannot be read
 */
export function offText(off: readonly string[] | undefined, restoreLine: string): string {
  const back = `Restore ${off?.length === 1 ? 'it' : 'them'}:\n  ${restoreLine}`
  if (off === undefined) return `locks may be off. ${back}`
  if (off.length === 0) return 'no lock is off. Azure goes on with what is in flight.'
  return `${counted(off.length, 'lock')} may be off:\n${off.map(title => `  ${title}\n`).join('')}${back}`
}
