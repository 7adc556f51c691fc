import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { githubClient, makeOnce } from '../../src/github/client.ts'
import { mergedPull, pullOf, pullOfFork, pullsOfCommit } from '../../src/github/pulls.ts'
import { asked, GithubRefusal } from '../../src/github/refusal.ts'
import { type FakeGitHub, startFakeGitHub } from './fake.ts'
import { clientOf, withFake } from './fakeClient.ts'
import { actionsBot, actionsToken, addIssue, alice, forkToken, mergePull, openPull, type Token } from './fakeStore.ts'

let fake: FakeGitHub
withFake(one => {
  fake = one
})

const here = (): { owner: string; repo: string } => ({ owner: fake.owner, repo: fake.repo })

const comment = (client = clientOf(fake), number = 1, body = 'hello') =>
  asked('comment', () =>
    client.octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...here(), issue_number: number, body })
  )

const refusal = async (act: Promise<unknown>): Promise<GithubRefusal> => {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  if (!(error instanceof GithubRefusal)) throw new Error('nothing was refused', { cause: error })
  return error
}

describe('the owner of the token', () => {
  test('the token of a job is told by GraphQL alone', async () => {
    expect(await clientOf(fake).author()).toEqual({ id: actionsBot.id, login: 'github-actions[bot]' })
    expect(fake.asked(/\/user$/)).toEqual([])
  })

  test('a person’s is told as well, and asked for once', async () => {
    const token: Token = { token: 'ghp_alice', actor: alice, installation: false, permissions: { issues: 'write' } }
    fake.store.tokens.push(token)
    const client = clientOf(fake, token)
    expect(await Promise.all([client.author(), client.author()])).toEqual([
      { id: alice.id, login: 'alice' },
      { id: alice.id, login: 'alice' }
    ])
    expect(fake.asked(/graphql/)).toHaveLength(1)
  })

  test('where GraphQL does not answer the question, REST does', async () => {
    const token: Token = { token: 'ghp_alice', actor: alice, installation: false, permissions: {} }
    fake.store.tokens.push(token)
    fake.fault({ method: 'POST', path: /graphql/, status: 404 })
    expect(await clientOf(fake, token).author()).toEqual({ id: alice.id, login: 'alice' })
  })

  test('a token that is not valid is said to be so', async () => {
    const error = await refusal(clientOf(fake, { ...actionsToken, token: 'expired' }).author())
    expect(error.kind).toBe('token')
    expect(error.message).toContain('github-token')
    expect(error.message).not.toContain('expired.')
  })
})

describe('a GitHub Enterprise Server', () => {
  test.each([true, false])('has both APIs under other paths (GraphQL’s given: %s)', async given => {
    const server = await startFakeGitHub({ ghes: true })
    openPull(server.store, { sha: 'a' })
    expect(server.apiUrl).toMatch(/\/api\/v3$/)
    const client = githubClient({
      token: actionsToken.token,
      apiUrl: `${server.apiUrl}/`,
      ...(given && { graphqlUrl: server.graphqlUrl }),
      userAgent: 'pglink/test'
    })
    expect((await client.author()).login).toBe('github-actions[bot]')
    expect((await pullOf(client, here(), 1)).url).toBe(`${server.serverUrl}/acme/estate/pull/1`)
    expect(server.unknown).toEqual([])
    await server.close()
  })
})

describe("a refusal of GitHub's is said in plain words", () => {
  test('a permission that the job lacks, by its name in a workflow', async () => {
    openPull(fake.store, { sha: 'a' })
    const error = await refusal(comment(clientOf(fake, forkToken)))
    expect(error.kind).toBe('permission')
    expect(error.message).toContain('Give the job `issues: write` or `pull-requests: write` under `permissions:`')
    expect(error.message).toContain('fork')
    // Asking again would not help.
    expect(fake.asked(/^POST/)).toHaveLength(1)
  })

  test('a permission on a pull request is enough for its comments, and not for an issue’s', async () => {
    const token: Token = { ...actionsToken, token: 'ghs_pulls', permissions: { pull_requests: 'write' } }
    fake.store.tokens.push(token)
    openPull(fake.store, { sha: 'a' })
    addIssue(fake.store, alice, { title: 'an issue' })
    await comment(clientOf(fake, token), 1)
    expect((await refusal(comment(clientOf(fake, token), 2))).kind).toBe('permission')
  })

  test('too long a comment', async () => {
    openPull(fake.store, { sha: 'a' })
    await comment(clientOf(fake), 1, 'x'.repeat(65_536))
    const error = await refusal(comment(clientOf(fake), 1, 'x'.repeat(65_537)))
    expect(error.kind).toBe('too-long')
    expect(error.message).toBe('Could not comment: Validation Failed: Body is too long (maximum is 65536 characters) (422).')
  })

  test('a conversation that is locked, and one that is not there', async () => {
    addIssue(fake.store, alice, { title: 'locked' }).locked = true
    expect((await refusal(comment())).kind).toBe('locked')
    expect((await refusal(comment(clientOf(fake), 77))).kind).toBe('missing')
  })

  test('a server that is not there', async () => {
    const client = githubClient({ token: 't', apiUrl: 'http://127.0.0.1:9', userAgent: 'pglink/test', pace: { secondMs: 1, queues: {} } })
    const error = await refusal(pullOf(client, here(), 1))
    expect(error).toMatchObject({ kind: 'unreachable', status: 0 })
  })

  test('hostile text in an answer does not reach a terminal', async () => {
    const error = await refusal(
      asked('look', () =>
        Promise.reject(
          Object.assign(new Error('x'), { name: 'HttpError', status: 400, response: { data: { message: '\u001b[2J::error::boo' } } })
        )
      )
    )
    expect(error.message).toBe('Could not look: \\u001b[2J::error::boo (400).')
  })

  test('nothing else is said on the console, not even of what GitHub is about to take away', async () => {
    const said = (['warn', 'error', 'info', 'log', 'debug'] as const).map(level => vi.spyOn(console, level).mockReturnValue())
    const server = createServer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        deprecation: 'Sat, 01 Jan 2028 00:00:00 GMT',
        sunset: 'Sun, 01 Jan 2029 00:00:00 GMT'
      })
      response.end(JSON.stringify({ number: 1, head: { repo: null }, base: {} }))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const pull = await pullOf(githubClient({ token: 't', apiUrl: `http://127.0.0.1:${port}`, userAgent: 'pglink/test' }), here(), 1)
    expect(pull).toMatchObject({ number: 1, headRepository: undefined })
    expect(said.flatMap(spy => spy.mock.calls)).toEqual([])
    vi.restoreAllMocks()
    server.close()
  })

  test('a bug of ours is none of GitHub’s', async () => {
    await expect(asked('look', () => Promise.reject(new TypeError('undefined is no function')))).rejects.toBeInstanceOf(TypeError)
  })
})

describe('limits', () => {
  test.each([403, 429] as const)('a secondary limit (%s) is waited for, as long as GitHub says', async status => {
    openPull(fake.store, { sha: 'a' })
    fake.limit({ onWrite: 1, times: 2, status, retryAfter: 7 })
    const waits: string[] = []
    await comment(clientOf(fake, actionsToken, message => waits.push(message)))
    expect(waits).toEqual(Array.from({ length: 2 }, () => 'GitHub answers that a secondary rate limit is reached: asking again in 7 s.'))
    expect(fake.store.comments).toHaveLength(1)
  })

  test('without a time, it is a minute', async () => {
    openPull(fake.store, { sha: 'a' })
    fake.limit({ onWrite: 1 })
    const waits: string[] = []
    await comment(clientOf(fake, actionsToken, message => waits.push(message)))
    expect(waits[0]).toContain('in 60 s')
  })

  test.each([403, 429] as const)('that does not end (%s), asking does', async status => {
    openPull(fake.store, { sha: 'a' })
    fake.limit({ onWrite: 1, times: 1_000, status, retryAfter: 1 })
    const error = await refusal(comment())
    expect(error.kind).toBe('limited')
    expect(fake.asked(/^POST/)).toHaveLength(3)
  })

  test('the wait for a comment is shorter than an hour', async () => {
    openPull(fake.store, { sha: 'a' })
    fake.exhaust(true)
    const error = await refusal(comment())
    expect(error.kind).toBe('limited')
    expect(fake.log).toHaveLength(1)
  })
})

describe('errors of the server', () => {
  test('a read is asked again', async () => {
    openPull(fake.store, { sha: 'a' })
    fake.fault({ method: 'GET', path: /pulls/, status: 502, times: 2 })
    expect((await pullOf(clientOf(fake), here(), 1)).head).toBe('a')
  })

  const make = (body: string) =>
    makeOnce(
      'comment',
      request =>
        clientOf(fake).octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          ...here(),
          issue_number: 1,
          body,
          request
        }),
      async () => fake.store.comments.find(other => other.body === body) as never
    )

  test('a comment that was made although the answer was lost is not made again', async () => {
    openPull(fake.store, { sha: 'a' })
    fake.fault({ method: 'POST', path: /comments/, status: 502, carriedOut: true })
    await make('once')
    expect(fake.store.comments.map(({ body }) => body)).toEqual(['once'])
  })

  test('a comment that was not made is made', async () => {
    openPull(fake.store, { sha: 'a' })
    fake.fault({ method: 'POST', path: /comments/, status: 502, times: 2 })
    await make('once')
    expect(fake.store.comments).toHaveLength(1)
    fake.fault({ method: 'POST', path: /comments/, status: 502, times: 3 })
    expect((await refusal(make('never'))).kind).toBe('unreachable')
  })
})

describe('pull requests', () => {
  test('the one that a commit came with', async () => {
    const client = clientOf(fake)
    const [first, second] = [openPull(fake.store, { sha: 'a1', branch: 'one' }), openPull(fake.store, { sha: 'a1', branch: 'two' })]
    expect((await pullsOfCommit(client, here(), 'a1')).map(({ number }) => number)).toEqual([first, second])
    expect(await mergedPull(client, here(), 'a1')).toBeUndefined()
    mergePull(fake.store, first, 'm1')
    expect(await mergedPull(client, here(), 'm1')).toMatchObject({ number: first, head: 'a1', merged: true, state: 'closed' })
    expect(await mergedPull(client, here(), 'direct')).toBeUndefined()
    // A branch that went on from there has the commit as well, once it is merged.
    mergePull(fake.store, openPull(fake.store, { sha: 'm1', branch: 'three' }), 'm2')
    expect(await pullsOfCommit(client, here(), 'm1')).toHaveLength(2)
    expect(await mergedPull(client, here(), 'm1')).toMatchObject({ number: first })
    expect(await mergedPull(client, here(), 'm1', 'main')).toMatchObject({ number: first })
    expect(await mergedPull(client, here(), 'm1', 'release'), 'it was merged into main').toBeUndefined()
  })

  test('the one of a fork, by its branch and commit together', async () => {
    const client = clientOf(fake)
    openPull(fake.store, { sha: 'evil', branch: 'topic', from: 'mallory/estate' })
    const number = openPull(fake.store, { sha: 'good', branch: 'topic', from: 'bob/estate' })
    expect(await pullsOfCommit(client, here(), 'good'), 'a fork’s commits are not known here').toEqual([])
    const head = { owner: 'bob', branch: 'topic', sha: 'good' }
    expect(await pullOfFork(client, here(), head)).toMatchObject({ number, headRepository: 'bob/estate' })
    expect(await pullOfFork(client, here(), { ...head, sha: 'evil' })).toBeUndefined()
    mergePull(fake.store, number, 'm')
    expect(await pullOfFork(client, here(), head)).toBeUndefined()
  })
})
