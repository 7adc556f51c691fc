import { lstatSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { PlanDocument } from '../document/plan.generated.ts'
import { planEnding, planProblem } from '../document/planDocument.ts'
import { Stop } from '../engine/stop.ts'
import { repositoryOf } from '../github/client.ts'
import { markOutdated, upsertComment } from '../github/comment.ts'
import { pullOfFork } from '../github/pulls.ts'
import { exitCodes } from '../host/exitCodes.ts'
import { isBody } from '../model/json.ts'
import { printed } from '../model/printable.ts'
import { commentBody, summaryBody } from '../report/comment.ts'
import { earlierRunOf } from './event.ts'
import { artifactsOf, clientNeeded } from './hub.ts'
import { planOutputs } from './plans.ts'
import type { Ended, Step } from './step.ts'

/** A plan of two thousand resources is a tenth of this. */
const bytesMax = 64 * 1024 * 1024
const documentsMax = 100

/**
 * Writes the comment of a fork's pull request from what the fork's run left behind, in a run of our own. That is a stranger's: it is
 * read as data, has to be a plan by the published schema, and is shown as one that was not made against Azure whatever it says. Which
 * pull request it is about is asked of GitHub.
 */
export async function commentStep(step: Step): Promise<Ended> {
  const { inputs, context, terminal } = step
  const run = earlierRunOf(context)
  if (run === undefined) throw new Stop('error', 'The command comment is for a job that runs on workflow_run.')
  if (run.event !== 'pull_request') return nothing(step, `The run was of ${run.event || 'another event'}, not of a pull request.`)
  const client = clientNeeded(step)
  const pull = await pullOfFork(client, repositoryOf(context), { owner: run.owner, branch: run.branch, sha: run.sha })
  if (pull === undefined) return nothing(step, 'There is no open pull request that is still at the commit of that run.')
  const where = { ...repositoryOf(context), number: pull.number }
  // Said first, as of any plan: what comes now may be none.
  await markOutdated(client, where, { head: pull.head, label: inputs.label })
  const path = resolve(terminal.cwd, inputs.planFile || 'plan.json')
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return nothing(step, `There is no plan ${path}: that run made none.`)
  const documents = plansIn(path)
  const artifactUrl = artifactsOf(run.url)
  const body = commentBody(documents, {
    label: inputs.label,
    head: pull.head,
    run: run.url,
    artifactUrl,
    exit: exitCodes[planEnding(documents)],
    apply: 'It cannot be applied: a plan against Azure is made when the change is in this repository.'
  })
  const outcome = await upsertComment(client, where, { label: inputs.label, body, mode: inputs.commentMode })
  // Its digest is the stranger's word, and the digest of nothing that a person approved.
  const { 'plan-digest': _, ...counts } = planOutputs(documents)
  return {
    code: 'ok',
    outputs: { ...counts, ...('id' in outcome && { 'comment-id': outcome.id, 'comment-url': outcome.url }) },
    summary: room => summaryBody(documents, { head: pull.head, artifactUrl }, room).text
  }
}

function nothing({ terminal }: Step, why: string): Ended {
  terminal.out(printed`${why} Nothing was written.\n`)
  return { code: 'ok', outputs: {} }
}

/** @throws Stop where it is no plan */
function plansIn(path: string): readonly PlanDocument[] {
  const found = lstatSync(path)
  // A link could lead to any file of this machine, and what is wrong with that would be told.
  if (!found.isFile()) throw new Stop('invalid', `There is no plan ${path}: it is no file.`)
  if (found.size > bytesMax) throw new Stop('invalid', `The plan has ${found.size} bytes, and ${bytesMax} are the most.`)
  let document: unknown
  try {
    document = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new Stop('invalid', 'The plan is no JSON.')
  }
  const all: readonly unknown[] = isBody(document) && Array.isArray(document['plans']) ? document['plans'] : [document]
  if (all.length === 0 || all.length > documentsMax)
    throw new Stop('invalid', `There are ${all.length} plans, and 1 to ${documentsMax} are expected.`)
  return all.map(fromStranger)
}

function fromStranger(document: unknown): PlanDocument {
  const problem = planProblem(document)
  if (problem !== undefined) throw new Stop('invalid', `The artifact is no plan: ${problem}.`)
  // The schema has just said so.
  return { ...(document as PlanDocument), source: 'base branch' }
}
