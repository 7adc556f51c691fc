import type { ApplyEvent } from '../apply/events.ts'
import type { Action } from '../model/change.ts'
import { unreachable } from '../model/invariant.ts'
import { duration } from './duration.ts'
import { errorLine } from './errorText.ts'
import { printable } from './printable.ts'
import { decisionOf, type Naming, subjectOf } from './step.ts'

interface Words {
  readonly doing: string
  readonly done: string
}

/** Terraform's words where it has some. */
export function wordsFor(action: Action): Words {
  switch (action.do) {
    case 'unlock':
      return action.how === 'lower' ? { doing: 'Lowering', done: 'Lowered' } : { doing: 'Lifting', done: 'Lifted' }
    case 'relock':
      return { doing: 'Restoring', done: 'Restored' }
    case 'create':
    case 'update': {
      const decision = decisionOf(action)
      if (decision) return decision === 'approve' ? { doing: 'Approving', done: 'Approved' } : { doing: 'Rejecting', done: 'Rejected' }
      return action.do === 'create'
        ? { doing: 'Creating', done: 'Creation complete' }
        : { doing: 'Modifying', done: 'Modifications complete' }
    }
    case 'delete':
      return { doing: 'Destroying', done: 'Destruction complete' }
    case 'prove':
      return action.for === 'gate' ? { doing: 'Waiting for approval', done: 'Approved at both ends' } : { doing: 'Proving', done: 'Proven' }
    case 'invoke':
      return { doing: printable(action.title), done: 'Done' }
    default:
      return unreachable(action)
  }
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** One line for each thing that happens, for a pipe or a log. */
export function eventLine(event: ApplyEvent, naming: Naming): string {
  const { action } = event.step
  const subject = subjectOf(action, naming)
  const { doing, done } = wordsFor(action)
  switch (event.type) {
    case 'started':
      return `${subject}: ${doing}...`
    case 'progress': {
      const waiting = event.waitingFor === undefined ? '' : `, waiting: ${printable(event.waitingFor)}`
      return `${subject}: Still ${lower(doing)}... [${duration(event.elapsedMs)} elapsed${waiting}]`
    }
    case 'retried':
      return `${subject}: ${errorLine(event.error)}. Trying again in ${duration(event.inMs)}`
    case 'finished':
      return `${subject}: ${done} after ${duration(event.elapsedMs)}${event.message === undefined ? '' : ` (${printable(event.message)})`}`
    case 'failed':
      return `${subject}: FAILED after ${duration(event.elapsedMs)}, ${lower(doing)}: ${errorLine(event.error)}`
    case 'skipped':
      return `${subject}: Skipped, ${skipReason(event.because)}`
    case 'waiting':
      return `${subject}: Waiting: ${printable(event.reason)}`
    default:
      return unreachable(event)
  }
}

export function skipReason(because: Extract<ApplyEvent, { type: 'skipped' }>['because']): string {
  if (because === 'cancelled') return 'the run was interrupted'
  if (because === 'not needed') return 'nothing is left to do under it'
  return `it needs ${printable(because)}`
}
