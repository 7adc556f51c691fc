import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { forkToken } from '../github/fakeStore.ts'
import { commitTo, emptyRepository } from '../support/repository.ts'
import type { Job } from '../support/runner.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { exampleOf, type Hub, pullEvent } from './github.ts'

export const topology = exampleOf('quickstart', 'topology.yaml')

type Files = Readonly<Record<string, string>>

/** A checkout of a fork's pull request: a commit of the base, and the change upon it. */
export function checkout(base: Files, change: Files): { path: string; base: string; head: string } {
  const path = temporaryFolder()
  for (const [file, text] of Object.entries({ ...base, ...change })) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  const gitDir = join(path, '.git')
  emptyRepository(gitDir)
  const first = commitTo(gitDir, base)
  return { path, base: first, head: commitTo(gitDir, { ...base, ...change }, { parent: first }) }
}

export const wider = topology.replace('sizeGiB: 128', 'sizeGiB: 256')

/** The run of a fork: a token that reads, no OIDC, no variables. */
export function forkJob(there: Hub, { path, base, head }: ReturnType<typeof checkout>, number = 1): Job {
  return {
    event: 'pull_request',
    payload: pullEvent(number, head, { from: 'mallory/estate', base }),
    workspace: path,
    token: forkToken.token,
    env: { ...there.env, GITHUB_SHA: head }
  }
}

export const planned = { command: 'plan', 'allow-env': 'ORDERS_PG_PASSWORD', label: 'prod' }
