import Bottleneck from 'bottleneck'
import { afterEach, beforeEach, expect } from 'vitest'
import { type GithubClient, githubClient, type Pace } from '../../src/github/client.ts'
import type { CommentDraft } from '../../src/github/comment.ts'
import { type Marker, markerLine } from '../../src/report/planMarker.ts'
import { type FakeGitHub, type FakeOptions, startFakeGitHub } from './fake.ts'
import { actionsToken, type FakeComment, type Token } from './fakeStore.ts'

/** A fake of its own for each test of a file, which asks it for nothing that it does not know. */
export function withFake(begin: (fake: FakeGitHub) => void, options?: FakeOptions): void {
  let fake: FakeGitHub
  beforeEach(async () => {
    fake = await startFakeGitHub(options)
    begin(fake)
  })
  afterEach(async () => {
    expect(fake.unknown, 'every request has a route').toEqual([])
    await fake.close()
  })
}

/** Waits for nothing: what GitHub's limits are worth in time is not what these tests are about. */
const atOnce = (): Pace => ({
  secondMs: 1,
  queues: { write: new Bottleneck.Group({ maxConcurrent: 1 }), notifications: new Bottleneck.Group({ maxConcurrent: 1 }) }
})

/** The real packages, on the fake. */
export const clientOf = (fake: FakeGitHub, token: Token = actionsToken, onWait?: (message: string) => void): GithubClient =>
  githubClient({
    token: token.token,
    apiUrl: fake.apiUrl,
    graphqlUrl: fake.graphqlUrl,
    userAgent: 'pglink/test',
    pace: atOnce(),
    ...(onWait && { onWait })
  })

const markerOf = (marker: Partial<Marker> = {}): Marker => ({
  v: 1,
  label: 'prod',
  file: 'topology.yaml',
  head: 'a'.repeat(40),
  digest: 'sha256:1',
  exit: 2,
  truncated: false,
  run: 'https://github.com/acme/estate/actions/runs/1',
  ...marker
})

/** A comment as a run writes it: marker, plan, and links to the run and to what it left behind. */
export function commentText(marker: Partial<Marker> = {}, text = '### Plan: 1 to add'): string {
  const whole = markerOf(marker)
  return `${markerLine(whole)}\n${text}\n\n[run](${whole.run}) [plan](${whole.run}/artifacts/${whole.run.length})\n`
}

export function onlyComment({ store: { comments } }: FakeGitHub): FakeComment {
  const [only, ...others] = comments
  if (!only || others.length > 0) throw new Error(`there are ${comments.length} comments`)
  return only
}

export const bodiesOf = ({ store }: FakeGitHub): string[] => store.comments.map(({ body }) => body)

/** The commits of a pull request, in order. */
export const [first, second] = ['1'.repeat(40), '2'.repeat(40)] as const

export const draft = (more: Partial<CommentDraft> = {}): CommentDraft => ({
  label: 'prod',
  body: commentText({ head: first }),
  mode: 'update',
  ...more
})
