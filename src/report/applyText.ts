import type { Action } from '../model/change.ts'
import type { ApplyEvent } from '../model/events.ts'
import { resourceId } from '../model/id.ts'
import { unreachable } from '../model/invariant.ts'
import type { Naming } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { duration } from './duration.ts'
import { errorLine } from './errorText.ts'
import { decisionOf, subjectOf } from './step.ts'

interface Words {
  readonly doing: string
  /** Completes "Still …". */
  readonly still: string
  readonly done: string
}

const words = (doing: string, done: string): Words => ({ doing, still: doing.toLowerCase(), done })

/** Terraform's words where it has some. */
export function wordsFor(action: Action): Words {
  switch (action.do) {
    case 'unlock':
      return action.how === 'lower' ? words('Lowering', 'Lowered') : words('Lifting', 'Lifted')
    case 'relock':
      return words('Restoring', 'Restored')
    case 'create':
    case 'update': {
      const decision = decisionOf(action)
      if (decision) return decision === 'approve' ? words('Approving', 'Approved') : words('Rejecting', 'Rejected')
      return action.do === 'create' ? words('Creating', 'Creation complete') : words('Modifying', 'Modifications complete')
    }
    case 'delete':
      return words('Destroying', 'Destruction complete')
    case 'prove':
      if (action.for === 'policy') return words('Waiting on the policy', 'Written by the policy')
      if (action.depth === 'connection') return words('Waiting for approval', 'Approved at both ends')
      return action.decides ? words('Looking for the record', 'Looked') : words('Proving', 'Proven')
    case 'invoke': {
      const title = printable(action.title)
      return { doing: title.charAt(0).toUpperCase() + title.slice(1), still: 'working', done: 'Done' }
    }
    default:
      return unreachable(action)
  }
}

/** One line for each thing that happens, for a pipe or a log. */
export function eventLine(event: ApplyEvent, naming: Naming): string {
  const { action } = event.step
  const subject = subjectOf(action, naming)
  const { doing, still, done } = wordsFor(action)
  switch (event.type) {
    case 'started':
      return `${subject}: ${doing}...`
    case 'progress': {
      // The subject stands at the start of the line.
      const waiting = event.waitingFor === undefined ? '' : `, ${printable(event.waitingFor).replace(`${subject} `, '')}`
      return `${subject}: Still ${still}... [${duration(event.elapsedMs)} elapsed${waiting}]`
    }
    case 'retried':
      return `${subject}: ${errorLine(event.error).replace(/\.+$/, '')}. Trying again in ${duration(event.inMs)}`
    case 'finished':
      return `${subject}: ${done} after ${duration(event.elapsedMs)}${event.message === undefined ? '' : ` (${printable(event.message)})`}`
    case 'failed':
      return `${subject}: FAILED after ${duration(event.elapsedMs)}, ${still}: ${errorLine(event.error)}`
    case 'skipped':
      return `${subject}: Skipped, ${skipReason(event.because, naming)}`
    case 'waiting':
      return `${subject}: Waiting: ${printable(event.reason)}`
    default:
      return unreachable(event)
  }
}

export function skipReason(because: Extract<ApplyEvent, { type: 'skipped' }>['because'], naming: Naming): string {
  if (because === 'cancelled') return 'the run was interrupted'
  if (because === 'not needed') return 'nothing is left to do under it'
  if (because === 'is right') return 'the record is right without it'
  if (because === 'unlocked too long') return 'a lock in its way has been off for longer than safety.maxUnlockedSeconds'
  const [, what = '', id = '', of = ''] = /^(\S+) ([^#]*)(?:#([^@]*))?/.exec(because) ?? []
  const name = naming(resourceId(id))
  return notDone[what]?.(name, of.startsWith('/') ? naming(resourceId(of)) : undefined) ?? `${name} comes first and was not done`
}

/** The words for an earlier step that did not come to its end, by its operation. */
const notDone: Readonly<Record<string, (name: string, of: string | undefined) => string>> = {
  prove: (server, endpoint) => (endpoint === undefined ? `the new path to ${server} is not proven` : `${endpoint} is not proven`),
  create: name => `${name} was not made`,
  update: name => `${name} was not changed`,
  delete: name => `${name} was not deleted`,
  unlock: name => `${name} was not lifted`,
  relock: name => `${name} was not restored`,
  invoke: name => `a call on ${name} comes first and was not made`
}
