import { type Ending, worst } from '../model/ending.ts'

import { asIs, printable, printed } from '../model/printable.ts'
import { movedSince } from '../plan/digest.ts'
import { sameDigest } from './applyStep.ts'
import { digestsFor } from './hub.ts'
import { inspect } from './inspect.ts'
import { earlierPlan } from './planFile.ts'
import { planOutputs, plansFor } from './plans.ts'
import type { Ended, Step } from './step.ts'

/**
 * Whether what was approved is still exactly what would happen: for a merge queue, or by the clock. Says nothing but
 * by its exit code and the log.
 */
export async function checkStep(step: Step): Promise<Ended> {
  const { inputs, terminal, folder } = step
  const earlier = await earlierPlan(step)
  const { files } = await inspect(step, 'plan')
  const { digests, baseMoved } = await digestsFor(step, files, inputs.flags)
  const { code, why, documents } = await plansFor({
    files,
    flags: { ...inputs.flags, planDigest: undefined },
    terminal: terminal.quietly(),
    folder
  })
  if (documents.length < files.length) return { code, why, outputs: {} }
  const stale = documents.filter(({ topology: { path }, digest }) => !sameDigest(digest, digests.get(path) ?? ''))
  for (const { topology, digest } of documents) terminal.out(printed`${topology.path}: ${digest}\n`)
  const outputs = planOutputs(documents)
  // A plan with changes is what was approved; only one that is refused by now is none.
  const refused: Ending = code === 'changes' ? 'ok' : code
  if (stale.length === 0) {
    terminal.out('An apply would do exactly what was approved.\n')
    return { code: refused, why, outputs }
  }
  const moved = stale.flatMap(({ foundation }) => (earlier ? movedSince(earlier.foundation, foundation) : []))
  const about = stale.map(
    ({ topology, digest }) => `the plan of ${topology.path} is ${digest} now, and ${digests.get(topology.path)} was approved`
  )
  const hint = earlier ? [] : ['give plan-file to see what moved']
  const all = [...about, ...moved, ...hint].map(printable)
  terminal.out(printed`Something moved since it was approved:\n${asIs(all.map(one => printed`  ${one}\n`).join(''))}`)
  if (baseMoved !== undefined) terminal.out(printed`${baseMoved}\n`)
  const said = [`Something moved since it was approved: ${all.slice(0, 10).join('; ')}.`, baseMoved ?? ''].join(' ').trim()
  return { code: worst(['stale', refused]), outputs, why: said }
}
