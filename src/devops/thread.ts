import { Stop } from '../engine/stop.ts'
import { markOutdatedBody } from '../report/comment.ts'
import { parseMarker } from '../report/planMarker.ts'
import type { Build } from './build.ts'
import { at, type Devops, identityOf, listAt } from './client.ts'

/** `overtaken`: the pull request is at a later commit by now, and its own build tells of that. `skipped`: there is none to mark. */
export type ThreadOutcome = 'created' | 'updated' | 'unchanged' | 'overtaken' | 'skipped'

/**
 * Writes the one thread of a label on the pull request. Ours is the thread whose first comment the identity of the build wrote, with the marker in its
 * first line; what another identity wrote is never touched, whatever it says of itself.
 *
 * @param body `undefined` says of the plan that is there that it is outdated, while there is no new one
 * @throws Stop
 */
export async function writeThread(devops: Devops, build: Build, label: string, body: string | undefined): Promise<ThreadOutcome> {
  const { pull, head } = build
  if (pull === '') throw new Stop('error', 'This build is not of a pull request: there is none to write to.')
  const path = pullPath(build, pull)
  const now = at(await devops({ to: `read pull request ${pull}`, path }), 'lastMergeSourceCommit', 'commitId')
  if (head !== '' && now !== head) return 'overtaken'
  const threads = listAt(await devops({ to: `list the threads of pull request ${pull}`, path: `${path}/threads` }), 'value')
  const me = await identityOf(devops)
  const own = threads.flatMap(thread => ownComment(thread, me, label)).at(-1)
  if (own === undefined) {
    if (body === undefined) return 'skipped'
    const comments = [{ parentCommentId: 0, content: body, commentType: 1 }]
    // Closed: an open one would keep the pull request from being merged where all have to be resolved.
    await devops({ to: `comment on pull request ${pull}`, method: 'POST', path: `${path}/threads`, body: { comments, status: 4 } })
    return 'created'
  }
  const content = body ?? outdated(own.content, head)
  if (content === own.content) return 'unchanged'
  const comment = `${path}/threads/${own.thread}/comments/${own.comment}`
  await devops({ to: `update the comment on pull request ${pull}`, method: 'PATCH', path: comment, body: { content } })
  return 'updated'
}

/** A build that runs again for the same commit finds its own plan, which is as true as it was. */
const outdated = (content: string, head: string): string =>
  parseMarker(content)?.head === head ? content : markOutdatedBody(content, head === '' ? undefined : head)

interface OwnComment {
  readonly thread: number
  readonly comment: number
  readonly content: string
}

function ownComment(thread: unknown, me: string, label: string): readonly OwnComment[] {
  const [first] = listAt(thread, 'comments')
  const [id, comment, content] = [at(thread, 'id'), at(first, 'id'), at(first, 'content')]
  if (typeof id !== 'number' || typeof comment !== 'number' || typeof content !== 'string') return []
  if (at(thread, 'isDeleted') === true || at(first, 'isDeleted') === true) return []
  return at(first, 'author', 'id') === me && parseMarker(content)?.label === label ? [{ thread: id, comment, content }] : []
}

/** Where the repository of the build has its pull request of that number. */
export const pullPath = ({ repository }: Build, pull: string): string =>
  `_apis/git/repositories/${encodeURIComponent(repository)}/pullRequests/${encodeURIComponent(pull)}`
