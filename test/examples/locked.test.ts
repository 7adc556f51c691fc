import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cli } from '../support/cli.ts'
import { bodiesOf, type Estate, example, locksOf, type Run } from './example.ts'

interface PlannedStep {
  readonly n: number
  readonly id: string
  readonly op: 'lock.lift' | 'lock.lower' | 'lock.restore' | 'create'
  readonly subject: string
}

/** The steps of the example's printed plan: each of these is made to fail once. */
const steps = plannedSteps()
const scenes = steps.map(step => ({ ...step, name: `step ${step.n}, ${step.op} ${step.subject}` }))
const creates = scenes.filter(({ op }) => op === 'create')
const lifts = scenes.filter(({ op }) => op === 'lock.lift' || op === 'lock.lower')
const restores = scenes.filter(({ op }) => op === 'lock.restore')

test('the example lifts locks and lowers locks, and restores each of them', () => {
  expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(['create', 'lock.lift', 'lock.lower', 'lock.restore']))
  expect(restores.map(pathOf).sort()).toEqual(lifts.map(pathOf).sort())
})

describe('a write is refused', () => {
  test.each(creates)('$name', async step => {
    const here = example('locked')
    const ran = await failing(here, { method: 'PUT', path: `${pathOf(step)}$`, ...refusal })
    expect(outcomeOf(ran, step)).toBe('failed')
    expect(ran.code).toBe(tookEffect(ran, step) ? 8 : 1)
    everyLockIsBack(here, ran)
  })
})

describe('a write is accepted, and its operation fails', () => {
  test.each(creates)('$name', async step => {
    const here = example('locked')
    const ran = await failing(here, { method: 'PUT', path: `${pathOf(step)}$`, operation: error })
    expect(outcomeOf(ran, step)).toBe('failed')
    expect(ran.code).toBe(tookEffect(ran, step) ? 8 : 1)
    everyLockIsBack(here, ran)
  })
})

describe('a lock cannot be lifted', () => {
  test.each(lifts)('$name', async step => {
    const here = example('locked')
    const method = step.op === 'lock.lift' ? 'DELETE' : 'PUT'
    const ran = await failing(here, { method, path: `${pathOf(step)}$`, ...refusal })
    expect(outcomeOf(ran, step)).toBe('failed')
    expect(ran.code).toBe(tookEffect(ran, step) ? 8 : 1)
    everyLockIsBack(here, ran)
  })
})

describe('a lock is lifted, and the answer is lost', () => {
  test.each(lifts)('$name', async step => {
    const here = example('locked')
    const method = step.op === 'lock.lift' ? 'DELETE' : 'PUT'
    const ran = await failing(here, { method, path: `${pathOf(step)}$`, drop: 'after' })
    // A read tells that it is off.
    expect(ran.stdout).toContain('Apply complete!')
    expect(ran.code).toBe(0)
    everyLockIsBack(here, ran)
  })
})

describe('a lock cannot be restored', () => {
  test.each(restores)('$name', async step => {
    const here = example('locked')
    const lowered = lifts.some(one => one.op === 'lock.lower' && pathOf(one) === pathOf(step))
    const ran = await failing(here, { method: 'PUT', path: `${pathOf(step)}$`, nth: lowered ? 2 : 1, ...refusal, status: 403 })
    expect(outcomeOf(ran, step)).toBe('failed')
    expect(ran.code).toBe(9)
    expect(ran.stdout).toContain('pglink locks restore topology.yaml')
    expect(locksIn(here)).not.toEqual(locksOf(here.seed))

    const listed = await here.run('locks list topology.yaml')
    expect(listed.code).toBe(9)
    expect(listed.stdout).toContain('pglink locks restore topology.yaml')
    expect(listed.requests.filter(({ method }) => method !== 'GET')).toEqual([])
    const restored = await here.run('locks restore topology.yaml')
    expect(restored.code).toBe(0)
    everyLockIsBack(here, restored)
    const next = await here.run('apply topology.yaml --auto-approve')
    expect(next.code).toBe(0)
    everyLockIsBack(here, next)
  })
})

const error = { code: 'MadeToFail', message: 'it was to be' }
const refusal = { status: 409, ...error }

async function failing(here: Estate, fault: object): Promise<Run> {
  here.files.write('faults.json', JSON.stringify([fault]))
  return here.run('apply topology.yaml --auto-approve --sandbox-faults faults.json')
}

/** The example's own locks, and no others: the one on the group was not touched on the way. */
function everyLockIsBack(here: Estate, { requests }: Run): void {
  expect(locksIn(here)).toEqual(locksOf(here.seed))
  // Markers of locks that are off may lie there for as long.
  const ofGroup = /\/resourcegroups\/rg-vault\/providers\/microsoft\.authorization\/locks\/(?!pglink-owes-)/i
  expect(requests.filter(({ method, path }) => method !== 'GET' && ofGroup.test(path))).toEqual([])
}

const locksIn = (here: Estate) => locksOf(bodiesOf(here.resources()))

/** The outcome of a step in the summary at the end. */
const outcomeOf = ({ stdout }: Run, { n }: PlannedStep): string | undefined => new RegExp(`^ *${n}  (\\w+) +`, 'm').exec(stdout)?.[1]

/** Whether anything but locks was written, and was not what was made to fail. */
const tookEffect = ({ requests }: Run, failed: PlannedStep): boolean =>
  requests.some(
    ({ method, path, status }) =>
      method !== 'GET' &&
      status < 300 &&
      !/\/providers\/microsoft\.authorization\/locks\//i.test(path) &&
      path.toLowerCase() !== pathOf(failed).toLowerCase()
  )

/** `create /subscriptions/…` */
function pathOf({ id }: PlannedStep): string {
  return id.slice(id.indexOf('/'))
}

function plannedSteps(): readonly PlannedStep[] {
  const folder = fileURLToPath(new URL('../../examples/locked', import.meta.url))
  const data = mkdtempSync(join(tmpdir(), 'pglink-'))
  try {
    const args = ['plan', 'topology.yaml', '--json', '--env-file', '.env.example', '--sandbox', '--sandbox-seed', 'sandbox.json']
    const text = execFileSync(process.execPath, [cli, ...args, '--data-dir', data], { cwd: folder, encoding: 'utf8' })
    return (JSON.parse(text) as { readonly steps: readonly PlannedStep[] }).steps
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}
