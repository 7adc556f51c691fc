import { UsageError } from '../commands/usage.ts'
import { approvalOf } from './hub.ts'
import type { Ended, Step } from './step.ts'

/** Finds what was approved on the pull request that this run came of, and the run that has its artifact. */
export async function approvedStep(step: Step): Promise<Ended> {
  const { inputs, terminal } = step
  const { number, head, digests, run, url } = await approvalOf(step)
  const [file = [...digests.keys()][0] ?? ''] = inputs.files
  const digest = digests.get(file)
  if (digest === undefined)
    throw new UsageError(`The comment ${url} has no plan of ${file}: it has those of ${[...digests.keys()].join(', ')}.`)
  terminal.out(`Approved on pull request #${number} for ${head}: ${digest} (${url})\n`)
  const runId = /\/actions\/runs\/(\d+)/.exec(run)?.[1] ?? ''
  return { code: 0, outputs: { 'plan-digest': digest, 'plan-run-id': runId, 'comment-url': url } }
}
