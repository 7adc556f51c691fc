import type { AppliedBody } from '../document/appliedJson.ts'
import type { PlanFinding } from '../document/plan.generated.ts'
import type { FindingSort } from '../engine/verdict.ts'
import { counted } from '../model/counted.ts'
import { duration } from '../model/duration.ts'
import { doOf } from '../model/graph.ts'
import { printable } from '../model/printable.ts'
import { findingTitles, isLift, outcomeColours } from './looks.ts'
import type { Style } from './style.ts'
import { findingSection, saidLine, section } from './verdictText.ts'
import { endpointLines } from './verifyText.ts'

/** How a run ended, from its document alone: each step that was not done, what was, the time without locks, and what to do next. */
export function applySummary(applied: AppliedBody, style: Style): string {
  const { complete, interrupted, resources, steps, plan, unlocked_ms: liftedMs, endpoints = [] } = applied
  const { colors } = style
  const counts = resourcesText(resources)
  const lines = complete ? [] : [...outcomeLines(applied, style), '']
  lines.push(
    complete ? colors.green(`Apply complete! ${counts}`) : colors.red(`${interrupted ? 'Interrupted.' : 'Apply incomplete.'} ${counts}`)
  )
  const lifted = new Set(plan.steps.filter(isLift).map(({ n }) => n))
  if (steps.some(({ n, outcome }) => outcome === 'done' && lifted.has(n)))
    lines.push(`Locks were off or lowered for ${duration(liftedMs)} in all, each lock's time added up.`)
  lines.push(...proofLines(applied, style), ...nextLines(applied, style), ...endpointLines(endpoints, style))
  return `${lines.join('\n')}\n`
}

export const resourcesText = ({ add, change, destroy }: AppliedBody['resources']): string =>
  `Resources: ${add} added, ${change} changed, ${destroy} destroyed.`

const outcomeLines = ({ steps }: AppliedBody, { colors }: Style): string[] =>
  steps.map(
    ({ n, id, subject, outcome, why }) =>
      `${String(n).padStart(4)}  ${colors[outcomeColours[outcome]](outcome.padEnd(8))} ${doOf(id).padEnd(7)} ${printable(subject)}${why === undefined ? '' : `: ${printable(why)}`}`
  )

/** The fresh read: an empty difference, and a whole path to each server, are the proof that the run did what it said. */
function proofLines({ proof, differences, waiting }: AppliedBody, { colors }: Style): string[] {
  if (proof === undefined) return []
  if (differences.length > 0) return section('Read again, and this still differs', differences.map(printable), { paint: colors.red })
  const { as, text, said, besides } = proof
  // Those that wait for a person are named below, with what the steps said.
  const lines = said.map(saidLine).filter(line => !waiting.some(({ message }) => line.includes(printable(message))))
  const groups = sortsOf(besides).flatMap(sort => findingSection(besides, sort))
  const all = [...lines.map(line => `  ${line}`), ...groups]
  return [colors[outcomeColours[as]](all.length === 0 ? text : text.replace(/\.$/, ':')), ...all]
}

export const sortsOf = (findings: readonly PlanFinding[]): FindingSort[] => [...new Set(findings.map(({ as }) => as))]

/** A section, and our advice on it. */
const advised = (title: string, lines: readonly string[], then: string, paint?: (title: string) => string): string[] =>
  lines.length === 0 ? [] : [...section(title, lines.map(printable), paint && { paint }), then]

function lockLines(applied: AppliedBody, { colors: { red, yellow } }: Style): string[] {
  const { not_restored: owed, restore_with: line, markers_left: markers, restored_over: over, missing_rights: rights } = applied
  const subjects = over.map(printable).join(', ')
  const titles = owed.map(({ message }) => message)
  return [
    ...advised('NOT RESTORED', titles, `Restore them now: ${line}`, red),
    ...advised(
      'Warning: the locks are back, but markers that remember them could not be deleted',
      markers,
      `This removes them: ${line}`,
      yellow
    ),
    ...(over.length === 0
      ? []
      : [yellow(`Warning: Azure was still at ${subjects} when a lock was restored over it: it may fail because of the lock.`)]),
    ...advised(
      'No lock was lifted and nothing was changed, since the rights to lift and restore locks are missing',
      rights,
      'Ask for them (User Access Administrator and Owner have them), then run the same command again.'
    )
  ]
}

function nextLines(applied: AppliedBody, style: Style): string[] {
  const { steps, waiting: left, held_back: held } = applied
  const lines = lockLines(applied, style)
  // The read after the run says of an endpoint what is to be done; what a step said of it is the same fact.
  const isSaid = (reason: string): boolean => left.some(({ address }) => reason.startsWith(`${address} `))
  const reasons = steps.flatMap(({ outcome, reason = '' }) => (outcome === 'waiting' ? reason.split('; ').filter(one => !isSaid(one)) : []))
  const waiting = [...new Set([...reasons, ...left.map(({ message }) => message)])]
  lines.push(...advised(findingTitles.waiting, waiting, 'Run the same command again after that.'))
  if (steps.some(({ outcome }) => outcome === 'unproven'))
    lines.push('No step that takes a path away was done, since the new path is not proven. Mend that, then run the same command again.')
  if (held.length > 0) {
    const flags = held.map(address => `--allow-interrupt ${printable(address)}`).join(' ')
    lines.push(`The old path stays as it is. To take it away before the new one is proven: ${flags}`)
  }
  const failed = steps.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
  const advice = [...new Set(failed.flatMap(({ next }) => next ?? []))].join(' ')
  if (failed.length > 0)
    lines.push(
      `${counted(failed.length, 'step')} failed. ${advice || 'Finished steps stay done: mend the cause, then run the same command again.'}`
    )
  return lines
}
