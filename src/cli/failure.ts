import { Interrupted, Stop } from '../engine/stop.ts'
import type { Signal } from '../model/ending.ts'
import { type Ending, endingOfSignal } from '../model/ending.ts'
import { asIs, printable, printed } from '../model/printable.ts'
import type { Terminal } from './terminal.ts'

async function takenHints({ openHints }: Terminal): Promise<readonly string[]> {
  const hints = [...openHints]
  openHints.clear()
  return (await Promise.all(hints.map(hint => hint().catch(() => undefined)))).flatMap(hint => hint ?? [])
}

/** A signal ended the command at a moment at which no part of it listened. */
export async function stopped(signal: Signal, terminal: Terminal): Promise<Ending> {
  terminal.err('\nInterrupt received. Stopped at once.\n')
  for (const hint of await takenHints(terminal)) terminal.err(printed`${asIs(hint)}\n`)
  return endingOfSignal(signal)
}

/**
 * The last resort: says in plain words what ended the command, and gives its exit code. No user sees a stack; an error that is
 * neither expected nor Azure's is a bug of ours, and says how to report it.
 */
export async function explainFailure(error: unknown, terminal: Terminal): Promise<Ending> {
  const hints = await takenHints(terminal)
  const { errorLine, explained } = await import('../engine/errorText.ts')
  if (error instanceof Interrupted) {
    terminal.err(printed`\n${error.message}\n`)
    return endingOfSignal(error.signal)
  }
  if (error instanceof Stop) {
    terminal.err([`Error: ${errorLine(error)}`, ...error.details.map(detail => `  ${printable(detail)}`), ''].join('\n'))
    return error.ending
  }
  const known = explained(error)
  if (known) terminal.err(printed`Error: ${known.message}\n${asIs(known.next === undefined ? '' : printed`${known.next}\n`)}`)
  else {
    const what = errorLine(error).replace(/\.$/, '')
    terminal.err(
      printed`Error: pglink has a bug: ${what}. Please report it with this line, the command and, without secrets, the topology.\n`
    )
  }
  for (const hint of hints) terminal.err(printed`${asIs(hint)}\n`)
  return 'error'
}
