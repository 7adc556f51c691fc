import { Stop } from '../engine/stop.ts'
import { keepHidden } from '../model/redact.ts'

/** The build that this process is a step of [DOC Azure Pipelines, predefined variables]. */
export interface Build {
  /** The address of the organization, with a slash at its end. */
  readonly collection: string
  readonly project: string
  readonly repository: string
  /** The branch, or the merge of a pull request, that is built, and its commit. */
  readonly branch: string
  readonly commit: string
  /** The pull request and its newest commit; '' in any other build. */
  readonly pull: string
  readonly head: string
  /** The address of its page. */
  readonly page: string
  readonly token: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws Stop where this is no build of a repository in Azure Repos, or it was not given its token */
export function buildIn(env: Environment): Build {
  const of = (name: string): string => env[name] ?? ''
  const needed = (name: string): string => {
    if (of(name) === '') throw new Stop('error', `This is for a job of Azure Pipelines, and ${name} is not set.`)
    return of(name)
  }
  const collection = needed('SYSTEM_COLLECTIONURI').replace(/\/*$/, '/')
  const project = needed('SYSTEM_TEAMPROJECTID')
  if (needed('BUILD_REPOSITORY_PROVIDER') !== 'TfsGit')
    throw new Stop('error', 'The repository of this build is not in Azure Repos: for GitHub use the workflows of `pglink init --github`.')
  // A job has it, and a step only where the pipeline says so.
  if (/^(\$\(.*\))?$/.test(of('SYSTEM_ACCESSTOKEN')))
    throw new Stop('error', 'There is no token for Azure DevOps. Give the step env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }.')
  const token = of('SYSTEM_ACCESSTOKEN')
  keepHidden(token)
  return {
    collection,
    project,
    repository: needed('BUILD_REPOSITORY_ID'),
    branch: needed('BUILD_SOURCEBRANCH'),
    commit: needed('BUILD_SOURCEVERSION'),
    pull: of('SYSTEM_PULLREQUEST_PULLREQUESTID'),
    head: of('SYSTEM_PULLREQUEST_SOURCECOMMITID'),
    page: `${collection}${encodeURIComponent(project)}/_build/results?buildId=${encodeURIComponent(needed('BUILD_BUILDID'))}`,
    token
  }
}
