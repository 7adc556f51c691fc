import type { Journal } from '../apply/journal.ts'
import { ended, type Restored, restoreLocks } from '../apply/recover.ts'
import type { Azure } from '../azure/azure.ts'
import { kindOf } from '../kinds/index.ts'
import { resourceId, within } from '../model/id.ts'
import type { Remembered } from '../model/memory.ts'
import type { Desired, Lock } from '../model/resource.ts'
import { counted } from '../report/counted.ts'
import { errorLine } from '../report/errorText.ts'
import { lockTitle, type Naming } from '../report/step.ts'
import type { Style } from '../report/style.ts'
import { joinedJournal, type LeftBehind, leftBehind } from './journals.ts'
import type { Prepared } from './topology.ts'

/** On something of the topology, beneath it, or above it. */
export const matters = (scope: Lock['scope'], desired: Desired): boolean =>
  [...desired.keys()].some(id => within(id, scope) || within(scope, id))

export interface Recovery {
  readonly prepared: Prepared
  readonly azure: Azure
  readonly journals: readonly Journal[]
  readonly remembered: readonly Remembered[]
  readonly run: string
  /** Follow the operations that earlier runs began to their end, whatever they are under. */
  readonly resume: boolean
  readonly keep: readonly string[]
  readonly atOnce: boolean
  readonly say: (what: string) => void
  readonly signal?: AbortSignal
}

/** Ends what earlier runs left behind: their operations, where they are asked for, and their locks. */
export async function recover(recovery: Recovery): Promise<readonly Restored[]> {
  const { prepared, azure, journals, run, say, signal, keep, atOnce } = recovery
  const { owed, awaitingScope, running } = await leftBehind(journals)
  const journal = joinedJournal(prepared, journals)
  const ports = {
    azure,
    journal,
    run,
    leaseMs: 0,
    say,
    signal,
    isDeclared: (lock: Lock) => standsAsDeclared(lock, prepared.resolved.desired)
  }
  if (recovery.resume) for (const operation of running) await ended(operation, ports)
  const gone = new Set(awaitingScope.map(({ lock }) => lock.path.toLowerCase()))
  const remembered = recovery.remembered.filter(
    ({ lock }) => matters(lock.scope, prepared.resolved.desired) && !gone.has(lock.path.toLowerCase())
  )
  const results = await restoreLocks({ owed, remembered, running: recovery.resume ? [] : running, keep, atOnce }, ports)
  // Nothing is owed any more, and nothing goes on: the run that died is over.
  if (journals.length > 0 && results.every(({ outcome }) => outcome !== 'failed'))
    for (const one of journals) await one.append({ type: 'ended', at: new Date().toISOString() })
  return results
}

function standsAsDeclared({ path, properties }: Lock, desired: Desired): boolean {
  const resource = desired.get(resourceId(path))
  if (resource?.kind !== 'managementLock') return false
  const kind = kindOf(resource)
  return kind.diff(kind.fromArm(properties), resource.props).length === 0
}

/** Whether there is anything for {@link recover} to do. */
export const owes = ({ owed, unfinished }: LeftBehind, remembered: readonly Remembered[], desired: Desired): boolean =>
  unfinished || owed.length > 0 || remembered.some(({ lock }) => matters(lock.scope, desired))

/** One line a lock, and what to do about those that are not back. */
export function restoredText(restored: readonly Restored[], naming: Naming, { colors }: Style): string {
  const failed = restored.filter(({ outcome }) => outcome === 'failed')
  const rows = restored.map(({ lock, outcome, error }) => {
    const comes = outcome === 'scope is gone' ? '; the apply that makes it again puts the lock back' : ''
    const text = `${lockTitle(lock, naming)}: ${outcome}${comes}${error ? `: ${errorLine(error)}` : ''}`
    return outcome === 'failed' ? colors.red(text) : text
  })
  const next =
    failed.length === 0
      ? []
      : [`${counted(failed.length, 'lock')} not restored. Mend the cause, then run this again, or put the lock back in the portal.`]
  return `${[...rows, ...next].join('\n')}\n`
}
