import { topologyFiles } from '../engine/files.ts'
import { UsageError } from '../engine/stop.ts'
import { printed } from '../model/printable.ts'
import { approvalOf } from './hub.ts'
import type { Ended, Step } from './step.ts'

/** Finds what was approved on the pull request that this run came of, and the run that has its artifact. */
export async function approvedStep(step: Step): Promise<Ended> {
  const { inputs, terminal } = step
  const { number, head, digests, run, url } = await approvalOf(step)
  const named = inputs.files.length === 0 ? [] : await topologyFiles(inputs.files, terminal.cwd)
  if (named.length > 1) throw new UsageError('The command approved is about one topology, and there are several: give one file.')
  const [file = [...digests.keys()][0] ?? ''] = named
  const digest = digests.get(file)
  if (digest === undefined)
    throw new UsageError(`The comment ${url} has no plan of ${file}: it has those of ${[...digests.keys()].join(', ')}.`)
  terminal.out(printed`Approved on pull request #${number} for ${head}: ${digest} (${url})\n`)
  const runId = /\/actions\/runs\/(\d+)/.exec(run)?.[1] ?? ''
  return { code: 'ok', outputs: { 'plan-digest': digest, 'plan-run-id': runId, 'comment-url': url } }
}
