import Bottleneck from 'bottleneck'
import { type GithubClient, githubClient, type Pace } from '../../src/github/client.ts'
import { type Marker, markerLine } from '../../src/github/marker.ts'
import type { FakeGitHub } from './fake.ts'
import { actionsToken, type Token } from './fakeStore.ts'

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
