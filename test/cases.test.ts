import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { kinds } from '../src/kinds/index.ts'
import type { Topology } from '../src/model/topology.generated.ts'
import type { ArmBody } from '../src/sandbox/json.ts'
import { mistaken } from './support/claims.ts'
import {
  estate,
  expectedBack,
  failures,
  heldLocks,
  plan,
  putLockOn,
  reconcile,
  resolved,
  type Settings,
  subscription
} from './support/estate.ts'
import { isQuick, shared } from './support/parts.ts'
import { planDocument } from './support/planDocument.ts'
import { printPlan } from './support/print.ts'
import { locksDeclaredIn } from './support/watched.ts'
import { locksDiffer, locksSeen } from './support/witness.ts'
import { complete, topologyFrom } from './support/yaml.ts'

/** One row of a case file: from here to there. */
interface Case {
  /** The resources that are there and in no file: ARM bodies by id. */
  readonly seed?: Readonly<Record<string, ArmBody>>
  readonly now?: object
  readonly want: object
  /** Put on, by somebody else, before the plan: by address of the topology as it is now. */
  readonly locks?: readonly {
    readonly on: string
    readonly name?: string
    readonly level: 'CanNotDelete' | 'ReadOnly'
    readonly notes?: string
  }[]
  readonly settings?: Settings & { readonly everything?: boolean }
  /** The plan, whole. */
  readonly steps?: string
  /** Codes the plan refuses with; nothing is applied then. */
  readonly refuses?: readonly string[]
  /** The exit code that the refusals come to, and a text that one of them has. */
  readonly exit?: number
  readonly says?: string
  /** The parts that an apply leaves undone, and why that is right. */
  readonly leaves?: readonly string[]
  /** `false` where Azure has no way back. */
  readonly back?: boolean
}

const folder = 'test/cases'
const files = readdirSync(folder).filter(name => name.endsWith('.yaml'))
const reached = new Set<string>()

const settingsFor = (row: Case, before: Topology): Settings => {
  const { everything, ...settings } = row.settings ?? {}
  if (!everything) return { baseline: before, ...settings }
  const addresses = [...resolved(before).desired.values()].map(({ address }) => address)
  const safety = { ...resolved(before).safety, maxDeletes: 100 }
  return { baseline: before, prune: true, allowDelete: addresses, allowLockedDelete: addresses, safety, ...settings }
}

const subscriptions = [subscription, '22222222-2222-4222-8222-222222222222']

async function run(row: Case): Promise<void> {
  const on = estate(row.seed ? { seedBodies: row.seed } : {})
  const before = complete(topologyFrom(stringify(row.now ?? {})))
  const want = topologyFrom(stringify(row.want))
  if (row.now !== undefined) {
    expect(failures(await reconcile(on, before))).toEqual([])
    const still = await plan(on, before)
    expect(still.plan.changes, 'what is there needs no change').toEqual([])
    expect(await mistaken(on, before, still), 'what is said to match is whole').toEqual([])
  }
  const declared = new Set(await heldLocks(on))
  for (const { on: address, name = 'keep', ...properties } of row.locks ?? []) {
    const scope = [...resolved(before).desired.values()].find(resource => resource.address === address)?.path ?? address
    expect((await putLockOn(on, scope, name, properties)).status, `the lock on ${address}`).toBe(201)
  }
  const theirs = (await heldLocks(on)).filter(lock => !declared.has(lock))
  const settings = settingsFor(row, before)
  const made = await plan(on, want, settings)
  const { plan: planned, wanted, live } = made
  expect(planned.refusals.map(({ code }) => code)).toEqual(row.refuses ?? [])
  if (row.exit !== undefined) expect([...new Set(planned.refusals.map(({ exit }) => exit))]).toEqual([row.exit])
  if (row.says !== undefined) expect(planned.refusals.map(({ message }) => message).join('\n')).toContain(row.says)
  expect(printPlan(planned, wanted.desired, live)).toBe((row.steps ?? '').trimEnd())
  expect(planDocument(made).steps).toHaveLength(planned.steps.length)
  for (const change of planned.changes) reached.add(`${change.op} ${change.op === 'delete' ? change.old.kind : change.resource.kind}`)
  if (row.refuses) {
    const known = [...wanted.desired.values(), ...resolved(before).desired.values()]
    for (const refused of planned.refusals) reached.add(`refuse ${known.find(({ address }) => address === refused.address)?.kind}`)
    return
  }
  const { handle } = on.sandbox
  const looked = await locksSeen(handle, subscriptions)
  const applied = await reconcile(on, want, settings)
  expect(failures(applied)).toEqual(row.leaves ?? [])
  const declares = new Set([...locksDeclaredIn(before), ...locksDeclaredIn(want)])
  const { lost, held, added } = await locksDiffer(handle, looked, subscriptions)
  const apart = [...lost, ...held, ...added].filter(line => !declares.has(line.split(' ')[0] ?? ''))
  expect(apart, 'the locks that nobody declares are as they were').toEqual([])
  if (row.leaves) return
  const closing = await plan(on, want, settings)
  expect(closing.plan.changes, 'nothing is left to do').toEqual([])
  expect(await mistaken(on, want, closing), 'what is said to match is whole').toEqual([])
  expect(await heldLocks(on)).toEqual(expect.arrayContaining(await expectedBack(on, theirs)))
  if (row.now === undefined || row.back === false) return
  expect(
    failures(await reconcile(on, before, { ...settingsFor({ ...row, settings: { everything: true } }, want), baseline: want })),
    'the way back'
  ).toEqual([])
  expect((await plan(on, before, { baseline: want, prune: true })).plan.changes, 'nothing is left to do on the way back').toEqual([])
}

describe.each(files)('%s', file => {
  const rows = parse(readFileSync(`${folder}/${file}`, 'utf8'), { merge: true, maxAliasCount: -1 }) as Readonly<Record<string, Case>>
  const cases = Object.entries(rows).filter(([name]) => !name.startsWith('.'))
  test.each(isQuick ? shared(cases, 6) : cases)('%s', async (_name, row) => run(row))
})

test.runIf(!isQuick)('every kind is created, changed, replaced or refused, and deleted by some case', () => {
  const missing = kinds.flatMap(({ name, fields }) => {
    const does = (...ops: string[]): boolean => ops.some(op => reached.has(`${op} ${name}`))
    const changeable = Object.values(fields).some(({ secret }) => !secret)
    return [
      ...(does('create') ? [] : [`create ${name}`]),
      ...(does('delete', 'refuse') ? [] : [`delete ${name}`]),
      ...(!changeable || does('update', 'replace', 'refuse') ? [] : [`change ${name}`])
    ]
  })
  expect(missing).toEqual([])
})
