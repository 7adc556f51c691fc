import type { Lease } from '../model/marker.ts'
import type { Settings } from './settings.ts'

/** The workflow run that this process is a step of, for the leases of its locks [GH docs, variables: default environment variables]. */
export function workflowIn({
  GITHUB_ACTIONS: runner,
  GITHUB_REPOSITORY: repository,
  GITHUB_RUN_ID: id
}: Settings['environment']): Pick<Lease, 'workflow'> {
  return runner === 'true' && repository && id ? { workflow: `${repository}/runs/${id}` } : {}
}
