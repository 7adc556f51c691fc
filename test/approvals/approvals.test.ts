import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arm, type Estate, failures, plan, reconcile } from '../support/estate.ts'
import { runs, seed } from '../support/parts.ts'
import { estateOf, letIn, origins, type Scenario, scenarios, statesOf, topologyOf, type Who, wholeTopology } from './scenario.ts'

const who = ['endpoint', 'managed'] as const
const decided = { approve: 'Approved', reject: 'Rejected' } as const

/** Whether the file asks for what cannot be: an endpoint that is not there, or the approval of a rejected one. A plan of it is refused whole. */
const isRefused = ({ ours, decisions }: Scenario, one: Who): boolean =>
  decisions[one] !== undefined && (ours[one] === 'absent' || (ours[one] === 'Rejected' && decisions[one] === 'approve'))

/** Whether a person has to say which connection is the managed endpoint's. */
const isAsked = ({ ours, decisions, isTold }: Scenario): boolean =>
  !isTold && ours.managed !== 'absent' && decisions.managed !== undefined && ours.managed !== decided[decisions.managed]

/** As they should be in the end, whoever else asks: ours as decided, where Azure tells which is ours and nothing is refused. */
function expected(before: ReadonlyMap<string, string>, scenario: Scenario): ReadonlyMap<string, string> {
  const { ours, decisions, isTold } = scenario
  if (who.some(one => isRefused(scenario, one) && (one === 'endpoint' || isTold || ours.managed === 'absent'))) return before
  const after = new Map(before)
  for (const one of who) {
    const decision = decisions[one]
    // A path is not cut while the decision on another one is left out.
    const isHeld = one === 'endpoint' && decision === 'reject' && ours.endpoint === 'Approved' && isAsked(scenario)
    if (decision !== undefined && !isHeld && (one === 'endpoint' || isTold)) after.set(origins[one], decided[decision])
  }
  return after
}

interface Run {
  /** All that a user reads of why it is not done. */
  readonly text: string
  readonly exits: readonly number[]
}

async function applied(on: Estate, scenario: Scenario): Promise<Run> {
  const topology = topologyOf(scenario)
  const { refusals } = (await plan(on, topology)).plan
  if (refusals.length > 0) return { text: refusals.map(({ message }) => message).join('\n'), exits: refusals.map(({ exit }) => exit) }
  const run = await reconcile(on, topology)
  const waits = run.plan.waiting.map(({ message }) => message)
  const stuck = failures(run)
  return { text: [...waits, ...stuck].join('\n'), exits: [...waits.map(() => 7), ...stuck.map(one => (one.includes(' waits: ') ? 7 : 8))] }
}

/** The lines that a person is asked to run: connection and endpoint. */
const linesIn = (text: string) =>
  [...text.matchAll(/pglink connections (approve|reject) (\S+) --expect (\S+)/g)].map(([, verb = '', id = '', from = '']) => ({
    verb,
    id,
    from
  }))

/** Each line names a connection that is there with the endpoint that it comes from. */
function mustBeTrue(on: Estate, { text }: Run): void {
  for (const { id, from } of linesIn(text)) {
    const body = on.sandbox.store.get(id)?.body['properties'] as { readonly privateEndpoint: { readonly id: string } } | undefined
    expect([id, body?.privateEndpoint.id.toLowerCase()]).toEqual([id, from])
  }
}

/** A person who knows which endpoint is ours runs the line for it. */
async function decidedByHand(on: Estate, { text }: Run): Promise<number> {
  const right = linesIn(text).filter(({ from }) => from === origins.managed.toLowerCase())
  for (const { verb, id } of right) {
    const body = {
      properties: { privateLinkServiceConnectionState: { status: decided[verb as keyof typeof decided], description: 'by hand' } }
    }
    expect((await arm(on, 'PUT', id, '2025-08-01', body)).status).toBe(202)
    await on.sandbox.clock.sleep(20 * 60_000)
  }
  return right.length
}

async function holds(scenario: Scenario): Promise<void> {
  const on = estateOf(scenario)
  const before = statesOf(on)
  mustBeTrue(on, await applied(on, scenario))
  expect(statesOf(on)).toEqual(expected(before, scenario))
  letIn(on, scenario)
  const between = statesOf(on)
  const second = await applied(on, scenario)
  expect(statesOf(on)).toEqual(expected(between, scenario))
  mustBeTrue(on, second)
  const refused = who.some(one => isRefused(scenario, one) && (one === 'endpoint' || scenario.isTold || scenario.ours.managed === 'absent'))
  const isAbsent = who.some(one => scenario.decisions[one] !== undefined && scenario.ours[one] === 'absent')
  expect(second.exits.length > 0).toBe(refused || isAsked(scenario))
  for (const exit of second.exits) expect([7, ...(isAbsent ? [1] : [])]).toContain(exit)
  if (isAbsent) expect(second.text).toContain('leads to nothing')
  if (refused) return
  // Azure cannot approve a rejected connection: no line is of use then, and none is given for it.
  if (isAsked(scenario)) expect(await decidedByHand(on, second)).toBe(scenario.ours.managed === 'Rejected' ? 0 : 1)
  if (scenario.ours.managed === 'Rejected' && isAsked(scenario)) return
  await applied(on, scenario)
  const last = await plan(on, topologyOf(scenario))
  expect([last.plan.changes, last.plan.waiting]).toEqual([[], []])
}

test('an endpoint with our names and texts is never decided on, and ours comes to an end or to a clear question', async () => {
  await fc.assert(fc.asyncProperty(scenarios, holds), { numRuns: runs(200, 12), seed, endOnFailure: true })
})

test.each([
  ['before', 'Pending'],
  ['after', 'Pending'],
  ['instead of', 'absent']
] as const)('an impostor that comes %s ours is not approved', async (comes, ours) => {
  const late = comes === 'after' ? 'after' : 'before'
  const strangers = who.map((one, nth) => {
    const from = origins[one].replace('11111111-', '99999999-').replace('a2aca716-', '99999999-')
    return { who: one, from, status: 'Pending', comes: late, nth } as const
  })
  for (const isTold of [true, false])
    await holds({ ours: { endpoint: ours, managed: ours }, decisions: { endpoint: 'approve', managed: 'approve' }, strangers, isTold })
})

test.each([true, false])('an endpoint that the same run makes is approved only where Data Factory tells which it is (%s)', async isTold => {
  const from = origins.managed.replace('a2aca716-', '99999999-')
  const strangers = [{ who: 'managed', from, status: 'Pending', comes: 'before', nth: 1 }] as const
  const on = estateOf({
    ours: { endpoint: 'absent', managed: 'absent' },
    decisions: { endpoint: undefined, managed: 'approve' },
    strangers,
    isTold
  })
  const stuck = failures(await reconcile(on, wholeTopology))
  const states = statesOf(on)
  expect([states.size, states.get(from)]).toEqual([2, 'Pending'])
  expect([...states.values()].toSorted()).toEqual(isTold ? ['Approved', 'Pending'] : ['Pending', 'Pending'])
  expect(stuck.filter(one => one.includes(' waits: ')).length).toBe(isTold ? 0 : 1)
  mustBeTrue(on, { text: stuck.join(' ').replaceAll(';', ' '), exits: [] })
  expect(linesIn(stuck.join(' ').replaceAll(';', ' '))).toHaveLength(isTold ? 0 : 2)
})
