import { beforeAll, expect, test } from 'vitest'
import { appliedJson } from '../../src/document/appliedJson.ts'
import type { Event } from '../../src/document/event.ts'
import { happenings } from '../../src/document/happened.ts'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { namingFrom } from '../../src/model/naming.ts'
import { jsonLine } from '../../src/model/printable.ts'
import { forgetSecrets, keepHidden } from '../../src/model/redact.ts'
import { applyEvents, endedEvents, failureEvent, planEvents, versionEvent } from '../../src/report/events.ts'
import { type Applied, estate, failures, plan, putLockOn, reconcile, resolved } from '../support/estate.ts'
import { planDocument } from '../support/planDocument.ts'
import { ordersWith } from '../support/yaml.ts'

let applied: Applied
let document: PlanDocument
let told: readonly Event[]

/** A database is made under a lock that has to be lowered for it. */
beforeAll(async () => {
  const on = estate()
  const before = ordersWith('{ one: {} }')
  expect(failures(await reconcile(on, before))).toEqual([])
  const server = [...resolved(before).desired.values()].find(({ address }) => address === 'servers/orders')?.path ?? ''
  await putLockOn(on, server, 'keep', { level: 'ReadOnly' })
  const wanted = ordersWith('{ one: {}, two: {} }')
  document = planDocument(await plan(on, wanted))
  applied = await reconcile(on, wanted)
  const happened = happenings(document.steps, namingFrom(applied.wanted.desired))
  told = applied.events.flatMap(event => happened(event) ?? []).flatMap(event => applyEvents(event, 'topology.yaml'))
})

const brief = (event: Event): string => `${event.type} ${event['@level']} ${event['@message']}`

test('a plan is told in the words that Terraform has for it', () => {
  expect([versionEvent('1.2.3'), ...planEvents(document)].map(brief)).toMatchInlineSnapshot(`
    [
      "version info pglink 1.2.3",
      "planned_change info servers/orders/databases/two: Plan to create",
      "log warn ReadOnly lock keep on servers/orders will be lowered to CanNotDelete for about 11s",
      "change_summary info Plan: 1 to add, 0 to change, 0 to destroy.",
    ]
  `)
  const [change] = planEvents(document).filter(({ type }) => type === 'planned_change')
  expect(change).toMatchObject({
    change: { action: 'create', resource: { addr: 'servers/orders/databases/two', resource_name: 'two', resource_key: null } },
    topology: 'topology.yaml'
  })
})

test('the counts of a plan are those of Terraform', () => {
  const summary = planEvents(document).at(-1)
  expect(summary?.['changes']).toEqual({ add: 1, change: 0, remove: 0, operation: 'plan' })
  expect(summary?.['digest']).toBe(document.digest)
})

test('each step begins once and ends once, under the number it has in the plan', () => {
  const steps = new Map<number, string[]>()
  for (const { type, hook } of told) {
    const { step } = hook as { readonly step: number }
    if (type !== 'apply_progress') steps.set(step, [...(steps.get(step) ?? []), type])
  }
  expect([...steps].sort(([a], [b]) => a - b)).toEqual(document.steps.map(({ n }) => [n, ['apply_start', 'apply_complete']]))
})

test('the steps of each resource, and how long they took', () => {
  const ends = told.filter(({ type }) => type === 'apply_complete').map(({ hook }) => hook as Readonly<Record<string, unknown>>)
  expect(ends.map(({ action, resource }) => [action, (resource as { readonly resource_type: string }).resource_type])).toEqual([
    ['lock.lower', 'Microsoft.Authorization/locks'],
    ['create', 'Microsoft.DBforPostgreSQL/flexibleServers/databases'],
    ['lock.restore', 'Microsoft.Authorization/locks']
  ])
  expect(ends[1]).toMatchObject({ id_key: 'id', id_value: expect.stringMatching(/\/databases\/two$/), elapsed_seconds: expect.any(Number) })
})

test('a step that fails is told with what Azure said', () => {
  const failing = applied.plan.steps.flatMap(step => (step.action.do === 'create' ? [step] : []))
  const happened = happenings(document.steps, namingFrom(applied.wanted.desired))
  const events = failing
    .flatMap(step => happened({ type: 'failed', step, elapsedMs: 61_000, error: new Error('no room') }) ?? [])
    .flatMap(event => applyEvents(event, 'topology.yaml'))
  expect(events.map(brief)).toEqual([
    'apply_errored error servers/orders/databases/two: FAILED after 1m1s, creating: no room',
    'diagnostic error Error: servers/orders/databases/two: FAILED after 1m1s, creating: no room'
  ])
  expect(events[0]?.['hook']).toMatchObject({ elapsed_seconds: 61, error: 'no room' })
  expect(events[1]?.['diagnostic']).toMatchObject({ severity: 'error', detail: 'no room', address: 'servers/orders/databases/two' })
})

test('the end tells what is done, and what is not', () => {
  const naming = namingFrom(applied.wanted.desired)
  const done = {
    made: document,
    plan: applied.plan,
    result: applied.result,
    closing: undefined,
    naming,
    restoreLine: 'pglink locks restore'
  }
  expect(endedEvents(appliedJson(done), 'topology.yaml').map(brief)).toEqual([
    'change_summary info Apply complete! Resources: 1 added, 0 changed, 0 destroyed.'
  ])
  const [lift] = applied.plan.steps.flatMap(({ action }) => (action.do === 'lift' ? [action.lock] : []))
  const owed = { ...applied.result, outcomes: new Map(), owed: lift ? [lift] : [] }
  expect(endedEvents(appliedJson({ ...done, result: owed }), 'topology.yaml').map(brief)).toEqual([
    'diagnostic error Error: NOT RESTORED: ReadOnly lock keep on servers/orders',
    'change_summary info Apply incomplete. Resources: 0 added, 0 changed, 0 destroyed.'
  ])
})

test('a line is one line, whatever a name holds, and holds no secret', () => {
  keepHidden('Correct-Horse-1')
  try {
    const hostile = '\n::error::x\u2028\u202e ##[command] Correct-Horse-1'
    const named = { ...document, notes: [{ address: 'servers/orders', message: hostile }] }
    const lines = [...planEvents(named), failureEvent(hostile)].map(event => jsonLine(event))
    expect(lines.filter(line => line.indexOf('\n') !== line.length - 1)).toEqual([])
    const text = lines.join('')
    expect(text).not.toMatch(/[\u2028\u202e]|##\[|Correct-Horse/)
    expect(text).toContain('(secret)')
    expect(lines.map(line => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'))
  } finally {
    forgetSecrets()
  }
})
