import type { Surroundings } from '../cli/terminal.ts'
import { clientOf } from './hub.ts'
import type { Step } from './step.ts'

/**
 * Whether a workflow run of this repository has come to its end; `undefined` where the token may not read that (`actions: read`), or it
 * is another repository's. Each is asked for once.
 */
export function workflowsOf(step: Step): Pick<Surroundings, 'workflowEnded'> {
  const client = clientOf(step)
  if (client === undefined) return {}
  const { owner, repo } = step.context
  const asked = new Map<string, Promise<boolean | undefined>>()
  const ended = async (workflow: string): Promise<boolean | undefined> => {
    const [, repository, id] = /^([\w.-]+\/[\w.-]+)\/runs\/(\d+)$/.exec(workflow) ?? []
    if (id === undefined || repository?.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) return undefined
    // The lease decides where GitHub does not say.
    const answer = await client.octokit
      .request('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { owner, repo, run_id: Number(id) })
      .catch(() => undefined)
    return answer && answer.data.status === 'completed'
  }
  return {
    workflowEnded: workflow => {
      const known = asked.get(workflow) ?? ended(workflow)
      asked.set(workflow, known)
      return known
    }
  }
}
