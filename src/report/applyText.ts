import type { Happened } from '../document/happened.ts'
import type { PlanStep } from '../document/plan.generated.ts'
import { duration } from '../model/duration.ts'
import { unreachable } from '../model/invariant.ts'
import { printable } from '../model/printable.ts'
import { operations, proofWords } from './looks.ts'

interface Words {
  readonly doing: string
  /** Completes "Still …". */
  readonly still: string
  readonly done: string
}

/** The words of a step while it runs, and when it has ended. */
function wordsFor({ op, looks_for: looked, title = '' }: PlanStep): Words {
  if (op === 'invoke') {
    const call = printable(title)
    return { doing: call.charAt(0).toUpperCase() + call.slice(1), still: 'working', done: 'Done' }
  }
  const [doing, done] = looked === undefined ? operations[op].run : proofWords[looked]
  return { doing, still: doing.toLowerCase(), done }
}

/** One line for each thing that happens, for a pipe or a log. */
export function eventLine(event: Happened): string {
  const subject = printable(event.step.subject)
  const { doing, still, done } = wordsFor(event.step)
  switch (event.type) {
    case 'started':
      return `${subject}: ${doing}...`
    case 'progress': {
      // The subject stands at the start of the line.
      const waiting = event.waitingFor === undefined ? '' : `, ${printable(event.waitingFor).replace(`${subject} `, '')}`
      return `${subject}: Still ${still}... [${duration(event.elapsedMs)} elapsed${waiting}]`
    }
    case 'retried':
      return `${subject}: ${event.error.replace(/\.+$/, '')}. Trying again in ${duration(event.inMs)}`
    case 'finished':
      return `${subject}: ${done} after ${duration(event.elapsedMs)}${event.message === undefined ? '' : ` (${printable(event.message)})`}`
    case 'failed':
      return `${subject}: FAILED after ${duration(event.elapsedMs)}, ${still}: ${event.error}`
    case 'skipped':
      return `${subject}: Skipped, ${event.reason}`
    case 'waiting':
      return `${subject}: Waiting: ${printable(event.reason)}`
    default:
      return unreachable(event)
  }
}
