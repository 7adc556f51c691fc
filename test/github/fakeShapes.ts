import type { Actor, FakeComment, FakeIssue, FakeLabel, Store } from './fakeStore.ts'

interface Shaping {
  readonly store: Store
  readonly root: string
}

const site = (root: string): string => root.replace(/\/api\/v3$/, '')

const userShape = ({ id, login, type }: Actor): unknown => ({ login, id, node_id: `U_${id}`, type, site_admin: false })

/** As a comment comes over REST; whether it is hidden, and who edited it, only GraphQL says. */
export function commentShape({ store, root }: Shaping, comment: FakeComment): unknown {
  const isPull = store.issues.some(({ number, pull }) => number === comment.number && pull)
  return {
    id: comment.id,
    node_id: comment.nodeId,
    url: `${root}/repos/${store.repository}/issues/comments/${comment.id}`,
    html_url: `${site(root)}/${store.repository}/${isPull ? 'pull' : 'issues'}/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${root}/repos/${store.repository}/issues/${comment.number}`,
    user: userShape(comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: comment.author.type === 'Bot' ? 'NONE' : 'CONTRIBUTOR',
    body: comment.body
  }
}

export function issueShape({ store, root }: Shaping, issue: FakeIssue): unknown {
  const url = `${root}/repos/${store.repository}/issues/${issue.number}`
  return {
    id: issue.id,
    node_id: `I_kw${issue.id}`,
    number: issue.number,
    url,
    html_url: `${site(root)}/${store.repository}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`,
    user: userShape(issue.author),
    title: issue.title,
    body: issue.body === '' ? null : issue.body,
    state: issue.state,
    state_reason: issue.stateReason,
    labels: issue.labels.map(name => ({ name })),
    locked: issue.locked,
    comments: store.comments.filter(comment => comment.number === issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    ...(issue.pull && { pull_request: { url: url.replace('/issues/', '/pulls/'), merged_at: issue.pull.mergedAt } })
  }
}

export const labelShape = ({ name, color, description }: FakeLabel): unknown => ({ name, color, description, default: false })

export function pullShape({ store, root }: Shaping, issue: FakeIssue): unknown {
  const { pull } = issue
  if (!pull) throw new Error(`${issue.number} is no pull request`)
  const repo = (name: string): unknown => ({ full_name: name, name: name.split('/')[1], fork: name !== store.repository })
  const owner = (name: string): unknown => ({ login: name.split('/')[0] })
  return {
    id: issue.id,
    number: issue.number,
    url: `${root}/repos/${store.repository}/pulls/${issue.number}`,
    html_url: `${site(root)}/${store.repository}/pull/${issue.number}`,
    user: userShape(issue.author),
    title: issue.title,
    state: issue.state,
    locked: issue.locked,
    merged: pull.mergedAt !== null,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommit,
    head: {
      ref: pull.head.ref,
      sha: pull.head.sha,
      label: `${pull.head.repository.split('/')[0]}:${pull.head.ref}`,
      repo: repo(pull.head.repository),
      user: owner(pull.head.repository)
    },
    base: { ref: pull.base.ref, sha: pull.base.sha, repo: repo(store.repository), user: owner(store.repository) }
  }
}
