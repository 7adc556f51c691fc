import { expect, test } from 'vitest'
import { applyEnding } from '../../src/engine/endings.ts'
import { exitCodes } from '../../src/host/exitCodes.ts'
import { LeaseMet, lift as liftNow } from '../../src/locks/lift.ts'
import { LockMoved } from '../../src/locks/lockBody.ts'
import type { Plan } from '../../src/model/change.ts'
import { lowered } from '../../src/model/marker.ts'
import type { Lock } from '../../src/model/resource.ts'
import { lift, lockedBy, planOf, restore, seedBodies, work } from '../apply/steps.ts'
import { carryOut, clientsOnSandbox, MemoryJournal } from '../support/engine.ts'
import { type Estate, estate, failures, heldLocks, plan, putLockOn, reconcile, subscription } from '../support/estate.ts'
import { joiningEndpoint, smallServer, topologyFrom } from '../support/yaml.ts'

const hub = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.Network/virtualNetworks/hub`
const lock = `${hub}/providers/Microsoft.Authorization/locks/keep`

/** The network gets wider under the lock, which is lowered for it. */
const network = (isWide: boolean) =>
  topologyFrom(
    `networks: { hub: { addressSpace: [10.0.0.0/16${isWide ? ', 10.1.0.0/16' : ''}], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }`
  )

/** A private endpoint joins the network under the lock, which has to go for it. */
const topology = (endpoint: boolean) =>
  topologyFrom(`
networks:
  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } }
${smallServer(...(endpoint ? [joiningEndpoint] : []))}`)

interface Line {
  readonly who: string
  readonly line: string
}

/**
 * Another machine on the same estate, whose requests `gate` may keep waiting; time stands still meanwhile.
 *
 * @param isBehind whether the answer to a list of locks shows no marker yet
 */
function machine(on: Estate, who: string, log: Line[], gate: (line: string) => Promise<void>, isBehind: () => boolean): Estate {
  const { sandbox } = on
  const azure = clientsOnSandbox(sandbox, {}, async request => {
    const line = `${request.method} ${decodeURI(new URL(request.url).pathname)}`
    const release = sandbox.clock.hold?.()
    try {
      await gate(line)
    } finally {
      release?.()
    }
    const behind = line.startsWith('GET ') && line.endsWith('/locks') && isBehind()
    const response = await sandbox.handle(request)
    log.push({ who, line })
    return behind ? withoutMarkers(response) : response
  })
  return { sandbox, requests: [], journal: new MemoryJournal(), azure, looking: azure }
}

async function withoutMarkers(response: Response): Promise<Response> {
  const { value } = (await response.json()) as { readonly value: readonly { readonly name: string }[] }
  return Response.json({ value: value.filter(({ name }) => !name.startsWith('pglink-owes-')) }, { status: response.status })
}

const isMarker = (line: string): boolean => line.startsWith('PUT ') && line.includes('/pglink-owes-')
const isLift = (line: string): boolean => line.toLowerCase() === `delete ${lock}`.toLowerCase()

/** Counts the requests that one of the two has done so far. */
type Done = (who: string, is: (line: string) => boolean) => number

/** @param may whether a request may go out by now, by what has been done before it */
async function bothApply(
  may: (who: string, line: string, done: Done) => boolean,
  isBehind: (who: string, done: Done) => boolean = () => false,
  wanted = topology
) {
  const on = estate()
  expect(failures(await reconcile(on, wanted(false)))).toEqual([])
  await putLockOn(on, hub, 'keep', { level: 'ReadOnly', notes: 'theirs' })
  const before = await heldLocks(on)
  const log: Line[] = []
  const done: Done = (who, is) => log.filter(one => one.who === who && is(one.line)).length
  const machines = ['1', '2'].map(who => ({
    run: who,
    on: machine(
      on,
      who,
      log,
      async line => {
        while (!may(who, line, done)) await new Promise(resolve => setImmediate(resolve))
      },
      () => isBehind(who, done)
    )
  }))
  const ran = await Promise.all(
    machines.map(async ({ on: each, run }) => {
      const { plan: planned } = await plan(each, wanted(true))
      return (await carryOut(each, planned, { run, maxUnlockedMs: 600_000 })).result
    })
  )
  return { on, before, log, ran }
}

/** The runs that lifted and restored the lock, in order. */
const turns = (log: readonly Line[]): string[] =>
  log.flatMap(({ who, line }) => {
    if (isLift(line)) return [`${who} off`]
    return line.toLowerCase() === `put ${lock}`.toLowerCase() ? [`${who} on`] : []
  })

const isRestore = (line: string): boolean => line.toLowerCase() === `put ${lock}`.toLowerCase()
const isLook = (line: string): boolean => line.toLowerCase() === `get ${lock}`.toLowerCase()
const isRead = (line: string): boolean => line.startsWith('GET ')

/** Neither looks before both have said so. */
const afterBoth = (who: string, line: string, done: Done): boolean =>
  !isRead(line) || done(who, isMarker) === 0 || done(who === '1' ? '2' : '1', isMarker) > 0

test('the lower of two runs that want a lock goes first, and the other one gives way', async () => {
  const { on, before, log } = await bothApply(afterBoth)
  expect(turns(log).slice(0, 2)).toEqual(['1 off', '1 on'])
  expect(await heldLocks(on)).toEqual(before)
})

test('a list that does not show a run its own marker says nothing of those of others', async () => {
  let looks = 0
  const { on, before, log } = await bothApply(afterBoth, (who, done) => {
    if (who !== '2' || done('2', isMarker) === 0) return false
    looks += 1
    return looks === 1
  })
  expect(turns(log).slice(0, 2)).toEqual(['1 off', '1 on'])
  expect(looks).toBeGreaterThan(1)
  expect(await heldLocks(on)).toEqual(before)
})

test('one that had looked before there was anybody else has it first, and the lower one waits', async () => {
  let reached = false
  let readsBefore: number | undefined
  const { on, before, log } = await bothApply((who, line, done) => {
    if (who === '1' && isMarker(line)) return reached
    if (who === '1' && done('1', isMarker) > 0) readsBefore ??= done('1', isRead)
    if (who !== '2' || !isLift(line)) return true
    reached = true
    // It is about to take the lock off when the lower run says that it wants it, and looks, and sees that it is there.
    return readsBefore !== undefined && done('1', isRead) > readsBefore
  })
  expect(turns(log).slice(0, 2)).toEqual(['2 off', '2 on'])
  expect(await heldLocks(on)).toEqual(before)
})

test('one of two runs that lower a lock at the same moment has it, and the other one comes after it', async () => {
  const { on, before, log, ran } = await bothApply(
    // Each has read the lock before the other one's note is in it, and the second note is written over the first.
    (who, line, done) => !isRestore(line) || done(who === '1' ? '2' : '1', who === '1' ? isLook : isRestore) > 0,
    undefined,
    network
  )
  const puts = log.flatMap(({ who, line }) => (isRestore(line) ? [who] : []))
  expect(puts).toEqual(['1', '2', '2', '1', '1'])
  expect(ran.flatMap(({ outcomes }) => [...outcomes.values()].filter(({ as }) => as !== 'done'))).toEqual([])
  expect(await heldLocks(on)).toEqual(before)
})

/** Runs that lift locks by hand-made plans, each on a machine of its own, all begun at once. */
async function together(on: Estate, plans: Readonly<Record<string, Plan>>, maxUnlockedMs = 600_000) {
  const log: (Line & { readonly at: number })[] = []
  const results = await Promise.all(
    Object.entries(plans).map(async ([run, each]) => {
      const lines: Line[] = []
      const own = machine(
        on,
        run,
        lines,
        async line => {
          if (/^(PUT|DELETE) /.test(line)) log.push({ who: run, line, at: on.sandbox.clock.now() })
        },
        () => false
      )
      const prove = async () => {
        await own.azure.clock.sleep(60_000)
        return { as: 'proven' as const }
      }
      return (await carryOut(own, each, { prove, run, maxUnlockedMs })).result
    })
  )
  return { log, results }
}

/** Lifts the first lock, works under it, and lifts the second one for what needs both off. */
function crossing(first: Lock, second: Lock): Plan {
  const [off, also] = [lift(first, {}, 'lower'), lift(second, { afterEndOf: ['prove one'] }, 'lower')]
  const both = work('both', { after: [off.id, also.id] })
  return planOf(
    off,
    work('one', { after: [off.id] }),
    also,
    both,
    restore(first, { afterEndOf: [off.id, 'prove one', both.id] }),
    restore(second, { afterEndOf: [also.id, both.id] })
  )
}

async function twoLocks() {
  const on = estate({ seedBodies })
  const locks = [await lockedBy(on, 'one'), await lockedBy(on, 'two')] as const
  return { on, locks, before: await heldLocks(on) }
}

test('two runs that each have the lock that the other one wants restore what they have, and the first to begin goes on', async () => {
  const { on, locks, before } = await twoLocks()
  const [one, two] = locks
  const from = on.sandbox.clock.now()
  const { log, results } = await together(on, { '1': crossing(one, two), '2': crossing(two, one) })
  expect(results.map(({ outcomes }) => [...outcomes.values()].map(({ as }) => as))).toEqual([Array(6).fill('done'), Array(6).fill('done')])
  expect(await heldLocks(on)).toEqual(before)
  // Less than the lease of either, which is 15 minutes.
  expect(on.sandbox.clock.now() - from).toBeLessThan(7 * 60_000)
  const lifts = log.filter(({ line }) => line.includes('/locks/'))
  const firstTwice = lifts.filter(({ who }) => who === '1').map(({ line }) => line.slice(-3))
  // Lowered, restored for the other one's sake, and then both at once.
  expect(firstTwice.slice(0, 2)).toEqual(['one', 'one'])
  const lastOf = (who: string): number => lifts.findLastIndex(one => one.who === who)
  expect(lastOf('1')).toBeLessThan(lastOf('2'))
})

test('a lock that others have off again and again is waited for a stated number of times: then the run ends with 7, and owes nothing', async () => {
  const { on, locks, before } = await twoLocks()
  const [one, two] = locks
  // A person who takes the lock anew whenever it is back.
  let over = false
  const lease = (run: string) => ({ run, until: new Date(on.sandbox.clock.now() + 60_000).toISOString() })
  const taken = (async () => {
    for (let turn = 0; !over; turn += 1) {
      await putLockOn(on, two.scope, 'two', lowered(two, lease(`0-${turn}`)))
      await on.sandbox.clock.sleep(30_000)
    }
  })()
  const plan = crossing(one, two)
  const { results } = await together(on, { '1': plan })
  over = true
  await taken
  await putLockOn(on, two.scope, 'two', two.properties)
  const [result] = results
  if (result === undefined) throw new Error('no result')
  expect(result.outcomes.get(`unlock ${two.path}`)).toMatchObject({ as: 'waiting', reason: expect.stringContaining('20 times') })
  expect(result.owed).toEqual([])
  expect(exitCodes[applyEnding(plan, result, undefined, undefined)]).toBe(7)
  expect(await heldLocks(on)).toEqual(before)
})

const edited = { level: 'CanNotDelete', notes: 'edited' }

test('a read that may be behind is waited for with no other lock off', async () => {
  const { on, locks } = await twoLocks()
  const { action } = lift(locks[0], {}, 'lower')
  if (action.do !== 'lift') throw new Error('no lift')
  await putLockOn(on, locks[0].scope, 'one', edited)
  const ports = { azure: on.azure, journal: on.journal, run: '1', leaseMs: 600_000 }
  for (const holds of [true, false]) {
    const from = on.sandbox.clock.now()
    const error = await liftNow(action, ports, { markersOn: [], again: true, holds: () => holds }).catch(thrown => thrown)
    expect(error).toBeInstanceOf(holds ? LeaseMet : LockMoved)
    // As long as the provider of the lock in Terraform waits for what it has written to be seen [TF-LOCK].
    if (holds) expect(on.sandbox.clock.now() - from).toBeLessThan(30_000)
    else expect(on.sandbox.clock.now() - from).toBeGreaterThanOrEqual(60_000)
  }
})

test('a lock that somebody changes while another run has it off fails that lift alone, and none is off for the wait', async () => {
  const { on, locks } = await twoLocks()
  const [one, two] = locks
  await putLockOn(on, two.scope, 'two', lowered(two, { run: '0', until: new Date(on.sandbox.clock.now() + 120_000).toISOString() }))
  const changed = on.sandbox.clock.sleep(90_000).then(() => putLockOn(on, two.scope, 'two', edited))
  const { log, results } = await together(on, { '1': crossing(one, two) })
  await changed
  expect(results[0]?.outcomes.get(`unlock ${two.path}`)).toMatchObject({ as: 'failed', error: { name: 'LockMoved' } })
  expect(results[0]?.owed).toEqual([])
  const times = log.filter(({ line }) => line.toLowerCase() === `put ${one.path}`.toLowerCase()).map(({ at }) => at)
  const windows = times.flatMap((at, index) => (index % 2 === 1 ? [at - (times[index - 1] ?? 0)] : []))
  // The first one holds a minute of work, as planned; then there is nothing left to do under it.
  expect(windows.length).toBeGreaterThan(1)
  for (const ms of windows.slice(1)) expect(ms).toBeLessThan(30_000)
})
