import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rightsFor } from '../../src/live/preflight/rights.ts'
import { owedLocks } from '../../src/locks/journal.ts'
import type { Plan, Step } from '../../src/model/change.ts'
import { type Duty, duties } from '../../src/model/duty.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { digestOf } from '../../src/plan/digest.ts'
import { exampleNames } from '../examples/example.ts'
import {
  anything,
  arm,
  type Estate,
  estate,
  expectedBack,
  failures,
  foreign,
  heldLocks,
  plan,
  reconcile,
  type Settings
} from '../support/estate.ts'
import { exampleOf, idsIn } from '../support/exampleEstate.ts'
import { runs, seed, shared } from '../support/parts.ts'
import { topologies } from '../support/topologies.ts'

/*
 * The laws of the parts of duties: each writes what is its own alone, and one after another, whoever can go on, they come to what the whole
 * comes to.
 */

/** The duty of a type, as Azure's built-in roles divide the work: Network Contributor, Data Factory Contributor, and the DBA's providers. */
const workOf: Readonly<Record<string, Duty>> = {
  'microsoft.resources': 'network',
  'microsoft.network': 'network',
  'microsoft.dbforpostgresql': 'dba',
  'microsoft.datafactory': 'data',
  'microsoft.authorization': 'locks'
}

/** The type of a written id: of a group, that of Resource Manager. */
const providerOf = (id: string): string => (/.*\/providers\/([^/]+)\//i.exec(id)?.[1] ?? 'microsoft.resources').toLowerCase()

const written = ({ steps }: Plan): string[] =>
  steps.flatMap(({ action }) => {
    if (action.do === 'create' || action.do === 'update') return [action.resource.id]
    return action.do === 'delete' ? [action.old.id] : []
  })

/** The rights that the steps take, by name. */
const rightsIn = (steps: readonly Step[]): string[] => [...new Set(rightsFor(steps).map(({ action }) => action))].sort()

/** Each duty in turn, until one round changes nothing. @returns how many parts wrote something */
async function inTurns(on: Estate, topology: Topology, settings: Settings = {}): Promise<Duty[]> {
  const order: Duty[] = []
  const roles = new Map<Duty, readonly string[]>()
  for (const duty of duties) roles.set(duty, rightsIn((await plan(on, topology, { ...settings, duty })).plan.part?.ofDuty?.steps ?? []))
  for (let round = 1; ; round += 1) {
    expect(round).toBeLessThan(9)
    const before = order.length
    for (const duty of duties) {
      const { plan: part } = await plan(on, topology, { ...settings, duty })
      expect(new Set(written(part).map(id => workOf[providerOf(id)]))).toEqual(new Set(written(part).length === 0 ? [] : [duty]))
      expect(part.waiting.length).toBeGreaterThanOrEqual(part.part?.left.length ?? 0)
      if (part.steps.length === 0) continue
      // The role that was printed before the first part is enough for the last.
      expect(roles.get(duty)).toEqual(expect.arrayContaining(rightsIn(part.steps)))
      const locks = await heldLocks(on)
      const applied = await reconcile(on, topology, { ...settings, duty })
      expect(failures(applied)).toEqual([])
      expect(owedLocks(on.journal.entries)).toEqual([])
      // A window never spans runs.
      expect(await heldLocks(on)).toEqual(expect.arrayContaining(await expectedBack(on, foreign(locks))))
      order.push(duty)
    }
    if (order.length === before) return order
  }
}

describe.each(shared(exampleNames, 4))('%s', name => {
  test('part by part: what the whole comes to', async () => {
    const { topology, begin } = exampleOf(name)
    const direct = begin()
    expect(failures(await reconcile(direct, topology))).toEqual([])
    const on = begin()
    const order = await inTurns(on, topology)
    expect(order.length).toBeGreaterThan(0)
    expect((await plan(on, topology)).plan.changes).toEqual([])
    expect(idsIn(on)).toEqual(idsIn(direct))
    expect(await heldLocks(on)).toEqual(await heldLocks(direct))
    for (const duty of duties) expect((await plan(on, topology, { duty })).plan.waiting.filter(({ leftOut }) => leftOut)).toEqual([])
  }, 300_000)
})

test('any change, under locks, part by part', async () => {
  await fc.assert(
    fc.asyncProperty(topologies(1), topologies(2), async (first, second) => {
      const on = estate()
      expect(failures(await reconcile(on, first))).toEqual([])
      const locks = await heldLocks(on)
      await inTurns(on, second, anything(first))
      expect((await plan(on, second, { baseline: first, prune: true })).plan.changes).toEqual([])
      expect(foreign(await heldLocks(on))).toEqual(await expectedBack(on, foreign(locks)))
    }),
    { numRuns: runs(10, 1), seed }
  )
}, 300_000)

test('the digest of a part covers what it builds on, and not what it does not', async () => {
  const { topology, begin } = exampleOf('multi-server')
  const on = begin()
  await reconcile(on, topology, { duty: 'network' })
  await reconcile(on, topology, { duty: 'dba' })
  const digestNow = async (of: Topology = topology): Promise<string> => {
    const { plan: part, wanted, live } = await plan(on, of, { duty: 'network' })
    expect(part.steps.length).toBeGreaterThan(0)
    return digestOf(part, wanted.desired, live).digest
  }
  const digest = await digestNow()
  const server = Object.keys(topology.servers ?? {})[0] ?? ''
  const withServer = (more: object): Topology =>
    ({ ...topology, servers: { ...topology.servers, [server]: { ...topology.servers?.[server], ...more } } }) as Topology
  // A database lies in the server, and the endpoint of the server does not build on it.
  expect(await digestNow(withServer({ databases: { another: {} } }))).toBe(digest)
  expect(await digestNow(withServer({ storage: { sizeGiB: 512 } }))).not.toBe(digest)
  const { id: path = '' } = [...on.sandbox.store.all()].find(({ id }) => id.toLowerCase().endsWith(`/flexibleservers/${server}`)) ?? {}
  // A tag that the file does not have.
  const asked = { operation: 'Merge', properties: { tags: { asked: 'yes' } } }
  expect((await arm(on, 'PATCH', `${path}/providers/Microsoft.Resources/tags/default`, '2021-04-01', asked)).status).toBe(200)
  expect(await digestNow()).toBe(digest)
})

test('the digest of a part covers how far what it waits for has come, where its own steps stay as they are', async () => {
  const { topology, begin } = exampleOf('vnet-integration')
  const on = begin()
  const digests = new Set<string>()
  for (const target of [[], ['resourceGroups/rg-ledger'], ['networks/core']]) {
    if (target.length > 0) await reconcile(on, topology, { selection: { target, exclude: [] } })
    const { plan: part, wanted, live } = await plan(on, topology, { duty: 'dba' })
    expect(part.steps).toEqual([])
    digests.add(digestOf(part, wanted.desired, live).digest)
  }
  expect(digests.size).toBe(3)
})
