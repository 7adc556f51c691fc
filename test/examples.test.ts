import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { VerifyDocument } from '../src/document/verify.generated.ts'
import { type ArmBody, textAt } from '../src/sandbox/json.ts'
import { createSandbox } from '../src/sandbox/sandbox.ts'
import {
  type Bodies,
  bodiesOf,
  declaredLocks,
  type Estate,
  example,
  exampleNames,
  isWithin,
  locksOf,
  ownerOf,
  type Run,
  topologyOf,
  writes
} from './examples/example.ts'

interface WayBack {
  readonly allowDelete: readonly string[]
  readonly allowLockedDelete?: readonly string[]
  readonly liftInheritedLocks?: boolean
  readonly journalOnlyMemory?: boolean
}

/** The flags that let each example be deleted again. */
const waysBack: Readonly<Record<string, WayBack>> = {
  approval: { allowDelete: ['resourceGroups/rg-claims-network', 'networks/claims', 'privateDnsZones/link'] },
  'data-factory': { allowDelete: ['resourceGroups/rg-pipeline', 'servers/sales-pg', 'dataFactories/sales-adf'] },
  locked: {
    allowDelete: ['servers/vault-pg/databases/vault'],
    allowLockedDelete: [
      'servers/vault-pg/databases/vault',
      'servers/vault-pg/privateEndpoints/vault-pg-pe',
      'servers/vault-pg/privateEndpoints/vault-pg-pe/privateDns',
      'privateDnsZones/link/links/vault'
    ],
    // The Delete lock on the group is in the way of deletes, and of nothing else.
    liftInheritedLocks: true,
    journalOnlyMemory: true
  },
  'multi-server': {
    allowDelete: [
      'resourceGroups/rg-fleet',
      'networks/north',
      'networks/south',
      ...[1, 2, 3, 4, 5].map(number => `servers/fleet-pg-${number}`)
    ],
    allowLockedDelete: ['resourceGroups/rg-fleet', 'networks/north'],
    journalOnlyMemory: true
  },
  quickstart: {
    allowDelete: ['resourceGroups/rg-orders', 'servers/orders-pg', 'privateDnsZones/link'],
    allowLockedDelete: ['resourceGroups/rg-orders', 'servers/orders-pg', 'servers/orders-pg/privateEndpoints/orders-pg-pe'],
    journalOnlyMemory: true
  },
  'three-duties': {
    allowDelete: ['servers/ledger-pg', 'dataFactories/ledger-adf', 'privateDnsZones/link'],
    allowLockedDelete: ['servers/ledger-pg/privateEndpoints/ledger-pe']
  },
  'vnet-integration': { allowDelete: ['resourceGroups/rg-ledger', 'servers/ledger-pg', 'networks/core', 'privateDnsZones/ledger'] }
}

test('there is a way back for every example', () => {
  expect(Object.keys(waysBack).sort()).toEqual(exampleNames)
})

describe.each(exampleNames)('%s', name => {
  test('validate, plan, apply, and nothing is left to do', async () => {
    const here = example(name)
    const valid = await here.files.pglink('validate topology.yaml --env-file .env.example')
    expect([valid.code, valid.stderr]).toEqual([0, ''])
    here.keepsSecrets(valid.stdout)

    const planned = await here.run('plan topology.yaml --detailed-exitcode')
    expect(planned.code).toBe(2)
    readsOnly(planned)
    expect(here.bytes()).toBeUndefined()

    const document = await here.run('plan topology.yaml --json')
    const { summary } = JSON.parse(document.stdout) as { readonly summary: Readonly<Record<string, number>> }
    expect(summaryPrinted(planned)).toEqual({ add: summary['add'], change: summary['change'], destroy: summary['destroy'] })
    expect(readsPrinted(planned)).toBe(summary['reads'])

    await applied(here)
    const before = here.bytes()
    const again = await here.run('plan topology.yaml --detailed-exitcode')
    expect(again.stdout).toContain('No changes. Your infrastructure matches the topology.')
    expect(again.code).toBe(0)
    readsOnly(again)
    expect(here.bytes()).toBe(before)

    const verified = await here.run('verify topology.yaml --json')
    const { paths, verdict } = JSON.parse(verified.stdout) as VerifyDocument
    expect(paths.flatMap(({ hops }) => hops.filter(({ as }) => as !== 'holds'))).toEqual([])
    expect([verified.code, verdict.as]).toEqual([0, 'whole'])
    expect(here.bytes()).toBe(before)

    const locks = locksOf(bodiesOf(here.resources()))
    const found = locksOf(here.seed)
    expect(Object.fromEntries(Object.keys(found).map(id => [id, locks[id]]))).toEqual(found)
    expect(Object.keys(locks)).toHaveLength(Object.keys(found).length + declaredLocks(topologyOf(here)).length)
  })

  test('out of the file and pruned: all of it is gone, and what was there before is as it was', async () => {
    const here = example(name)
    await applied(here)
    leaveNothing(here)
    const before = here.bytes()

    const untold = await here.run('plan nothing.yaml --prune --json')
    const { resource_changes: changes } = JSON.parse(untold.stdout) as { readonly resource_changes: readonly PlannedChange[] }
    expect(changes.flatMap(({ change }) => change.actions)).toEqual(changes.map(() => 'delete'))
    expect(changes.map(({ id }) => id.toLowerCase()).sort()).toEqual(tagged(here))

    const prune = 'apply nothing.yaml --auto-approve --prune --baseline topology.yaml'
    const {
      allowDelete,
      allowLockedDelete = [],
      liftInheritedLocks = false,
      journalOnlyMemory = false
    } = waysBack[name] ?? { allowDelete: [] }
    const lift = liftInheritedLocks ? ' --lift-inherited-locks' : ''

    const refused = await here.run(`${prune}${lift}`)
    expect(refused.code).toBe(6)
    for (const address of allowDelete) expect(refused.stdout).toContain(`--allow-delete ${address}\``)
    expect(refused.stdout).toContain('--max-deletes')
    readsOnly(refused)
    expect(here.bytes()).toBe(before)

    const flags = [...flagsFor('--allow-delete', allowDelete), ...flagsFor('--allow-locked-delete', allowLockedDelete)].join(' ')
    if (journalOnlyMemory) {
      // Nothing of ours stays that a marker could lie on, and a lock is not taken off without a word about that.
      const unremembered = await here.run(`${prune}${lift} --max-deletes 99 ${flags}`)
      expect([unremembered.code, unremembered.stdout.includes('[no-lock-memory]')]).toEqual([6, true])
      expect(here.bytes()).toBe(before)
    }
    const gone = await here.run(`${prune}${lift} --max-deletes 99 ${flags}${journalOnlyMemory ? ' --journal-only-memory' : ''}`)
    expect(gone.stdout).toContain('Apply complete!')
    expect(gone.code).toBe(0)
    const left = bodiesOf(here.resources())
    expect(Object.keys(left).sort()).toEqual(Object.keys(notOurs(here)).sort())
    expect(left).toMatchObject(notOurs(here))
    expect(locksOf(left)).toEqual(locksOf(notOurs(here)))
  })
})

interface PlannedChange {
  readonly id: string
  readonly change: { readonly actions: readonly string[] }
}

/** The resources that go without a baseline. Children are looked for only in resources of ours. */
function tagged(here: Estate): string[] {
  const { name } = topologyOf(here)
  const ours = here.resources().flatMap(({ id, body }) => (ownerOf(body) === name ? [id.toLowerCase()] : []))
  return ours.filter(id => !/\/virtualnetworklinks\//.test(id) || ours.some(other => other !== id && isWithin(id, other))).sort()
}

async function applied(here: Estate): Promise<void> {
  const first = await here.run('apply topology.yaml --auto-approve')
  const decides = existsSync(join(here.path, 'dba.yaml'))
  expect(first.code).toBe(decides ? 7 : 0)
  if (!decides) return
  const decided = await here.run('apply dba.yaml --auto-approve')
  expect(decided.code).toBe(0)
}

function readsOnly(run: Run): void {
  expect(run.requests.length).toBeGreaterThan(0)
  expect(writes(run.requests)).toEqual([])
  expect(readsPrinted(run)).toBe(run.requests.length)
}

const readsPrinted = ({ stdout }: Run): number => Number(/^(\d+) ARM reads?\.$/m.exec(stdout)?.[1])

function summaryPrinted({ stdout }: Run): Readonly<Record<string, number>> {
  const [, add, change, destroy] = /^Plan: (\d+) to add, (\d+) to change, (\d+) to destroy\.$/m.exec(stdout) ?? []
  return { add: Number(add), change: Number(change), destroy: Number(destroy) }
}

/** The file with everything taken out but what says whose and where it was. */
function leaveNothing(here: Estate): void {
  const kept = here.files
    .read('topology.yaml')
    .split('\n')
    .filter(line => /^(version|name|subscription):/.test(line))
  here.files.write('nothing.yaml', `${kept.join('\n')}\n`)
}

/** The bodies of the seed, less those that are this topology's own. */
function notOurs(here: Estate): Bodies {
  const { name } = topologyOf(here)
  const begun = createSandbox({ seedBodies: here.seed })
  const all = bodiesOf(begun.exportState().resources)
  const ours = Object.entries(all).flatMap(([id, body]) => (ownerOf(body) === name ? [id] : []))
  const goes = (id: string, body: ArmBody): boolean => ours.some(other => isWithin(id, other) || isRecordOf(body, other))
  return Object.fromEntries(Object.entries(all).filter(([id, body]) => !goes(id, body)))
}

/** Azure writes whose a record is, and takes it away with the endpoint. */
const isRecordOf = (body: ArmBody, endpoint: string): boolean =>
  textAt(body, 'properties', 'metadata', 'creator')?.includes(`private endpoint ${endpoint.split('/').at(-1)} `) === true

const flagsFor = (flag: string, addresses: readonly string[]): string[] => addresses.map(address => `${flag} ${address}`)
