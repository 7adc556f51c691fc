import { endingOf, Interrupted, Stop } from '../engine/stop.ts'
import { type Ending, endingOfSignal, type Signal } from '../model/ending.ts'
import { asIs, printed } from '../model/printable.ts'
import type { Surroundings } from './terminal.ts'

async function takenHints({ openHints }: Surroundings): Promise<readonly string[]> {
  const hints = [...openHints]
  openHints.clear()
  return (await Promise.all(hints.map(hint => hint().catch(() => undefined)))).flatMap(hint => hint ?? [])
}

/** A signal ended the command at a moment at which no part of it listened. */
export async function stopped(signal: Signal, terminal: Surroundings): Promise<Ending> {
  terminal.err('\nInterrupt received. Stopped at once.\n')
  for (const hint of await takenHints(terminal)) terminal.err(printed`${asIs(hint)}\n`)
  return endingOfSignal(signal)
}

/** The last resort: says in plain words what ended the command, and how. */
export async function explainFailure(error: unknown, terminal: Surroundings): Promise<Ending> {
  const hints = await takenHints(terminal)
  const { problemText } = await import('../host/problem.ts')
  terminal.err(problemText(error, terminal))
  const isExpected = error instanceof Stop || error instanceof Interrupted
  if (!isExpected) for (const hint of hints) terminal.err(printed`${asIs(hint)}\n`)
  return endingOf(error)
}
