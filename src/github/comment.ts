import { invariant } from '../model/invariant.ts'
import { isOutdatedBody, markOutdatedBody } from '../report/comment.ts'
import { type Marker, parseMarker } from '../report/planMarker.ts'
import { type GithubClient, makeOnce, type Repository, repositoryOf } from './client.ts'
import { historiesOf, named, strangerIn } from './history.ts'
import { pullOf } from './pulls.ts'
import { asked, isRefused } from './refusal.ts'

/** A pull request, or an issue: comments of both are reached the same way. */
export interface Conversation extends Repository {
  readonly number: number
}

/**
 * The fate of an earlier run's comment: it is rewritten, deleted after a new one was written at the end,
 * folded away behind the new one, or left as it is.
 */
export type CommentMode = 'update' | 'recreate' | 'hide-and-new' | 'always-new'

export interface CommentDraft {
  readonly label: string
  /** Its first line is the marker, with the same label. */
  readonly body: string
  readonly mode: CommentMode
  /** `false`: a comment that is there is brought up to date, but none is begun: there is nothing to tell yet. */
  readonly begin?: boolean
}

export interface StickyComment {
  readonly id: number
  readonly nodeId: string
  readonly url: string
  readonly body: string
  readonly marker: Marker
}

export type CommentOutcome =
  | {
      readonly kind: 'created' | 'updated' | 'unchanged'
      readonly id: number
      readonly url: string
    }
  /** The comment that is there tells of a later commit than ours: a run that was overtaken does not write over it. */
  | { readonly kind: 'overtaken'; readonly id: number; readonly url: string; readonly head: string }
  | { readonly kind: 'skipped' }

/**
 * Writes the one comment of a label. Ours are those with the marker in the first line that our own account wrote: what
 * another account wrote is never touched, whatever it says of itself.
 *
 * Two runs at a time may both find nothing and both write. Nothing in GitHub prevents that, so each run that writes looks
 * again and takes away all but one, which is the same one for all: the newest of those for the newest commit.
 *
 * @throws GithubRefusal
 */
export async function upsertComment(client: GithubClient, where: Conversation, draft: CommentDraft): Promise<CommentOutcome> {
  const { label, body, mode, begin = true } = draft
  const marker = parseMarker(body)
  invariant(marker?.label === label, `the body of comment ${label} does not begin with its marker`)
  const own = await ownComments(client, where, label)
  const kept = await survivor(client, where, own)
  if (!kept && !begin) return { kind: 'skipped' }
  if (kept && kept.marker.head !== marker.head && kept.marker.head === (await headOf(client, where)))
    return { kind: 'overtaken', id: kept.id, url: kept.url, head: kept.marker.head }
  // A comment that another account wrote last is no testimony of ours, though the words are: we write it anew.
  if (kept && sameText(kept, { body, marker }) && (await editorOf(client, where, kept)) === undefined) {
    await tidy(client, where, own, kept, mode)
    return { kind: 'unchanged', ...placeOf(kept) }
  }
  const rewritten = kept && (mode === 'update' || !begin) ? await rewrite(client, where, kept, body) : undefined
  if (rewritten) {
    await tidy(client, where, own, rewritten, mode)
    return { kind: 'updated', ...rewritten }
  }
  const written = await write(client, where, draft, own)
  if (mode === 'always-new') return { kind: 'created', ...written }
  const after = await ownComments(client, where, label)
  // The list may not show yet what was just written.
  const last = (await survivor(client, where, after)) ?? written
  await tidy(client, where, after, last, mode)
  return { kind: 'created', ...placeOf(last) }
}

const placeOf = ({ id, url }: Place): Place => ({ id, url })

interface Place {
  readonly id: number
  readonly url: string
}

/**
 * Comments of ours, the oldest first: all of them, or those of a label. The list comes in pages, and the comment of a pull
 * request that was talked about a lot is on any of them.
 */
export async function ownComments(client: GithubClient, where: Conversation, label?: string): Promise<readonly StickyComment[]> {
  const author = await client.author()
  const all = await asked(`list the comments of ${named(where)}`, () =>
    client.octokit.paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...repositoryOf(where),
      issue_number: where.number,
      per_page: 100
    })
  )
  return all
    .flatMap(({ id, node_id: nodeId, html_url: url, body = '', user }) => {
      const marker = user?.id === author.id ? parseMarker(body) : undefined
      return marker && (label === undefined || marker.label === label) ? [{ id, nodeId, url, body, marker }] : []
    })
    .sort((one, other) => one.id - other.id)
}

/** Which of several stays: the newest of those for the commit that the pull request is at, or else the newest. */
async function survivor(client: GithubClient, where: Conversation, own: readonly StickyComment[]): Promise<StickyComment | undefined> {
  const newest = own.at(-1)
  if (own.every(({ marker }) => marker.head === newest?.marker.head)) return newest
  const head = await headOf(client, where)
  return own.filter(({ marker }) => marker.head === head).at(-1) ?? newest
}

/** Nothing for an issue, which is at no commit. */
async function headOf(client: GithubClient, where: Conversation): Promise<string | undefined> {
  try {
    return (await pullOf(client, where, where.number)).head
  } catch (error) {
    if (isRefused(error, 'missing')) return undefined
    throw error
  }
}

/** Two runs that found the same differ in their addresses alone; no reader is told anew for that. */
function sameText(one: Pick<StickyComment, 'body' | 'marker'>, other: Pick<StickyComment, 'body' | 'marker'>): boolean {
  const plain = ({ body, marker }: Pick<StickyComment, 'body' | 'marker'>): string => {
    const [, ...rest] = body.replaceAll('\r\n', '\n').trimEnd().split('\n')
    const text = rest.join('\n')
    return JSON.stringify([{ ...marker, run: '' }, marker.run === '' ? text : withoutAddress(text, marker.run)])
  }
  return plain(one) === plain(other)
}

/** The path beneath the run's address goes with it: artifacts have a number of their own in each run. */
const withoutAddress = (text: string, run: string): string =>
  text.split(run).reduce((before, after) => `${before}${after.replace(/^\/[\w/.-]*/, '')}`)

/** Nothing when it was deleted in the meantime. */
async function rewrite(client: GithubClient, where: Conversation, { id }: Place, body: string): Promise<Place | undefined> {
  try {
    const { data } = await asked(`update the comment of ${named(where)}`, () =>
      client.octokit.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', { ...repositoryOf(where), comment_id: id, body })
    )
    return { id: data.id, url: data.html_url }
  } catch (error) {
    if (isRefused(error, 'missing')) return undefined
    throw error
  }
}

async function write(
  client: GithubClient,
  where: Conversation,
  { label, body }: CommentDraft,
  before: readonly StickyComment[]
): Promise<Place> {
  const known = new Set(before.map(({ id }) => id))
  return makeOnce(
    `comment on ${named(where)}`,
    async request => {
      const { data } = await client.octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...repositoryOf(where),
        issue_number: where.number,
        body,
        request
      })
      return { id: data.id, url: data.html_url }
    },
    async () => (await ownComments(client, where, label)).find(comment => !known.has(comment.id) && comment.body === body)
  )
}

/** The others of the label go: folded away where that is what the user asked for, deleted else. */
async function tidy(
  client: GithubClient,
  where: Conversation,
  own: readonly StickyComment[],
  kept: Place,
  mode: CommentMode
): Promise<void> {
  const others = own.filter(({ id }) => id !== kept.id)
  if (mode === 'hide-and-new') await hide(client, where, others)
  else if (mode !== 'always-new') for (const { id } of others) await remove(client, where, id)
}

async function remove(client: GithubClient, where: Conversation, id: number): Promise<void> {
  try {
    await asked(`delete an earlier comment of ${named(where)}`, () =>
      client.octokit.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', { ...repositoryOf(where), comment_id: id })
    )
  } catch (error) {
    // Another run was quicker.
    if (!isRefused(error, 'missing')) throw error
  }
}

/** [GH docs, GraphQL: minimizeComment] Only GraphQL can fold a comment away, and only there is it said whether it is. */
async function hide(client: GithubClient, where: Conversation, comments: readonly StickyComment[]): Promise<void> {
  const histories = await historiesOf(client, where, comments)
  const open = comments.filter(({ nodeId }) => histories.get(nodeId)?.isMinimized === false)
  for (const { nodeId } of open) {
    await asked(`hide an earlier comment of ${named(where)}`, () =>
      client.graphql(
        `mutation ($subjectId: ID!, $classifier: ReportedContentClassifiers!) {
          minimizeComment(input: { subjectId: $subjectId, classifier: $classifier }) { minimizedComment { isMinimized } }
        }`,
        { subjectId: nodeId, classifier: 'OUTDATED' }
      )
    )
  }
}

/**
 * The comment of a label as a witness: what it says of itself counts only as long as no other account wrote into it. Whoever
 * may write to the repository may edit a comment of ours, and its author stays the same.
 */
export interface Testimony extends StickyComment {
  /** The account that edited it last, when it is not ours; `another account` when GitHub does not know any more. */
  readonly editedBy: string | undefined
}

/** @throws GithubRefusal */
export async function stickyComment(client: GithubClient, where: Conversation, label: string): Promise<Testimony | undefined> {
  const comment = await survivor(client, where, await ownComments(client, where, label))
  if (!comment) return undefined
  return { ...comment, editedBy: await editorOf(client, where, comment) }
}

async function editorOf(client: GithubClient, where: Conversation, comment: StickyComment): Promise<string | undefined> {
  const histories = await historiesOf(client, where, [comment])
  return strangerIn(client, histories.get(comment.nodeId))
}

/**
 * Says in every comment of ours about an earlier commit that it is outdated; of those that say so already, only the newest
 * of a label names the commit anew. A comment that another account edited stays as it is: to write into it would put our name
 * under their words.
 *
 * @param head the commit that the pull request is at
 * @returns the comments that were changed
 */
export async function markOutdated(
  client: GithubClient,
  where: Conversation,
  { head, label }: { readonly head: string; readonly label?: string }
): Promise<readonly number[]> {
  const own = await ownComments(client, where, label)
  const newest = new Map(own.map(comment => [comment.marker.label, comment.id]))
  const earlier = own.filter(
    ({ id, marker, body }) =>
      marker.head !== head && (newest.get(marker.label) === id || !isOutdatedBody(body)) && markOutdatedBody(body, head) !== body
  )
  if (earlier.length === 0) return []
  const histories = await historiesOf(client, where, earlier)
  const changed: number[] = []
  for (const comment of earlier) {
    if ((await strangerIn(client, histories.get(comment.nodeId))) !== undefined) continue
    if (await rewrite(client, where, comment, markOutdatedBody(comment.body, head))) changed.push(comment.id)
  }
  return changed
}
