import type { GithubClient, Repository } from './client.ts'
import { asked } from './refusal.ts'

export interface Pull {
  readonly number: number
  readonly url: string
  readonly state: 'open' | 'closed'
  readonly merged: boolean
  readonly mergeCommit: string | null
  /** The newest commit. */
  readonly head: string
  readonly headBranch: string
  /** `owner/name` of where it comes from; nothing when that fork is gone. */
  readonly headRepository: string | undefined
  readonly baseBranch: string
  readonly base: string
}

/** @throws GithubRefusal of kind `missing` when the number is no pull request's */
export async function pullOf(client: GithubClient, { owner, repo }: Repository, number: number): Promise<Pull> {
  const { data } = await asked(`read pull request ${owner}/${repo}#${number}`, () =>
    client.octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', { owner, repo, pull_number: number })
  )
  return toPull(data)
}

/**
 * The pull requests that a commit of this repository belongs to: the merged one that brought it into the default branch,
 * or those that it is still in [GH docs, REST: list pull requests associated with a commit]. The commits of a fork are not
 * known here: for them see {@link pullOfFork}.
 */
export async function pullsOfCommit(client: GithubClient, { owner, repo }: Repository, sha: string): Promise<readonly Pull[]> {
  const all = await asked(`find the pull request of commit ${sha.slice(0, 7)}`, () =>
    client.octokit.paginate('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', { owner, repo, commit_sha: sha, per_page: 100 })
  )
  return all.map(toPull)
}

/**
 * The pull request that a commit came with; nothing for a direct push.
 *
 * @param into the branch that it came into: one that was merged into another, which may have other rules, is not meant. '' for any
 */
export async function mergedPull(client: GithubClient, where: Repository, sha: string, into = ''): Promise<Pull | undefined> {
  const merged = (await pullsOfCommit(client, where, sha)).filter(pull => pull.merged && (into === '' || pull.baseBranch === into))
  // The commit of a branch is in every pull request that was built upon it: the one that it closed comes first.
  return merged.find(pull => pull.mergeCommit === sha) ?? merged.sort((one, other) => other.number - one.number)[0]
}

export interface ForkHead {
  /** The fork's owner, as in `workflow_run.head_repository.owner.login`. */
  readonly owner: string
  readonly branch: string
  readonly sha: string
}

/**
 * The open pull request of a fork's branch whose newest commit is this one. All of it comes from the event and from GitHub,
 * nothing from what the fork's run left behind. The list of a run is empty for forks, and so is that of a commit
 * [GH learningequality/kolibri#14719, GH TooTallNate/nx.js#410].
 */
export async function pullOfFork(client: GithubClient, { owner, repo }: Repository, head: ForkHead): Promise<Pull | undefined> {
  const all = await asked(`find the pull request of ${head.owner}:${head.branch}`, () =>
    client.octokit.paginate('GET /repos/{owner}/{repo}/pulls', {
      owner,
      repo,
      state: 'open',
      head: `${head.owner}:${head.branch}`,
      per_page: 100
    })
  )
  return all.map(toPull).find(pull => pull.head === head.sha && pull.headBranch === head.branch)
}

interface PullShape {
  readonly number: number
  readonly html_url: string
  readonly state: string
  readonly merged_at: string | null
  readonly merge_commit_sha: string | null
  readonly head: { readonly sha: string; readonly ref: string; readonly repo: { readonly full_name: string } | null }
  readonly base: { readonly sha: string; readonly ref: string }
}

const toPull = (pull: PullShape): Pull => ({
  number: pull.number,
  url: pull.html_url,
  state: pull.state === 'open' ? 'open' : 'closed',
  merged: pull.merged_at !== null,
  mergeCommit: pull.merge_commit_sha,
  head: pull.head.sha,
  headBranch: pull.head.ref,
  headRepository: pull.head.repo?.full_name,
  baseBranch: pull.base.ref,
  base: pull.base.sha
})
