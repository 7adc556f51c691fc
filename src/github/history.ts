import type { GithubClient } from './client.ts'
import type { Conversation, StickyComment } from './comment.ts'
import { asked } from './refusal.ts'
/** The edits of a comment, and whether it is folded away. */
export interface History {
  readonly isMinimized: boolean
  readonly lastEditedAt: string | null
  readonly editor: { readonly login: string; readonly databaseId?: number } | null
}

/** How many nodes GraphQL gives at a time [GH docs, GraphQL: rate and query limits]. */
const nodesMax = 100

/** Asks who edited comments last. @throws GithubRefusal */
export async function historiesOf(
  client: GithubClient,
  where: Conversation,
  comments: readonly StickyComment[]
): Promise<ReadonlyMap<string, History>> {
  const found = new Map<string, History>()
  for (let from = 0; from < comments.length; from += nodesMax) {
    const ids = comments.slice(from, from + nodesMax).map(({ nodeId }) => nodeId)
    const answer = await asked(`look at the comments of ${named(where)}`, () => client.graphql(historyQuery, { ids }))
    // GraphQL answers in the shape that was asked for, or with errors, which were thrown.
    const { nodes } = answer as { readonly nodes: readonly (({ readonly id: string } & History) | null)[] }
    for (const node of nodes) if (node) found.set(node.id, node)
  }
  return found
}

const historyQuery = `query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on IssueComment {
      id
      isMinimized
      lastEditedAt
      editor { login ... on Bot { databaseId } ... on User { databaseId } }
    }
  }
}`

/** The account that edited a comment of ours last, when it is not ours. */
export async function strangerIn(client: GithubClient, history: History | undefined): Promise<string | undefined> {
  if (history?.lastEditedAt === null) return undefined
  const { id } = await client.author()
  return history?.editor?.databaseId === id ? undefined : (history?.editor?.login ?? 'another account')
}

/** A conversation as a message names it. */
export const named = ({ owner, repo, number }: Conversation): string => `${owner}/${repo}#${number}`
