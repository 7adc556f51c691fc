import type { PlanDocument } from '../document/plan.generated.ts'
import { planProblem } from '../document/planDocument.ts'
import { Stop } from '../engine/stop.ts'
import { printable } from '../model/printable.ts'
import type { Build } from './build.ts'
import { at, type Devops, listAt } from './client.ts'
import { pullPath } from './thread.ts'

/** Where the builds of pull requests leave their plan. */
export interface PlanPlace {
  /** The pipeline that plans, by its number. */
  readonly definition: number
  readonly artifact: string
}

/** As `pglink plan --out` was told to call it. */
const planFile = 'plan.json'

/**
 * The digest of the plan that was made for the pull request which this commit merged: out of the artifact of its last build, when that is one of the
 * pipeline that plans, of this repository, and of the very commit that was merged.
 *
 * @throws Stop where nothing was approved
 */
export async function approvedDigest(devops: Devops, build: Build, place: PlanPlace): Promise<string> {
  const { number, source } = await mergedPull(devops, build)
  const found = await lastBuild(devops, build, { ...place, number })
  const { id, merge } = found
  const path = `_apis/git/repositories/${encodeURIComponent(build.repository)}/commits/${encodeURIComponent(merge)}`
  // The merge that a build of a pull request is of has two parents: the target branch, and the newest commit of the pull request.
  const parents = listAt(await devops({ to: `read the commit of build ${id}`, path }), 'parents')
  if (parents.at(1) !== source)
    throw new Stop(
      'stale',
      `Build ${id} planned another commit than ${source.slice(0, 7)}, which pull request ${number} was merged with. Plan again.`
    )
  const query = { artifactName: place.artifact, $format: 'file', subPath: `/${planFile}` }
  const document = await devops({ to: `read the plan of build ${id}`, path: `_apis/build/builds/${id}/artifacts`, query })
  const problem = planProblem(document)
  if (problem !== undefined) throw new Stop('refused', `${planFile} of build ${id} is no plan: ${printable(problem)}.`)
  // The schema has just said so.
  const { errored, source: origin, digest } = document as PlanDocument
  if (errored || origin === 'base branch')
    throw new Stop('refused', `The plan of build ${id} cannot be applied: it is refused, or was not made against Azure.`)
  return digest
}

interface Merged {
  readonly number: string
  /** The newest commit of the pull request when it was merged. */
  readonly source: string
}

/** Looked for by the commit, and looked at for itself: the answer of a search is no witness for branch and repository. */
async function mergedPull(devops: Devops, build: Build): Promise<Merged> {
  const { commit, branch, repository } = build
  const to = `find the pull request of commit ${commit.slice(0, 7)}`
  const path = `_apis/git/repositories/${encodeURIComponent(repository)}/pullrequestquery`
  const body = { queries: [{ type: 'lastMergeCommit', items: [commit] }] }
  const answer = await devops({ to, method: 'POST', path, body })
  for (const one of listAt(answer, 'results', 0, commit)) {
    const number = String(at(one, 'pullRequestId'))
    const pull = await devops({ to: `read pull request ${number}`, path: pullPath(build, number) })
    const source = at(pull, 'lastMergeSourceCommit', 'commitId')
    const isIt =
      at(pull, 'status') === 'completed' &&
      at(pull, 'targetRefName') === branch &&
      at(pull, 'lastMergeCommit', 'commitId') === commit &&
      sameId(at(pull, 'repository', 'id'), repository)
    if (isIt && typeof source === 'string') return { number, source }
  }
  throw new Stop('stale', `Nothing was approved: no pull request was merged into ${printable(branch)} as ${commit.slice(0, 7)}.`)
}

async function lastBuild(
  devops: Devops,
  { repository }: Build,
  { definition, number }: PlanPlace & { readonly number: string }
): Promise<{ readonly id: number; readonly merge: string }> {
  const branchName = `refs/pull/${number}/merge`
  const query = {
    definitions: String(definition),
    repositoryId: repository,
    repositoryType: 'TfsGit',
    branchName,
    reasonFilter: 'pullRequest',
    statusFilter: 'completed',
    queryOrder: 'queueTimeDescending',
    $top: '1'
  }
  const [last] = listAt(await devops({ to: `list the builds of pull request ${number}`, path: '_apis/build/builds', query }), 'value')
  const [id, merge] = [at(last, 'id'), at(last, 'sourceVersion')]
  const isIt =
    at(last, 'definition', 'id') === definition &&
    sameId(at(last, 'repository', 'id'), repository) &&
    at(last, 'sourceBranch') === branchName &&
    at(last, 'reason') === 'pullRequest'
  if (!isIt || typeof id !== 'number' || typeof merge !== 'string')
    throw new Stop('stale', `Nothing was approved: pipeline ${definition} has no build of pull request ${number} in this repository.`)
  const result = at(last, 'result')
  if (result !== 'succeeded' && result !== 'partiallySucceeded')
    throw new Stop('refused', `Build ${id}, the last one of pull request ${number}, ended as ${printable(String(result))}. Plan again.`)
  return { id, merge }
}

const sameId = (one: unknown, other: string): boolean => typeof one === 'string' && one.toLowerCase() === other.toLowerCase()
