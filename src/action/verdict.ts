import { type ExitCode, meanings } from '../cli/exitCodes.ts'
import type { FailOn } from './inputs.ts'

type FailureReason =
  | 'error'
  | 'changes-to-apply'
  | 'drift'
  | 'invalid'
  | 'plan-changed'
  | 'refused'
  | 'waiting'
  | 'apply-failed'
  | 'locks-not-restored'
  | 'usage'
  | 'interrupted'

const reasons: Readonly<Record<Exclude<ExitCode, 0>, FailureReason>> = {
  1: 'error',
  2: 'changes-to-apply',
  3: 'drift',
  4: 'invalid',
  5: 'plan-changed',
  6: 'refused',
  7: 'waiting',
  8: 'apply-failed',
  9: 'locks-not-restored',
  64: 'usage',
  130: 'interrupted',
  143: 'interrupted'
}

export interface Verdict {
  readonly failed: boolean
  /** The reason of a step that did not fail, too: a later one may decide by it. */
  readonly reason: FailureReason | ''
  readonly message: string
}

/** Whether a step fails with this code. A lock that is off, and a step that is written wrongly, are never passed over. */
export function verdictOf(code: ExitCode, failOn: FailOn, why = ''): Verdict {
  if (code === 0) return { failed: false, reason: '', message: '' }
  return { failed: fails(code, failOn), reason: reasons[code], message: why === '' ? `pglink: ${meanings[code]}` : why }
}

function fails(code: ExitCode, failOn: FailOn): boolean {
  if (code === 9 || code === 64) return true
  if (failOn === 'never') return false
  if (code === 2) return failOn === 'changes'
  if (code === 3) return failOn === 'drift'
  return true
}
