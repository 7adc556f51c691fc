import * as core from '@actions/core'
import pkg from '../../package.json' with { type: 'json' }
import type { Flags } from '../cli/flags.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import { Stop } from '../engine/stop.ts'
import { type GithubClient, githubClient, repositoryOf } from '../github/client.ts'
import { markOutdated, stickyComment, upsertComment } from '../github/comment.ts'
import { mergedPull, pullOf } from '../github/pulls.ts'
import { GithubRefusal } from '../github/refusal.ts'
import { oncePer } from '../model/once.ts'
import { printable, printed } from '../model/printable.ts'
import { commentBody } from '../report/comment.ts'
import { plansOf } from '../report/planMarker.ts'
import { baseOf, type Context, type PullRequest, pullRequestOf, queuedPullRequest } from './event.ts'
import type { Outputs, Step } from './step.ts'

/** `undefined` where no token was given. One for a step: it asks only once whose token it is, and keeps one pace. */
export const clientOf = oncePer(({ inputs: { token }, context: { apiUrl, graphqlUrl }, terminal }: Step): GithubClient | undefined =>
  token === ''
    ? undefined
    : githubClient({
        token,
        apiUrl,
        ...(graphqlUrl !== '' && { graphqlUrl }),
        userAgent: `pglink/${pkg.version}`,
        onWait: message => terminal.err(printed`${message}\n`)
      })
)

/** @throws Stop where no token was given */
export function clientNeeded(step: Step): GithubClient {
  const client = clientOf(step)
  if (client === undefined) throw new Stop('error', 'This asks GitHub for the pull request: give github-token.')
  return client
}

/** A failure to tell people does not decide how a step ends: a plan is a plan without its comment, too. */
export async function softly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GithubRefusal)) throw error
    core.warning(error.message)
    return undefined
  }
}

/** How the digest in a comment comes to be applied. */
const appliedBy = 'After the merge, the step with `command: apply` carries out exactly this digest, or nothing.'

/** Where a run keeps its artifacts. */
export const artifactsOf = (run: string): string => `${run}#artifacts`

/** Says of the comment for an earlier commit that it is outdated, before anything else is done: the plan may fail. */
export async function markEarlier(step: Step, pull: PullRequest): Promise<void> {
  const client = clientOf(step)
  if (client === undefined) return
  const where = { ...repositoryOf(step.context), number: pull.number }
  await softly(() => markOutdated(client, where, { head: pull.head, label: step.inputs.label }))
}

interface Shown {
  readonly documents: readonly PlanDocument[]
  readonly exit: number
}

/** Writes the plan into the pull request, in the one comment of this step's label. */
export async function commentPlan(step: Step, pull: PullRequest, { documents, exit }: Shown): Promise<Outputs> {
  const { inputs, context } = step
  const client = clientOf(step)
  if (client === undefined || inputs.comment === 'false') return {}
  const { runUrl: run } = context
  const { head, baseSha: base } = pull
  const body = commentBody(documents, { label: inputs.label, head, base, run, artifactUrl: artifactsOf(run), exit, apply: appliedBy })
  const begin = inputs.comment === 'true' || documents.some(({ steps }) => steps.length > 0)
  const where = { ...repositoryOf(context), number: pull.number }
  const outcome = await softly(() => upsertComment(client, where, { label: inputs.label, body, mode: inputs.commentMode, begin }))
  if (outcome?.kind === 'overtaken')
    core.notice(`The comment ${outcome.url} is of the later commit ${outcome.head.slice(0, 7)}, and was left as it is.`)
  return outcome === undefined || outcome.kind === 'skipped' ? {} : { 'comment-id': outcome.id, 'comment-url': outcome.url }
}

/** The plan that was shown on the pull request, and stands to be applied. */
export interface Approval {
  readonly number: number
  readonly head: string
  /** By file. */
  readonly digests: ReadonlyMap<string, string>
  /** The commit of the base branch that it was planned upon; '' where the comment does not say. */
  readonly base: string
  readonly run: string
  readonly url: string
}

/**
 * Reads the comment of the pull request that this run is about: the one of the event, of the merge queue, or the one that
 * was merged with this commit. The comment counts only as our own account wrote it last, and for the newest commit.
 *
 * @throws Stop where there is nothing that could be applied
 */
export async function approvalOf(step: Step): Promise<Approval> {
  const { inputs, context } = step
  const client = clientNeeded(step)
  const where = repositoryOf(context)
  const { number, head } = await subjectOf(context, client)
  const comment = await stickyComment(client, { ...where, number }, inputs.label)
  if (comment === undefined)
    throw new Stop('stale', `Nothing was approved: pull request #${number} has no plan of ours with the label ${printable(inputs.label)}.`)
  if (comment.editedBy !== undefined)
    throw new Stop(
      'refused',
      `The comment ${comment.url} was edited by ${printable(comment.editedBy)}: what it says is not ours any more. Plan again.`
    )
  const { marker, url } = comment
  if (marker.head !== head)
    throw new Stop(
      'stale',
      `The plan on pull request #${number} is of ${marker.head.slice(0, 7)}, and the pull request is at ${head.slice(0, 7)}. Plan again.`
    )
  const digests = new Map(plansOf(marker).flatMap(({ file, digest }) => (digest === null ? [] : [[file, digest] as const])))
  if (digests.size === 0)
    throw new Stop('refused', `The plan on pull request #${number} cannot be applied: it is refused, or was not made against Azure.`)
  return { number, head, digests, base: marker.base ?? '', run: marker.run, url }
}

async function subjectOf(context: Context, client: GithubClient): Promise<{ readonly number: number; readonly head: string }> {
  const here = pullRequestOf(context)
  if (here) return here
  const where = repositoryOf(context)
  const queued = queuedPullRequest(context)
  if (queued !== undefined) return pullOf(client, where, queued)
  const merged = await mergedPull(client, where, context.sha, context.branch)
  if (merged) return merged
  throw new Stop(
    'stale',
    `Nothing was approved: the commit ${context.sha.slice(0, 7)} came with no pull request. Give plan-digest, or auto-approve: true.`
  )
}

/** The plans that may be applied, by file. */
export interface Approved {
  readonly digests: ReadonlyMap<string, string>
  /** A sentence, where the base branch went on since: the usual cause of a stale plan. */
  readonly baseMoved: string | undefined
}

function baseMoved(context: Context, planned: string): string | undefined {
  const now = baseOf(context)
  if (planned === '' || now === '' || planned === now) return undefined
  return `The base branch moved on from ${planned.slice(0, 7)} to ${now.slice(0, 7)} since it was planned.`
}

/** The digest that was approved for each file: the one that was given, or those on the pull request. @throws Stop where a file has none */
export async function digestsFor(step: Step, files: readonly string[], flags: Pick<Flags, 'planDigest'>): Promise<Approved> {
  const [first = ''] = files
  if (flags.planDigest !== undefined) {
    if (files.length > 1) throw new Stop('refused', 'The input plan-digest is of the plan of one topology, and there are several.')
    return { digests: new Map([[first, flags.planDigest]]), baseMoved: undefined }
  }
  const { digests, number, base } = await approvalOf(step)
  const without = files.find(file => !digests.has(file))
  if (without !== undefined) throw new Stop('refused', `No plan of ${printable(without)} was approved on pull request #${number}.`)
  return { digests, baseMoved: baseMoved(step.context, base) }
}
