import { exitCodes, meanings } from '../host/exitCodes.ts'
import type { Ending } from '../model/ending.ts'

import type { Inputs } from './inputs.ts'

type FailOn = Inputs['failOn']

const reasons = {
  error: 'error',
  changes: 'changes-to-apply',
  drift: 'drift',
  invalid: 'invalid',
  stale: 'plan-changed',
  refused: 'refused',
  waiting: 'waiting',
  partial: 'apply-failed',
  lockNotRestored: 'locks-not-restored',
  usage: 'usage',
  interrupted: 'interrupted',
  terminated: 'interrupted'
} as const satisfies Readonly<Record<Exclude<Ending, 'ok'>, string>>

export interface Verdict {
  readonly failed: boolean
  /** The reason of a step that did not fail, too: a later one may decide by it. */
  readonly reason: (typeof reasons)[keyof typeof reasons] | ''
  readonly message: string
}

/** Whether a step fails with this code. A lock that is off, and a step that is written wrongly, are never passed over. */
export function verdictOf(code: Ending, failOn: FailOn, why = ''): Verdict {
  if (code === 'ok') return { failed: false, reason: '', message: '' }
  return { failed: fails(code, failOn), reason: reasons[code], message: why === '' ? `pglink: ${meanings[exitCodes[code]]}` : why }
}

function fails(code: Ending, failOn: FailOn): boolean {
  if (code === 'lockNotRestored' || code === 'usage') return true
  if (failOn === 'never') return false
  if (code === 'changes') return failOn === 'changes'
  if (code === 'drift') return failOn === 'drift'
  return true
}
