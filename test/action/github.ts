import { readFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { type FakeGitHub, type FakeOptions, startFakeGitHub } from '../github/fake.ts'
import { actionsToken } from '../github/fakeStore.ts'

export interface Hub {
  readonly github: FakeGitHub
  readonly env: Readonly<Record<string, string>>
  readonly token: string
  /** Bodies of the comments of a pull request, the oldest first. */
  comments(number: number): readonly string[]
}

export async function hub(options: FakeOptions = {}): Promise<Hub> {
  const github = await startFakeGitHub(options)
  onTestFinished(() => github.close())
  return {
    github,
    env: { GITHUB_API_URL: github.apiUrl, GITHUB_GRAPHQL_URL: github.graphqlUrl },
    token: actionsToken.token,
    comments: number => github.store.comments.filter(comment => comment.number === number).map(({ body }) => body)
  }
}

/** GitHub's payload in the event of a pull request. */
export const pullEvent = (number: number, sha: string, { from = 'acme/estate', base = '9'.repeat(40) } = {}): object => ({
  action: 'synchronize',
  number,
  pull_request: {
    number,
    head: { sha, ref: 'topic', repo: { full_name: from } },
    base: { sha: base, ref: 'main', repo: { full_name: 'acme/estate' } }
  }
})

export const exampleOf = (name: string, file: string): string => readFileSync(`examples/${name}/${file}`, 'utf8')
